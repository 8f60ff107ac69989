package tree

import (
	"math"
	"math/bits"

	"github.com/lren-chuv/automl/internal/kernel"
)

// census judges splits for several classes whose rows count a whole number of times, each class weighing its own factor.
// The number of rows and those of each class are fields of one word, or of as few words as they take, so that a sum over
// rows adds up all classes at once and does not depend on the order of the rows.
type census struct {
	entropy bool
	fields  []field // of the classes
	bits    uint
	mask    int64
	sheets  []sheet
	factor  []float64 // nil: all classes weigh 1
	four    bool      // a word holds fewClasses classes, which weigh the same
	logs    []float64 // k log k for the counts that occur, for the entropy
	terms   terms
	share   []float64
	hist    []int64 // by code, all 0 between searches
	order   []uint16
	seen    kernel.Ranks
	line    *kernel.Lineup // nil for many rows
}

// sheet is one of the words that make up a count.
type sheet struct {
	words, local []int64 // by row, and of the rows of the node
	packed       []int64 // by code that occurs in the node
	total, left  int64
}

// field is where the count of a class stands.
type field struct {
	sheet int
	shift uint
}

// maxSheets is the number of words beyond which [classes] is as fast.
const maxSheets = 4

// newCensus makes a criterion for so many rows, classes and codes, nil if the counts would take too many words; fill must
// follow.
func newCensus(rows, classes, codes int, entropy bool) *census {
	c := &census{entropy: entropy, bits: uint(bits.Len(uint(rows)))}
	c.mask = 1<<c.bits - 1
	per := int(63 / c.bits)
	n := (classes + per) / per
	if n > maxSheets {
		return nil
	}
	for k := range classes {
		c.fields = append(c.fields, field{(k + 1) / per, uint((k+1)%per) * c.bits})
	}
	for range n {
		c.sheets = append(c.sheets, sheet{words: make([]int64, rows), local: make([]int64, rows), packed: make([]int64, codes)})
	}
	c.hist, c.order, c.share = make([]int64, codes), make([]uint16, codes), make([]float64, classes)
	if rows <= kernel.MaxMembers {
		c.line = kernel.NewLineup(rows)
	}
	if entropy {
		c.logs = logTable(rows)
	}
	return c
}

// fill takes over how often each row counts, nil is once, and what its class weighs, nil is 1.
func (c *census) fill(class, times []int32, factor []float64) {
	c.factor = factor
	c.four = len(c.fields) <= fewClasses && c.bits*(fewClasses+1) < 64 && factor == nil
	for s := range c.sheets {
		clear(c.sheets[s].words)
	}
	for r, k := range class {
		n := int64(1)
		if times != nil {
			n = int64(times[r])
		}
		c.sheets[0].words[r]++
		f := c.fields[k]
		c.sheets[f.sheet].words[r] += n << f.shift
	}
}

func (c *census) measure(rows []int32, value []float64) (impurity, weight float64) {
	for s := range c.sheets {
		x := &c.sheets[s]
		x.left = 0
		for _, r := range rows {
			x.left += x.words[r]
		}
	}
	return c.shares(value)
}

// shares is measure for what stands on the left in the sheets.
func (c *census) shares(value []float64) (impurity, weight float64) {
	for k, f := range c.fields {
		v := float64(c.sheets[f.sheet].left >> (f.shift & 63) & c.mask)
		if c.factor != nil {
			v *= c.factor[k]
		}
		c.share[k] = v
		weight += v
	}
	sum := 0.0
	for k, v := range c.share {
		p := v / weight
		value[k] = p
		if c.entropy {
			sum -= c.terms.of(v, weight, p)
		} else {
			sum += p * p
		}
	}
	if c.entropy {
		return max(0, sum/math.Ln2), weight
	}
	return 1 - sum, weight
}

func (c *census) search(col *ranked, rows []int32, least kernel.Limits, o *offer) bool {
	if o.members != nil {
		return c.searchLine(col, rows, least, o)
	}
	if o.fresh {
		c.begin(rows)
	}
	if col == nil {
		for s := range c.sheets {
			x := &c.sheets[s]
			x.left = kernel.SumBelow(o.keys, x.local, o.key)
		}
		proxy, ok := c.judge(least)
		o.proxy = proxy
		return ok
	}
	hist, first := c.hist[:len(col.lo)], &c.sheets[0]
	n := c.seen.Sparse(col.code, rows, first.words, hist, first.packed, c.order)
	for s := range c.sheets[1:] {
		c.sheets[s+1].lineUp(col, rows, hist, c.order[:n])
	}
	return c.best(least, o, len(rows), n)
}

// best offers the best cut between n codes of a node with so many rows.
func (c *census) best(least kernel.Limits, o *offer, rows, n int) bool {
	at, proxy := -1, 0.0
	switch cells := c.sheets[0].packed[:n]; {
	case !c.four || least.Weight > 0 || 2*least.Rows > rows:
		at, proxy = c.walk(n, least)
	case c.entropy:
		at, proxy = c.inform(cells, least.Rows)
	default:
		at, proxy = c.scan(cells, least.Rows)
	}
	if at < 0 {
		return false
	}
	o.proxy, o.cut, o.next = proxy, c.order[at], c.order[at+1]
	return true
}

// lineUp fills packed by the order of the codes that occur.
func (x *sheet) lineUp(col *ranked, rows []int32, hist []int64, order []uint16) {
	kernel.Tabulate(col.code, rows, x.words, hist)
	for i, k := range order {
		x.packed[i], hist[k] = hist[k], 0
	}
}

// begin adds up the rows of a node.
func (c *census) begin(rows []int32) {
	for s := range c.sheets {
		x := &c.sheets[s]
		x.total = 0
		local := x.local[:len(rows)]
		for i, r := range rows {
			w := x.words[r]
			local[i] = w
			x.total += w
		}
	}
}

func (c *census) open(rows []int32, _ kernel.Limits) []int64 {
	x := &c.sheets[0]
	x.total = kernel.Sum(rows, x.words)
	return x.words
}

func (c *census) weighed(left int64, least kernel.Limits) (proxy float64, ok bool) {
	c.sheets[0].left = left
	return c.judge(least)
}

// walk returns the last of the codes on the left of the best cut, -1 if there is none, and its proxy.
func (c *census) walk(n int, least kernel.Limits) (at int, proxy float64) {
	for s := range c.sheets {
		c.sheets[s].left = 0
	}
	at = -1
	for i := range n - 1 {
		for s := range c.sheets {
			c.sheets[s].left += c.sheets[s].packed[i]
		}
		if p, ok := c.judge(least); ok && (at < 0 || p > proxy) {
			at, proxy = i, p
		}
	}
	return at, proxy
}

// fewClasses is the number of classes that scan does.
const fewClasses = 4

// scan is walk by the Gini impurity with four. Whole numbers and one division give equal cuts equal proxies.
func (c *census) scan(cells []int64, least int) (at int, proxy float64) {
	total, left, b, m := c.sheets[0].total, int64(0), c.bits&63, c.mask
	lowest, span := int64(least), total&m-2*int64(least)
	at = -1
	for i, v := range cells[:len(cells)-1] {
		left += v
		if uint64(left&m-lowest) > uint64(span) {
			continue
		}
		l, r := left>>b, (total-left)>>b // no field of the difference is negative
		l0, r0 := l&m, r&m
		l, r = l>>b, r>>b
		l1, r1 := l&m, r&m
		l, r = l>>b, r>>b
		l2, r2 := l&m, r&m
		l3, r3 := l>>b, r>>b
		wl, wr := l0+l1+l2+l3, r0+r1+r2+r3
		sl, sr := l0*l0+l1*l1+l2*l2+l3*l3, r0*r0+r1*r1+r2*r2+r3*r3
		if p := float64(sl*wr+sr*wl) / float64(wl*wr); p > proxy {
			at, proxy = i, p
		}
	}
	return at, proxy
}

// inform is walk by the entropy with four. The proxy is a convex function of what is on the left, so that of cells that are
// alike, and thus move it along a straight line, only those at the ends can be the best cut.
func (c *census) inform(cells []int64, least int) (at int, proxy float64) {
	total, left, m := c.sheets[0].total, int64(0), c.mask
	lowest, span := int64(least), uint64(total&m-2*int64(least))
	at = -1
	for i, v := range cells[:len(cells)-1] {
		left += v
		k := left&m - lowest
		if uint64(k) > span || v == cells[i+1] && uint64(k-v&m) <= span && uint64(k+v&m) <= span {
			continue
		}
		if p := c.information(left, total); at < 0 || p > proxy {
			at, proxy = i, p
		}
	}
	return at, proxy
}

// information is the proxy by the entropy with four.
func (c *census) information(left, total int64) float64 {
	g, b, m := c.logs, c.bits&63, c.mask
	l, r := left>>b, (total-left)>>b
	l0, r0 := l&m, r&m
	l, r = l>>b, r>>b
	l1, r1 := l&m, r&m
	l, r = l>>b, r>>b
	l2, r2 := l&m, r&m
	l3, r3 := l>>b, r>>b
	sl, sr := g[l0]+g[l1]+g[l2]+g[l3], g[r0]+g[r1]+g[r2]+g[r3]
	return sl - g[l0+l1+l2+l3] + sr - g[r0+r1+r2+r3]
}

// judge computes the proxy of sending to the left what the sheets say, and reports whether it keeps the limits.
func (c *census) judge(least kernel.Limits) (proxy float64, ok bool) {
	first := &c.sheets[0]
	l, r := first.left&c.mask, (first.total-first.left)&c.mask
	if l < int64(least.Rows) || r < int64(least.Rows) {
		return 0, false
	}
	if c.four && c.entropy && least.Weight == 0 {
		return c.information(first.left, first.total), true
	}
	var sl, sr, wl, wr float64
	for k, f := range c.fields {
		x := &c.sheets[f.sheet]
		l, r := x.left>>(f.shift&63)&c.mask, (x.total-x.left)>>(f.shift&63)&c.mask
		if c.entropy {
			sl, wl = sl+c.logs[l], wl+float64(l)
			sr, wr = sr+c.logs[r], wr+float64(r)
			continue
		}
		a, b := float64(l), float64(r)
		if c.factor != nil {
			a, b = a*c.factor[k], b*c.factor[k]
		}
		sl, wl = sl+float64(a*a), wl+a
		sr, wr = sr+float64(b*b), wr+b
	}
	if wl < least.Weight || wr < least.Weight || wl <= 0 || wr <= 0 {
		return 0, false
	}
	if c.entropy {
		return sl - c.logs[int(wl)] + sr - c.logs[int(wr)], true
	}
	return sl/wl + sr/wr, true
}

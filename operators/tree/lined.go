package tree

import (
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/kernel"
)

// Trees on few rows read the rows of a node off the sorted columns: the processor picks the members of a set out of a
// list so fast that neither a histogram pays nor keeping lists for every node.

// queue is the rows of a column by ascending code.
type queue struct {
	rows  []uint16
	codes []uint16 // in this order; nil if no two rows have the same
	rare  bool     // few rows have the code of another
}

// rareShare is the share of the rows that are the only one of their code, or the first, from which it is not worth while
// to look where codes end before a cut has been found.
const rareShare = 0.7

func newQueue(order []int32, k *ranked) *queue {
	q := &queue{rows: make([]uint16, len(order)), codes: make([]uint16, len(order))}
	for i, r := range order {
		q.rows[i], q.codes[i] = uint16(r), k.code[r]
	}
	q.settle(len(k.lo))
	return q
}

// settle takes over how many codes there are.
func (q *queue) settle(codes int) {
	q.rare = float64(codes) >= rareShare*float64(len(q.rows))
	if codes == len(q.rows) {
		q.codes = nil
	}
}

// linesUp reports whether crit searches such lists of the columns.
func linesUp(crit criterion, cols []*dataset.Column) bool {
	if !kernel.Sorted() || len(cols) == 0 || len(cols[0].Float) > kernel.MaxMembers {
		return false
	}
	switch c := crit.(type) {
	case *moments:
		return c.seeker != nil
	case *counted:
		return true
	case *census:
		return len(c.sheets) == 1
	case *classes:
		return !c.entropy && len(c.left) == 2
	}
	return false
}

// partMembers divides the rows of node k, and the set of them, where a column's codes say so.
func (b *grower) partMembers(k int32, rows []int32, codes []uint16, cut uint16) int {
	n := len(b.members)
	b.members = append(b.members, kernel.Members{}, kernel.Members{})
	l, r := &b.members[n], &b.members[n+1]
	b.members[k].Split(codes, cut, l, r)
	return l.Part(rows, b.spare)
}

// take offers the cut of a column behind the place at of its rows.
func (o *offer) take(col *ranked, rows []uint16, at int, proxy float64) {
	o.proxy, o.cut, o.next = proxy, col.code[rows[at]], col.code[rows[at+1]]
}

// lineUp puts the rows of a node in order, adds up their words, and has find look for the best cut; it reports whether
// there is one. Where few codes are the same, all are taken for different at first: of more cuts the best, if it may be, is
// the best of those that may be.
func (o *offer) lineUp(l *kernel.Lineup, col *ranked, words []int64, find func() (at int, proxy float64)) (at int, ok bool) {
	codes := o.queue.codes
	if col.queue.rare {
		codes = nil
	}
	for {
		l.Line(o.queue.rows, codes, o.members)
		l.Add(words)
		at, proxy := find()
		if at < 0 {
			return at, false
		}
		o.take(col, l.Rows(), at, proxy)
		if o.cut != o.next {
			return at, true
		}
		codes = o.queue.codes
	}
}

// searchLine is search with the rows lined up.
func (s *seeker) searchLine(col *ranked, least kernel.Limits, o *offer) bool {
	l := s.line
	_, ok := o.lineUp(l, col, s.words, func() (int, float64) {
		if o.fresh {
			s.weigh(l.Total(), len(l.Rows()), least)
		}
		return s.scan.Line(l, o.floor)
	})
	return ok
}

// searchLine is search with the rows lined up, for classes that share one word.
func (c *census) searchLine(col *ranked, rows []int32, least kernel.Limits, o *offer) bool {
	x, l := &c.sheets[0], c.line
	if c.four && !c.entropy && least.Weight <= 0 {
		at, ok := o.lineUp(l, col, x.words, func() (int, float64) {
			p := kernel.Poll{Bits: uint64(c.bits), Total: l.Total()}
			return p.Gini(l, max(1, least.Rows), max(0, o.floor))
		})
		if ok {
			o.left = kernel.Tally(l.Sum(at))
		}
		return ok
	}
	l.Line(o.queue.rows, o.queue.codes, o.members)
	x.total = int64(o.all)
	if c.four && least.Weight <= 0 && 2*least.Rows <= len(rows) {
		l.Add(x.words)
		at, proxy := c.informLine(c.order[:l.Ends(c.order)], l.Sums(), least.Rows)
		if at < 0 {
			return false
		}
		o.take(col, l.Rows(), at, proxy)
		o.left = kernel.Tally(l.Sum(at))
		return true
	}
	if !c.best(least, o, len(rows), l.Cells(col.code, x.words, x.packed, c.order)) {
		return false
	}
	o.left = 0
	for i, k := range c.order {
		o.left += kernel.Tally(x.packed[i])
		if k == o.cut {
			return true
		}
	}
	return false
}

// value is measure for the sum of the words of the rows.
func (c *census) value(sum kernel.Tally, value []float64) (impurity, weight float64) {
	c.sheets[0].left = int64(sum)
	return c.shares(value)
}

// informLine is inform for the sums up to each row, and the places where codes end.
func (c *census) informLine(ends []uint16, sums []int64, least int) (at int, proxy float64) {
	total, before, m := c.sheets[0].total, int64(0), c.mask
	lowest, span := int64(least), uint64(total&m-2*int64(least))
	at = -1
	for i, e := range ends[:len(ends)-1] {
		left := sums[e]
		v, next := left-before, sums[ends[i+1]]-left
		before = left
		k, n := int64(e)+1-lowest, v&m
		if uint64(k) > span || v == next && uint64(k-n) <= span && uint64(k+n) <= span {
			continue
		}
		if p := c.information(left, total); at < 0 || p > proxy {
			at, proxy = int(e), p
		}
	}
	return at, proxy
}

// searchLine is search by the entropy with the rows lined up.
func (c *counted) searchLine(col *ranked, rows []int32, least kernel.Limits, o *offer) bool {
	l := c.line
	l.Line(o.queue.rows, o.queue.codes, o.members)
	if c.logs == nil || least.Weight != 0 || 2*least.Rows > len(rows) {
		return c.best(rows, least, o, l.Cells(col.code, c.words, c.packed, c.order))
	}
	l.Add(c.words)
	at, proxy := c.informLine(c.order[:l.Ends(c.order)], l.Sums(), least.Rows)
	if at < 0 {
		return false
	}
	o.take(col, l.Rows(), at, proxy)
	return true
}

// informLine is inform for the sums up to each row, and the places where codes end.
func (c *counted) informLine(ends []uint16, sums []int64, least int) (at int, proxy float64) {
	total, before := int64(c.total), int64(0)
	lowest, span := int64(least), uint64(c.total.Rows()-2*least)
	at = -1
	for i, e := range ends[:len(ends)-1] {
		left := sums[e]
		v, next := left-before, sums[ends[i+1]]-left
		before = left
		k, n := int64(e)+1-lowest, int64(kernel.Tally(v).Rows())
		if uint64(k) > span || v == next && uint64(k-n) <= span && uint64(k+n) <= span {
			continue
		}
		if p := c.information(kernel.Tally(left), kernel.Tally(total-left)); at < 0 || p > proxy {
			at, proxy = int(e), p
		}
	}
	return at, proxy
}

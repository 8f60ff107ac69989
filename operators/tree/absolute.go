package tree

import (
	"cmp"
	"slices"

	"github.com/lren-chuv/automl/internal/kernel"
)

// absolute judges splits of a numeric target by the absolute error around the weighted median.
type absolute struct {
	y, weight   []float64
	rank        []int32 // of y among the rows of the node
	byTarget    []int32
	sorter      *kernel.Sorter
	order       []int32
	left, right ladder
}

func newAbsolute(y, weight []float64, codes int) *absolute {
	n := len(y)
	a := &absolute{y: y, weight: weight, rank: make([]int32, n), byTarget: make([]int32, n), order: make([]int32, n)}
	a.sorter = kernel.NewSorter(n, codes)
	a.left, a.right = newLadder(n), newLadder(n)
	return a
}

// arrange sorts the rows by target.
func (a *absolute) arrange(rows []int32) []int32 {
	by := a.byTarget[:len(rows)]
	copy(by, rows)
	slices.SortFunc(by, func(i, j int32) int {
		if c := cmp.Compare(a.y[i], a.y[j]); c != 0 {
			return c
		}
		return int(i - j)
	})
	return by
}

func (a *absolute) measure(rows []int32, value []float64) (impurity, weight float64) {
	by := a.arrange(rows)
	for _, r := range by {
		weight += a.weight[r]
	}
	value[0] = median(by, a.y, a.weight, weight)
	for _, r := range by {
		impurity += a.weight[r] * abs(a.y[r]-value[0])
	}
	return impurity / weight, weight
}

func abs(x float64) float64 {
	if x < 0 {
		return -x
	}
	return x
}

// median is the weighted median of rows sorted by y: the middle of two neighbours where exactly half the total weight
// lies below.
func median(sorted []int32, y, weight []float64, total float64) float64 {
	below := 0.0
	for i, r := range sorted {
		below += weight[r]
		if 2*below > total || i == len(sorted)-1 {
			return y[r]
		}
		if 2*below == total {
			return (y[r] + y[sorted[i+1]]) / 2
		}
	}
	return 0
}

func (a *absolute) search(col *ranked, rows []int32, least kernel.Limits, o *offer) bool {
	by := a.byTarget[:len(rows)]
	if o.fresh {
		by = a.arrange(rows)
	}
	a.left.reset(len(by))
	a.right.reset(len(by))
	for i, r := range by {
		a.rank[r] = int32(i)
		a.right.add(int32(i), a.weight[r], a.y[r])
	}
	if col == nil {
		return a.judge(by, rows, least, o)
	}
	order := a.order[:len(rows)]
	a.sorter.Order(col.code, rows, order)
	found := false
	for i, r := range order[:len(order)-1] {
		a.left.add(a.rank[r], a.weight[r], a.y[r])
		a.right.add(a.rank[r], -a.weight[r], a.y[r])
		next := col.code[order[i+1]]
		if next == col.code[r] {
			continue
		}
		if i+1 < least.Rows || len(order)-i-1 < least.Rows || a.left.weight < least.Weight || a.right.weight < least.Weight {
			continue
		}
		if proxy := -a.left.error(by, a.y) - a.right.error(by, a.y); !found || proxy > o.proxy {
			found, o.cut, o.next, o.proxy = true, col.code[r], next, proxy
		}
	}
	return found
}

// judge computes the proxy of the offered split and reports whether it keeps the limits; all rows are on the right yet.
func (a *absolute) judge(by, rows []int32, least kernel.Limits, o *offer) bool {
	n := 0
	for i, r := range rows {
		if o.keys[i] <= o.key {
			a.left.add(a.rank[r], a.weight[r], a.y[r])
			a.right.add(a.rank[r], -a.weight[r], a.y[r])
			n++
		}
	}
	if n < least.Rows || len(rows)-n < least.Rows || a.left.weight < least.Weight || a.right.weight < least.Weight {
		return false
	}
	o.proxy = -a.left.error(by, a.y) - a.right.error(by, a.y)
	return true
}

// ladder holds weighted targets by rank and finds their weighted median in logarithmic time: a Fenwick tree (Fenwick,
// A new data structure for cumulative frequency tables, 1994).
type ladder struct {
	w, s        []float64 // weights and weighted targets below
	weight, sum float64   // of all
	n           int
}

func newLadder(n int) ladder { return ladder{w: make([]float64, n+1), s: make([]float64, n+1)} }

func (l *ladder) reset(n int) {
	l.n, l.weight, l.sum = n, 0, 0
	clear(l.w[:n+1])
	clear(l.s[:n+1])
}

func (l *ladder) add(rank int32, w, y float64) {
	l.weight += w
	l.sum += w * y
	for k := int(rank) + 1; k <= l.n; k += k & -k {
		l.w[k] += w
		l.s[k] += w * y
	}
}

// error is the weighted sum of distances from the median.
func (l *ladder) error(byTarget []int32, y []float64) float64 {
	at, below, sum := 0, 0.0, 0.0
	step := 1
	for step*2 <= l.n {
		step *= 2
	}
	for ; step > 0; step /= 2 {
		if k := at + step; k <= l.n && 2*(below+l.w[k]) <= l.weight {
			at, below, sum = k, below+l.w[k], sum+l.s[k]
		}
	}
	m := y[byTarget[min(at, l.n-1)]]
	return m*below - sum + (l.sum - sum) - m*(l.weight-below)
}

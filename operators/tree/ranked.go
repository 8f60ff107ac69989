package tree

import (
	"context"
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/kernel"
)

// ranked is a numeric column as codes: values that are alike have the same code, larger values larger codes. lo and hi
// are the smallest and the largest value of each code; they are the same where every distinct value has its own.
type ranked struct {
	code   []uint16
	lo, hi []float64
	queue  *queue // of few rows
}

// maxRanks is the number of codes that trees tell apart. A column with more distinct values is cut at that many
// quantiles.
const maxRanks = 1<<16 - 2

type rankedKey struct{ limit int }

// rank returns the column's codes, at most limit of them, computed once for all fits. It must not hold missing values.
func rank(c *dataset.Column, limit int) *ranked { return rankWith(c, limit, new(kernel.Ordering)) }

// rankWith is rank with memory to put rows in order.
func rankWith(c *dataset.Column, limit int, memory *kernel.Ordering) *ranked {
	return c.Derive(rankedKey{limit}, func() any { return newRanked(c.Float, limit, memory) }).(*ranked)
}

func newRanked(values []float64, limit int, memory *kernel.Ordering) *ranked {
	order := memory.Ascending(values)
	if len(values) <= min(limit, kernel.MaxMembers) && kernel.Sorted() {
		if k := newQueued(values, order); k != nil {
			return k
		}
	}
	return rankOrdered(values, order, limit)
}

// rankOrdered is newRanked with the rows by ascending value.
func rankOrdered(values []float64, order []int32, limit int) *ranked {
	distinct, before := 0, math.NaN()
	for _, r := range order {
		v := values[r]
		if v != before {
			distinct++
		}
		before = v
	}
	// a code is closed once its share of the rows is reached, never within equal values
	share := 0.0
	if distinct > limit {
		share = float64(len(values)) / float64(limit)
	}
	k := &ranked{code: make([]uint16, len(values)), lo: make([]float64, 0, min(distinct, limit)), hi: make([]float64, 0, min(distinct, limit))}
	before = math.NaN()
	for i, r := range order {
		v := values[r]
		if v != before && float64(i) >= share*float64(len(k.lo)) {
			k.lo, k.hi = append(k.lo, v), append(k.hi, v)
		}
		before = v
		last := len(k.lo) - 1
		k.hi[last] = v
		k.code[r] = uint16(last)
	}
	if len(values) <= kernel.MaxMembers && kernel.Sorted() {
		k.queue = newQueue(order, k)
	}
	return k
}

// threshold lies u of the way from the smallest value of code lo to the largest of code hi.
func (k *ranked) threshold(lo, hi int, u float64) float64 { return k.lo[lo] + u*(k.hi[hi]-k.lo[lo]) }

// below returns the last code on the left of that threshold: at least lo, and less than hi.
func (k *ranked) below(lo, hi int, u float64) int {
	t, at := k.threshold(lo, hi, u), lo // what is looked for lies in [at, at+n)
	for n := hi - lo; n > 1; {
		half := n / 2
		n -= half
		if k.lo[at+half] <= t { // without a jump: the processor could not guess it
			at += half
		}
	}
	return at
}

// newQueued is newRanked for few rows, in one go: every distinct value has its own code, and the smallest of a code is the
// largest. It gives up where this is not so to the bit, with 0 and -0.
func newQueued(values []float64, order []int32) *ranked {
	n := len(order)
	codes, lo := make([]uint16, 3*n), make([]float64, n)
	k, q := &ranked{code: codes[:n:n]}, &queue{rows: codes[n : 2*n : 2*n], codes: codes[2*n:]}
	last, before := -1, math.NaN()
	for i, r := range order {
		v := values[r]
		if v != before {
			last++
			lo[last] = v
		} else if v == 0 && math.Signbit(v) != math.Signbit(before) {
			return nil
		}
		before = v
		k.code[r], q.rows[i], q.codes[i] = uint16(last), uint16(r), uint16(last)
	}
	if last++; 2*last < n {
		lo = slices.Clone(lo[:last])
	}
	k.lo, k.hi, k.queue = lo[:last], lo[:last], q
	q.settle(last)
	return k
}

// table is the columns of a frame as exact trees read them: each is ranked when a tree first asks for it. One goroutine
// only.
type table struct {
	cols  []*dataset.Column
	codes []*ranked
	limit int
	order *kernel.Ordering
}

// tableOf prepares the columns of x; unless values suffice, those of large tables are all ranked at once, where a fit can be
// cancelled.
func tableOf(ctx context.Context, x *dataset.Frame, limit int, values bool) (table, error) {
	t := table{x.Columns(), make([]*ranked, x.Cols()), limit, new(kernel.Ordering)}
	for j := range t.cols {
		if values || x.Rows() < fewToRank {
			break
		}
		if err := ctx.Err(); err != nil {
			return t, err
		}
		t.ranked(int32(j))
	}
	return t, nil
}

// fewToRank is the number of rows from which ranking a column takes long.
const fewToRank = 10_000

// most is a bound of the number of codes of a column.
func (t *table) most(rows int) int { return min(rows, t.limit) }

// ranked returns the codes of column j.
func (t *table) ranked(j int32) *ranked {
	if t.codes[j] == nil {
		t.codes[j] = rankWith(t.cols[j], t.limit, t.order)
	}
	return t.codes[j]
}

// copy is the same table for another goroutine.
func (t table) copy() table {
	t.codes, t.order = slices.Clone(t.codes), new(kernel.Ordering)
	return t
}

// middle is the threshold between two neighbouring values a < b: their midpoint, or a where that rounds to b.
func middle(a, b float64) float64 {
	if m := a/2 + b/2; m > a && m < b && !math.IsInf(m, 0) {
		return m
	}
	return a
}

// middleSingle is middle for trees that see values in single precision, as scikit-learn's do: a value goes left if it does
// so when rounded.
func middleSingle(a, b float64) float64 {
	lo, hi := float64(float32(a)), float64(float32(b))
	m := lo/2 + hi/2
	if m == hi || math.IsInf(m, 0) {
		m = lo
	}
	below := float32(m)
	if float64(below) > m {
		below = math.Nextafter32(below, float32(math.Inf(-1)))
	}
	t := float64(below)/2 + float64(math.Nextafter32(below, float32(math.Inf(1))))/2
	if float32(t) != below { // half way to the next number, which it is rounded to
		t = math.Nextafter(t, math.Inf(-1))
	}
	if t >= a && t < b {
		return t
	}
	return middle(a, b)
}

// middleUp is middle for a value that lies on the midpoint but for rounding: it goes left, as in LightGBM.
func middleUp(a, b float64) float64 {
	if m := math.Nextafter((a+b)/2, b); m > a && m < b {
		return m
	}
	return middle(a, b)
}

// middleDown is middle for a value that lies on the midpoint in single precision: it goes right, as in XGBoost.
func middleDown(a, b float64) float64 {
	m := (float32(a) + float32(b)) * 0.5
	below := math.Nextafter32(m, float32(math.Inf(-1)))
	if t := float64(below)/2 + float64(m)/2; t > a && t < b {
		return t
	}
	return middle(a, b)
}

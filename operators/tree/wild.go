package tree

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/lren-chuv/automl/dataset"
)

// wild grows totally random trees: every node splits a column drawn from those that vary in it, at a threshold drawn
// uniformly between the column's smallest and largest value there; a categorical column into two random groups of the
// levels that occur there. Missing values go to the larger side.
type wild struct {
	cols     []*dataset.Column
	maxDepth int
	minSplit int
	leaf     func(depth, rows int) float64 // value of a leaf, nil: 0
}

// thicket is a place of a growing tree.
type thicket struct{ at, lo, hi, depth int }

// grow appends a tree on the given rows, which it permutes, with splits at the given columns only.
func (w *wild) grow(ctx context.Context, e *Ensemble, rows, features []int32, rng *rand.Rand) error {
	root := len(e.Nodes)
	e.Roots = append(e.Roots, int32(root))
	e.add(len(rows))
	scratch, work := sorter{make([]int32, len(rows)), make([]uint8, len(rows))}, 0
	for queue := []thicket{{root, 0, len(rows), 0}}; len(queue) > 0; queue = queue[1:] {
		q := queue[0]
		if work += q.hi - q.lo; work > 1<<14 {
			work = 0
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		own := rows[q.lo:q.hi]
		x, mid, ok := node{}, 0, false
		if q.depth < w.maxDepth && len(own) >= w.minSplit {
			x, mid, ok = w.split(e, own, features, &scratch, rng)
		}
		if !ok {
			if w.leaf != nil {
				e.Nodes[q.at].Threshold = w.leaf(q.depth, len(own))
			}
			continue
		}
		x.Left = int32(len(e.Nodes))
		e.Nodes[q.at] = x
		left := len(e.Nodes)
		e.add(mid)
		e.add(len(own) - mid)
		queue = append(queue, thicket{left, q.lo, q.lo + mid, q.depth + 1}, thicket{left + 1, q.lo + mid, q.hi, q.depth + 1})
	}
	return nil
}

// add appends a leaf.
func (e *Ensemble) add(rows int) {
	e.Nodes, e.Cover, e.Gain = append(e.Nodes, node{}), append(e.Cover, float64(rows)), append(e.Gain, 0)
}

// split draws a split of the rows and moves those that go left to the front, mid of them; it permutes features.
func (w *wild) split(e *Ensemble, rows, features []int32, scratch *sorter, rng *rand.Rand) (x node, mid int, ok bool) {
	for i := range features {
		k := i + rng.IntN(len(features)-i)
		features[i], features[k] = features[k], features[i]
		x = node{Feature: features[i]}
		c := w.cols[x.Feature]
		if c.Kind == dataset.Categorical {
			ok = group(&x, e, c, rows, rng)
		} else {
			ok = cut(&x, c, rows, rng)
		}
		if ok {
			mid = scratch.part(&x, e, c, rows)
			return x, mid, true
		}
	}
	return node{}, 0, false
}

// cut draws a threshold; there is none if all present values are the same.
func cut(x *node, c *dataset.Column, rows []int32, rng *rand.Rand) bool {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, r := range rows {
		if v := c.Float[r]; v < lo {
			lo = v
		}
		if v := c.Float[r]; v > hi {
			hi = v
		}
	}
	if !(lo < hi) {
		return false
	}
	u := rng.Float64()
	if x.Threshold = lo*(1-u) + hi*u; !(x.Threshold >= lo && x.Threshold < hi) {
		x.Threshold = lo
	}
	return true
}

// group draws the levels that go left, at least one of those that occur and not all.
func group(x *node, e *Ensemble, c *dataset.Column, rows []int32, rng *rand.Rand) bool {
	seen := make([]bool, len(c.Levels))
	var levels []int32
	for _, r := range rows {
		if k := c.Code[r]; k >= 0 && !seen[k] {
			seen[k] = true
			levels = append(levels, k)
		}
	}
	if len(levels) < 2 {
		return false
	}
	rng.Shuffle(len(levels), func(i, j int) { levels[i], levels[j] = levels[j], levels[i] })
	var goes = make([]int32, (len(c.Levels)+31)/32)
	for _, k := range levels[:1+rng.IntN(len(levels)-1)] {
		goes[k>>5] |= 1 << (k & 31)
	}
	x.Feature |= inSet
	x.Threshold = float64(len(e.Sets))
	e.Sets = append(append(e.Sets, int32(len(goes))), goes...)
	return true
}

// part moves the rows that go left to the front, keeping the order, settles where missing values go, and returns how
// many go left.
func (s *sorter) part(x *node, e *Ensemble, c *dataset.Column, rows []int32) int {
	side := s.side[:len(rows)]
	var count [3]int
	for i, r := range rows {
		switch {
		case c.Missing(int(r)):
			side[i] = missing
		case x.Feature&inSet != 0:
			side[i] = uint8(1 - b2f(e.member(int(x.Threshold), float64(c.Code[r]))))
		default:
			side[i] = b2u(!(c.Float[r] <= x.Threshold))
		}
		count[side[i]]++
	}
	to := [3]uint8{0, 1, 1}
	left := count[0]
	if count[0] >= count[1] {
		x.Feature |= missingLeft
		to[missing] = 0
		left += count[missing]
	}
	at := [2]int{0, left}
	for i, r := range rows {
		k := to[side[i]]
		s.spare[at[k]] = r
		at[k]++
	}
	copy(rows, s.spare[:len(rows)])
	return left
}

// sorter is the scratch of part.
type sorter struct {
	spare []int32
	side  []uint8
}

// missing is the side of a missing value; 0 is left and 1 is right.
const missing = 2

func b2u(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

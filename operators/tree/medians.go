package tree

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// medians predicts the weighted median of its trees.
type medians struct {
	Levels  [][]string
	Trees   Ensemble
	Weights wire.Floats // of each tree
}

// Check reports what makes the value unusable.
func (m *medians) Check() error {
	if m.Trees.trees() == 0 || len(m.Weights) != m.Trees.trees() || m.Trees.Outputs != 1 || m.Trees.Columns != len(m.Levels) {
		return errors.New("adaboost: model of the wrong shape")
	}
	for _, w := range m.Weights {
		if !(w > 0) || !finite(w) {
			return errors.New("adaboost: bad tree weight")
		}
	}
	return m.Trees.check()
}

// Apply returns the predictions in one column.
func (m *medians) Apply(ctx context.Context, env *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	out := columns(x.Rows(), 1)
	total := 0.0
	for _, w := range m.Weights {
		total += w
	}
	median := m.sorted
	if x.Rows() >= manyVoters {
		b := m.ballot()
		median = b.median
	}
	l := layout{m.Levels}
	err := l.each(ctx, env, x, func(lo, hi int, rows []float64) {
		n, trees := hi-lo, m.Trees.trees()
		w, leaves := walker{e: &m.Trees}, make([]int32, n*trees)
		var room polls
		w.block(rows)
		for t, root := range m.Trees.Roots {
			for i, at := range w.walk(t, n) {
				leaves[i*trees+t] = root + at
			}
		}
		for i := range n {
			out[0][lo+i] = median(leaves[i*trees:][:trees], &room, total)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("adaboost: %w", err)
	}
	return named(out, nil), nil
}

// polls is memory for counting votes, at first empty.
type polls struct {
	votes []vote
	set   []uint64
}

// sorted is the value at which the votes of a row's leaves up to it have half of the total weight.
func (m *medians) sorted(leaves []int32, room *polls, total float64) float64 {
	votes := room.votes[:0]
	for t, at := range leaves {
		votes = append(votes, vote{m.Trees.Nodes[at].Threshold, m.Weights[t]})
	}
	room.votes = votes
	slices.SortStableFunc(votes, func(a, b vote) int { return cmp.Compare(a.value, b.value) })
	value, below := 0.0, 0.0
	for _, v := range votes {
		value = v.value
		if below += v.weight; 2*below >= total {
			break
		}
	}
	return value
}

// manyVoters is the number of rows from which it pays to rank all leaves.
const manyVoters = 32

// ballot is the leaves of all trees by ascending value, those of the first trees first among equals, so that the votes of a
// row need not be sorted.
type ballot struct {
	rank []int32 // by node
	leaf []vote  // by rank
}

type vote struct{ value, weight float64 }

func (m *medians) ballot() *ballot {
	var order []int32
	b := &ballot{rank: make([]int32, len(m.Trees.Nodes))}
	for i, x := range m.Trees.Nodes {
		if x.Left == 0 {
			order = append(order, int32(i))
		}
	}
	weight := make([]float64, len(m.Trees.Nodes))
	for t := range m.Trees.Roots {
		lo, hi := m.Trees.span(t)
		for i := lo; i < hi; i++ {
			weight[i] = m.Weights[t]
		}
	}
	slices.SortFunc(order, func(i, j int32) int {
		return cmp.Or(cmp.Compare(m.Trees.Nodes[i].Threshold, m.Trees.Nodes[j].Threshold), cmp.Compare(i, j))
	})
	b.leaf = make([]vote, len(order))
	for k, i := range order {
		b.rank[i], b.leaf[k] = int32(k), vote{m.Trees.Nodes[i].Threshold, weight[i]}
	}
	return b
}

// median is what sorted is.
func (b *ballot) median(leaves []int32, room *polls, total float64) float64 {
	if room.set == nil {
		room.set = make([]uint64, (len(b.leaf)+63)/64)
	}
	set := room.set
	for _, at := range leaves {
		k := b.rank[at]
		set[k>>6] |= 1 << (k & 63)
	}
	value, below := 0.0, 0.0
	for i, x := range set {
		for ; x != 0; x &= x - 1 {
			v := &b.leaf[i<<6|bits.TrailingZeros64(x)]
			value = v.value
			if below += v.weight; 2*below >= total {
				clear(set)
				return value
			}
		}
	}
	clear(set)
	return value
}

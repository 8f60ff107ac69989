package tree

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// boosted is a fitted booster: scores are Start plus the leaf values of the trees; tree t belongs to output
// t mod len(Start).
type boosted struct {
	Levels  [][]string  // per column the level names, nil for a numeric one
	Classes []string    // nil for regression
	Present wire.Ints   // classes that had training rows, ascending
	Start   wire.Floats // score before the first tree, empty if only one class was present
	Log     bool        // regression: scores are logarithms
	Trees   Ensemble
}

// Check reports what makes the value unusable.
func (b *boosted) Check() error {
	for i, k := range b.Present {
		if k < 0 || int(k) >= len(b.Classes) || i > 0 && k <= b.Present[i-1] {
			return errors.New("boosting: classes out of order")
		}
	}
	want := 1
	switch n := len(b.Present); {
	case b.Classes != nil && n == 0:
		return errors.New("boosting: no classes")
	case n == 1:
		want = 0
	case n > 2:
		want = n
	}
	if len(b.Start) != want || want == 0 && b.Trees.trees() > 0 || want > 0 && b.Trees.trees()%want != 0 {
		return errors.New("boosting: trees and outputs do not match")
	}
	if b.Trees.Outputs != 1 || b.Trees.Columns != len(b.Levels) {
		return errors.New("boosting: model of the wrong shape")
	}
	for _, v := range b.Start {
		if !finite(v) {
			return errors.New("boosting: start is not finite")
		}
	}
	return b.Trees.check()
}

// Apply returns class probabilities, or numbers in one column.
func (b *boosted) Apply(ctx context.Context, env *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	out := columns(x.Rows(), max(1, len(b.Classes)))
	l := layout{b.Levels}
	err := l.each(ctx, env, x, func(lo, hi int, rows []float64) {
		scores := make([]float64, (hi-lo)*len(b.Start))
		b.scores(rows, scores)
		for i := lo; i < hi; i++ {
			b.respond(scores[(i-lo)*len(b.Start):(i-lo+1)*len(b.Start)], func(c int, v float64) { out[c][i] = v })
		}
	})
	if err != nil {
		return nil, fmt.Errorf("boosting: %w", err)
	}
	return named(out, b.Classes), nil
}

// scores adds up the trees for up to rowBlock rows that stand row by row.
func (b *boosted) scores(rows, scores []float64) {
	p, k := b.Trees.Columns, len(b.Start)
	if k == 0 {
		return
	}
	n := len(scores) / k
	for i := range n {
		copy(scores[i*k:], b.Start)
	}
	e := &b.Trees
	var at [rowBlock]int32
	for t, root := range e.Roots {
		e.descend(root, rows, p, at[:n])
		for i, l := range at[:n] {
			scores[i*k+t%k] += e.Nodes[l].Threshold
		}
	}
}

// respond turns the scores of one row into outputs.
func (b *boosted) respond(s []float64, put func(c int, v float64)) {
	switch {
	case b.Classes == nil && b.Log:
		put(0, math.Exp(min(s[0], 700)))
	case b.Classes == nil:
		put(0, max(-math.MaxFloat64, min(s[0], math.MaxFloat64)))
	case len(s) == 0:
		put(int(b.Present[0]), 1)
	case len(s) == 1:
		p := sigmoid(s[0])
		put(int(b.Present[0]), 1-p)
		put(int(b.Present[1]), p)
	default:
		normalize(s)
		for i, v := range s {
			put(int(b.Present[i]), v)
		}
	}
}

package tree

import (
	"context"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// Contributions gives the Shapley values of every column in every prediction of the trees, the unknown columns being
// averaged over by the cover of the branches (path-dependent TreeSHAP of Lundberg et al., 2020). values[k][i*p+j] is
// what column j of the p columns contributes to output k in row i; base[k] plus all p of them is the output, exactly but
// for rounding. The outputs are the predicted number, the probability of the second of two classes, or the probability
// of each class.
func (a *average) Contributions(ctx context.Context, env *operators.Env, x *dataset.Frame) (base []float64, values [][]float64, err error) {
	base, values, err = a.Trees.contributions(ctx, env, x, a.Levels, a.Trees.Outputs)
	if err != nil {
		return nil, nil, err
	}
	n := float64(a.Trees.trees())
	for k := range base {
		base[k] /= n
		for i := range values[k] {
			values[k][i] /= n
		}
	}
	return base, values, nil
}

// Contributions is as for forests, but the outputs are scores: the predicted number or its logarithm, depending on the
// loss; the log-odds of the second of two classes; with more classes a score for each, whose softmax are the
// probabilities, minus infinity for a class that the training rows did not have.
func (b *boosted) Contributions(ctx context.Context, env *operators.Env, x *dataset.Frame) (base []float64, values [][]float64, err error) {
	own, parts, err := b.Trees.contributions(ctx, env, x, b.Levels, len(b.Start))
	if err != nil {
		return nil, nil, err
	}
	for k, v := range b.Start {
		own[k] += v
	}
	if b.Classes == nil || len(b.Classes) == 2 && len(b.Present) == 2 {
		return own, parts, nil
	}
	base, values = make([]float64, len(b.Classes)), make([][]float64, len(b.Classes))
	for k := range base {
		base[k] = math.Inf(-1)
	}
	for i, k := range b.Present {
		base[k] = 0
		switch {
		case len(b.Start) == len(b.Present):
			base[k], values[k] = own[i], parts[i]
		case i == 1: // two classes of several share one score
			base[k], values[k] = own[0], parts[0]
		}
	}
	for k := range values {
		if values[k] == nil {
			values[k] = make([]float64, x.Rows()*x.Cols())
		}
	}
	if len(base) == 2 { // one score for both
		return []float64{base[1] - base[0]}, values[1:], nil
	}
	return base, values, nil
}

// AdditiveIn says that contributions add up to the predicted number or probability.
func (a *average) AdditiveIn() string { return "prediction" }

// AdditiveIn says what contributions add up to: the predicted number or its logarithm, or log-odds.
func (b *boosted) AdditiveIn() string {
	switch {
	case b.Classes != nil:
		return "log-odds"
	case b.Log:
		return "logarithm"
	}
	return "prediction"
}

// contributions explains the sum of all trees. Tree t adds to output t mod outputs if its leaves hold one value.
func (e *Ensemble) contributions(ctx context.Context, env *operators.Env, x *dataset.Frame, levels [][]string, outputs int) (base []float64, values [][]float64, err error) {
	p := e.Columns
	base, values = make([]float64, outputs), columns(x.Rows()*p, outputs)
	output := func(t, c int) int {
		if e.Outputs == 1 {
			return t % outputs
		}
		return c
	}
	for t := range e.Roots {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		e.expect(t, func(c int, mean float64) { base[output(t, c)] += mean })
	}
	l := layout{levels}
	err = l.each(ctx, env, x, func(lo, hi int, rows []float64) {
		s := newExplainer(e)
		for t := range e.Roots {
			if ctx.Err() != nil {
				return
			}
			s.open(t)
			for i := lo; i < hi; i++ {
				s.down(rows[(i-lo)*p : (i-lo+1)*p])
				for c := range e.Outputs {
					s.up(c, values[output(t, c)][i*p:(i+1)*p])
				}
			}
		}
	})
	if err != nil {
		return nil, nil, fmt.Errorf("tree contributions: %w", err)
	}
	return base, values, nil
}

// expect calls put with the mean of each output of tree t over the cover.
func (e *Ensemble) expect(t int, put func(c int, mean float64)) {
	lo, hi := e.span(t)
	reach, mean := make([]float64, hi-lo), make([]float64, e.Outputs)
	reach[0] = 1
	for i := lo; i < hi; i++ {
		x, r := e.Nodes[i], reach[i-lo]
		if x.Left != 0 {
			share := e.leftShare(x)
			reach[x.Left-lo], reach[x.Left-lo+1] = r*share, r*(1-share)
			continue
		}
		for c := range mean {
			mean[c] += r * e.value(x, c)
		}
	}
	for c, v := range mean {
		put(c, v)
	}
}

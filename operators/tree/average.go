package tree

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// average is the fitted form of single trees, forests and bags: the mean of the leaf values over all trees.
type average struct {
	Levels  [][]string // per column the level names, nil for a numeric one
	Classes []string   // nil for regression
	Trees   Ensemble
	OOB     float64 // accuracy or R² on the rows left out of each tree, if it was asked for
}

// Check reports what makes the value unusable.
func (a *average) Check() error {
	want := 1
	if len(a.Classes) > 2 {
		want = len(a.Classes)
	}
	if a.Trees.Outputs != want || a.Trees.trees() == 0 || a.Trees.Columns != len(a.Levels) {
		return errors.New("tree core: model of the wrong shape")
	}
	return a.Trees.check()
}

// Apply returns the mean prediction: class probabilities, or numbers in one column.
func (a *average) Apply(ctx context.Context, env *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	k := max(1, len(a.Classes))
	out := columns(x.Rows(), k)
	l := layout{a.Levels}
	err := l.blocks(ctx, env, x, a.Trees.blockRows(), func(lo, hi int, rows []float64) {
		sums := make([]float64, (hi-lo)*a.Trees.Outputs)
		a.Trees.sum(rows, sums)
		for i := lo; i < hi; i++ {
			a.finish(sums[(i-lo)*a.Trees.Outputs:(i-lo+1)*a.Trees.Outputs], func(c int, v float64) { out[c][i] = v })
		}
	})
	if err != nil {
		return nil, fmt.Errorf("tree core: %w", err)
	}
	return named(out, a.Classes), nil
}

// finish turns the sums over all trees into outputs.
func (a *average) finish(sums []float64, put func(c int, v float64)) {
	n := float64(a.Trees.trees())
	switch {
	case a.Classes == nil:
		put(0, sums[0]/n)
	case len(a.Classes) == 1:
		put(0, 1)
	case len(a.Classes) == 2:
		p := min(1, sums[0]/n)
		put(0, 1-p)
		put(1, p)
	default:
		total := 0.0
		for _, v := range sums {
			total += v
		}
		for c, v := range sums {
			put(c, v/total)
		}
	}
}

// sum adds the leaf values of every tree to sums, for rows that stand row by row.
func (e *Ensemble) sum(rows, sums []float64) {
	k := e.Outputs
	n := len(sums) / k
	w := walker{e: e}
	w.block(rows)
	for t, root := range e.Roots {
		for i, at := range w.walk(t, n) {
			e.addLeaf(root+at, sums[i*k:(i+1)*k])
		}
	}
}

// addLeaf adds the values of a leaf to sums.
func (e *Ensemble) addLeaf(at int32, sums []float64) {
	x := &e.Nodes[at]
	if len(sums) == 1 {
		sums[0] += x.Threshold
		return
	}
	for c, v := range e.Values[int(x.Feature)*len(sums) : int(x.Feature+1)*len(sums)] {
		sums[c] += v
	}
}

// columns makes k columns of n rows.
func columns(n, k int) [][]float64 {
	out, all := make([][]float64, k), make([]float64, n*k)
	for c := range out {
		out[c] = all[c*n : (c+1)*n : (c+1)*n]
	}
	return out
}

// named makes the frame of predictions: one column per class, or one column for regression.
func named(out [][]float64, classes []string) *dataset.Frame {
	cols := make([]*dataset.Column, len(out))
	for c, v := range out {
		name := "prediction"
		if classes != nil {
			name = classes[c]
		}
		cols[c] = dataset.NewNumeric(name, v)
	}
	if len(cols) == 0 {
		return dataset.MustFrame(0)
	}
	return dataset.MustFrame(len(out[0]), cols...)
}

// blockRows is the number of rows to walk through one tree before the next: many if trees are large, so that they are not
// fetched into the cache again and again, few otherwise, so that the rows stay there.
func (e *Ensemble) blockRows() int {
	if len(e.Nodes) < largeTree*len(e.Roots) {
		return rowBlock
	}
	return min(8*rowBlock, max(rowBlock, nearby/8/max(1, e.Columns)))
}

// chunkRows is the number of rows that one goroutine takes at a time.
const chunkRows = 32 * rowBlock

// each calls f for all rows of x in blocks of at most rowBlock rows, on as many goroutines as env allows.
func (l *layout) each(ctx context.Context, env *operators.Env, x *dataset.Frame, f func(lo, hi int, rows []float64)) error {
	return l.blocks(ctx, env, x, rowBlock, f)
}

// blocks is each for blocks of up to size rows, at most chunkRows.
func (l *layout) blocks(ctx context.Context, env *operators.Env, x *dataset.Frame, size int, f func(lo, hi int, rows []float64)) error {
	n := x.Rows()
	return env.Each(ctx, (n+chunkRows-1)/chunkRows, func(c int, _ *rand.Rand) error {
		r, err := l.read(x, min(size, n))
		if err != nil {
			return err
		}
		for lo := c * chunkRows; lo < min(n, (c+1)*chunkRows); lo += size {
			hi := min(n, lo+size, (c+1)*chunkRows)
			f(lo, hi, r.rows(lo, hi))
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		return nil
	})
}

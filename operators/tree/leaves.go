package tree

import (
	"context"
	"fmt"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// Leaves tells in which leaf of every tree each row ends: the result is indexed by tree, then by row, and counts the
// leaves of a tree from 0 in the order of its nodes. Rows that end in the same leaf have the same prediction of that
// tree. The trees of a booster for several classes are those of the first round's classes, then of the second's, and so
// on.
func (a *average) Leaves(ctx context.Context, env *operators.Env, x *dataset.Frame) ([][]int32, error) {
	return a.Trees.leaves(ctx, env, x, a.Levels)
}

// Leaves is as for forests.
func (b *boosted) Leaves(ctx context.Context, env *operators.Env, x *dataset.Frame) ([][]int32, error) {
	return b.Trees.leaves(ctx, env, x, b.Levels)
}

// Leaves is as for forests.
func (m *medians) Leaves(ctx context.Context, env *operators.Env, x *dataset.Frame) ([][]int32, error) {
	return m.Trees.leaves(ctx, env, x, m.Levels)
}

func (e *Ensemble) leaves(ctx context.Context, env *operators.Env, x *dataset.Frame, levels [][]string) ([][]int32, error) {
	names, at := e.leafNumbers()
	out := make([][]int32, e.trees())
	for t := range out {
		out[t] = make([]int32, x.Rows())
	}
	err := e.eachLeaf(ctx, env, x, levels, func(t, i int, leaf int32) { out[t][i] = int32(names[at[leaf]][1]) })
	return out, err
}

// eachLeaf calls f with every tree and row and the node in which the row ends; calls for different rows may come at the
// same time.
func (e *Ensemble) eachLeaf(ctx context.Context, env *operators.Env, x *dataset.Frame, levels [][]string, f func(t, i int, leaf int32)) error {
	l := layout{levels}
	err := l.each(ctx, env, x, func(lo, hi int, rows []float64) {
		w := walker{e: e}
		w.block(rows)
		for t, root := range e.Roots {
			for i, end := range w.walk(t, hi-lo) {
				f(t, lo+i, root+end)
			}
		}
	})
	if err != nil {
		return fmt.Errorf("tree leaves: %w", err)
	}
	return nil
}

// leafNumbers numbers the leaves of all trees: names holds the tree of each and its number there, at the number of the
// leaf at each node.
func (e *Ensemble) leafNumbers() (names [][2]int, at []int32) {
	at = make([]int32, len(e.Nodes))
	for t := range e.Roots {
		lo, hi := e.span(t)
		k := 0
		for i := lo; i < hi; i++ {
			if e.Nodes[i].Left == 0 {
				at[i] = int32(len(names))
				names = append(names, [2]int{t, k})
				k++
			}
		}
	}
	return names, at
}

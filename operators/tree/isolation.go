package tree

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// IsolationForest adds a column with how ordinary each row is: scikit-learn's score_samples, minus 2 to the power of
// minus the mean depth at which totally random trees isolate the row, in units of the depth to expect; near -1 for rows
// that stand alone, above -0.5 for ordinary ones (Liu, Ting and Zhou, Isolation forest, 2008). Each tree sees
// max_samples rows, at most 256 by default. Categorical columns and missing values take part; rows of weight 0 do not.
var IsolationForest = &operators.Spec{
	Name: "IsolationForest", Doc: "adds a score of how ordinary a row is", Role: operators.Transformer,
	Traits: operators.Random | operators.Categories | operators.Missing | operators.Weights | operators.FewRows,
	Params: []operators.Param{
		{Name: "n_estimators", Scale: operators.LogInt, Lo: 50, Hi: 200, Default: 100, Fixed: true},
		{Name: "max_samples", Scale: operators.Fraction, Lo: 0.05, Hi: 1, Default: operators.Word(0), Choices: []string{"auto"}},
		{Name: "max_features", Scale: operators.Fraction, Lo: 0.2, Hi: 1, Default: 1},
		{Name: "bootstrap", Scale: operators.Bool, Fixed: true},
	},
	Ignored: []string{"random_state", "n_jobs", "verbose", "warm_start", "contamination"},
	New: func(v []float64) (operators.Operator, error) {
		if !(v[0] >= 1 && v[0] <= maxTrees) {
			return nil, fmt.Errorf("IsolationForest: n_estimators=%g: want at least 1", v[0])
		}
		return isolator{int(v[0]), v[1], v[2], v[3] != 0}, nil
	},
	Decode: operators.Decode[isolation],
}

// isolator holds the hyper-parameters.
type isolator struct {
	trees             int
	samples, features float64
	bootstrap         bool
}

// size is the number of rows for a tree out of n.
func (o isolator) size(n int) int {
	if _, auto := operators.IsWord(o.samples); auto {
		return min(256, n)
	}
	return operators.Resolve(o.samples, n)
}

// Fit grows the trees.
func (o isolator) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	rows, err := unsupervised(s)
	if err != nil {
		return nil, fmt.Errorf("IsolationForest: %w", err)
	}
	size := o.size(len(rows))
	w := wild{cols: s.X.Columns(), maxDepth: bits.Len(uint(max(size, 2) - 1)), minSplit: 2, leaf: func(depth, rows int) float64 {
		return float64(depth) + isolationDepth(rows)
	}}
	parts := make([]*Ensemble, o.trees)
	err = env.Each(ctx, o.trees, func(i int, rng *rand.Rand) error {
		parts[i] = &Ensemble{Outputs: 1, Columns: s.X.Cols()}
		return w.grow(ctx, parts[i], o.draw(rows, size, rng), o.see(s.X.Cols(), rng), rng)
	})
	if err != nil {
		return nil, err
	}
	return &isolation{Levels: layoutOf(s.X).Levels, Trees: *together(parts), Depth: isolationDepth(size)}, nil
}

// unsupervised returns the rows of positive weight of a table that can be split.
func unsupervised(s dataset.Sample) (rows []int32, err error) {
	for i := range s.Rows() {
		if s.W == nil || s.W[i] > 0 {
			rows = append(rows, int32(i))
		}
	}
	switch {
	case len(rows) == 0:
		return nil, errNoWeight
	case s.X.Cols() == 0 || s.X.Cols() > maxColumns:
		return nil, errors.New("no columns, or too many")
	}
	return rows, nil
}

// draw takes size of the rows.
func (o isolator) draw(rows []int32, size int, rng *rand.Rand) []int32 {
	out := make([]int32, size)
	if o.bootstrap {
		for i := range out {
			out[i] = rows[rng.IntN(len(rows))]
		}
		return out
	}
	for i, r := range rows { // reservoir sampling (Vitter's algorithm R, 1985)
		if i < size {
			out[i] = r
		} else if k := rng.IntN(i + 1); k < size {
			out[k] = r
		}
	}
	return out
}

// see chooses the columns of a tree.
func (o isolator) see(p int, rng *rand.Rand) []int32 {
	all := make([]int32, p)
	for j, k := range rng.Perm(p) {
		all[j] = int32(k)
	}
	all = all[:operators.Resolve(o.features, p)]
	slices.Sort(all)
	return all
}

// isolationDepth is the mean depth of an unsuccessful search in a binary search tree of n keys, which is the depth at
// which a row is isolated from n-1 others like it (equation 1 of the paper).
func isolationDepth(n int) float64 {
	switch {
	case n <= 1:
		return 0
	case n == 2:
		return 1
	}
	const euler = 0.57721566490153286
	k := float64(n)
	return 2*(math.Log(k-1)+euler) - 2*(k-1)/k
}

// isolation is a fitted isolation forest; the value of a leaf is the depth at which its rows are isolated.
type isolation struct {
	Levels [][]string
	Trees  Ensemble
	Depth  float64 // to expect
}

// Check reports what makes the value unusable.
func (f *isolation) Check() error {
	if f.Trees.Outputs != 1 || f.Trees.trees() == 0 || f.Trees.Columns != len(f.Levels) || !(f.Depth >= 0) || !finite(f.Depth) {
		return errors.New("isolation forest: model of the wrong shape")
	}
	return f.Trees.check()
}

// Apply adds the column.
func (f *isolation) Apply(ctx context.Context, env *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	out := make([]float64, x.Rows())
	l, n := layout{f.Levels}, float64(f.Trees.trees())
	err := l.each(ctx, env, x, func(lo, hi int, rows []float64) {
		f.Trees.sum(rows, out[lo:hi])
		for i, depth := range out[lo:hi] {
			relative := 1.0
			if f.Depth > 0 {
				relative = depth / (n * f.Depth)
			}
			out[lo+i] = -math.Exp2(-relative)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("isolation forest: %w", err)
	}
	return x.With(dataset.NewNumeric("isolation_score", out)), nil
}

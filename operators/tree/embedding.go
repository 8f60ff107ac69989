package tree

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// Leaves tell which training rows a row is like. A table holds them as 0/1 columns, one for every leaf, and not as one
// categorical column per tree: what an operator that takes no categories gets is encoded only where the raw table has
// some, and long codes would be encoded by the target, which is what an unsupervised embedding must not look at. As these
// columns are not sparse, max_columns bounds them: trees beyond it are left out.

// maxLeafColumns is the parameter that bounds the columns of an embedding.
var maxLeafColumns = operators.Param{Name: "max_columns", Scale: operators.Int, Lo: 2, Hi: 1 << 16, Default: 512, Fixed: true}

// RandomTreesEmbedding replaces the columns by the leaves of totally random trees that a row falls into, a 0/1 column
// for each leaf (Geurts, Ernst and Wehenkel, Extremely randomized trees, 2006; scikit-learn's estimator of this name).
// Trees that would make more than max_columns are left out.
var RandomTreesEmbedding = &operators.Spec{
	Name: "RandomTreesEmbedding", Doc: "leaves of totally random trees", Role: operators.Transformer,
	Traits: operators.Random | operators.Categories | operators.Missing | operators.Weights | operators.FewRows,
	Params: []operators.Param{
		{Name: "n_estimators", Scale: operators.LogInt, Lo: 4, Hi: 64, Default: 100},
		{Name: "max_depth", Scale: operators.Int, Lo: 2, Hi: 5, Default: 5},
		{Name: "min_samples_split", Scale: operators.Int, Lo: 2, Hi: 20, Default: 2, Fixed: true},
		maxLeafColumns,
	},
	Ignored: []string{"random_state", "n_jobs", "verbose", "warm_start", "sparse_output"},
	New: func(v []float64) (operators.Operator, error) {
		if !(v[0] >= 1 && v[0] <= maxTrees) || v[1] < 1 || v[2] < 2 || v[3] < 2 {
			return nil, errors.New("RandomTreesEmbedding: want n_estimators and max_depth ≥ 1, min_samples_split and max_columns ≥ 2")
		}
		return randomLeaves{int(v[0]), int(min(v[1], 1<<20)), int(v[2]), int(v[3])}, nil
	},
	Decode: operators.Decode[leaves],
	Memory: func(s operators.Shape, v []float64) int64 {
		return embeddingBytes(s, v[0]*float64(int64(1)<<int(min(v[1], 30))), v[3])
	},
}

// embeddingBytes is the memory of the columns, wanted or at most.
func embeddingBytes(s operators.Shape, wanted, most float64) int64 {
	return int64(8 * float64(s.Rows) * min(wanted, most))
}

// randomLeaves holds the hyper-parameters.
type randomLeaves struct{ trees, depth, minSplit, most int }

// Fit grows the trees.
func (o randomLeaves) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	rows, err := unsupervised(s)
	if err != nil {
		return nil, fmt.Errorf("RandomTreesEmbedding: %w", err)
	}
	w := wild{cols: s.X.Columns(), maxDepth: min(o.depth, bits.Len(uint(o.most))-1), minSplit: o.minSplit}
	parts := make([]*Ensemble, min(o.trees, o.most/2))
	err = env.Each(ctx, len(parts), func(i int, rng *rand.Rand) error {
		features := make([]int32, s.X.Cols())
		for j := range features {
			features[j] = int32(j)
		}
		parts[i] = &Ensemble{Outputs: 1, Columns: s.X.Cols()}
		return w.grow(ctx, parts[i], append([]int32(nil), rows...), features, rng)
	})
	if err != nil {
		return nil, err
	}
	return newLeaves("randomtreesembedding", s.X, together(parts), o.most)
}

var boostedLeafParams = []operators.Param{
	{Name: "n_estimators", Scale: operators.LogInt, Lo: 4, Hi: 64, Default: 20},
	{Name: "learning_rate", Scale: operators.Log, Lo: 0.03, Hi: 0.5, Default: 0.1},
	{Name: "max_leaf_nodes", Scale: operators.LogInt, Lo: 3, Hi: 16, Default: 8},
	{Name: "min_samples_leaf", Scale: operators.LogInt, Lo: 5, Hi: 100, Default: 20},
	maxLeafColumns,
}

// BoostedTreesEmbedding replaces the columns by the leaves of boosted trees that a row falls into, a 0/1 column for each
// leaf, as input of a linear model above all (He et al., Practical lessons from predicting clicks on ads at Facebook,
// 2014). The trees are those of HistGradientBoosting, grown on the training rows themselves, so that they fit these
// better than others: few trees with large leaves keep that small. min_samples_leaf is at most a quarter of the rows. Trees that would make more than max_columns are left
// out.
var BoostedTreesEmbedding = &operators.Spec{
	Name: "BoostedTreesEmbedding", Doc: "leaves of boosted trees", Role: operators.Transformer,
	Traits: boostTraits | operators.Supervised, Params: boostedLeafParams,
	Ignored: []string{"random_state"},
	New: func(v []float64) (operators.Operator, error) {
		o := boostedLeaves{values: map[string]float64{
			"max_iter": v[0], "learning_rate": v[1], "max_leaf_nodes": v[2], "min_samples_leaf": v[3],
		}, most: int(v[4])}
		_, err := o.operator(dataset.Regression, math.MaxInt32)
		if err == nil && o.most < 2 {
			err = errors.New("want max_columns ≥ 2")
		}
		if err != nil {
			return nil, fmt.Errorf("BoostedTreesEmbedding: %w", err)
		}
		return o, nil
	},
	Decode: operators.Decode[leaves],
	Memory: func(s operators.Shape, v []float64) int64 {
		trees := v[0]
		if s.Classes > 2 {
			trees *= float64(s.Classes)
		}
		return embeddingBytes(s, trees*v[2], v[4])
	},
}

// boostedLeaves holds the hyper-parameters under the names of the booster's.
type boostedLeaves struct {
	values map[string]float64
	most   int
}

// operator makes the booster for a task and a number of rows, a quarter of which a leaf need not hold.
func (o boostedLeaves) operator(task dataset.Task, rows int) (operators.Operator, error) {
	spec := HistGradientBoostingClassifier
	if task == dataset.Regression {
		spec = HistGradientBoostingRegressor
	}
	v := spec.Defaults()
	for name, x := range o.values {
		v[spec.Index(name)] = x
	}
	leaf := spec.Index("min_samples_leaf")
	v[leaf] = min(v[leaf], float64(max(1, rows/4)))
	return spec.New(v)
}

// Fit boosts.
func (o boostedLeaves) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	op, err := o.operator(s.Task(), s.Rows())
	if err != nil {
		return nil, err
	}
	f, err := op.Fit(ctx, env, s)
	if err != nil {
		return nil, fmt.Errorf("BoostedTreesEmbedding: %w", err)
	}
	return newLeaves("boostedtreesembedding", s.X, &f.(*boosted).Trees, o.most)
}

// leaves is a fitted embedding.
type leaves struct {
	Name   string // prefix of the new columns
	Levels [][]string
	Trees  Ensemble
}

// newLeaves takes as many of the trees, in order, as keep the columns to at most most. A tree of one leaf tells nothing.
func newLeaves(name string, x *dataset.Frame, e *Ensemble, most int) (*leaves, error) {
	f := &leaves{Name: name, Levels: layoutOf(x).Levels, Trees: Ensemble{Outputs: 1, Columns: e.Columns}}
	total := 0
	for t := range e.Roots {
		lo, hi := e.span(t)
		n := int(hi-lo+1) / 2
		if n == 1 {
			continue
		}
		if total += n; total > most {
			break
		}
		f.Trees.join(&Ensemble{Outputs: 1, Roots: []int32{0}, Nodes: e.detached(lo, hi), Cover: e.Cover[lo:hi], Gain: e.Gain[lo:hi]})
	}
	if len(f.Trees.Roots) == 0 {
		return nil, errors.New(name + ": no tree has found a split")
	}
	f.Trees.Sets = e.Sets
	return f, nil
}

// detached returns the nodes [lo, hi) of one tree as they would stand at the beginning of an ensemble with the same sets.
func (e *Ensemble) detached(lo, hi int32) nodes {
	out := append(nodes(nil), e.Nodes[lo:hi]...)
	for i := range out {
		if out[i].Left != 0 {
			out[i].Left -= lo
		}
	}
	return out
}

// Check reports what makes the value unusable.
func (f *leaves) Check() error {
	if f.Trees.Outputs != 1 || f.Trees.trees() == 0 || f.Trees.Columns != len(f.Levels) {
		return errors.New("tree embedding: model of the wrong shape")
	}
	return f.Trees.check()
}

// Apply makes the columns, tree by tree.
func (f *leaves) Apply(ctx context.Context, env *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	names, at := f.Trees.leafNumbers()
	out := columns(x.Rows(), len(names))
	err := f.Trees.eachLeaf(ctx, env, x, f.Levels, func(_, i int, leaf int32) { out[at[leaf]][i] = 1 })
	if err != nil {
		return nil, err
	}
	cols := make([]*dataset.Column, len(out))
	for k, v := range out {
		cols[k] = dataset.NewNumeric(fmt.Sprintf("%s_%d_%d", f.Name, names[k][0], names[k][1]), v)
	}
	return dataset.MustFrame(x.Rows(), cols...), nil
}

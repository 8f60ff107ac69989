package tree

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// Forests of trees, each grown from a bootstrap of the rows with a few columns tried per split (Breiman 2001, "Random
// forests"), or from all rows with thresholds drawn at random (Geurts et al. 2006, "Extremely randomized trees").
var (
	RandomForestClassifier = forestSpec("RandomForestClassifier", operators.Classifier, false)
	RandomForestRegressor  = forestSpec("RandomForestRegressor", operators.Regressor, false)
	ExtraTreesClassifier   = forestSpec("ExtraTreesClassifier", operators.Classifier, true)
	ExtraTreesRegressor    = forestSpec("ExtraTreesRegressor", operators.Regressor, true)
)

func forestSpec(name string, role operators.Role, random bool) *operators.Spec {
	criteria, features := classCriteria, operators.Word(0)
	if role == operators.Regressor {
		criteria, features = numberCriteria, 1
	}
	doc := "mean of trees grown from bootstraps with a few columns tried per split"
	bootstrap := 1.0
	if random {
		doc, bootstrap = "mean of trees with thresholds drawn at random", 0
	}
	spec := &operators.Spec{
		Name: name, Doc: doc, Role: role, Traits: operators.Missing | operators.Weights | operators.Random,
		Params: []operators.Param{
			{Name: "n_estimators", Scale: operators.Int, Lo: 10, Hi: 500, Default: 100, Fixed: true},
			{Name: "criterion", Scale: operators.Choice, Choices: criteria},
			{Name: "max_features", Scale: operators.Fraction, Lo: 0.05, Hi: 1, Default: features, Choices: someFeatures},
			{Name: "min_samples_split", Scale: operators.Int, Lo: 2, Hi: 20, Default: 2},
			{Name: "min_samples_leaf", Scale: operators.Int, Lo: 1, Hi: 20, Default: 1},
			{Name: "bootstrap", Scale: operators.Bool, Default: bootstrap},
			{Name: "max_depth", Scale: operators.Int, Lo: 2, Hi: 30, Default: operators.Word(0), Choices: []string{"None"}, Fixed: true},
			{Name: "max_leaf_nodes", Scale: operators.Int, Lo: 4, Hi: 500, Default: operators.Word(0), Choices: []string{"None"}, Fixed: true},
			{Name: "max_samples", Scale: operators.Fraction, Lo: 0.1, Hi: 1, Default: 1, Choices: []string{"None"}, Fixed: true},
		},
		Ignored: []string{"n_jobs", "verbose", "random_state", "oob_score", "warm_start"},
		Decode:  operators.Decode[forest],
	}
	if role == operators.Classifier {
		spec.Params = append(spec.Params, operators.Param{Name: "class_weight", Scale: operators.Choice, Choices: classWeights})
	}
	spec.New = func(v []float64) (operators.Operator, error) {
		for i, least := range []float64{1, 0, -1e9, 2, 1, 0, 1, 2} {
			if err := numberOf(spec.Params[i].Name, v[i], least); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
		o := forestOp{name: name, trees: int(v[0]), features: v[2], bootstrap: v[5] != 0, samples: v[8],
			growth: growth{criterion: criterionOf(role, v[1]), minSamplesSplit: int(v[3]), minSamplesLeaf: int(v[4]),
				maxDepth: orZero(v[6]), maxLeafNodes: orZero(v[7]), random: random}}
		o.balanced = role == operators.Classifier && v[9] != 0
		return o, nil
	}
	return spec
}

type forestOp struct {
	name      string
	trees     int
	features  float64
	samples   float64
	bootstrap bool
	balanced  bool
	growth
}

// forest is a fitted forest, or a single tree.
type forest struct {
	Name     string
	Levels   []string
	Features int
	Trees    []*flat
}

func (o forestOp) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	w := rowWeights(s, o.balanced)
	if err := usable(o.name, s, w); err != nil {
		return nil, err
	}
	if err := prepare(ctx, s.X, coarse); err != nil {
		return nil, err
	}
	t := newTraining(s, coarse)
	g := o.growth
	g.maxFeatures = featuresOf(o.features, s.X.Cols())
	f := &forest{Name: o.name, Levels: s.Y.Levels, Features: s.X.Cols(), Trees: make([]*flat, o.trees)}
	growers := newPool(func() *grower { return &grower{training: t, growth: g} })
	err := env.Each(ctx, o.trees, func(i int, rng *rand.Rand) error {
		gr := growers.take()
		defer growers.give(gr)
		var err error
		f.Trees[i], err = gr.grow(ctx, o.bag(w, rng), rng)
		return err
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// bag multiplies the weights by how often each row is drawn.
func (o forestOp) bag(w []float64, rng *rand.Rand) []float64 {
	if !o.bootstrap {
		return w
	}
	n := len(w)
	draws := n
	if _, all := operators.IsWord(o.samples); !all {
		draws = operators.Resolve(o.samples, n)
	}
	out := make([]float64, n)
	for {
		total := 0.0
		for range draws {
			i := rng.IntN(n)
			out[i] += w[i]
			total += w[i]
		}
		if total > 0 { // else nothing but rows of weight zero was drawn
			return out
		}
	}
}

// pool lends scratch memory to goroutines; which one gets which does not matter to any result.
type pool[T any] struct {
	free chan *T
	make func() *T
}

func newPool[T any](make_ func() *T) *pool[T] { return &pool[T]{make(chan *T, 64), make_} }

func (p *pool[T]) take() *T {
	select {
	case t := <-p.free:
		return t
	default:
		return p.make()
	}
}

func (p *pool[T]) give(t *T) {
	select {
	case p.free <- t:
	default:
	}
}

// Check refuses a forest that could not predict.
func (f *forest) Check() error {
	if len(f.Trees) == 0 {
		return fmt.Errorf("%s: no trees", f.Name)
	}
	for _, t := range f.Trees {
		if t == nil {
			return fmt.Errorf("%s: a tree is missing", f.Name)
		}
		if err := t.check(f.Features, max(1, len(f.Levels))); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		for _, v := range t.Value {
			if len(f.Levels) > 0 && (v < 0 || v > 1) {
				return fmt.Errorf("%s: a leaf has the probability %v", f.Name, v)
			}
		}
	}
	return nil
}

// Apply averages the trees' leaves.
func (f *forest) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != f.Features {
		return nil, fmt.Errorf("%s: %d columns, learned from %d", f.Name, x.Cols(), f.Features)
	}
	width := max(1, len(f.Levels))
	out := grid(width, x.Rows())
	cols := floats(x)
	share := 1 / float64(len(f.Trees))
	for _, t := range f.Trees {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for i := range x.Rows() {
			at := int(t.find(cols, i)) * width
			for k := range out {
				out[k][i] += t.Value[at+k] * share
			}
		}
	}
	if width > 1 {
		normalize(out)
	}
	return output(f.Levels, out), nil
}

// normalize makes rows of probabilities sum to one, up to rounding as they already do.
func normalize(p [][]float64) {
	for i := range p[0] {
		sum := 0.0
		for k := range p {
			sum += p[k][i]
		}
		if sum > 0 {
			for k := range p {
				p[k][i] /= sum
			}
		}
	}
}

// FeatureImportances is the mean over trees of each column's share of the decrease of impurity.
func (f *forest) FeatureImportances() []float64 {
	sum := make([]float64, f.Features)
	for _, t := range f.Trees {
		t.importance(sum)
	}
	total := 0.0
	for _, v := range sum {
		total += v
	}
	for j := range sum {
		if total > 0 {
			sum[j] /= total
		}
	}
	return sum
}

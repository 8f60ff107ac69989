package tree

import (
	"context"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

var (
	classCriteria = []string{"gini", "entropy", "log_loss"}
	valueCriteria = []string{"squared_error", "friedman_mse", "absolute_error", "poisson"}
	treeIgnored   = []string{"random_state", "n_jobs", "verbose", "warm_start", "monotonic_cst", "presort", "min_impurity_split", "random_seed"}
)

// growthParams are the parameters that all trees have, in the order that newGrowth reads them. maxFeatures is the
// default of max_features, vary says whether the search draws the depth.
func growthParams(maxFeatures float64, vary bool) []operators.Param {
	none := []string{"None"}
	return []operators.Param{
		{Name: "max_depth", Scale: operators.Int, Lo: 1, Hi: 20, Default: operators.Word(0), Choices: none, Fixed: !vary},
		{Name: "min_samples_split", Scale: operators.Int, Lo: 2, Hi: 21, Default: 2},
		{Name: "min_samples_leaf", Scale: operators.Int, Lo: 1, Hi: 21, Default: 1},
		{Name: "min_weight_fraction_leaf", Scale: operators.Linear, Hi: 0.5, Fixed: true},
		{Name: "max_features", Scale: operators.Fraction, Lo: 0.01, Hi: 1, Default: maxFeatures, Choices: []string{"None", "sqrt", "log2", "auto"}, Fixed: vary},
		{Name: "max_leaf_nodes", Scale: operators.Int, Lo: 2, Hi: 1 << 20, Default: operators.Word(0), Choices: none, Fixed: true},
		{Name: "min_impurity_decrease", Scale: operators.Linear, Hi: 1, Fixed: true},
		{Name: "ccp_alpha", Scale: operators.Linear, Hi: 1, Fixed: true},
	}
}

// pruned is a growth with the parameters that depend on the data still open.
type pruned struct {
	growth
	features float64 // max_features
	ccpAlpha float64
}

func newGrowth(v []float64) (pruned, error) {
	limit := func(x float64) int {
		if _, none := operators.IsWord(x); none || x > math.MaxInt32 {
			return math.MaxInt32
		}
		return int(x)
	}
	g := pruned{features: v[4], ccpAlpha: v[7]}
	g.growth = growth{maxDepth: limit(v[0]), minSplit: limit(v[1]), minLeaf: limit(v[2]), minFraction: v[3], minDecrease: v[6]}
	if l := limit(v[5]); l < math.MaxInt32 {
		g.maxLeaves = l
		if l < 2 {
			return g, fmt.Errorf("max_leaf_nodes %d: want at least 2", l)
		}
	}
	if g.maxDepth < 1 || g.minSplit < 2 || g.minLeaf < 1 || g.minFraction < 0 || g.minFraction > 0.5 || g.minDecrease < 0 || g.ccpAlpha < 0 {
		return g, fmt.Errorf("want max_depth ≥ 1, min_samples_split ≥ 2, min_samples_leaf ≥ 1, min_weight_fraction_leaf in [0, 0.5], min_impurity_decrease and ccp_alpha ≥ 0")
	}
	return g, nil
}

// of settles what depends on the number of columns; auto is what "auto" stands for.
func (g pruned) of(cols int, auto string) growth {
	out := g.growth
	out.minSplit = max(out.minSplit, 2*out.minLeaf)
	out.maxFeatures = featuresOf(g.features, cols, auto)
	return out
}

// featuresOf resolves max_features.
func featuresOf(v float64, cols int, auto string) int {
	name := ""
	if w, ok := operators.IsWord(v); ok {
		name = []string{"None", "sqrt", "log2", auto}[w]
	}
	switch name {
	case "None":
		return cols
	case "sqrt":
		return max(1, int(math.Sqrt(float64(cols))))
	case "log2":
		return max(1, int(math.Log2(float64(max(1, cols)))))
	}
	return operators.Resolve(v, max(1, cols))
}

// DecisionTreeClassifier is an exact classification tree: of all thresholds half-way between neighbouring values the one
// that lowers the impurity most, depth first, or best first with max_leaf_nodes; pruned by ccp_alpha (Breiman, Friedman,
// Olshen and Stone, 1984). Leaves give the weighted share of each class.
var DecisionTreeClassifier = &operators.Spec{
	Name: "DecisionTreeClassifier", Doc: "a single classification tree", Role: operators.Classifier,
	Traits: operators.Weights | operators.Random,
	Params: append([]operators.Param{
		{Name: "criterion", Scale: operators.Choice, Choices: classCriteria},
		{Name: "splitter", Scale: operators.Choice, Choices: []string{"best", "random"}, Fixed: true},
		{Name: "class_weight", Scale: operators.Choice, Choices: []string{"None", "balanced"}},
	}, growthParams(operators.Word(0), true)...),
	Ignored: treeIgnored,
	New: func(v []float64) (operators.Operator, error) {
		g, err := newGrowth(v[3:])
		g.random = v[1] == 1
		if err != nil {
			return nil, fmt.Errorf("decision tree: %w", err)
		}
		return decision{g, classCriteria[int(v[0])], v[2] == 1}, nil
	},
	Decode: operators.Decode[average],
}

// DecisionTreeRegressor is an exact regression tree; see [DecisionTreeClassifier]. Leaves give the weighted mean, or the
// weighted median with absolute_error.
var DecisionTreeRegressor = &operators.Spec{
	Name: "DecisionTreeRegressor", Doc: "a single regression tree", Role: operators.Regressor,
	Traits: operators.Weights | operators.Random,
	Params: append([]operators.Param{
		{Name: "criterion", Scale: operators.Choice, Choices: valueCriteria},
		{Name: "splitter", Scale: operators.Choice, Choices: []string{"best", "random"}, Fixed: true},
	}, growthParams(operators.Word(0), true)...),
	Ignored: treeIgnored,
	New: func(v []float64) (operators.Operator, error) {
		g, err := newGrowth(v[2:])
		g.random = v[1] == 1
		if err != nil {
			return nil, fmt.Errorf("decision tree: %w", err)
		}
		return decision{g, valueCriteria[int(v[0])], false}, nil
	},
	Decode: operators.Decode[average],
}

// decision holds the hyper-parameters of a single tree.
type decision struct {
	pruned
	criterion string
	balanced  bool
}

// Fit grows one tree.
func (d decision) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	t, err := newTarget(s)
	if err == nil {
		err = t.accepts(d.criterion)
	}
	if err != nil {
		return nil, fmt.Errorf("decision tree: %w", err)
	}
	var factor []float64
	if d.balanced {
		factor = t.balance(nil)
	}
	cols, err := tableOf(ctx, s.X, maxRanks, d.random)
	if err != nil {
		return nil, err
	}
	crit, prepare := t.judge(d.criterion, cols.most(s.Rows()), factor)
	prepare(bag{factor: factor})
	b := newGrower(d.of(s.X.Cols(), "sqrt"), cols, crit, t.outputs(), len(t.rows))
	b.friedman = d.criterion == "friedman_mse"
	if err := b.grow(ctx, t.chosen(nil, nil), env.Rand); err != nil {
		return nil, err
	}
	if d.ccpAlpha > 0 {
		b.prune(d.ccpAlpha)
	}
	fitted := &average{Levels: layoutOf(s.X).Levels, Classes: t.levels}
	fitted.Trees = Ensemble{Outputs: t.outputs(), Columns: s.X.Cols()}
	b.emit(&fitted.Trees)
	return fitted, nil
}

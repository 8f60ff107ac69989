package tree

import (
	"context"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// Single trees, grown like scikit-learn's (CART, Breiman et al. 1984) on exact values.
var (
	DecisionTreeClassifier = decisionSpec("DecisionTreeClassifier", operators.Classifier)
	DecisionTreeRegressor  = decisionSpec("DecisionTreeRegressor", operators.Regressor)
)

func decisionSpec(name string, role operators.Role) *operators.Spec {
	criteria := classCriteria
	if role == operators.Regressor {
		criteria = numberCriteria
	}
	none := []string{"None"}
	spec := &operators.Spec{
		Name: name, Doc: "a single tree of binary splits", Role: role, Traits: operators.Missing | operators.Weights | operators.Random,
		Params: []operators.Param{
			{Name: "criterion", Scale: operators.Choice, Choices: criteria},
			{Name: "max_depth", Scale: operators.Int, Lo: 1, Hi: 10, Default: operators.Word(0), Choices: none},
			{Name: "min_samples_split", Scale: operators.Int, Lo: 2, Hi: 20, Default: 2},
			{Name: "min_samples_leaf", Scale: operators.Int, Lo: 1, Hi: 20, Default: 1},
			{Name: "max_features", Scale: operators.Fraction, Lo: 0.05, Hi: 1, Default: operators.Word(2), Choices: someFeatures, Fixed: true},
			{Name: "max_leaf_nodes", Scale: operators.Int, Lo: 2, Hi: 500, Default: operators.Word(0), Choices: none, Fixed: true},
			{Name: "min_weight_fraction_leaf", Scale: operators.Linear, Hi: 0.5, Fixed: true},
			{Name: "min_impurity_decrease", Scale: operators.Linear, Hi: 1, Fixed: true},
			{Name: "ccp_alpha", Scale: operators.Linear, Hi: 1, Fixed: true},
			{Name: "splitter", Scale: operators.Choice, Choices: []string{"best", "random"}, Fixed: true},
		},
		Ignored: []string{"random_state"},
		Decode:  operators.Decode[forest],
	}
	if role == operators.Classifier {
		spec.Params = append(spec.Params, operators.Param{Name: "class_weight", Scale: operators.Choice, Choices: classWeights})
	}
	spec.New = func(v []float64) (operators.Operator, error) {
		for i, least := range []float64{0, 1, 2, 1, -1e9, 2, 0, 0, 0} {
			if err := numberOf(spec.Params[i].Name, v[i], least); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
		if v[6] > 0.5 {
			return nil, fmt.Errorf("%s: min_weight_fraction_leaf=%g: want at most 0.5", name, v[6])
		}
		return decisionOp{name: name, features: v[4], alpha: v[8], balanced: role == operators.Classifier && v[10] != 0,
			growth: growth{criterion: criterionOf(role, v[0]), maxDepth: orZero(v[1]), minSamplesSplit: int(v[2]),
				minSamplesLeaf: int(v[3]), maxLeafNodes: orZero(v[5]), minWeightLeaf: v[6], minImpurityDecrease: v[7], random: v[9] != 0}}, nil
	}
	return spec
}

type decisionOp struct {
	name     string
	features float64
	alpha    float64
	balanced bool
	growth
}

func (o decisionOp) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	w := rowWeights(s, o.balanced)
	if err := usable(o.name, s, w); err != nil {
		return nil, err
	}
	if err := prepare(ctx, s.X, exact); err != nil {
		return nil, err
	}
	g := &grower{training: newTraining(s, exact), growth: o.growth}
	g.maxFeatures = featuresOf(o.features, s.X.Cols())
	t, err := g.grow(ctx, w, env.Rand)
	if err != nil {
		return nil, err
	}
	if o.alpha > 0 {
		t = prune(t, o.alpha, g.width())
	}
	return &forest{Name: o.name, Levels: s.Y.Levels, Features: s.X.Cols(), Trees: []*flat{t}}, nil
}

// prune removes, weakest first, every split whose subtree buys less than alpha per leaf (minimal cost-complexity pruning,
// Breiman et al. 1984, chapter 3).
func prune(t *flat, alpha float64, width int) *flat {
	n := len(t.Feature)
	cut := make([]bool, n)
	for {
		gain, leaves := make([]float64, n), make([]int, n)
		weakest, least := -1, math.Inf(1)
		for i := n - 1; i >= 0; i-- { // children come after their parents
			if t.Feature[i] < 0 || cut[i] {
				leaves[i] = 1
				continue
			}
			l, r := t.Left[i], t.Right[i]
			gain[i] = t.Gain[i] + gain[l] + gain[r]
			leaves[i] = leaves[l] + leaves[r]
		}
		for i := range reachable(t, cut) {
			if a := gain[i] / float64(leaves[i]-1); a < least {
				weakest, least = i, a
			}
		}
		if weakest < 0 || least > alpha {
			return compact(t, cut, width)
		}
		cut[weakest] = true
	}
}

// reachable yields the nodes that still split, from the root down.
func reachable(t *flat, cut []bool) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		stack := []int32{0}
		for len(stack) > 0 {
			i := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if t.Feature[i] < 0 || cut[i] {
				continue
			}
			if !yield(int(i)) {
				return
			}
			stack = append(stack, t.Right[i], t.Left[i])
		}
	}
}

// compact copies the tree without what hangs below cut nodes.
func compact(t *flat, cut []bool, width int) *flat {
	out := &flat{}
	var add func(i int32) int32
	add = func(i int32) int32 {
		id := out.leaf(t.Value[int(i)*width : int(i+1)*width])
		if t.Feature[i] >= 0 && !cut[i] {
			out.Feature[id], out.Threshold[id], out.Gain[id] = t.Feature[i], t.Threshold[i], t.Gain[i]
			out.Left[id] = add(t.Left[i])
			out.Right[id] = add(t.Right[i])
		}
		return id
	}
	add(0)
	return out
}

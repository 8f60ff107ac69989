package linear

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// DummyClassifier predicts the same probabilities for every row: with strategy prior the classes' shares of the weight, with
// uniform the same for every class that occurs.
var DummyClassifier = &operators.Spec{
	Name: "DummyClassifier", Doc: "what is known without looking at a column: the shares of the classes", Role: operators.Classifier,
	Traits: operators.Weights | operators.Baseline,
	Params: []operators.Param{
		{Name: "strategy", Scale: operators.Choice, Choices: []string{"prior", "uniform"}},
	},
	Ignored: []string{"random_state"},
	New:     func(v []float64) (operators.Operator, error) { return dummyClassifier{uniform: v[0] == 1}, nil },
	Decode:  operators.Decode[planes],
}

type dummyClassifier struct{ uniform bool }

func (o dummyClassifier) Fit(_ context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	const name = "dummy classifier"
	l, err := labelsOf(s, false, nil)
	if err != nil {
		return nil, failed(name, err)
	}
	out := l.newPlanes(s.X.Cols(), l.sides(), softmax)
	if !o.uniform {
		share := make([]float64, len(l.present))
		for i, k := range l.code {
			if k >= 0 {
				share[k] += l.w[i]
			}
		}
		for r := range out.Intercept { // a single plane is that of the second class against the first
			out.Intercept[r] = math.Log(share[len(share)-len(out.Intercept)+r])
			if len(out.Intercept) == 1 {
				out.Intercept[r] -= math.Log(share[0])
			}
		}
	}
	return out.fitted(name)
}

// DummyRegressor predicts the same number for every row: the weighted mean, median or quantile of the target.
var DummyRegressor = &operators.Spec{
	Name: "DummyRegressor", Doc: "what is known without looking at a column: the target's mean, median or a quantile", Role: operators.Regressor,
	Traits: operators.Weights | operators.Baseline,
	Params: []operators.Param{
		{Name: "strategy", Scale: operators.Choice, Choices: []string{"mean", "median", "quantile"}},
		{Name: "quantile", Scale: operators.Linear, Lo: 0, Hi: 1, Default: 0.5, When: &operators.Condition{Param: "strategy", Is: []string{"quantile"}}},
	},
	New: func(v []float64) (operators.Operator, error) {
		if !(v[1] >= 0 && v[1] <= 1) {
			return nil, fmt.Errorf("dummy regressor: quantile=%g: want a number in [0, 1]", v[1])
		}
		if v[0] == 1 {
			return dummyRegressor{share: 0.5}, nil
		}
		return dummyRegressor{mean: v[0] == 0, share: v[1]}, nil
	},
	Decode: operators.Decode[line],
}

type dummyRegressor struct {
	mean  bool
	share float64 // else the quantile
}

func (o dummyRegressor) Fit(_ context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	const name = "dummy regressor"
	if s.Y.Kind != dataset.Numeric {
		return nil, failed(name, errors.New("the target is not numeric"))
	}
	level, err := o.level(s.Y.Float, s.W)
	if err != nil {
		return nil, failed(name, err)
	}
	return (&line{Coef: make(wire.Floats, s.X.Cols()), Intercept: level}).fitted(name)
}

// level is the mean or quantile of y. A quantile lies between two values as numpy's does (its method "linear"); with weights
// it is the least value up to which they reach the share.
func (o dummyRegressor) level(y, w []float64) (float64, error) {
	total, sum := 0.0, 0.0
	for i, v := range y {
		u := 1.0
		if w != nil {
			u = w[i]
		}
		total, sum = total+u, sum+u*v
	}
	switch {
	case !(total > 0):
		return 0, errNoWeight
	case o.mean:
		return sum / total, nil
	case w == nil:
		sorted := slices.Sorted(slices.Values(y))
		at := o.share * float64(len(sorted)-1)
		low := int(at)
		high := min(low+1, len(sorted)-1)
		return sorted[low] + (at-float64(low))*(sorted[high]-sorted[low]), nil
	}
	order := make([]int, len(y))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(y[a], y[b]) })
	reached, level := 0.0, math.NaN()
	for _, i := range order {
		if w[i] > 0 {
			reached, level = reached+w[i], y[i]
		}
		if reached >= o.share*total && w[i] > 0 {
			break
		}
	}
	return level, nil
}

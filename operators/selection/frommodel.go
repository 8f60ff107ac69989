package selection

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

var thresholds = []string{"None", "mean", "median", "1.25*mean", "1.25*median", "0.5*mean", "0.5*median", "-Inf"}

// SelectFromModel keeps the columns whose importance to a model is at least the threshold: a number, or a multiple of
// the mean or median importance. None is the mean, and 1e-5 for models with an l1 penalty. At most max_features are kept.
var SelectFromModel = &operators.Spec{
	Name: "SelectFromModel", Doc: "keeps the columns that matter to a model", Role: operators.Selector,
	Traits: operators.Supervised | operators.Random | operators.Weights,
	Params: append([]operators.Param{
		{Name: "threshold", Scale: operators.Linear, Lo: 0, Hi: 1, Default: operators.Word(0), Choices: thresholds},
		{Name: "max_features", Scale: operators.Int, Default: operators.Word(0), Choices: []string{"None"}, Fixed: true},
	}, estimatorParams...),
	Ignored: estimatorIgnored,
	New: func(v []float64) (operators.Operator, error) {
		o := fromModel{threshold: v[0], judge: judge{v[2:]}, most: math.MaxInt}
		if _, none := operators.IsWord(v[1]); !none {
			if o.most = int(v[1]); o.most < 0 {
				return nil, fmt.Errorf("SelectFromModel: max_features=%g: want at least 0", v[1])
			}
		}
		return o, nil
	},
	Decode: operators.Decode[selected],
}

type fromModel struct {
	threshold float64
	most      int
	judge     judge
}

// Fit trains the model once.
func (o fromModel) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f := &selected{Name: "SelectFromModel", Features: s.X.Cols()}
	if f.Features == 0 {
		return nil, errors.New("SelectFromModel: no columns")
	}
	model, err := o.judge.fit(ctx, env, s)
	if err != nil {
		return nil, fmt.Errorf("SelectFromModel: %w", err)
	}
	weight, err := importances(model, 1)
	if err != nil {
		return nil, fmt.Errorf("SelectFromModel: %w", err)
	}
	if len(weight) != f.Features {
		return nil, fmt.Errorf("SelectFromModel: %d importances for %d columns", len(weight), f.Features)
	}
	threshold := o.limit(weight)
	order := make([]int32, len(weight))
	for j := range order {
		order[j] = int32(j)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(weight[b], weight[a]) })
	for _, j := range order[:min(o.most, len(order))] {
		if weight[j] >= threshold {
			f.Keep = append(f.Keep, j)
		}
	}
	slices.Sort(f.Keep)
	return f, nil
}

// limit is the importance that a column must have.
func (o fromModel) limit(weight []float64) float64 {
	word, named := operators.IsWord(o.threshold)
	if !named {
		return o.threshold
	}
	sorted, mean := slices.Clone(weight), 0.0
	slices.Sort(sorted)
	for _, v := range weight {
		mean += v / float64(len(weight))
	}
	n := len(sorted)
	median := sorted[(n-1)/2]/2 + sorted[n/2]/2
	switch thresholds[word] {
	case "None":
		if o.sparse() {
			return 1e-5
		}
		return mean
	case "median":
		return median
	case "1.25*mean":
		return 1.25 * mean
	case "1.25*median":
		return 1.25 * median
	case "0.5*mean":
		return mean / 2
	case "0.5*median":
		return median / 2
	case "-Inf":
		return math.Inf(-1)
	}
	return mean
}

// sparse tells whether the model sets coefficients to zero by itself.
func (o fromModel) sparse() bool {
	switch estimatorNames[int(o.judge.values[0])] {
	case "Lasso":
		return true
	case "LogisticRegression":
		return estimatorParams[4].Format(o.judge.values[4]) == "l1"
	}
	return false
}

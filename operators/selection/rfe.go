package selection

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// RFE fits a model, drops the columns that matter least to it, and starts over until n_features_to_select are left
// (Guyon et al. 2002); None is half of them. A step below 1 is a share of all columns, 1 and more a count.
var RFE = &operators.Spec{
	Name: "RFE", Doc: "drops the columns that matter least to a model, again and again", Role: operators.Selector,
	Traits: operators.Supervised | operators.Random | operators.Weights,
	Params: append([]operators.Param{
		{Name: "step", Scale: operators.Fraction, Lo: 0.05, Hi: 1, Default: operators.Count(1)},
		{Name: "n_features_to_select", Scale: operators.Fraction, Lo: 0.1, Hi: 0.9, Default: operators.Word(0), Choices: []string{"None"}, Fixed: true},
	}, estimatorParams...),
	Ignored: estimatorIgnored,
	New: func(v []float64) (operators.Operator, error) {
		o := rfe{step: v[0], keep: v[1], judge: judge{v[2:]}}
		if _, none := operators.IsWord(v[1]); none {
			o.keep = 0.5
		}
		if v[0] == 0 {
			return nil, errors.New("RFE: step=0: nothing would be dropped")
		}
		return o, nil
	},
	Decode: operators.Decode[selected],
}

type rfe struct {
	step, keep float64
	judge      judge
}

// Fit trains the model once per round.
func (o rfe) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f := &selected{Name: "RFE", Features: s.X.Cols()}
	if f.Features == 0 {
		return nil, errors.New("RFE: no columns")
	}
	kept := make([]int, f.Features)
	for j := range kept {
		kept[j] = j
	}
	drop, least := o.drop(f.Features), operators.Resolve(o.keep, f.Features)
	for len(kept) > least {
		round := s
		round.X = s.X.Select(kept...)
		model, err := o.judge.fit(ctx, env, round)
		if err != nil {
			return nil, fmt.Errorf("RFE: %w", err)
		}
		weight, err := importances(model, 2)
		if err != nil {
			return nil, fmt.Errorf("RFE: %w", err)
		}
		if len(weight) != len(kept) {
			return nil, fmt.Errorf("RFE: %d importances for %d columns", len(weight), len(kept))
		}
		kept = without(kept, weight, min(drop, len(kept)-least))
	}
	for _, j := range kept {
		f.Keep = append(f.Keep, int32(j))
	}
	return f, nil
}

// drop is the number of columns that every round drops.
func (o rfe) drop(columns int) int {
	if o.step == 1 { // a share below 1 is one of the columns, 1.0 is one column
		return 1
	}
	return operators.Resolve(o.step, columns)
}

// without returns kept without the n columns of the smallest weight.
func without(kept []int, weight []float64, n int) []int {
	order := make([]int, len(kept))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(weight[a], weight[b]) })
	rest := slices.Clone(order[n:])
	slices.Sort(rest)
	for i, k := range rest {
		rest[i] = kept[k]
	}
	return rest
}

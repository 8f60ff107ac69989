package selection

import (
	"context"
	"errors"
	"fmt"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// NewFeatureMask makes an operator with one Bool parameter per column, keep0, keep1, …, so that a search can evolve the
// set of columns itself (TPOT's GeneticFeatureSelector). Where an earlier step has changed the number of columns, the
// parameters are used in turn, over and over.
func NewFeatureMask(columns int) *operators.Spec {
	spec := &operators.Spec{
		Name: "FeatureMask", Doc: "keeps the columns that the search has chosen", Role: operators.Selector,
		Traits: operators.Categories | operators.Missing,
		Decode: operators.Decode[selected],
	}
	for j := range max(1, columns) {
		spec.Params = append(spec.Params, operators.Param{Name: fmt.Sprintf("keep%d", j), Scale: operators.Bool, Default: 1})
	}
	spec.New = func(v []float64) (operators.Operator, error) {
		m := make(mask, len(v))
		for j := range v {
			m[j] = v[j] != 0
		}
		return m, nil
	}
	return spec
}

type mask []bool

// Fit reads the parameters.
func (o mask) Fit(_ context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f := &selected{Name: "FeatureMask", Features: s.X.Cols()}
	for j := range s.X.Cols() {
		if o[j%len(o)] {
			f.Keep = append(f.Keep, int32(j))
		}
	}
	if len(f.Keep) == 0 {
		return nil, errors.New("FeatureMask: no column is kept")
	}
	return f, nil
}

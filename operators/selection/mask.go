package selection

import (
	"context"
	"errors"
	"fmt"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// NewFeatureMask makes an operator with one Bool parameter per column, keep0, keep1, …, so that a search can evolve the
// set of columns itself (TPOT's GeneticFeatureSelector). It fits tables of that many columns only.
func NewFeatureMask(columns int) *operators.Spec {
	spec := &operators.Spec{
		Name: "FeatureMask", Doc: "keeps the columns that the search has chosen", Role: operators.Selector,
		Traits: operators.Categories | operators.Missing,
		Decode: operators.Decode[selected],
	}
	for j := range columns {
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

// Fit checks the number of columns.
func (o mask) Fit(_ context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	if s.X.Cols() != len(o) {
		return nil, fmt.Errorf("FeatureMask: made for %d columns, the table has %d", len(o), s.X.Cols())
	}
	f := &selected{Name: "FeatureMask", Features: len(o)}
	for j, keep := range o {
		if keep {
			f.Keep = append(f.Keep, int32(j))
		}
	}
	if len(f.Keep) == 0 {
		return nil, errors.New("FeatureMask: no column is kept")
	}
	return f, nil
}

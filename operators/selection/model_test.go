package selection

import (
	"testing"

	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

// fewTrees makes forests small, for the suite's many fits.
func fewTrees(spec *operators.Spec) *operators.Spec {
	s := *spec
	s.Params = append([]operators.Param(nil), s.Params...)
	s.Params[s.Index("estimator__n_estimators")].Default = 10
	return &s
}

func TestModelSelectorsConform(t *testing.T) {
	for _, spec := range []*operators.Spec{fewTrees(RFE), fewTrees(SelectFromModel), SelectFpr, SelectFdr} {
		operatortest.Run(t, spec, nil)
	}
}

func TestModelSelectorsGolden(t *testing.T) {
	for _, spec := range []*operators.Spec{RFE, SelectFromModel, SelectFpr, SelectFdr} {
		operatortest.Golden(t, spec, operatortest.GoldenOptions{})
	}
}

package selection

import (
	"testing"

	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestConformance(t *testing.T) {
	for _, spec := range []*operators.Spec{VarianceThreshold, SelectKBest, SelectPercentile, SelectFwe} {
		exempt := operatortest.Exempt{}
		operatortest.Run(t, small(spec), exempt)
	}
}

// small lowers the default of k, so that the suite's narrow tables have as many columns.
func small(spec *operators.Spec) *operators.Spec {
	if spec.Params[0].Name != "k" {
		return spec
	}
	s := *spec
	s.Params = append([]operators.Param(nil), s.Params...)
	s.Params[0].Default, s.Params[0].Hi = 2, 3
	return &s
}

func TestGolden(t *testing.T) {
	for _, spec := range []*operators.Spec{VarianceThreshold, SelectKBest, SelectPercentile, SelectFwe} {
		operatortest.Golden(t, spec, operatortest.GoldenOptions{})
	}
}

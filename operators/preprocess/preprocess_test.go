package preprocess

import (
	"testing"

	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

const notOffered = "a parameter that is not offered"

func TestConformance(t *testing.T) {
	for _, spec := range []*operators.Spec{StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler, PolynomialFeatures} {
		operatortest.Run(t, spec, nil)
	}
}

func TestGolden(t *testing.T) {
	operatortest.Golden(t, StandardScaler, operatortest.GoldenOptions{})
	operatortest.Golden(t, MaxAbsScaler, operatortest.GoldenOptions{})
	operatortest.Golden(t, MinMaxScaler, operatortest.GoldenOptions{Skip: map[string]string{"feature_range=(-1,1)": notOffered}})
	operatortest.Golden(t, RobustScaler, operatortest.GoldenOptions{Skip: map[string]string{"quantile_range=(10,90)": "quantiles are two parameters"}})
	bias := *PolynomialFeatures
	bias.Params = append([]operators.Param(nil), bias.Params...)
	bias.Params[2].Default = 1 // scikit-learn's
	operatortest.Golden(t, &bias, operatortest.GoldenOptions{Skip: map[string]string{"degree=(2,3)": notOffered}})
}

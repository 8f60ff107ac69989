package encode

import (
	"testing"

	"github.com/lren-chuv/automl/operators/operatortest"
)

const notOffered = "a parameter that is not offered"

func TestEncodersConform(t *testing.T) {
	operatortest.Run(t, OneHotEncoder, nil)
	operatortest.Run(t, OrdinalEncoder, nil)
}

func TestGolden(t *testing.T) {
	strict := *OneHotEncoder
	strict.Params = append(strict.Params[:0:0], strict.Params...)
	strict.Params[2].Default = 1 // scikit-learn's
	operatortest.Golden(t, &strict, operatortest.GoldenOptions{Skip: map[string]string{
		"min_frequency=20": notOffered, "min_frequency=0.15": notOffered, "max_categories=3": notOffered,
		"drop=if_binary": notOffered, "given categories": notOffered,
	}})
	operatortest.Golden(t, OrdinalEncoder, operatortest.GoldenOptions{Skip: map[string]string{
		"unknown=NaN": "the result would be missing again", "given order": notOffered,
		"unknown=-1": "missing values are always encoded, as -2 by default",
	}})
}

package preprocess

import (
	"testing"

	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestRowAndRankTransformersConform(t *testing.T) {
	for _, spec := range []*operators.Spec{Binarizer, Normalizer, ZeroCount, QuantileTransformer, PowerTransformer} {
		operatortest.Run(t, spec, nil)
	}
}

func TestRowAndRankTransformersGolden(t *testing.T) {
	for _, spec := range []*operators.Spec{Binarizer, Normalizer, ZeroCount, QuantileTransformer, PowerTransformer} {
		operatortest.Golden(t, spec, operatortest.GoldenOptions{})
	}
}

package bayes

import (
	"testing"

	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestConformance(t *testing.T) {
	operatortest.Run(t, GaussianNB, nil)
}

func TestGolden(t *testing.T) {
	operatortest.Golden(t, GaussianNB, golden)
}

var golden = operatortest.GoldenOptions{Skip: map[string]string{
	"priors": "a parameter that is not offered",
	"sample_weight with zeros": "a row of weight zero is left out of the variance that smooths, too",
}}

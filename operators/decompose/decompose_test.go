package decompose

import (
	"testing"

	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestConformance(t *testing.T) {
	operatortest.Run(t, PCA, nil)
}

func TestGolden(t *testing.T) {
	operatortest.Golden(t, PCA, operatortest.GoldenOptions{})
}

package impute

import (
	"testing"

	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestConformance(t *testing.T) {
	operatortest.Run(t, SimpleImputer, nil)
}

func TestGolden(t *testing.T) {
	operatortest.Golden(t, SimpleImputer, operatortest.GoldenOptions{Skip: map[string]string{
		"strings most_frequent": "outputs are levels, see TestLevels in this package",
		"strings constant":      "the name of the new level is fixed",
	}})
}

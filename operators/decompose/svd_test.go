package decompose

import (
	"math"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestTruncatedSVDConforms(t *testing.T) { operatortest.Run(t, TruncatedSVD, nil) }

// Block by block, the singular values must be those of the whole matrix.
func TestReduceKeepsSingularValues(t *testing.T) {
	x := operatortest.Table(PCA, dataset.Regression, 1501, 9, 3).X
	whole, err := linalg.ThinSVD(linalg.Of(1501, 9, x.Matrix()))
	if err != nil {
		t.Fatal(err)
	}
	d, err := decompose(t.Context(), x, false)
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range whole.S {
		if math.Abs(d.values[k]-want) > 1e-12*whole.S[0] {
			t.Errorf("value %d: %v, want %v", k, d.values[k], want)
		}
	}
}

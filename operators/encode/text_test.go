package encode

import (
	"math"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestStringEncoderConforms(t *testing.T) { operatortest.Run(t, StringEncoder, nil) }

// Texts that share terms end up near each other, also when they did not occur in training.
func TestStringEncoderReadsTerms(t *testing.T) {
	levels := []string{"left hip fracture", "fracture of the left hip", "type 2 diabetes", "diabetes mellitus type 1", "headache", "chronic headaches"}
	codes := make([]int32, 60)
	for i := range codes {
		codes[i] = int32(i % len(levels))
	}
	s := dataset.Sample{X: dataset.MustFrame(60, dataset.NewCategorical("reason", codes, levels)), Y: dataset.NewNumeric("y", make([]float64, 60))}
	f := fitted(t, StringEncoder, s)
	got := applied(t, f, dataset.MustFrame(4, dataset.NewCategorical("reason", []int32{0, 1, 2, -1},
		[]string{"hip fracture, right", "fracture of the left hip", "type 1 diabetes"})))
	near := func(i, j int) float64 {
		sum := 0.0
		for _, c := range got.Columns() {
			sum += c.Float[i] * c.Float[j]
		}
		return sum
	}
	if near(0, 1) < 0.2 || math.Abs(near(0, 2)) > near(0, 1)/2 || near(3, 3) != 0 {
		t.Errorf("fractures %.3f, fracture and diabetes %.3f, missing %.3f", near(0, 1), near(0, 2), near(3, 3))
	}
}

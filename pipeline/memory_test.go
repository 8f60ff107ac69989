package pipeline

import (
	"strings"
	"testing"

	"github.com/lren-chuv/automl/operators"
)

// TestMemoryIsRefusedBeforeFitting: an operator that says it needs more than there is does not even begin.
func TestMemoryIsRefusedBeforeFitting(t *testing.T) {
	hungry := *shift
	hungry.Name = "Hungry"
	hungry.Memory = func(s operators.Shape, _ []float64) int64 { return int64(s.Rows) * 1000 }
	tree := Apply(nearest, nearest.Defaults(), Apply(&hungry, hungry.Defaults(), Leaf()))
	cv := crossVal(t, noisy(100, 1), 5)
	for _, c := range []struct {
		memory  int64
		refused bool
	}{{0, false}, {90_000, false}, {70_000, true}} { // 80 rows to train on
		cv.Memory, cv.Cache = c.memory, NewCache(1<<20)
		before := fits.Load()
		r, err := cv.Evaluate(t.Context(), tree, nil)
		if err != nil {
			t.Fatal(err)
		}
		if refused := strings.Contains(r.Err, "Hungry on 80 rows of 3 columns needs about"); refused != c.refused {
			t.Errorf("with %d bytes: error %q, refused should be %v", c.memory, r.Err, c.refused)
		}
		if c.refused && fits.Load() != before {
			t.Errorf("with %d bytes something was fitted all the same", c.memory)
		}
	}
}

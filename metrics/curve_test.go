package metrics_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/metrics"
)

// drawn are labels and scores with many ties.
func drawn(n int) (y []int32, p, w []float64) {
	rng := rand.New(rand.NewPCG(3, 1))
	for range n {
		c := int32(rng.IntN(2))
		y = append(y, c)
		p = append(p, math.Round(20*min(1, max(0, 0.3*float64(c)+0.7*rng.Float64())))/20)
		w = append(w, float64(rng.IntN(3)))
	}
	return y, p, w
}

// TestCurvesAgreeWithCounting: every point of a curve is what counting at its threshold gives, and the areas are the
// metrics of the same name.
func TestCurvesAgreeWithCounting(t *testing.T) {
	y, p, w := drawn(400)
	roc, pr := metrics.ROC(y, p, w, 1, 1000), metrics.PrecisionRecall(y, p, w, 1, 1000)
	for i, d := range metrics.Decide(y, p, w, roc.Threshold) {
		if math.Abs(roc.Y[i]-d.Recall()) > 1e-12 || math.Abs(1-roc.X[i]-d.Specificity()) > 1e-12 {
			t.Errorf("ROC at %v: (%v, %v), counted (%v, %v)", d.Threshold, roc.X[i], roc.Y[i], 1-d.Specificity(), d.Recall())
		}
	}
	for i, d := range metrics.Decide(y, p, w, pr.Threshold) {
		if math.Abs(pr.X[i]-d.Recall()) > 1e-12 || math.Abs(pr.Y[i]-d.Precision()) > 1e-12 {
			t.Errorf("precision and recall at %v: (%v, %v)", d.Threshold, pr.X[i], pr.Y[i])
		}
	}
	col := dataset.NewCategorical("y", y, []string{"a", "b"})
	q := make([]float64, len(p))
	for i := range q {
		q[i] = 1 - p[i]
	}
	frame := dataset.MustFrame(len(y), dataset.NewNumeric("a", q), dataset.NewNumeric("b", p))
	for name, area := range map[string]float64{"roc_auc": roc.Area, "average_precision": pr.Area} {
		m, err := metrics.ByName(name)
		if err != nil {
			t.Fatal(err)
		}
		if want, err := m.Score(col, frame, w); err != nil || math.Abs(want-area) > 1e-12 {
			t.Errorf("%s: %v, want %v, %v", name, area, want, err)
		}
	}
	if thin := metrics.ROC(y, p, w, 1, 7); len(thin.X) != 7 || thin.X[6] != 1 || thin.Y[6] != 1 || thin.X[0] != 0 {
		t.Errorf("thinned out: %v", thin)
	}
	one := make([]int32, 400)
	if c := metrics.ROC(one, p, w, 1, 10); len(c.X) != 0 {
		t.Errorf("one class: %v", c)
	}
}

func TestCalibrationKeepsTotals(t *testing.T) {
	y, p, w := drawn(333)
	total, positive := 0.0, 0.0
	for i := range y {
		total += w[i]
		positive += w[i] * float64(y[i])
	}
	last := -1.0
	for _, b := range metrics.Calibration(y, p, w, 1, 10) {
		if b.Predicted < last {
			t.Errorf("bins out of order: %v after %v", b.Predicted, last)
		}
		last = b.Predicted
		total -= b.Weight
		positive -= b.Weight * b.Observed
	}
	if math.Abs(total) > 1e-9 || math.Abs(positive) > 1e-9 {
		t.Errorf("%v of the weight and %v of the positive rows are lost", total, positive)
	}
}

func TestConfusionCounts(t *testing.T) {
	y := dataset.NewCategorical("y", []int32{0, 0, 1, 1, 1}, []string{"a", "b"})
	p := dataset.MustFrame(5, dataset.NewNumeric("a", []float64{0.9, 0.2, 0.5, 0.1, 0}), dataset.NewNumeric("b", []float64{0.1, 0.8, 0.5, 0.9, 1}))
	got := metrics.Confusion(y, p, nil)
	if got[0][0] != 1 || got[0][1] != 1 || got[1][0] != 1 || got[1][1] != 2 {
		t.Errorf("%v", got)
	}
}

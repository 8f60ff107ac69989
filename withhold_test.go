package automl

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/metrics"
)

func TestWithholdCells(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct{ row, want []float64 }{
		{[]float64{50, 0}, []float64{50, 0}},
		{[]float64{50, 3}, []float64{nan, nan}},         // the total of the row would tell 3
		{[]float64{50, 3, 20}, []float64{50, nan, nan}}, // likewise
		{[]float64{50, 3, 4}, []float64{50, nan, nan}},
		{[]float64{50, 3, 0}, []float64{50, nan, nan}},
		{[]float64{10, 11}, []float64{10, 11}},
		{[]float64{4}, []float64{nan}},
	} {
		got := slices.Clone(c.row)
		withholdCells(got, 10)
		for j := range got {
			if got[j] != c.want[j] && !(got[j] != got[j] && c.want[j] != c.want[j]) {
				t.Errorf("%v: %v, want %v", c.row, got, c.want)
			}
		}
	}
}

// TestNoSmallGroupIsTold judges made-up predictions of tables of all sizes, and counts the rows in every group that the
// figures tell of, between two thresholds or two points of a curve for instance.
func TestNoSmallGroupIsTold(t *testing.T) {
	const least = 10
	small := func(v float64) bool { v = math.Round(math.Abs(v)); return v > 0 && v < least }
	for _, n := range []int{5, 30, 120, 700} {
		rng := rand.New(rand.NewPCG(uint64(n), 1))
		codes, p := make([]int32, n), make([]float64, n)
		in := 0.0
		for i := range codes {
			codes[i] = int32(rng.IntN(2))
			in += float64(codes[i])
			p[i] = min(1, max(0, 0.5+0.4*(float64(codes[i])-0.5)+0.2*rng.NormFloat64()))
		}
		other := make([]float64, n)
		for i, v := range p {
			other[i] = 1 - v
		}
		s := dataset.Sample{X: dataset.MustFrame(n), Y: dataset.NewCategorical("y", codes, []string{"no", "yes"})}
		frame := dataset.MustFrame(n, dataset.NewNumeric("no", other), dataset.NewNumeric("yes", p))
		q := Quality{Scores: []NamedScore{{Metric: "max_error"}, {Metric: "roc_auc"}}}
		q.classes(s, frame)
		area := q.Classes[0].ROC.Area
		q.withhold(s, frame, least)
		for _, row := range q.Confusion {
			if slices.ContainsFunc(row, small) {
				t.Errorf("%d rows: confusion %v", n, q.Confusion)
			}
		}
		last := metrics.Decision{}
		for i, d := range q.Decisions {
			if small(d.TP) || small(d.FP) || small(d.TN) || small(d.FN) || i > 0 && (small(d.TP-last.TP) || small(d.FP-last.FP)) {
				t.Errorf("%d rows: %+v after %+v", n, d, last)
			}
			last = d
		}
		roc, before := q.Classes[0].ROC, 0.0
		for i := range roc.X {
			rows := roc.Y[i]*in + roc.X[i]*(float64(n)-in)
			if i > 0 && i < len(roc.X)-1 && (small(rows-before) || small(float64(n)-rows)) {
				t.Errorf("%d rows: a step of %v rows in the curve", n, rows-before)
			}
			before = rows
		}
		for _, b := range q.Classes[0].Calibration {
			if small(b.Weight) || small(b.Observed*b.Weight) || small(b.Weight-b.Observed*b.Weight) {
				t.Errorf("%d rows: %+v", n, b)
			}
		}
		if roc.Threshold != nil || roc.Area != area || len(q.Scores) != 1 {
			t.Errorf("%d rows: thresholds %v, area %v, scores %v", n, roc.Threshold, roc.Area, q.Scores)
		}
		if n == 700 && (len(roc.X) < 20 || len(q.Decisions) < 5 || len(q.Classes[0].Calibration) < 2) {
			t.Errorf("little is left of 700 rows: %d points, %d thresholds, %d bins", len(roc.X), len(q.Decisions), len(q.Classes[0].Calibration))
		}
	}
}

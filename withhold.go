package automl

import (
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/metrics"
)

// Where rows must not be recognisable, a judgement of predictions tells of no group of fewer than a number of rows: not
// by itself, nor as the rest that other figures leave, nor as the step from one figure to the next.

// withhold drops what is about fewer than least rows. Withheld cells of the confusion matrix are NaN.
func (q *Quality) withhold(s dataset.Sample, p *dataset.Frame, least int) {
	q.Scores = slices.DeleteFunc(q.Scores, func(n NamedScore) bool { return n.Metric == "max_error" }) // that of one row
	for _, row := range q.Confusion {
		withholdCells(row, float64(least))
	}
	for i := range q.Classes {
		c := &q.Classes[i]
		pos := int32(slices.Index(s.Y.Levels, c.Level))
		in := 0
		for _, k := range s.Y.Code {
			if k == pos {
				in++
			}
		}
		out := len(s.Y.Code) - in
		c.ROC = sparse(c.ROC, float64(least), func(x, y float64) (float64, float64) { return y * float64(in), x * float64(out) })
		c.PR = sparse(c.PR, float64(least), func(recall, precision float64) (float64, float64) {
			found := recall * float64(in)
			return found, found/precision - found
		})
		c.Calibration = coarse(s, p.Col(int(pos)).Float, pos, least)
	}
	q.Decisions = apart(q.Decisions, float64(least))
	q.Residuals.Withhold(least)
}

// withholdCells replaces small counts that are not zero by NaN, and if it is one alone, which the others and the total of
// the row would tell, the smallest of the others too.
func withholdCells(row []float64, least float64) {
	small := func(v float64) bool { return v > 0 && v < least }
	hidden, next := 0, -1
	for j, v := range row {
		switch {
		case small(v):
			hidden++
		case next < 0 || v < row[next]:
			next = j
		}
	}
	if hidden == 0 {
		return
	}
	for j, v := range row {
		if small(v) {
			row[j] = math.NaN()
		}
	}
	if hidden == 1 && next >= 0 {
		row[next] = math.NaN()
	}
}

// sparse keeps the points of a curve between which, and before and behind which, at least so many rows lie, and forgets
// the thresholds, which are predictions of single rows. Counts tells how many rows of and not of the class are called
// positive at a point.
func sparse(c metrics.Curve, least float64, counts func(x, y float64) (in, out float64)) metrics.Curve {
	out := metrics.Curve{Area: c.Area}
	n := len(c.X)
	if n == 0 {
		return out
	}
	lastIn, lastOut := counts(c.X[n-1], c.Y[n-1])
	total := lastIn + lastOut
	before := 0.0
	for i := range n {
		in, not := counts(c.X[i], c.Y[i])
		rows := in + not
		ends := i == n-1 || rows == 0
		if !ends && (rows-before < least || total-rows < least || rows != rows) {
			continue
		}
		before = rows
		out.X, out.Y = append(out.X, c.X[i]), append(out.Y, c.Y[i])
	}
	return out
}

// coarse is the calibration curve in as many bins, up to the usual number, as have no small group of rows of the class or
// not of it; nothing if not even two have.
func coarse(s dataset.Sample, p []float64, pos int32, least int) []metrics.Reliability {
	for bins := calibrationBins; bins >= 2; bins-- {
		c := metrics.Calibration(s.Y.Code, p, nil, pos, bins)
		if !slices.ContainsFunc(c, func(r metrics.Reliability) bool {
			in := math.Round(r.Observed * r.Weight)
			return r.Weight < float64(least) || in > 0 && in < float64(least) || in < r.Weight && r.Weight-in < float64(least)
		}) {
			return c
		}
	}
	return nil
}

// apart keeps the thresholds whose four groups, and what changes from one to the next, are of no rows or of enough.
func apart(ds []metrics.Decision, least float64) []metrics.Decision {
	small := func(v float64) bool { v = math.Abs(v); return v > 0 && v < least }
	var out []metrics.Decision
	for _, d := range ds {
		if small(d.TP) || small(d.FP) || small(d.TN) || small(d.FN) {
			continue
		}
		if n := len(out); n > 0 && (small(d.TP-out[n-1].TP) || small(d.FP-out[n-1].FP)) {
			continue
		}
		out = append(out, d)
	}
	return out
}

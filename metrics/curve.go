package metrics

import (
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
)

// Curve is a line through points, each with the threshold on the score that leads to it.
type Curve struct {
	X, Y, Threshold []float64
	Area            float64 // of a ROC curve the area under it; of a precision-recall curve the average precision
}

// thin keeps about n points of the curve, the first and the last among them.
func (c Curve) thin(n int) Curve {
	if len(c.X) <= n {
		return c
	}
	out := Curve{Area: c.Area}
	for i := range n {
		k := i * (len(c.X) - 1) / (n - 1)
		out.X, out.Y, out.Threshold = append(out.X, c.X[k]), append(out.Y, c.Y[k]), append(out.Threshold, c.Threshold[k])
	}
	return out
}

// ROC is the true positive rate against the false positive rate of class pos as the threshold on its probability falls,
// thinned out to about the given number of points. It is empty if only one class occurs.
func ROC(y []int32, p, w []float64, pos int32, points int) Curve {
	c := Curve{X: []float64{0}, Y: []float64{0}, Threshold: []float64{math.Inf(1)}}
	r := rank(y, p, w, -1, pos)
	tp, fp, i := 0.0, 0.0, 0
	r.steps(y, w, pos, func(dt, df float64) {
		tp, fp = tp+dt, fp+df
		c.X, c.Y, c.Threshold = append(c.X, fp), append(c.Y, tp), append(c.Threshold, p[r[i].row])
		i = r.after(i)
	})
	if tp == 0 || fp == 0 {
		return Curve{}
	}
	for i := range c.X {
		c.X[i], c.Y[i] = c.X[i]/fp, c.Y[i]/tp
	}
	c.Area, _ = auc(y, p, w, pos, -1)
	return c.thin(points)
}

// after is the position behind all rows that have the score of row i.
func (r ranked) after(i int) int {
	key := r[i].key
	for i < len(r) && r[i].key == key {
		i++
	}
	return i
}

// PrecisionRecall is precision against recall of class pos as the threshold on its probability falls, thinned out to
// about the given number of points. It is empty if the class does not occur.
func PrecisionRecall(y []int32, p, w []float64, pos int32, points int) Curve {
	var c Curve
	r := rank(y, p, w, -1, pos)
	tp, all, i := 0.0, 0.0, 0
	r.steps(y, w, pos, func(dt, df float64) {
		tp, all = tp+dt, all+dt+df
		c.X, c.Y, c.Threshold = append(c.X, tp), append(c.Y, tp/all), append(c.Threshold, p[r[i].row])
		c.Area += dt * tp / all
		i = r.after(i)
	})
	if tp == 0 {
		return Curve{}
	}
	for i := range c.X {
		c.X[i] /= tp
	}
	c.Area /= tp
	return c.thin(points)
}

// Reliability is one bin of a calibration curve.
type Reliability struct {
	Predicted float64 // mean predicted probability
	Observed  float64 // share of rows of the class
	Weight    float64 // total weight of the bin's rows
}

// Calibration sorts the rows by the probability of class pos into bins of equal size and compares what was predicted with
// what was observed. Bins without rows are left out.
func Calibration(y []int32, p, w []float64, pos int32, bins int) []Reliability {
	r := rank(y, p, w, -1, pos)
	slices.Reverse(r)
	var out []Reliability
	for b := range bins {
		var one Reliability
		for _, k := range r[b*len(r)/bins : (b+1)*len(r)/bins] {
			v := weight(w, int(k.row))
			one.Weight += v
			one.Predicted += v * p[k.row]
			if y[k.row] == pos {
				one.Observed += v
			}
		}
		if one.Weight > 0 {
			one.Predicted, one.Observed = one.Predicted/one.Weight, one.Observed/one.Weight
			out = append(out, one)
		}
	}
	return out
}

// Decision is what comes of calling positive all rows whose probability is at least Threshold.
type Decision struct {
	Threshold      float64
	TP, FP, TN, FN float64 // total weights
}

// Precision is the share of positive calls that are right, NaN if there is none.
func (d Decision) Precision() float64 { return d.TP / (d.TP + d.FP) }

// Recall is the share of positive rows that are found (sensitivity).
func (d Decision) Recall() float64 { return d.TP / (d.TP + d.FN) }

// Specificity is the share of negative rows that are left alone.
func (d Decision) Specificity() float64 { return d.TN / (d.TN + d.FP) }

// F1 is the harmonic mean of precision and recall, 0 if nothing is found.
func (d Decision) F1() float64 { return 2 * d.TP / (2*d.TP + d.FP + d.FN) }

// Accuracy is the share of rows called right.
func (d Decision) Accuracy() float64 { return (d.TP + d.TN) / (d.TP + d.TN + d.FP + d.FN) }

// Decide counts what each threshold on the probability p of the second class leads to.
func Decide(y []int32, p, w []float64, thresholds []float64) []Decision {
	out := make([]Decision, len(thresholds))
	for i, t := range thresholds {
		d := &out[i]
		d.Threshold = t
		for r, c := range y {
			v := weight(w, r)
			switch {
			case p[r] >= t && c == 1:
				d.TP += v
			case p[r] >= t:
				d.FP += v
			case c == 1:
				d.FN += v
			default:
				d.TN += v
			}
		}
	}
	return out
}

// Confusion is the total weight of the rows of each true class (first index) by predicted class: the first of the most
// probable ones.
func Confusion(y *dataset.Column, p *dataset.Frame, w []float64) [][]float64 {
	cols := make([][]float64, p.Cols())
	for k := range cols {
		cols[k] = p.Col(k).Float
	}
	out := make([][]float64, len(cols))
	for k := range out {
		out[k] = make([]float64, len(cols))
	}
	for i, k := range argmax(cols) {
		out[y.Code[i]][k] += weight(w, i)
	}
	return out
}

package linear

import (
	"math"

	"github.com/lren-chuv/automl/dataset"
)

// calibrate fits the temperature T of probabilities softmax(T·scores) to the training rows by maximum likelihood. As in
// Platt's method (Advances in Large Margin Classifiers, 1999) a row's own class has the target (n+1)/(n+2), n being
// the rows of that class, so that T stays finite where the classes are separable. There is no offset: the most probable
// class remains the one with the highest score.
func (p *planes) calibrate(x *dataset.Frame, l *labels) error {
	k := len(l.present)
	if k == 1 {
		return nil
	}
	// One number does not need more rows than some thousands: every step-th will do.
	step := max(1, x.Rows()/calibrationRows)
	if step > 1 {
		x, l = thinned(x, l, step)
	}
	all := make([][]float64, k)
	for r := range p.Intercept {
		s, err := scores(x, p.row(r), p.Intercept[r])
		if err != nil {
			return err
		}
		all[k-len(p.Intercept)+r] = s
	}
	if all[0] == nil { // two classes: the other one's score is zero
		all[0] = make([]float64, len(all[1]))
	}
	own := make([]float64, k)
	for _, c := range l.code {
		if c >= 0 {
			own[c]++
		}
	}
	for c, n := range own {
		own[c] = (n + 1) / (n + 2)
	}
	size := 0.0
	for _, s := range all {
		for i, v := range s {
			if l.w[i] > 0 {
				size = max(size, math.Abs(v))
			}
		}
	}
	if size == 0 {
		return nil
	}
	p.Temperature = hottest(l, all, own, 1/size)
	return nil
}

const calibrationRows = 2000

// thinned returns every step-th row.
func thinned(x *dataset.Frame, l *labels, step int) (*dataset.Frame, *labels) {
	few := &labels{levels: l.levels, present: l.present}
	var rows []int32
	for i := 0; i < len(l.code); i += step {
		rows = append(rows, int32(i))
		few.code, few.w = append(few.code, l.code[i]), append(few.w, l.w[i])
	}
	return x.Gather(rows), few
}

// hottest finds the root of the likelihood's slope, which falls as T rises, by Newton steps kept inside a bracket.
func hottest(l *labels, all [][]float64, own []float64, unit float64) float64 {
	lo, hi := 1e-6*unit, 1e6*unit
	t := unit
	for range 100 {
		slope, curve := slopeAt(l, all, own, t)
		if slope > 0 {
			lo = t
		} else {
			hi = t
		}
		next := t + slope/curve
		if !(next > lo && next < hi) {
			next = math.Sqrt(lo * hi)
		}
		if math.Abs(next-t) <= 1e-9*t {
			return next
		}
		t = next
	}
	return t
}

// slopeAt returns the first derivative of the log-likelihood by T and minus the second.
func slopeAt(l *labels, all [][]float64, own []float64, t float64) (slope, curve float64) {
	k := len(all)
	p := make([]float64, k)
	for i, y := range l.code {
		if y < 0 {
			continue
		}
		for c, s := range all {
			p[c] = t * s[i]
		}
		softmaxLoss(p, y)
		mean, square, target := 0.0, 0.0, 0.0
		rest := (1 - own[y]) / float64(k-1)
		for c, s := range all {
			v := s[i]
			mean += p[c] * v
			square += p[c] * v * v
			if c == y {
				target += own[y] * v
			} else {
				target += rest * v
			}
		}
		slope += l.w[i] * (target - mean)
		curve += l.w[i] * (square - mean*mean)
	}
	return slope, curve
}

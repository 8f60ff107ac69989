package posterior

import "math"

// Sigmoid maps a decision value f to the probability 1/(1+exp(A·f+B)).
type Sigmoid struct{ A, B float64 }

// At returns the probability of decision value f.
func (s Sigmoid) At(f float64) float64 { return 1 / (1 + math.Exp(s.A*f+s.B)) }

// Platt fits a Sigmoid to decision values whose rows are positive or not, with weights w (nil means equal). The targets
// are moved away from 0 and 1 as Platt (1999) has it; the minimum is found by Newton's method with backtracking (Lin, Lin
// and Weng 2007).
func Platt(f []float64, positive []bool, w []float64) Sigmoid {
	p := newPlattLoss(f, positive, w)
	s := Sigmoid{0, math.Log((p.negatives + 1) / (p.positives + 1))}
	value := p.value(s)
	for range 200 {
		const ridge = 1e-12
		ga, gb, haa, hab, hbb := p.derivatives(s)
		if math.Abs(ga) < 1e-10 && math.Abs(gb) < 1e-10 {
			break
		}
		haa, hbb = haa+ridge, hbb+ridge
		det := haa*hbb - hab*hab
		da, db := -(hbb*ga-hab*gb)/det, -(haa*gb-hab*ga)/det
		slope := ga*da + gb*db
		step := 1.0
		for ; step >= 1e-10; step /= 2 {
			next := Sigmoid{s.A + step*da, s.B + step*db}
			if v := p.value(next); v < value+1e-4*step*slope {
				s, value = next, v
				break
			}
		}
		if step < 1e-10 {
			break // no better point to working precision
		}
	}
	return s
}

// plattLoss is the cross-entropy of a Sigmoid.
type plattLoss struct {
	f, w, target         []float64
	positives, negatives float64
}

func newPlattLoss(f []float64, positive []bool, w []float64) plattLoss {
	p := plattLoss{f: f, w: w, target: make([]float64, len(f))}
	for i := range f {
		if positive[i] {
			p.positives += p.weight(i)
		} else {
			p.negatives += p.weight(i)
		}
	}
	for i := range f {
		p.target[i] = 1 / (p.negatives + 2)
		if positive[i] {
			p.target[i] = (p.positives + 1) / (p.positives + 2)
		}
	}
	return p
}

func (p plattLoss) weight(i int) float64 {
	if p.w == nil {
		return 1
	}
	return p.w[i]
}

func (p plattLoss) value(s Sigmoid) float64 {
	sum := 0.0
	for i, f := range p.f {
		z := s.A*f + s.B
		if z >= 0 {
			sum += p.weight(i) * (p.target[i]*z + math.Log1p(math.Exp(-z)))
		} else {
			sum += p.weight(i) * ((p.target[i]-1)*z + math.Log1p(math.Exp(z)))
		}
	}
	return sum
}

func (p plattLoss) derivatives(s Sigmoid) (ga, gb, haa, hab, hbb float64) {
	for i, f := range p.f {
		q := s.At(f)
		g, h := p.weight(i)*(p.target[i]-q), p.weight(i)*q*(1-q)
		ga, gb = ga+f*g, gb+g
		haa, hab, hbb = haa+f*f*h, hab+f*h, hbb+h
	}
	return ga, gb, haa, hab, hbb
}

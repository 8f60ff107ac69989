package linalg

import (
	"math"
	"slices"
)

// The curves below give the same bits on every processor with a fused multiply-add, whatever else it has, and what an
// element becomes does not depend on its place. On others they are those of package math.

// Exp replaces every element by its exponential, to 1e-15 of it.
func Exp(v []float64) {
	body := len(v) &^ 7
	if body > 0 {
		exp(v[:body])
	}
	if body < len(v) {
		var rest [8]float64
		copy(rest[:], v[body:])
		exp(rest[:])
		copy(v[body:], rest[:])
	}
}

// Tanh replaces every element by its hyperbolic tangent, with an absolute error of 3e-16.
func Tanh(v []float64) {
	body := len(v) &^ 7
	if body > 0 {
		tanh(v[:body])
	}
	if body < len(v) {
		var rest [8]float64
		copy(rest[:], v[body:])
		tanh(rest[:])
		copy(v[body:], rest[:])
	}
}

// Cos replaces every element v by scale·cos(v + offset), the cosine with an absolute error of 3e-16.
func Cos(v []float64, offset, scale float64) {
	const far = 1e6 // beyond, the multiple of π must be taken away with more care
	for len(v) > 0 {
		part := v[:min(len(v), 512)]
		v = v[len(part):]
		near := within(part, offset, far)
		if body := len(part) &^ 7; near && body > 0 {
			cos(part[:body], offset, scale)
			part = part[body:]
		}
		for i, x := range part {
			if u := x + offset; math.Abs(u) < far {
				part[i] = cosOf(x, offset, scale)
			} else {
				part[i] = scale * math.Cos(u)
			}
		}
	}
}

// within tells that all elements plus the offset are below far, and none is NaN; it need not tell of those just below.
func within(v []float64, offset, far float64) bool { return allWithin(v, 0.999*far-math.Abs(offset)) }

// withinGo is the plain form of allWithin.
func withinGo(v []float64, most float64) bool {
	for _, x := range v {
		if !(math.Abs(x) <= most) {
			return false
		}
	}
	return true
}

// Expm1 replaces every element x by exp(x) − 1, to 1e-15 of it.
func Expm1(v []float64) {
	const far = 700 // beyond, the parts overflow before their sum
	for len(v) > 0 {
		part := v[:min(len(v), 512)]
		v = v[len(part):]
		near := within(part, 0, far)
		if body := len(part) &^ 7; near && body > 0 {
			expm1(part[:body])
			part = part[body:]
		}
		for i, x := range part {
			if math.Abs(x) < far {
				part[i] = expm1Of(x)
			} else {
				part[i] = math.Expm1(x)
			}
		}
	}
}

// Log1p replaces every element x by log(1+|x|) with the sign of x, to 1e-15 of it.
func Log1p(v []float64) {
	const far = math.MaxFloat64
	for len(v) > 0 {
		part := v[:min(len(v), 512)]
		v = v[len(part):]
		near := !slices.ContainsFunc(part, func(x float64) bool { return math.Abs(x) > far })
		if body := len(part) &^ 7; near && body > 0 {
			log1p(part[:body])
			part = part[body:]
		}
		for i, x := range part {
			if math.Abs(x) > far {
				continue // infinite
			}
			part[i] = log1pOf(x)
		}
	}
}

// Logistic replaces every element x by 1/(1+exp(-x)).
func Logistic(v []float64) {
	for i, x := range v {
		v[i] = -x
	}
	Exp(v)
	for i, e := range v {
		v[i] = 1 / (1 + e)
	}
}

// ln 2 in two parts, the first of few digits.
const ln2High, ln2Low = 0x1.62e42feep-1, 0x1.a39ef35793c76p-33

// taylor holds 1/2!, 1/3!, …, 1/20!.
var taylor = func() (t [19]float64) {
	factorial := 1.0
	for i := range t {
		factorial *= float64(i + 2)
		t[i] = 1 / factorial
	}
	return t
}()

// expGo is the plain form of exp. With x = k·ln 2 + r, |r| ≤ ln 2 / 2, it is a Taylor polynomial of degree 13 for exp(r)
// times the power of two, in two halves so that results near the ends of the range are right.
func expGo(v []float64) {
	for i, x := range v {
		if x != x {
			continue
		}
		x = max(min(x, 1000), -1000)
		k := math.RoundToEven(x * (1 / math.Ln2))
		x = math.FMA(-ln2Low, k, math.FMA(-ln2High, k, x))
		p := taylor[11]
		for n := 10; n >= 0; n-- {
			p = math.FMA(x, p, taylor[n])
		}
		p = math.FMA(x, math.FMA(x, p, 1), 1)
		part := int64(k) >> 1
		v[i] = p * power(part) * power(int64(k)-part)
	}
}

// power is 2^n.
func power(n int64) float64 { return math.Float64frombits(uint64(n+1023) << 52) }

// tanhGo is the plain form of tanh.
func tanhGo(v []float64) {
	for i, x := range v {
		e := [1]float64{-2 * math.Abs(x)}
		expGo(e[:])
		v[i] = math.Copysign((1-e[0])/(1+e[0]), x)
	}
}

// cosOf is the plain form of cos for one element. With v + offset = k·π + r, |r| ≤ π/2, it is a Taylor polynomial of degree
// 20 for cos(r) with the sign of an odd k.
func cosOf(v, offset, scale float64) float64 {
	const (
		toInt = 0x1.8p52 // added and taken away again, it rounds to an integer
		pi1   = 0x1.921fb54442d18p+1
		pi2   = 0x1.1a62633145c07p-53
		pi3   = -0x1.f1976b7ed8fbcp-109
	)
	u := v + offset
	k := math.FMA(u, 1/math.Pi, toInt)
	odd := math.Float64bits(k) << 63
	k -= toInt
	u = math.FMA(-pi3, k, math.FMA(-pi2, k, math.FMA(-pi1, k, u)))
	t := u * u
	p := taylor[18]
	for n := 16; n >= 0; n -= 2 {
		p = math.FMA(-t, p, taylor[n])
	}
	p = math.FMA(-t, p, 1)
	return math.Float64frombits(math.Float64bits(scale*p) ^ odd)
}

// expm1Of is the plain form of expm1 for one element: 2^k·(exp(r) − 1) + (2^k − 1), see expGo.
func expm1Of(x float64) float64 {
	if x != x {
		return x
	}
	k := math.RoundToEven(x * (1 / math.Ln2))
	x = math.FMA(-ln2Low, k, math.FMA(-ln2High, k, x))
	p := taylor[11]
	for n := 10; n >= 0; n-- {
		p = math.FMA(x, p, taylor[n])
	}
	p = math.FMA(x, p, 1) * x
	t := power(int64(k))
	return math.FMA(t, p, t-1)
}

// logs are the coefficients of the logarithm, those of FreeBSD's and Go's.
var logs = [7]float64{0x1.5555555555593p-1, 0x1.999999997fa04p-2, 0x1.2492494229359p-2, 0x1.c71c51d8e78afp-3, 0x1.7466496cb03dep-3,
	0x1.39a09d078c69fp-3, 0x1.2f112df3e5244p-3}

// log1pOf is the plain form of log1p for one element. With w = 1 + |x| = 2^e·(1 + f) and s = f/(2 + f), it is
// e·ln 2 + 2·atanh(s), less what rounding added to w divided by w.
func log1pOf(x float64) float64 {
	if x != x {
		return x
	}
	u := math.Abs(x)
	w := 1 + u
	lost := (w - 1) - u
	bits := math.Float64bits(w)
	e, m := float64(int64(bits>>52)-1023), math.Float64frombits(bits&(1<<52-1)|1023<<52)
	if m > math.Sqrt2 {
		m, e = m*0.5, e+1
	}
	f := m - 1
	s := f / (f + 1 + 1)
	z := s * s
	r := logs[6]
	for n := 5; n >= 0; n-- {
		r = math.FMA(z, r, logs[n])
	}
	r = float64(r * z)
	h := float64(float64(f*0.5) * f)
	r = math.FMA(ln2Low, e, float64((h+r)*s))
	h = (h - r) - f
	return math.Copysign(math.FMA(ln2High, e, -h)-lost/w, x)
}

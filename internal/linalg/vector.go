package linalg

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// Dot returns Σ x[i]·y[i].
func Dot(x, y []float64) float64 { return floats.Dot(x, y) }

// AddScaled adds a·x to y.
func AddScaled(y []float64, a float64, x []float64) { floats.AddScaled(y, a, x) }

// SquaredNorm returns Σ x[i]².
func SquaredNorm(x []float64) float64 { return floats.Dot(x, x) }

// MulVec writes m·v to dst (Rows elements).
func (m Matrix) MulVec(dst, v []float64) {
	if len(dst) != m.Rows || len(v) != m.Cols {
		panic("linalg: MulVec of unequal lengths")
	}
	m.MulVecUpTo(dst, v)
}

// MulVecUpTo writes the products of v and the first numbers of every row of m, as many, to dst.
func (m Matrix) MulVecUpTo(dst, v []float64) {
	if len(dst) != m.Rows || len(v) > m.Cols {
		panic("linalg: MulVecUpTo of unequal lengths")
	}
	i := 0
	if hasFused && len(v) > 0 {
		for ; i+4 <= m.Rows; i += 4 {
			dots4((*[4]float64)(dst[i:]), v, m.Data[i*m.Cols:], m.Cols)
		}
	}
	for ; i < m.Rows; i++ {
		dst[i] = floats.Dot(m.Row(i)[:len(v)], v)
	}
}

// TMulVec writes m'·u to dst (Cols elements).
func (m Matrix) TMulVec(dst, u []float64) {
	if len(dst) != m.Cols || len(u) != m.Rows {
		panic("linalg: TMulVec of unequal lengths")
	}
	clear(dst)
	var x [4][]float64
	i := 0
	for ; i+4 <= len(u); i += 4 {
		for k := range x {
			x[k] = m.Row(i + k)
		}
		addScaled4(dst, (*[4]float64)(u[i:]), &x)
	}
	for ; i < len(u); i++ {
		floats.AddScaled(dst, u[i], m.Row(i))
	}
}

// Combine adds a[0]·x[0], a[1]·x[1], … to dst; the slices x are at least as long as dst.
func Combine(dst, a []float64, x [][]float64) {
	for len(a) >= 4 {
		addScaled4(dst, (*[4]float64)(a), (*[4][]float64)(x))
		a, x = a[4:], x[4:]
	}
	for k, f := range a {
		floats.AddScaled(dst, f, x[k][:len(dst)])
	}
}

// addScaled4Go is the plain form of addScaled4, which adds multiples of four vectors to dst, one after the other.
func addScaled4Go(dst []float64, a *[4]float64, x *[4][]float64) {
	x0, x1, x2, x3 := x[0][:len(dst)], x[1][:len(dst)], x[2][:len(dst)], x[3][:len(dst)]
	for i, v := range dst {
		dst[i] = math.FMA(a[3], x3[i], math.FMA(a[2], x2[i], math.FMA(a[1], x1[i], math.FMA(a[0], x0[i], v))))
	}
}

// addScaled4Rounded is addScaled4Go for processors without a fused multiply-add.
func addScaled4Rounded(dst []float64, a *[4]float64, x *[4][]float64) {
	for k, f := range a {
		floats.AddScaled(dst, f, x[k][:len(dst)])
	}
}

// dots4Go is the plain form of dots4, which multiplies v by each of the four rows that x begins with, stride numbers apart, in
// four strands.
func dots4Go(dst *[4]float64, v, x []float64, stride int) {
	for k := range dst {
		row, s := x[k*stride:][:len(v)], [4]float64{}
		body := len(v) &^ 3
		for i := 0; i < body; i += 4 {
			a, b := (*[4]float64)(v[i:]), (*[4]float64)(row[i:])
			s[0], s[1] = math.FMA(a[0], b[0], s[0]), math.FMA(a[1], b[1], s[1])
			s[2], s[3] = math.FMA(a[2], b[2], s[2]), math.FMA(a[3], b[3], s[3])
		}
		sum := (s[0] + s[2]) + (s[1] + s[3])
		for i := body; i < len(v); i++ {
			sum = math.FMA(v[i], row[i], sum)
		}
		dst[k] = sum
	}
}

// DotAhead returns Σ v[i]·x[i], in sixteen strands, and has the processor fetch ahead, which is as long and will be asked for
// next. What it returns is not what [Dot] does, to the last bit.
func DotAhead(v, x, ahead []float64) float64 {
	if len(x) != len(v) || len(ahead) != len(v) {
		panic("linalg: DotAhead of unequal lengths")
	}
	if !hasFused {
		return Dot(v, x)
	}
	if len(v) == 0 {
		return 0
	}
	return dotOf(v, x, ahead)
}

// AddFused adds a·x to y, rounding once.
func AddFused(y []float64, a float64, x []float64) {
	switch {
	case len(x) != len(y):
		panic("linalg: AddFused of unequal lengths")
	case len(y) == 0:
	case hasFused:
		addFused(y, a, x)
	default:
		AddScaled(y, a, x)
	}
}

// dotGo is the plain form of DotAhead.
func dotGo(v, x []float64) float64 {
	var s [16]float64
	body, fours := len(v)&^15, len(v)&^3
	for i := 0; i < body; i += 16 {
		for k, u := range v[i : i+16] {
			s[k&15] = math.FMA(u, x[i+k], s[k&15])
		}
	}
	for i := body; i < fours; i++ {
		s[i&3] = math.FMA(v[i], x[i], s[i&3])
	}
	var lane [4]float64
	for k := range lane {
		lane[k] = (s[k] + s[4+k]) + (s[8+k] + s[12+k])
	}
	sum := (lane[0] + lane[2]) + (lane[1] + lane[3])
	for i := fours; i < len(v); i++ {
		sum = math.FMA(v[i], x[i], sum)
	}
	return sum
}

// addFusedGo is the plain form of AddFused.
func addFusedGo(y []float64, a float64, x []float64) {
	for i, v := range x[:len(y)] {
		y[i] = math.FMA(a, v, y[i])
	}
}

// addSquaresGo is the plain form of AddSquares.
func addSquaresGo(dst, v []float64, shift float64) {
	for i, x := range v {
		d := x - shift
		dst[i] += float64(d * d)
	}
}

// divideGo is the plain form of Divide.
func divideGo(dst, v, by []float64) {
	for i, x := range v {
		dst[i] = x / by[i]
	}
}

// truncateGo is the plain form of Truncate. Weights come and go all the time, so there are no branches for the processor to
// guess.
func truncateGo(w, paid []float64, owed, per, scale float64) {
	for j, v := range w {
		size := math.Abs(v)
		debt := owed + float64(math.Copysign(1, v)*paid[j])
		left := math.Copysign(max(0, min(size, size-float64(debt*per))), v)
		paid[j] += float64(scale * (left - v))
		w[j] = left
	}
}

// keepLessGo is the plain form of KeepLess.
func keepLessGo(least []float64, at []int64, v []float64, less float64, index int64) {
	for i, x := range v {
		if d := less - x; d < least[i] {
			least[i], at[i] = d, index
		}
	}
}

// notAboveGo is the plain form of NotAbove.
func notAboveGo(v, w []float64, limit float64) int {
	for i, x := range v {
		if !(x-2*w[i] > limit) {
			return i
		}
	}
	return len(v)
}

package linalg

import "golang.org/x/sys/cpu"

var hasFused = cpu.X86.HasFMA

func addScaled4(dst []float64, a *[4]float64, x *[4][]float64) {
	switch {
	case len(dst) == 0:
	case hasAVX2:
		var from [4]*float64
		for k, row := range x {
			_ = row[len(dst)-1]
			from[k] = &row[0]
		}
		combine4(&dst[0], a, &from, len(dst))
	case hasFused:
		addScaled4Go(dst, a, x)
	default:
		addScaled4Rounded(dst, a, x)
	}
}

func dots4(dst *[4]float64, v, x []float64, stride int) {
	n := len(v)
	if !hasAVX2 || n == 0 {
		dots4Go(dst, v, x, stride)
		return
	}
	_ = x[3*stride+n-1]
	dot4(dst, &v[0], &[4]*float64{&x[0], &x[stride], &x[2*stride], &x[3*stride]}, n)
}

func dotOf(v, x, ahead []float64) float64 {
	if !hasAVX2 {
		return dotGo(v, x)
	}
	return dotAhead(&v[0], &x[0], &ahead[0], len(v))
}

func addFused(y []float64, a float64, x []float64) {
	if !hasAVX2 {
		addFusedGo(y, a, x)
		return
	}
	addMultiple(&y[0], &x[0], a, len(y))
}

// AddSquares adds (x − shift)² for every x of v to dst.
func AddSquares(dst, v []float64, shift float64) {
	dst = dst[:len(v)]
	body := 0
	if hasAVX2 && len(v) >= 4 {
		body = len(v) &^ 3
		addSquares(&dst[0], &v[0], body/4, shift)
	}
	addSquaresGo(dst[body:], v[body:], shift)
}

// Divide writes the quotients of the elements of v and by to dst.
func Divide(dst, v, by []float64) {
	dst, by = dst[:len(v)], by[:len(v)]
	body := 0
	if hasAVX2 && len(v) >= 4 {
		body = len(v) &^ 3
		divide(&dst[0], &v[0], &by[0], body/4)
	}
	divideGo(dst[body:], v[body:], by[body:])
}

// Truncate takes from every weight what it owes, down to zero: per times owed less what was paid on its side of zero. What
// that changes, times scale, is added to paid.
func Truncate(w, paid []float64, owed, per, scale float64) {
	paid = paid[:len(w)]
	body := 0
	if hasAVX2 && len(w) >= 4 {
		body = len(w) &^ 3
		truncate(&w[0], &paid[0], body/4, owed, per, scale)
	}
	truncateGo(w[body:], paid[body:], owed, per, scale)
}

// KeepLess puts less − x, for every x of v, in the place of the elements of least that are greater, and index in that of
// those of at.
func KeepLess(least []float64, at []int64, v []float64, less float64, index int64) {
	least, at = least[:len(v)], at[:len(v)]
	body := 0
	if hasAVX2 && len(v) >= 4 {
		body = len(v) &^ 3
		keepLess(&least[0], &at[0], &v[0], body/4, less, index)
	}
	keepLessGo(least[body:], at[body:], v[body:], less, index)
}

func rotate(x, y []float64, c, s float64) {
	y = y[:len(x)]
	body := 0
	if hasAVX2 && len(x) >= 4 {
		body = len(x) &^ 3
		rotatePairs(&x[0], &y[0], body/4, c, s)
	}
	rotateGo(x[body:], y[body:], c, s)
}

// NotAbove returns the first i for which v[i] − 2·w[i] is not above the limit, or len(v); w is at least as long.
func NotAbove(v, w []float64, limit float64) int {
	w = w[:len(v)]
	if n := len(v) / 8; hasAVX2 && n > 0 {
		i := int(notAbove(&v[0], &w[0], n, limit))
		if i < 8*n {
			return i
		}
		return i + notAboveGo(v[i:], w[i:], limit)
	}
	return notAboveGo(v, w, limit)
}

//go:build !amd64

package linalg

const hasFused = true

func addScaled4(dst []float64, a *[4]float64, x *[4][]float64) { addScaled4Go(dst, a, x) }

func dots4(dst *[4]float64, v, x []float64, stride int) { dots4Go(dst, v, x, stride) }

func dotOf(v, x, _ []float64) float64              { return dotGo(v, x) }
func addFused(y []float64, a float64, x []float64) { addFusedGo(y, a, x) }

// AddSquares adds (x − shift)² for every x of v to dst.
func AddSquares(dst, v []float64, shift float64) { addSquaresGo(dst[:len(v)], v, shift) }

// Divide writes the quotients of the elements of v and by to dst.
func Divide(dst, v, by []float64) { divideGo(dst[:len(v)], v, by[:len(v)]) }

// Truncate takes from every weight what it owes, down to zero: per times owed less what was paid on its side of zero. What
// that changes, times scale, is added to paid.
func Truncate(w, paid []float64, owed, per, scale float64) {
	truncateGo(w, paid[:len(w)], owed, per, scale)
}

// KeepLess puts less − x, for every x of v, in the place of the elements of least that are greater, and index in that of
// those of at.
func KeepLess(least []float64, at []int64, v []float64, less float64, index int64) {
	keepLessGo(least[:len(v)], at[:len(v)], v, less, index)
}

func rotate(x, y []float64, c, s float64) { rotateGo(x, y, c, s) }

// NotAbove returns the first i for which v[i] − 2·w[i] is not above the limit, or len(v); w is at least as long.
func NotAbove(v, w []float64, limit float64) int { return notAboveGo(v, w[:len(v)], limit) }

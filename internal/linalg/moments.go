package linalg

import "math"

// extentGo is the plain form of Extent.
func extentGo(v []float64) (lo, hi, sum float64) {
	least, most, total := [4]float64{v[0], v[0], v[0], v[0]}, [4]float64{v[0], v[0], v[0], v[0]}, [4]float64{}
	body := len(v) &^ 3
	for i := 0; i < body; i += 4 {
		for k, x := range v[i : i+4] {
			if x < least[k&3] {
				least[k&3] = x
			}
			if x > most[k&3] {
				most[k&3] = x
			}
			total[k&3] += x
		}
	}
	return gathered(least, most, total, v[body:])
}

// gathered puts strands and the elements that are left together.
func gathered(least, most, total [4]float64, rest []float64) (lo, hi, sum float64) {
	lo, hi = least[0], most[0]
	for k := 1; k < 4; k++ {
		lo, hi = min(lo, least[k]), max(hi, most[k])
	}
	for _, x := range rest {
		lo, hi = min(lo, x), max(hi, x)
		total[0] += x
	}
	return lo, hi, total[0] + total[1] + total[2] + total[3]
}

// deviationGo is the plain form of Deviation; it goes on from given strands.
func deviationGo(v []float64, mean float64, squares, rest [4]float64) (s, r float64) {
	body := len(v) &^ 3
	for i := 0; i < body; i += 4 {
		for k, x := range v[i : i+4] {
			d := x - mean
			squares[k&3] += float64(d * d)
			rest[k&3] += d
		}
	}
	for _, x := range v[body:] {
		d := x - mean
		squares[0] += float64(d * d)
		rest[0] += d
	}
	return squares[0] + squares[1] + squares[2] + squares[3], rest[0] + rest[1] + rest[2] + rest[3]
}

// standardizeGo is the plain form of Standardize.
func standardizeGo(dst, src []float64, shift, scale float64) {
	for i, v := range src {
		dst[i] = (v - shift) / scale
	}
}

// finiteGo is the plain form of Finite.
func finiteGo(v []float64) bool {
	var s [4]float64 // strands that do not wait for each other
	body := len(v) &^ 3
	for i := 0; i < body; i += 4 {
		x := (*[4]float64)(v[i:])
		s[0] += x[0] * 0 // 0 for every finite number, NaN otherwise
		s[1] += x[1] * 0
		s[2] += x[2] * 0
		s[3] += x[3] * 0
	}
	for _, x := range v[body:] {
		s[0] += x * 0
	}
	return !math.IsNaN(s[0] + s[1] + s[2] + s[3])
}

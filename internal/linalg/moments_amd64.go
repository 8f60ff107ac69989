package linalg

// Extent returns the least and the greatest of v, which has at least one element, and its sum in four strands. Where an
// element is NaN so is the sum, and the others mean nothing.
func Extent(v []float64) (lo, hi, sum float64) {
	if !hasAVX2 || len(v) < 8 {
		return extentGo(v)
	}
	body := len(v) / 4
	least, most, total := [4]float64(v), [4]float64(v), [4]float64{}
	extent(&v[0], body, &least, &most, &total)
	return gathered(least, most, total, v[4*body:])
}

// Deviation returns Σ(v − mean)² and Σ(v − mean), in four strands.
func Deviation(v []float64, mean float64) (squares, rest float64) {
	var s, r [4]float64
	body := len(v) / 4
	if hasAVX2 && body > 0 {
		deviation(&v[0], body, mean, &s, &r)
		v = v[4*body:]
	}
	return deviationGo(v, mean, s, r)
}

// Standardize writes (v − shift)/scale for every v of src to dst.
func Standardize(dst, src []float64, shift, scale float64) {
	dst = dst[:len(src)]
	body := 0
	if hasAVX2 && len(src) >= 4 {
		body = len(src) &^ 3
		standardize(&dst[0], &src[0], body/4, shift, scale)
	}
	standardizeGo(dst[body:], src[body:], shift, scale)
}

// Finite reports whether v holds neither NaN nor an infinity.
func Finite(v []float64) bool {
	if n := len(v) / 16; hasAVX2 && n > 0 {
		if sum := zeros(&v[0], n); sum != sum {
			return false
		}
		v = v[16*n:]
	}
	return finiteGo(v)
}

// allWithin tells whether all of v are at most so far from zero; NaN is not.
func allWithin(v []float64, most float64) bool {
	if n := len(v) / 16; hasAVX2 && n > 0 {
		if beyond(&v[0], n, most) != 0 {
			return false
		}
		v = v[16*n:]
	}
	return withinGo(v, most)
}

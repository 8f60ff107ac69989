//go:build !amd64

package linalg

// Extent returns the least and the greatest of v, which has at least one element, and its sum in four strands. Where an
// element is NaN so is the sum, and the others mean nothing.
func Extent(v []float64) (lo, hi, sum float64) { return extentGo(v) }

// Deviation returns Σ(v − mean)² and Σ(v − mean), in four strands.
func Deviation(v []float64, mean float64) (squares, rest float64) {
	return deviationGo(v, mean, [4]float64{}, [4]float64{})
}

// Standardize writes (v − shift)/scale for every v of src to dst.
func Standardize(dst, src []float64, shift, scale float64) {
	standardizeGo(dst[:len(src)], src, shift, scale)
}

// Finite reports whether v holds neither NaN nor an infinity.
func Finite(v []float64) bool { return finiteGo(v) }

func allWithin(v []float64, most float64) bool { return withinGo(v, most) }

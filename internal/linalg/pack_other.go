//go:build !amd64

package linalg

func packRows(out []float64, m Matrix, lo, hi, j int) { packRowsGo(out, m, lo, hi, j) }

func packSlices(out []float64, slices [][]float64, j int, shift []float64) {
	packSlicesGo(out, slices, j, shift)
}

func packAcross(out []float64, rows *[strip][]float64, shift *[strip]float64) {
	packAcrossGo(out, rows, shift)
}

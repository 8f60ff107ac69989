//go:build !amd64

package linalg

func packRow(out, row []float64, stride int, shift float64) { packRowGo(out, row, stride, shift) }

func packAcross(out []float64, stride int, rows *[strip][]float64, shift *[strip]float64) {
	packAcrossGo(out, stride, rows, shift)
}

func solveRows(x, l []float64, stride int) { solveRowsGo(x, l, stride) }

//go:build !amd64

package linalg

func tile(c []float64, cs int, a, b operand, n, rows, strips int, first bool) {
	tileGo(c, cs, a, b, n, rows, strips, first)
}

func manhattan(c []float64, cs int, a, b []float64, bs, n, strips int, first bool) {
	manhattanGo(c, cs, a, b, bs, n, strips, first)
}

func chi(c []float64, cs int, a, b []float64, bs, n, strips int, first bool) {
	chiGo(c, cs, a, b, bs, n, strips, first)
}

func shared(c []float64, cs int, a, b []float64, bs, n, strips int, first bool) {
	sharedGo(c, cs, a, b, bs, n, strips, first)
}

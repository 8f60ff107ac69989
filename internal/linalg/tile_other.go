//go:build !amd64

package linalg

func tile(c []float64, cs int, a, b []float64, bs, n, strips int, first bool) {
	tileGo(c, cs, a, b, bs, n, strips, first)
}

func distances(c []float64, cs int, a, b []float64, bs, n, strips int, first bool) {
	distancesGo(c, cs, a, b, bs, n, strips, first)
}

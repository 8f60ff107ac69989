//go:build !amd64

package linalg

func tile(c []float64, cs int, a, b []float64, n int) { tileGo(c, cs, a, b, n) }

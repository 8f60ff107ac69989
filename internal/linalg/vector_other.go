//go:build !amd64

package linalg

const hasFused = true

func addScaled4(dst []float64, a *[4]float64, x *[4][]float64) { addScaled4Go(dst, a, x) }
func dots4(dst *[4]float64, v, x []float64)                    { dots4Go(dst, v, x) }

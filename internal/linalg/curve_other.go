//go:build !amd64

package linalg

func exp(v []float64)  { expGo(v) }
func tanh(v []float64) { tanhGo(v) }

func cos(v []float64, offset, scale float64) {
	for i, x := range v {
		v[i] = cosOf(x, offset, scale)
	}
}

func expm1(v []float64) {
	for i, x := range v {
		v[i] = expm1Of(x)
	}
}

func log1p(v []float64) {
	for i, x := range v {
		v[i] = log1pOf(x)
	}
}

package linalg

import (
	"math"

	"golang.org/x/sys/cpu"
)

// exp, tanh and cos replace the elements of v, a multiple of 8.

func exp(v []float64) {
	switch {
	case hasAVX512:
		exp512(&v[0], len(v)/8)
	case hasAVX2:
		exp256(&v[0], len(v)/4)
	case cpu.X86.HasFMA:
		expGo(v)
	default:
		for i, x := range v {
			v[i] = math.Exp(x)
		}
	}
}

func tanh(v []float64) {
	switch {
	case hasAVX512:
		tanh512(&v[0], len(v)/8)
	case hasAVX2:
		tanh256(&v[0], len(v)/4)
	case cpu.X86.HasFMA:
		tanhGo(v)
	default:
		for i, x := range v {
			v[i] = math.Tanh(x)
		}
	}
}

func cos(v []float64, offset, scale float64) {
	switch {
	case hasAVX512:
		cos512(&v[0], len(v)/8, offset, scale)
	case hasAVX2:
		cos256(&v[0], len(v)/4, offset, scale)
	default:
		for i, x := range v {
			v[i] = cosOf(x, offset, scale)
		}
	}
}

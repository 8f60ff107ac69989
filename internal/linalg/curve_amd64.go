package linalg

import (
	"math"

	"golang.org/x/sys/cpu"
)

// exp, tanh, cos, expm1 and log1p replace the elements of v, a multiple of 8.

func exp(v []float64) {
	switch {
	case hasAVX512:
		expx512(&v[0], len(v)/8)
	case hasAVX2:
		expx256(&v[0], len(v)/4)
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
		tanhx512(&v[0], len(v)/8)
	case hasAVX2:
		tanhx256(&v[0], len(v)/4)
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
		cosx512(&v[0], len(v)/8, offset, scale)
	case hasAVX2:
		cosx256(&v[0], len(v)/4, offset, scale)
	default:
		for i, x := range v {
			v[i] = cosOf(x, offset, scale)
		}
	}
}

func expm1(v []float64) {
	switch {
	case hasAVX512:
		expm1x512(&v[0], len(v)/8)
	case hasAVX2:
		expm1x256(&v[0], len(v)/4)
	default:
		for i, x := range v {
			v[i] = expm1Of(x)
		}
	}
}

func log1p(v []float64) {
	switch {
	case hasAVX512:
		log1px512(&v[0], len(v)/8)
	case hasAVX2:
		log1px256(&v[0], len(v)/4)
	default:
		for i, x := range v {
			v[i] = log1pOf(x)
		}
	}
}

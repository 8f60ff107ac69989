package svm

import (
	"fmt"

	"github.com/lren-chuv/automl/internal/linalg"
)

var kernelNames = []string{"rbf", "poly", "linear", "sigmoid"}

// Kernel is a similarity of two rows: exp(-γ|x-y|²), (γ·x·y+c)^d, x·y or tanh(γ·x·y+c).
type kernel struct {
	Name         string
	Gamma, Coef0 float64
	Degree       int
}

// check reports what a decoded kernel cannot be.
func (k kernel) check() error {
	for _, name := range kernelNames {
		if k.Name == name && k.Degree >= 0 && k.Degree <= 1000 {
			return nil
		}
	}
	return fmt.Errorf("svm: kernel %q of degree %d", k.Name, k.Degree)
}

// of writes to dst the kernel of x, whose squared norm is given, and each row of m, whose squared norms are too.
func (k kernel) of(dst, x []float64, norm float64, m linalg.Matrix, norms []float64) {
	m.MulVec(dst, x)
	k.shape(dst, norm, norms)
}

// shape turns products of a row of the given squared norm with others into kernels.
func (k kernel) shape(dst []float64, norm float64, norms []float64) {
	switch k.Name {
	case "rbf":
		for i, dot := range dst {
			dst[i] = -k.Gamma * max(0, norm+norms[i]-2*dot)
		}
		linalg.Exp(dst)
	case "poly":
		for i, dot := range dst {
			dst[i] = power(k.Gamma*dot+k.Coef0, k.Degree)
		}
	case "sigmoid":
		for i, dot := range dst {
			dst[i] = k.Gamma*dot + k.Coef0
		}
		linalg.Tanh(dst)
	}
}

func power(v float64, n int) float64 {
	p := 1.0
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			p *= v
		}
		v *= v
	}
	return p
}

func squaredNorms(m linalg.Matrix) []float64 {
	norms := make([]float64, m.Rows)
	for i := range norms {
		norms[i] = linalg.SquaredNorm(m.Row(i))
	}
	return norms
}

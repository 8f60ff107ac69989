package decompose

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

var kernels = []string{"rbf", "cosine", "chi2", "laplacian", "polynomial", "poly", "linear", "additive_chi2", "sigmoid"}

// kernel is one of scikit-learn's pairwise kernels of two rows x and y:
// rbf exp(−γ‖x−y‖²), laplacian exp(−γ‖x−y‖₁), polynomial (γx·y+c)^d, sigmoid tanh(γx·y+c), linear x·y, cosine
// x·y/‖x‖‖y‖, additive_chi2 −Σ(x−y)²/(x+y), chi2 exp(γ·additive_chi2).
type kernel struct {
	Name                 string
	Gamma, Degree, Coef0 float64
}

// nonNegative tells whether the kernel is defined for non-negative values only.
func (k kernel) nonNegative() bool { return k.Name == "chi2" || k.Name == "additive_chi2" }

// between evaluates the kernel for rows of the same length.
func (k kernel) between(x, y []float64) float64 {
	switch k.Name {
	case "rbf":
		return math.Exp(-k.Gamma * squaredDistance(x, y))
	case "laplacian":
		return math.Exp(-k.Gamma * absoluteDistance(x, y))
	case "polynomial", "poly":
		return math.Pow(k.Gamma*dot(x, y)+k.Coef0, k.Degree)
	case "sigmoid":
		return math.Tanh(k.Gamma*dot(x, y) + k.Coef0)
	case "chi2":
		return math.Exp(k.Gamma * additiveChi2(x, y))
	case "additive_chi2":
		return additiveChi2(x, y)
	case "cosine":
		if n := math.Sqrt(dot(x, x)) * math.Sqrt(dot(y, y)); n > 0 {
			return dot(x, y) / n
		}
		return 0
	}
	return dot(x, y)
}

func (k kernel) check() error {
	if !slices.Contains(kernels, k.Name) {
		return fmt.Errorf("kernel %q", k.Name)
	}
	if k.Gamma-k.Gamma != 0 || k.Degree-k.Degree != 0 || k.Coef0-k.Coef0 != 0 {
		return errors.New("a kernel's parameter is not finite")
	}
	return nil
}

func dot(x, y []float64) float64 {
	sum := 0.0
	for j, v := range x {
		sum += v * y[j]
	}
	return sum
}

func squaredDistance(x, y []float64) float64 {
	sum := 0.0
	for j, v := range x {
		d := v - y[j]
		sum += d * d
	}
	return sum
}

func absoluteDistance(x, y []float64) float64 {
	sum := 0.0
	for j, v := range x {
		sum += math.Abs(v - y[j])
	}
	return sum
}

func additiveChi2(x, y []float64) float64 {
	sum := 0.0
	for j, v := range x {
		if s := v + y[j]; s != 0 {
			d := v - y[j]
			sum -= d * d / s
		}
	}
	return sum
}

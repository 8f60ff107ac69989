package decompose

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lren-chuv/automl/internal/linalg"
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

// distances writes the kernel of each row of a and each row of a table, for the kernels that are no function of their
// product.
func (k kernel) distances(work *linalg.Workspace, dst, a linalg.Matrix, columns [][]float64) {
	factor := -k.Gamma
	switch k.Name {
	case "laplacian":
		work.ManhattanColumns(dst, a, columns)
	case "additive_chi2":
		work.Chi2Columns(dst, a, columns)
		factor = -1
	default:
		work.Chi2Columns(dst, a, columns)
	}
	for i, v := range dst.Data {
		dst.Data[i] = factor * v
	}
	if k.Name != "additive_chi2" {
		linalg.Exp(dst.Data)
	}
}

// byProduct tells whether the kernel is a function of the product of two rows and their squared norms.
func (k kernel) byProduct() bool { return k.Name != "laplacian" && !k.nonNegative() }

// shape turns the products of a row of the given squared norm with others into kernels.
func (k kernel) shape(dots []float64, norm float64, norms []float64) {
	switch k.Name {
	case "rbf":
		for i, v := range dots {
			dots[i] = -k.Gamma * max(0, norm+norms[i]-2*v)
		}
		linalg.Exp(dots)
	case "polynomial", "poly":
		for i, v := range dots {
			dots[i] = k.power(k.Gamma*v + k.Coef0)
		}
	case "sigmoid":
		for i, v := range dots {
			dots[i] = k.Gamma*v + k.Coef0
		}
		linalg.Tanh(dots)
	case "cosine":
		for i, v := range dots {
			if n := math.Sqrt(norm) * math.Sqrt(norms[i]); n > 0 {
				dots[i] = v / n
			} else {
				dots[i] = 0
			}
		}
	}
}

func (k kernel) power(v float64) float64 {
	if k.Degree != math.Trunc(k.Degree) || k.Degree < 0 || k.Degree > 32 {
		return math.Pow(v, k.Degree)
	}
	p := 1.0
	for range int(k.Degree) {
		p *= v
	}
	return p
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

// The sums below run in four strands, which do not wait for each other.

func dot(x, y []float64) float64 { return linalg.Dot(x, y) }

func squaredDistance(x, y []float64) float64 {
	var s [4]float64
	body := len(x) &^ 3
	for j := 0; j < body; j += 4 {
		u, v := (*[4]float64)(x[j:]), (*[4]float64)(y[j:])
		d0, d1, d2, d3 := u[0]-v[0], u[1]-v[1], u[2]-v[2], u[3]-v[3]
		s[0] += d0 * d0
		s[1] += d1 * d1
		s[2] += d2 * d2
		s[3] += d3 * d3
	}
	for j := body; j < len(x); j++ {
		d := x[j] - y[j]
		s[0] += d * d
	}
	return (s[0] + s[1]) + (s[2] + s[3])
}

func absoluteDistance(x, y []float64) float64 {
	var s [4]float64
	body := len(x) &^ 3
	for j := 0; j < body; j += 4 {
		u, v := (*[4]float64)(x[j:]), (*[4]float64)(y[j:])
		s[0] += math.Abs(u[0] - v[0])
		s[1] += math.Abs(u[1] - v[1])
		s[2] += math.Abs(u[2] - v[2])
		s[3] += math.Abs(u[3] - v[3])
	}
	for j := body; j < len(x); j++ {
		s[0] += math.Abs(x[j] - y[j])
	}
	return (s[0] + s[1]) + (s[2] + s[3])
}

package gaussian

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/internal/linalg"
)

// kernel is a similarity of two rows; what its numbers mean depends on its name.
type kernel struct {
	Name   string
	Gamma  float64 // factor of the distance or the product
	Coef0  float64 // constant added to the product
	Degree float64 // exponent of poly; nu of Matern; alpha of RationalQuadratic
}

// Names of kernels beside scikit-learn's pairwise ones: those of its Gaussian processes, with Gamma = 1/length².
const (
	rbf       = "rbf"
	matern    = "Matern"
	rational  = "RationalQuadratic"
	product   = "DotProduct"
	laplacian = "laplacian"
)

// shapes turns products of a row of the given squared norm with others, or its distances from them, into kernels.
func (k kernel) shapes(dots []float64, norm float64, norms []float64) {
	switch {
	case k.Name == laplacian:
		for i, distance := range dots {
			dots[i] = -k.Gamma * distance
		}
		linalg.Exp(dots)
	case k.Name == rbf:
		for i, dot := range dots {
			dots[i] = -k.Gamma * max(0, norm+norms[i]-2*dot)
		}
		linalg.Exp(dots)
	case k.Name == "sigmoid":
		for i, dot := range dots {
			dots[i] = k.Gamma*dot + k.Coef0
		}
		linalg.Tanh(dots)
	case k.Name == matern:
		decay := make([]float64, len(dots))
		for i, dot := range dots {
			dots[i] = math.Sqrt(2 * k.Degree * k.Gamma * max(0, norm+norms[i]-2*dot))
			decay[i] = -dots[i]
		}
		linalg.Exp(decay)
		for i, d := range dots {
			dots[i] = maternFactor(d, k.Degree) * decay[i]
		}
	case k.Name == "poly" && k.Degree == math.Trunc(k.Degree) && k.Degree <= 32:
		for i, dot := range dots {
			base, p := k.Gamma*dot+k.Coef0, 1.0
			for range int(k.Degree) {
				p *= base
			}
			dots[i] = p
		}
	case k.Name == "linear" || k.Name == product:
		if k.Coef0 != 0 {
			for i, dot := range dots {
				dots[i] = dot + k.Coef0
			}
		}
	default:
		for i, dot := range dots {
			dots[i] = k.shape(dot, norm, norms[i])
		}
	}
}

// shape is the kernel of two rows with the given product and squared norms.
func (k kernel) shape(dot, norm, other float64) float64 {
	d2 := max(0, norm+other-2*dot) * k.Gamma
	switch k.Name {
	case rbf:
		return math.Exp(-d2)
	case matern:
		return maternOf(math.Sqrt(d2), k.Degree)
	case rational:
		if k.Degree == 1 {
			return 1 / (1 + d2/2)
		}
		return math.Pow(1+d2/(2*k.Degree), -k.Degree)
	case "poly":
		return math.Pow(k.Gamma*dot+k.Coef0, k.Degree)
	case "sigmoid":
		return math.Tanh(k.Gamma*dot + k.Coef0)
	case "cosine":
		if norm == 0 || other == 0 {
			return 0
		}
		return dot / math.Sqrt(norm*other)
	}
	return dot + k.Coef0 // linear and DotProduct
}

// maternOf is the Matérn kernel at distance d in units of the length, for the three smoothnesses with a short formula
// (Rasmussen and Williams 2006, equation 4.17).
func maternOf(d, nu float64) float64 {
	d *= math.Sqrt(2 * nu)
	return maternFactor(d, nu) * math.Exp(-d)
}

// maternFactor is what exp(−d) is multiplied by.
func maternFactor(d, nu float64) float64 {
	switch nu {
	case 0.5:
		return 1
	case 1.5:
		return 1 + d
	}
	return 1 + d + d*d/3
}

func squaredNorms(m linalg.Matrix) []float64 {
	norms := make([]float64, m.Rows)
	for i := range norms {
		norms[i] = linalg.SquaredNorm(m.Row(i))
	}
	return norms
}

const slab = 64 // rows whose kernels are computed together

// gram is the kernel between all rows of x; above the diagonal it is left as it comes.
func (k kernel) gram(ctx context.Context, x linalg.Matrix) (linalg.Matrix, error) {
	norms, out := squaredNorms(x), linalg.NewMatrix(x.Rows, x.Rows)
	all := linalg.PackRows(x)
	var work linalg.Workspace
	for lo := 0; lo < x.Rows; lo += slab {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		hi := min(lo+slab, x.Rows)
		part := linalg.Of(hi-lo, x.Cols, x.Data[lo*x.Cols:hi*x.Cols])
		block := linalg.Of(hi-lo, x.Rows, out.Data[lo*x.Rows:hi*x.Rows])
		if k.Name == laplacian {
			work.ManhattanPackedInto(block, hi, part, all)
		} else {
			work.MulPackedInto(block, hi, part, all)
		}
		for i := lo; i < hi; i++ {
			row := out.Row(i)[:i+1]
			k.shapes(row, norms[i], norms)
			if !linalg.Finite(row) {
				return out, linalg.ErrNotFinite
			}
		}
	}
	return out, nil
}

// block writes to dst the kernel of each row of x and each row of m, whose squared norms are given.
func (k kernel) block(work *linalg.Workspace, dst, x, m linalg.Matrix, norms []float64) {
	if k.Name == laplacian {
		work.Manhattan(dst, x, m)
	} else {
		work.MulT(dst, x, m)
	}
	for i := range dst.Rows {
		k.shapes(dst.Row(i), linalg.SquaredNorm(x.Row(i)), norms)
	}
}

var errNotPositive = errors.New("the kernel matrix is not positive definite; a larger alpha helps")

// factor is the Cholesky factor of the lower triangle of a.
func factor(ctx context.Context, a linalg.Matrix) (*linalg.Cholesky, error) {
	c, err := linalg.CholeskyOf(ctx, a)
	return c, named(err)
}

// factorInPlace is factor in the memory of a.
func factorInPlace(ctx context.Context, a linalg.Matrix) (*linalg.Cholesky, error) {
	c, err := linalg.CholeskyInPlace(ctx, a)
	return c, named(err)
}

func named(err error) error {
	if errors.Is(err, linalg.ErrNotPositive) {
		return errNotPositive
	}
	return err
}

func (k kernel) check() error {
	switch k.Name {
	case rbf, matern, rational, product, laplacian, "poly", "sigmoid", "cosine", "linear":
		return nil
	}
	return fmt.Errorf("gaussian: kernel %q", k.Name)
}

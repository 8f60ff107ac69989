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

// of writes to dst the kernel of row x and each row of m, whose squared norms are given.
func (k kernel) of(dst, x []float64, m linalg.Matrix, norms []float64) {
	if k.Name == laplacian {
		for i := range dst {
			dst[i] = math.Exp(-k.Gamma * manhattan(x, m.Row(i)))
		}
		return
	}
	m.MulVec(dst, x)
	norm := linalg.SquaredNorm(x)
	for i, dot := range dst {
		dst[i] = k.shape(dot, norm, norms[i])
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
	switch nu {
	case 0.5:
		return math.Exp(-d)
	case 1.5:
		return (1 + d) * math.Exp(-d)
	}
	return (1 + d + d*d/3) * math.Exp(-d)
}

func manhattan(x, y []float64) float64 {
	sum := 0.0
	for j, v := range x {
		sum += math.Abs(v - y[j])
	}
	return sum
}

func squaredNorms(m linalg.Matrix) []float64 {
	norms := make([]float64, m.Rows)
	for i := range norms {
		norms[i] = linalg.SquaredNorm(m.Row(i))
	}
	return norms
}

// gram is the kernel between all rows of x; above the diagonal it is left zero.
func (k kernel) gram(ctx context.Context, x linalg.Matrix) (linalg.Matrix, error) {
	norms, out := squaredNorms(x), linalg.NewMatrix(x.Rows, x.Rows)
	for i := range x.Rows {
		if i%16 == 0 && ctx.Err() != nil {
			return out, ctx.Err()
		}
		k.of(out.Row(i)[:i+1], x.Row(i), linalg.Of(i+1, x.Cols, x.Data[:(i+1)*x.Cols]), norms)
		if !linalg.Finite(out.Row(i)[:i+1]) {
			return out, linalg.ErrNotFinite
		}
	}
	return out, nil
}

var errNotPositive = errors.New("the kernel matrix is not positive definite; a larger alpha helps")

// factor replaces the lower triangle of a by its Cholesky factor. It polls ctx, which the general one does not.
func factor(ctx context.Context, a linalg.Matrix) error {
	for i := range a.Rows {
		if i%16 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		row := a.Row(i)
		for j := range i {
			row[j] = (row[j] - linalg.Dot(row[:j], a.Row(j)[:j])) / a.Data[j*a.Cols+j]
		}
		d := row[i] - linalg.SquaredNorm(row[:i])
		if !(d > 0) {
			return errNotPositive
		}
		row[i] = math.Sqrt(d)
	}
	return nil
}

// lower replaces b by the solution z of L·z = b.
func lower(l linalg.Matrix, b []float64) {
	for i := range b {
		row := l.Row(i)
		b[i] = (b[i] - linalg.Dot(row[:i], b[:i])) / row[i]
	}
}

// upper replaces b by the solution z of L'·z = b.
func upper(l linalg.Matrix, b []float64) {
	for i := len(b) - 1; i >= 0; i-- {
		row := l.Row(i)
		b[i] /= row[i]
		linalg.AddScaled(b[:i], -b[i], row[:i])
	}
}

// solve replaces b by the solution of K·z = b, where K has the factor l.
func solve(l linalg.Matrix, b []float64) {
	lower(l, b)
	upper(l, b)
}

func (k kernel) check() error {
	switch k.Name {
	case rbf, matern, rational, product, laplacian, "poly", "sigmoid", "cosine", "linear":
		return nil
	}
	return fmt.Errorf("gaussian: kernel %q", k.Name)
}

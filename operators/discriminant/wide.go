package discriminant

import (
	"context"
	"math"

	"github.com/lren-chuv/automl/internal/linalg"
)

// Where there are fewer rows than columns, the principal axes come from the products of rows with rows: the eigenvalues
// of ZZ' are those of Z'Z that are not zero, and Z'u is an eigenvector of Z'Z if u is one of ZZ'.

// principal returns the eigenvalues of z'z that are not zero to working precision, ascending, and as the columns of a
// matrix their eigenvectors.
func principal(ctx context.Context, z linalg.Matrix) (values []float64, vectors linalg.Matrix, err error) {
	values, u, err := linalg.SymEigen(linalg.MulT(z, z))
	if err != nil {
		return nil, u, err
	}
	low := 0
	for low < len(values) && !(values[low] > 1e-12*values[len(values)-1]) {
		low++
	}
	values = values[low:]
	vectors = linalg.NewMatrix(z.Cols, len(values))
	for r := range z.Rows {
		if err := ctx.Err(); err != nil {
			return nil, vectors, err
		}
		part := u.Row(r)[low:]
		for i, v := range z.Row(r) {
			if v != 0 {
				linalg.AddScaled(vectors.Row(i), v, part)
			}
		}
	}
	for j, v := range values {
		root := math.Sqrt(v)
		for i := range vectors.Rows {
			vectors.Data[i*vectors.Cols+j] /= root
		}
	}
	return values, vectors, nil
}

// rows is the number of rows of all classes.
func (g *groups) rows() int {
	n := 0
	for k := range g.x {
		n += g.x[k].Rows
	}
	return n
}

// variances returns Σ w(x − mean)² of every column over some classes.
func (g *groups) variances(classes ...int) []float64 {
	sum := make([]float64, g.cols)
	for _, k := range classes {
		for i := range g.x[k].Rows {
			w := g.weight(k, i)
			for j, v := range g.x[k].Row(i) {
				sum[j] += w * v * v
			}
		}
	}
	return sum
}

func (g *groups) weight(k, i int) float64 {
	if g.w[k] == nil {
		return 1
	}
	return g.w[k][i]
}

// deviations stacks the rows of some classes, less their class's mean, times the root of their weight and the given
// factor for every column.
func (g *groups) deviations(by []float64, classes ...int) linalg.Matrix {
	z := linalg.Matrix{Cols: g.cols}
	for _, k := range classes {
		for i := range g.x[k].Rows {
			root := math.Sqrt(g.weight(k, i))
			for j, v := range g.x[k].Row(i) {
				z.Data = append(z.Data, root*v*by[j])
			}
			z.Rows++
		}
	}
	return z
}

// whitenWide is [whiten] where there are fewer rows than columns.
func whitenWide(ctx context.Context, g *groups, freedom, tol float64) (linalg.Matrix, error) {
	all := make([]int, len(g.x))
	for k := range all {
		all[k] = k
	}
	std, by := g.variances(all...), make([]float64, g.cols)
	for j, v := range std {
		if std[j] = math.Sqrt(v / g.total); std[j] == 0 {
			std[j] = 1
		}
		by[j] = 1 / (std[j] * math.Sqrt(freedom))
	}
	values, vectors, err := principal(ctx, g.deviations(by, all...))
	if err != nil {
		return vectors, err
	}
	low := 0
	for low < len(values) && !(math.Sqrt(values[low]) > max(tol, 1e-7)) {
		low++
	}
	out := linalg.NewMatrix(g.cols, len(values)-low)
	for i, s := range std {
		for j := range out.Cols {
			out.Set(i, j, vectors.At(i, low+j)/(s*math.Sqrt(values[low+j])))
		}
	}
	return out, nil
}

// wideAxes is the principal axes of every class that has fewer rows than there are columns.
func (q qda) wideAxes(ctx context.Context, f *quadraticRule, g *groups, k int, floor float64) error {
	by := make([]float64, g.cols)
	for j := range by {
		by[j] = 1 / math.Sqrt(max(1, g.size[k]-1))
	}
	values, vectors, err := principal(ctx, g.deviations(by, k))
	if err != nil {
		return err
	}
	if len(values) == 0 { // rows that are all the same
		values, vectors = []float64{0}, linalg.NewMatrix(g.cols, 1)
	}
	q.add(f, values, vectors, floor)
	return nil
}

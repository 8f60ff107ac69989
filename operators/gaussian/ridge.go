package gaussian

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/operators"
)

const ridgeRows = 5000

var ridgeKernels = []string{"linear", rbf, "poly", "polynomial", "sigmoid", laplacian, "cosine"}

// KernelRidge is least squares with an l2 penalty alpha in the space of a kernel; gamma=None is one over the number of
// columns. It takes at most 5,000 rows. Saunders, Gammerman and Vovk (1998).
var KernelRidge = &operators.Spec{
	Name: "KernelRidge", Doc: "ridge regression with a kernel", Role: operators.Regressor, Traits: operators.Weights | operators.Instances,
	Params: []operators.Param{
		{Name: "alpha", Scale: operators.Log, Lo: 1e-4, Hi: 10, Default: 1},
		{Name: "kernel", Scale: operators.Choice, Choices: ridgeKernels},
		{Name: "gamma", Scale: operators.Log, Lo: 1e-4, Hi: 10, Choices: []string{"None"}, Default: operators.Word(0),
			When: &operators.Condition{Param: "kernel", Is: []string{rbf, "poly", "polynomial", "sigmoid", laplacian}}},
		{Name: "degree", Scale: operators.Int, Lo: 1, Hi: 5, Default: 3,
			When: &operators.Condition{Param: "kernel", Is: []string{"poly", "polynomial"}}},
		{Name: "coef0", Scale: operators.Linear, Lo: -1, Hi: 1, Default: 1,
			When: &operators.Condition{Param: "kernel", Is: []string{"poly", "polynomial", "sigmoid"}}},
	},
	Ignored: []string{"kernel_params"},
	New: func(v []float64) (operators.Operator, error) {
		r := kernelRidge{alpha: v[0], kernel: kernel{Name: ridgeKernels[int(v[1])], Gamma: v[2], Degree: v[3], Coef0: v[4]}}
		if _, auto := operators.IsWord(v[2]); auto {
			r.kernel.Gamma = 0
		}
		switch r.kernel.Name {
		case "polynomial":
			r.kernel.Name = "poly"
		case "linear", "cosine":
			r.kernel.Coef0 = 0
		}
		if r.alpha < 0 || r.kernel.Gamma < 0 || r.kernel.Degree < 0 {
			return nil, fmt.Errorf("kernel ridge: alpha %v, gamma %v or degree %v is negative", v[0], v[2], v[3])
		}
		return r, nil
	},
	Decode: operators.Decode[expansion],
	Memory: func(s operators.Shape, _ []float64) int64 { return 16 * int64(s.Rows) * int64(s.Rows+s.Cols) },
}

type kernelRidge struct {
	alpha  float64
	kernel kernel // Gamma 0 is one over the number of columns
}

// Fit solves for the weights of the training rows.
func (r kernelRidge) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	x, kept, err := matrixOf(s, ridgeRows)
	if err != nil {
		return nil, fmt.Errorf("kernel ridge: %w", err)
	}
	if r.kernel.Gamma == 0 {
		r.kernel.Gamma = 1 / float64(x.Cols)
	}
	g, err := r.kernel.gram(ctx, x)
	if err != nil {
		return nil, fmt.Errorf("kernel ridge: %w", err)
	}
	y, root := make([]float64, len(kept)), make([]float64, len(kept))
	for i, row := range kept {
		root[i] = 1
		if s.W != nil {
			root[i] = math.Sqrt(s.W[row])
		}
		y[i] = root[i] * s.Y.Float[row]
	}
	for i := range y {
		if row := g.Row(i)[:i+1]; s.W != nil {
			for j, v := range row {
				row[j] = v * root[i] * root[j]
			}
		}
		g.Set(i, i, g.At(i, i)+r.alpha)
	}
	if y, err = solveSymmetric(ctx, g, y); err != nil {
		return nil, fmt.Errorf("kernel ridge: %w", err)
	}
	for i := range y {
		y[i] *= root[i]
	}
	if !linalg.Finite(y) {
		return nil, fmt.Errorf("kernel ridge: %w", linalg.ErrNotFinite)
	}
	e := newExpansion(r.kernel, x, y)
	return &e, nil
}

// solveSymmetric solves for the symmetric matrix with lower triangle g, by least squares if it is not positive definite,
// as the sigmoid kernel's may be. It destroys g.
func solveSymmetric(ctx context.Context, g linalg.Matrix, y []float64) ([]float64, error) {
	const most = 1000 // a decomposition in one go must not outlast a cancellation for long
	way := factor
	if len(y) > most {
		way = factorInPlace
	}
	c, err := way(ctx, g)
	switch {
	case err == nil:
		c.Solve(y)
		return y, nil
	case !errors.Is(err, errNotPositive) || len(y) > most:
		return nil, err
	}
	for i := range y {
		for j := range i {
			g.Set(j, i, g.At(i, j))
		}
	}
	return leastNorm(g, y)
}

// leastNorm is the shortest of the least squares solutions with a symmetric matrix, by its eigenvalues.
func leastNorm(g linalg.Matrix, y []float64) ([]float64, error) {
	values, vectors, err := linalg.SymEigen(g)
	if err != nil {
		return nil, err
	}
	n := len(y)
	z, top := make([]float64, n), 0.0
	for _, v := range values {
		top = max(top, math.Abs(v))
	}
	vectors.TMulVec(z, y)
	for i, v := range values {
		if math.Abs(v) > 0x1p-52*float64(n)*top {
			z[i] /= v
		} else {
			z[i] = 0
		}
	}
	x := make([]float64, n)
	vectors.MulVec(x, z)
	return x, nil
}

package gaussian

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// expansion is a function that is a weighted sum of kernels around training rows, times Scale, plus Shift.
type expansion struct {
	Kernel       kernel
	Cols         int
	Rows         wire.Floats
	Weight       wire.Floats
	Shift, Scale float64

	norms []float64
}

func newExpansion(k kernel, x linalg.Matrix, weight []float64) expansion {
	return expansion{Kernel: k, Cols: x.Cols, Rows: x.Data, Weight: weight, Scale: 1, norms: squaredNorms(x)}
}

// Check reports what a decoded value cannot be.
func (e *expansion) Check() error {
	if e.Cols < 1 || len(e.Weight) == 0 || len(e.Rows)/e.Cols != len(e.Weight) || len(e.Rows)%e.Cols != 0 {
		return errors.New("gaussian: rows and weights do not fit together")
	}
	e.norms = squaredNorms(e.matrix())
	return e.Kernel.check()
}

func (e *expansion) matrix() linalg.Matrix { return linalg.Of(len(e.Weight), e.Cols, e.Rows) }

// Apply returns the value for each row.
func (e *expansion) Apply(ctx context.Context, env *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	y := make([]float64, x.Rows())
	if e.Kernel.Name == "linear" && x.Cols() == e.Cols {
		return e.plane(ctx, x, y)
	}
	err := e.each(ctx, env, x, func(i int, _ float64, k []float64) error {
		y[i] = e.Shift + e.Scale*linalg.Dot(k, e.Weight)
		if y[i]-y[i] != 0 {
			return fmt.Errorf("kernel: the prediction of row %d is %v", i, y[i])
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return dataset.MustFrame(len(y), dataset.NewNumeric("prediction", y)), nil
}

// plane is Apply for the linear kernel, whose weighted sum of products is the product with a weighted sum.
func (e *expansion) plane(ctx context.Context, x *dataset.Frame, y []float64) (*dataset.Frame, error) {
	sum := linalg.NewMatrix(1, e.Cols)
	e.matrix().TMulVec(sum.Data, e.Weight)
	if err := linalg.MulColumns(ctx, linalg.Of(1, len(y), y), sum, x.Floats(), nil); err != nil {
		return nil, err
	}
	constant := 0.0
	for _, w := range e.Weight {
		constant += w * e.Kernel.Coef0
	}
	for i := range y {
		y[i] = e.Shift + e.Scale*(y[i]+constant)
	}
	if !linalg.Finite(y) {
		return nil, errors.New("kernel: a prediction is not finite")
	}
	return dataset.MustFrame(len(y), dataset.NewNumeric("prediction", y)), nil
}

// each calls use for every row of x with its kernel with itself and with the training rows.
func (e *expansion) each(ctx context.Context, env *operators.Env, x *dataset.Frame, use func(i int, self float64, k []float64) error) error {
	return e.blocks(ctx, env, x, func(lo int, self []float64, kernels linalg.Matrix) error {
		for i, s := range self {
			if err := use(lo+i, s, kernels.Row(i)); err != nil {
				return err
			}
		}
		return nil
	})
}

// blocks calls use for some rows of x after the others, from row lo on: with their kernels with themselves, and those with
// the training rows as the rows of a matrix.
func (e *expansion) blocks(ctx context.Context, env *operators.Env, x *dataset.Frame, use func(lo int, self []float64, kernels linalg.Matrix) error) error {
	if x.Cols() != e.Cols {
		return fmt.Errorf("kernel: %d columns, trained on %d", x.Cols(), e.Cols)
	}
	const slab = 256 // rows at once: every product arranges the training rows anew
	rows, m := x.Matrix(), e.matrix()
	return env.Each(ctx, (x.Rows()+slab-1)/slab, func(b int, _ *rand.Rand) error {
		lo, hi := b*slab, min((b+1)*slab, x.Rows())
		part, k := linalg.Of(hi-lo, e.Cols, rows[lo*e.Cols:hi*e.Cols]), linalg.NewMatrix(hi-lo, m.Rows)
		var work linalg.Workspace
		e.Kernel.block(&work, k, part, m, e.norms)
		self := make([]float64, part.Rows)
		for i := range self {
			norm := linalg.SquaredNorm(part.Row(i))
			self[i] = e.Kernel.shape(norm, norm, norm)
		}
		if err := use(lo, self, k); err != nil {
			return err
		}
		return ctx.Err()
	})
}

// matrixOf returns the rows of positive weight, and their numbers.
func matrixOf(s dataset.Sample, limit int) (linalg.Matrix, []int32, error) {
	n, p := s.X.Rows(), s.X.Cols()
	switch {
	case p == 0:
		return linalg.Matrix{}, nil, errors.New("no columns")
	case n > limit:
		return linalg.Matrix{}, nil, fmt.Errorf("%d rows are too many, at most %d can be used", n, limit)
	}
	all := linalg.Of(n, p, s.X.Matrix())
	if !linalg.Finite(all.Data) {
		return all, nil, linalg.ErrNotFinite
	}
	kept, out := make([]int32, 0, n), linalg.Matrix{Cols: p}
	for i := range n {
		if s.W == nil || s.W[i] > 0 {
			kept = append(kept, int32(i))
			out.Rows++
			out.Data = append(out.Data, all.Row(i)...)
		}
	}
	if len(kept) == 0 {
		return out, nil, errors.New("no row has a weight")
	}
	return out, kept, nil
}

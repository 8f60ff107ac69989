package linear

import (
	"context"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/operators"
)

// An l2 penalty does not care for directions: a table with more columns than rows can be rotated into the few directions
// that its rows span, the model fitted there, and its weights turned back (Hastie and Tibshirani 2004, "Efficient
// quadratic regularization for expression arrays"). The result is the same, the work is that of a table of n columns.

// wideColumns is the number of columns from which that pays.
const wideColumns = 150

// rotation is a wide frame in the directions that its rows span; it is found once for all models of the frame.
type rotation struct {
	frame *dataset.Frame // rows × directions
	back  linalg.Matrix  // columns × directions: weights on the frame's own columns from weights on the directions
	shift []float64      // means of the columns
	err   error
}

type rotationKey struct{}

func rotate(x *dataset.Frame) *rotation {
	return x.Derive(rotationKey{}, func() any {
		n, p := x.Rows(), x.Cols()
		r := &rotation{shift: make([]float64, p)}
		z := linalg.NewMatrix(n, p)
		for j, c := range x.Columns() {
			r.shift[j] = mean(c.Float)
			for i, v := range c.Float {
				z.Set(i, j, v-r.shift[j])
			}
		}
		values, vectors, err := linalg.SymEigen(linalg.MulT(z, z))
		if err != nil {
			r.err = err
			return r
		}
		first := 0 // directions without length come first and are left out
		for first < n && values[first] <= 1e-12*values[n-1] {
			first++
		}
		k := n - first
		turn := linalg.NewMatrix(n, k) // U·Λ^(-1/2)
		cols := make([]*dataset.Column, k)
		for d := range k {
			length := math.Sqrt(values[first+d])
			v := make([]float64, n)
			for i := range v {
				v[i] = vectors.At(i, first+d) * length
				turn.Set(i, d, vectors.At(i, first+d)/length)
			}
			cols[d] = dataset.NewNumeric(fmt.Sprint("direction ", d), v)
		}
		r.frame, r.back = dataset.MustFrame(n, cols...), linalg.TMul(z, turn)
		return r
	}).(*rotation)
}

// rotated fits the rotated frame and turns the weights back.
func (o logistic) rotated(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	r := rotate(s.X)
	if r.err != nil {
		return nil, failed("logistic regression", r.err)
	}
	s.X = r.frame
	f, err := o.Fit(ctx, env, s)
	if err != nil {
		return nil, err
	}
	small := f.(*planes)
	out := *small
	out.Features = len(r.shift)
	out.Coef = make([]float64, len(small.Intercept)*out.Features)
	out.Intercept = append(out.Intercept[:0:0], small.Intercept...)
	for k := range small.Intercept {
		r.back.MulVec(out.row(k), small.row(k))
		out.Intercept[k] -= linalg.Dot(r.shift, out.row(k))
	}
	return &out, out.Check()
}

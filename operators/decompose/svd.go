package decompose

import (
	"context"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
)

// svd holds the singular values of a frame's matrix in descending order and its right singular vectors.
type svd struct {
	mean   []float64     // what was subtracted from every column
	values []float64     // min(rows, columns) of them
	axes   linalg.Matrix // columns × len(values)
}

type svdKey struct{ centred bool }

// decompose returns the decomposition of x, with its columns' means subtracted or not. It is made once for all who ask.
func decompose(ctx context.Context, x *dataset.Frame, centred bool) (*svd, error) {
	type result struct {
		svd *svd
		err error
	}
	compute := func() any {
		d, err := computeSVD(ctx, x, centred)
		return result{d, err}
	}
	r := x.Derive(svdKey{centred}, compute).(result)
	if r.err != nil && ctx.Err() == nil { // perhaps it was another fit that was cancelled
		r = compute().(result)
	}
	return r.svd, r.err
}

func computeSVD(ctx context.Context, x *dataset.Frame, centred bool) (*svd, error) {
	n, p := x.Rows(), x.Cols()
	d := &svd{mean: make([]float64, p)}
	a := linalg.NewMatrix(n, p)
	for j, c := range x.Columns() {
		for _, v := range c.Float {
			if !(math.Abs(v) < 1e150) {
				return nil, fmt.Errorf("the values of column %q are too large", c.Name)
			}
			if centred {
				d.mean[j] += v / float64(n)
			}
		}
		for i, v := range c.Float {
			a.Data[i*p+j] = v - d.mean[j]
		}
	}
	a, err := reduce(ctx, a)
	if err != nil {
		return nil, err
	}
	f, err := linalg.ThinSVD(a)
	if err != nil {
		return nil, err
	}
	d.values, d.axes = f.S, f.V
	flip(d.axes)
	return d, nil
}

// reduce replaces a tall matrix by the triangle of its QR decomposition, which has the same singular values and right
// singular vectors. It goes block by block (Demmel et al. 2012, sequential TSQR), looking at ctx between them.
func reduce(ctx context.Context, a linalg.Matrix) (linalg.Matrix, error) {
	p := a.Cols
	block := max(256, 4*p)
	if a.Rows <= block+p {
		return a, nil
	}
	part := linalg.Of(block, p, a.Data[:block*p])
	for lo := block; ; lo += block {
		if err := ctx.Err(); err != nil {
			return a, err
		}
		f, err := linalg.ThinQR(part)
		if err != nil {
			return a, err
		}
		if lo >= a.Rows {
			return f.R, nil
		}
		hi := min(lo+block, a.Rows)
		part = linalg.NewMatrix(p+hi-lo, p)
		copy(part.Data, f.R.Data)
		copy(part.Data[p*p:], a.Data[lo*p:hi*p])
	}
}

// flip makes the largest entry of every axis positive, so that signs do not depend on rounding.
func flip(axes linalg.Matrix) {
	for c := range axes.Cols {
		largest := 0.0
		for j := range axes.Rows {
			if x := axes.At(j, c); math.Abs(x) > math.Abs(largest)+1e-12 {
				largest = x
			}
		}
		if largest < 0 {
			for j := range axes.Rows {
				axes.Set(j, c, -axes.At(j, c))
			}
		}
	}
}

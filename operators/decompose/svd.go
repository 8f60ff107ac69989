package decompose

import (
	"context"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/internal/stats"
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
	p := x.Cols()
	d := &svd{mean: make([]float64, p)}
	for j, c := range x.Columns() {
		m := stats.Describe(c)
		if !(m.Max < 1e150 && m.Min > -1e150) {
			return nil, fmt.Errorf("the values of column %q are too large", c.Name)
		}
		if centred {
			d.mean[j] = m.Mean
		}
	}
	a, err := triangle(ctx, x.Floats(), d.mean)
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

// triangle returns a matrix with the singular values and right singular vectors of the columns less their means: the
// triangle of their QR decomposition, where there are enough rows for it to be smaller.
func triangle(ctx context.Context, columns [][]float64, mean []float64) (linalg.Matrix, error) {
	n, p := len(columns[0]), len(columns)
	if n > 4*p {
		if r, ok, err := byProducts(ctx, columns, mean); ok || err != nil {
			return r, err
		}
	}
	a := linalg.NewMatrix(n, p)
	for j, c := range columns {
		for i, v := range c {
			a.Data[i*p+j] = v - mean[j]
		}
	}
	return reduce(ctx, a)
}

// byProducts finds the triangle by two Cholesky factors (Fukaya et al. 2014, CholeskyQR2): that of the Gram matrix, and
// that of the Gram matrix of the columns so made orthogonal, which takes away what rounding did to the first. It is as
// accurate as reflections unless the columns nearly depend on each other, when it reports false.
func byProducts(ctx context.Context, columns [][]float64, mean []float64) (r linalg.Matrix, ok bool, err error) {
	p := len(columns)
	gram, err := linalg.GramOfColumns(ctx, columns, mean)
	if err != nil {
		return r, false, err
	}
	first, err := linalg.CholeskyOf(ctx, gram)
	if err != nil {
		return r, false, ctx.Err()
	}
	inverse := first.InverseL()
	again := linalg.NewMatrix(p, p)
	part, rows := make([][]float64, p), make([][]float64, p)
	size := min(2048, len(columns[0]))
	data := make([]float64, p*size)
	for lo := 0; lo < len(columns[0]); lo += size {
		hi := min(lo+size, len(columns[0]))
		q := linalg.Of(p, hi-lo, data[:p*(hi-lo)])
		for j, c := range columns {
			part[j], rows[j] = c[lo:hi], q.Row(j)
		}
		if err := linalg.MulColumns(ctx, q, inverse, part, mean); err != nil {
			return r, false, err
		}
		g, err := linalg.GramOfColumns(ctx, rows, nil)
		if err != nil {
			return r, false, err
		}
		linalg.AddScaled(again.Data, 1, g.Data)
	}
	for i := range p {
		for j, v := range again.Row(i)[:i+1] {
			if i == j {
				v--
			}
			if !(math.Abs(v) < 1e-3) {
				return r, false, nil
			}
		}
	}
	second, err := linalg.CholeskyOf(ctx, again)
	if err != nil {
		return r, false, ctx.Err()
	}
	return linalg.Mul(first.L(), second.L()).T(), true, nil
}

// reduce replaces a tall matrix by the triangle of its QR decomposition by reflections. It goes block by block (Demmel et
// al. 2012, sequential TSQR), looking at ctx between them.
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

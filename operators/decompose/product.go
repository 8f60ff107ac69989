package decompose

import (
	"context"
	"errors"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
)

const block = 1024 // rows that are worked on together

// blocks calls work for some rows of a table after the others, [lo, hi), with that part of every column.
func blocks(ctx context.Context, x *dataset.Frame, work func(lo, hi int, part [][]float64) error) error {
	columns, part := x.Floats(), make([][]float64, x.Cols())
	for lo := 0; lo < x.Rows(); lo += block {
		if err := ctx.Err(); err != nil {
			return err
		}
		hi := min(lo+block, x.Rows())
		for j, c := range columns {
			part[j] = c[lo:hi]
		}
		if err := work(lo, hi, part); err != nil {
			return err
		}
	}
	return nil
}

// product returns axes'·(x − mean)', one row per column of axes, which is columns × components; mean nil is zero. What it
// is to become, row by row of a part, is left to finish, which may be nil.
func product(ctx context.Context, x *dataset.Frame, mean []float64, axes linalg.Matrix, finish func(component int, v []float64)) (linalg.Matrix, error) {
	out, a := linalg.NewMatrix(axes.Cols, x.Rows()), axes.T()
	var work linalg.Workspace
	return out, blocks(ctx, x, func(lo, hi int, part [][]float64) error {
		work.MulColumnsInto(out, lo, a, part, mean)
		for c := range out.Rows {
			v := out.Row(c)[lo:hi]
			if finish != nil {
				finish(c, v)
			}
			if !linalg.Finite(v) {
				return errors.New("the values are too large")
			}
		}
		return nil
	})
}

// squaredNorms writes the squared length of every row of a table less the shift of each column; nil is zero.
func squaredNorms(norms []float64, columns [][]float64, shift []float64) {
	clear(norms)
	for j, c := range columns {
		m := 0.0
		if shift != nil {
			m = shift[j]
		}
		linalg.AddSquares(norms, c[:len(norms)], m)
	}
}

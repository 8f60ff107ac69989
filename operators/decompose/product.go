package decompose

import (
	"context"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
)

// product returns axes'·(x − mean)', one row per column of axes, which is columns × components; mean nil is zero.
func product(ctx context.Context, x *dataset.Frame, mean []float64, axes linalg.Matrix) (linalg.Matrix, error) {
	out := linalg.NewMatrix(axes.Cols, x.Rows())
	return out, linalg.MulColumns(ctx, out, axes.T(), x.Floats(), mean)
}

// squaredNorms returns the squared length of every row of a table less the shift of each column; nil is zero.
func squaredNorms(columns [][]float64, rows int, shift []float64) []float64 {
	norms := make([]float64, rows)
	for j, c := range columns {
		m := 0.0
		if shift != nil {
			m = shift[j]
		}
		for i, v := range c[:len(norms)] {
			norms[i] += (v - m) * (v - m)
		}
	}
	return norms
}

package decompose

import (
	"context"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
)

const slab = 512 // rows that are multiplied together

// product returns axes'·(x − mean)', one row per column of axes, which is columns × components; mean nil is zero.
func product(ctx context.Context, x *dataset.Frame, mean []float64, axes linalg.Matrix) (linalg.Matrix, error) {
	n, p, k := x.Rows(), x.Cols(), axes.Cols
	out := linalg.NewMatrix(k, n)
	var work linalg.Workspace
	in, part := make([]float64, p*slab), make([]float64, k*slab)
	for lo := 0; lo < n; lo += slab {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		rows := min(slab, n-lo)
		block := linalg.Of(p, rows, in[:p*rows])
		for j, c := range x.Columns() {
			to := block.Row(j)
			if mean == nil {
				copy(to, c.Float[lo:lo+rows])
				continue
			}
			m := mean[j]
			for i, v := range c.Float[lo : lo+rows] {
				to[i] = v - m
			}
		}
		result := linalg.Of(k, rows, part[:k*rows])
		work.TMul(result, axes, block)
		for c := range k {
			copy(out.Row(c)[lo:], result.Row(c))
		}
	}
	return out, nil
}

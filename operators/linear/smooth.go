package linear

import (
	"context"

	"github.com/lren-chuv/automl/internal/linalg"
)

// smooth is an objective over the rows of a design and the ways around its cost.
type smooth struct {
	objective
	rows, cols int                                              // of the design
	every      func(step int) objective                         // the same on every step-th row, counted step times
	metric     func(ctx context.Context) (linalg.Matrix, error) // roughly the second derivatives of each block of cols parameters
}

// many is the number of parameters beyond which a Newton step costs more than it saves.
const many = 400

// minimise finds the minimum plus that of the l1 penalty (nil: none), from theta on and in place. Many parameters
// without l1 are left to L-BFGS. Otherwise, where the rows outnumber the columns by far, the first Newton steps are taken
// on every 64th and then every 8th of the rows.
func (s smooth) minimise(ctx context.Context, theta, l1 []float64) error {
	if l1 == nil && len(theta) > many {
		h, err := s.metric(ctx)
		if err != nil {
			return err
		}
		chol, err := linalg.RaisedCholesky(h)
		if err != nil {
			return err
		}
		return lbfgs(ctx, s.objective, theta, chol)
	}
	for _, step := range []int{64, 8} {
		if s.rows < 20*step*s.cols {
			continue
		}
		if err := newton(ctx, s.every(step), theta, l1, roughly); err != nil {
			return err
		}
	}
	return newton(ctx, s.objective, theta, l1, exactly)
}

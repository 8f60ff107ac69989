package linear

import "context"

// thin is an objective that can be had on every step-th row, counted step times.
type thin interface {
	objective
	every(step int) thin
	rows() int
}

// minimise finds the minimum of f plus the l1 penalty (nil: none), from theta on and in place. Where the rows outnumber
// the columns of the design, q, by far, the first steps are taken on every 64th and then every 8th of them.
func minimise(ctx context.Context, f thin, theta, l1 []float64, q int) error {
	for _, step := range []int{64, 8} {
		if f.rows() < 20*step*q {
			continue
		}
		if err := newton(ctx, f.every(step), theta, l1, roughly); err != nil {
			return err
		}
	}
	return newton(ctx, f, theta, l1, exactly)
}

package linear

import (
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
)

// narrowKey marks the narrow form of a basis among what is derived from a frame.
type narrowKey basis

// narrowDesignOf returns the frame's design for models whose penalty does not change when the columns are rotated: none
// or l2. Their coefficients lie in the span of the rows; where there are fewer rows than columns, the design is given
// in an orthonormal basis of that span, with as many columns as rows.
func narrowDesignOf(x *dataset.Frame, b basis) (*design, error) {
	d, err := designOf(x, b)
	if err != nil || d.features() <= d.z.Rows {
		return d, err
	}
	n := x.Derive(narrowKey(b), func() any { return d.narrow() }).(*design)
	if !n.ok {
		return nil, linalg.ErrNotFinite
	}
	return n, nil
}

// narrow factors the columns X' = Q·R, so that X = R'·Q'.
func (d *design) narrow() *design {
	n, p, q := d.z.Rows, d.features(), d.z.Cols
	x := linalg.NewMatrix(n, p)
	for i := range n {
		copy(x.Row(i), d.z.Row(i))
	}
	qr, err := linalg.ThinQR(x.T())
	if err != nil {
		return &design{}
	}
	out := &design{basis: d.basis, z: linalg.NewMatrix(n, n+q-p), shift: make([]float64, n), ok: true, turn: qr.Q, grams: map[int][]linalg.Matrix{}}
	qr.Q.TMulVec(out.shift, d.shift)
	for i := range n {
		row := out.z.Row(i)
		for j := range i + 1 {
			row[j] = qr.R.At(j, i)
		}
		copy(row[n:], d.z.Row(i)[p:])
	}
	return out
}

// coef returns the coefficients of the frame's columns.
func (d *design) coef(theta []float64) []float64 {
	theta = theta[:d.features()]
	if d.turn.Rows == 0 {
		return append([]float64(nil), theta...)
	}
	out := make([]float64, d.turn.Rows)
	d.turn.MulVec(out, theta)
	return out
}

package linear

import (
	"context"

	"github.com/lren-chuv/automl/internal/linalg"
)

// rowLoss is the loss of predicting η for a row whose target is y, with its first and second derivative by η.
type rowLoss func(y, eta float64) (value, slope, curve float64)

// margins is the objective Σ w[i]·loss(y[i], z[i]'θ) + ½Σ l2[j]·θ[j]².
type margins struct {
	design *design
	y, w   []float64
	loss   rowLoss
	l2     []float64
	curve  []float64 // w·loss″ of every row where gradient was last asked
	work   linalg.Workspace
}

func newMargins(d *design, y, w []float64, loss rowLoss, l2 []float64) *margins {
	return &margins{design: d, y: y, w: w, loss: loss, l2: l2, curve: make([]float64, len(y))}
}

// minimise finds the minimum of the objective plus the l1 penalty (nil: none), from theta on and in place.
func (m *margins) minimise(ctx context.Context, theta, l1 []float64) error {
	metric := func(ctx context.Context) (linalg.Matrix, error) {
		m.gradient(theta, make([]float64, len(theta)))
		return m.hessian(ctx)
	}
	return smooth{m, m.design.z.Rows, m.design.z.Cols, m.every, metric}.minimise(ctx, theta, l1)
}

func (m *margins) every(step int) objective {
	d := m.design.every(step)
	y, w := make([]float64, d.z.Rows), make([]float64, d.z.Rows)
	for i := range y {
		y[i], w[i] = m.y[i*step], m.w[i*step]*float64(step)
	}
	return newMargins(d, y, w, m.loss, m.l2)
}

func (m *margins) gradient(theta, grad []float64) float64 {
	total := 0.0
	for j, v := range theta {
		total += m.l2[j] * v * v / 2
		grad[j] = m.l2[j] * v
	}
	for i, w := range m.w {
		if w == 0 {
			continue
		}
		row := m.design.z.Row(i)
		value, slope, curve := m.loss(m.y[i], linalg.Dot(row, theta))
		total += w * value
		m.curve[i] = w * curve
		if slope != 0 {
			linalg.AddScaled(grad, w*slope, row)
		}
	}
	return total
}

func (m *margins) hessian(ctx context.Context) (linalg.Matrix, error) {
	dropFlat(m.curve)
	h, err := m.design.gramOf(ctx, &m.work, m.curve, 0, len(m.y))
	for j, l := range m.l2 {
		h.Data[j*h.Cols+j] += l
	}
	return h, err
}

// dropFlat sets to zero what is next to nothing: rows far from the bend of their loss add nothing to the second
// derivatives but the time that it takes.
func dropFlat(curve []float64) {
	top := 0.0
	for _, v := range curve {
		top = max(top, v)
	}
	for i, v := range curve {
		if v < 1e-4*top {
			curve[i] = 0
		}
	}
}

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
}

func newMargins(d *design, y, w []float64, loss rowLoss, l2 []float64) *margins {
	return &margins{d, y, w, loss, l2, make([]float64, len(y))}
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
	h, err := m.design.gramOf(ctx, m.curve, 0, len(m.y))
	for j, l := range m.l2 {
		h.Data[j*h.Cols+j] += l
	}
	return h, err
}

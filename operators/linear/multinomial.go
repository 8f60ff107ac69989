package linear

import (
	"context"
	"math"

	"github.com/lren-chuv/automl/internal/linalg"
)

// multinomial is the objective Σ w·(log Σ_k exp(η_k) − η_y) + ½Σ l2·θ², η = z'Θ, with one block of θ per class.
type multinomial struct {
	design *design
	code   []int
	w      []float64
	k      int
	l2     []float64     // per column of the design
	p      linalg.Matrix // rows×k probabilities where gradient was last asked
	work   linalg.Workspace
}

// multinomial fits all classes together into out.
func (o logistic) multinomial(ctx context.Context, d *design, l *labels, out *planes) error {
	k, q := len(l.present), d.z.Cols
	m := &multinomial{design: d, code: l.code, w: l.times(o.c), k: k, l2: d.penalty(o.l2), p: linalg.NewMatrix(len(l.code), k)}
	theta := make([]float64, k*q)
	var l1 []float64
	for range k {
		l1 = append(l1, d.l1(o.l1)...)
	}
	if err := (smooth{m, d.z.Rows, q, m.every, m.metric}).minimise(ctx, theta, l1); err != nil {
		return err
	}
	for r := range k {
		out.set(r, d, theta[r*q:(r+1)*q])
	}
	if d.basis == centred { // a common constant changes nothing: they sum to zero
		common := mean(out.Intercept)
		for r := range out.Intercept {
			out.Intercept[r] -= common
		}
	}
	return nil
}

func (m *multinomial) every(step int) objective {
	d := m.design.every(step)
	few := &multinomial{
		design: d, code: make([]int, d.z.Rows), w: make([]float64, d.z.Rows), k: m.k, l2: m.l2, p: linalg.NewMatrix(d.z.Rows, m.k),
	}
	for i := range few.code {
		few.code[i], few.w[i] = m.code[i*step], m.w[i*step]*float64(step)
	}
	return few
}

func (m *multinomial) gradient(theta, grad []float64) float64 {
	q, total := m.design.z.Cols, 0.0
	for j, v := range theta {
		l := m.l2[j%q]
		total += l * v * v / 2
		grad[j] = l * v
	}
	for i, w := range m.w {
		if w == 0 {
			continue
		}
		row, p := m.design.z.Row(i), m.p.Row(i)
		for c := range p {
			p[c] = linalg.Dot(row, theta[c*q:(c+1)*q])
		}
		total += w * softmaxLoss(p, m.code[i])
		for c, v := range p {
			if c == m.code[i] {
				v--
			}
			linalg.AddScaled(grad[c*q:(c+1)*q], w*v, row)
		}
	}
	return total
}

// softmaxLoss turns scores into probabilities and returns −log of that of class y.
func softmaxLoss(s []float64, y int) float64 {
	top, total := math.Inf(-1), 0.0
	for _, v := range s {
		top = max(top, v)
	}
	own := s[y] - top
	for c, v := range s {
		s[c] = math.Exp(v - top)
		total += s[c]
	}
	for c := range s {
		s[c] /= total
	}
	return math.Log(total) - own
}

// metric is the block of one class where all are equally likely.
func (m *multinomial) metric(ctx context.Context) (linalg.Matrix, error) {
	equal := 1 / float64(m.k)
	v := make([]float64, len(m.w))
	for i, w := range m.w {
		v[i] = w * equal * (1 - equal)
	}
	h, err := m.design.gramOf(ctx, &m.work, v, 0, len(v))
	for j, l := range m.l2 {
		h.Data[j*h.Cols+j] += l
	}
	return h, err
}

// hessian has the blocks Σ w·p_a(δ_ab − p_b)·zz'. As the p add up to one, a block on the diagonal is minus the sum of
// the others in its row. A constant added to all intercepts changes nothing; the diagonal is raised a little where that
// would leave it singular.
func (m *multinomial) hessian(ctx context.Context) (linalg.Matrix, error) {
	q := m.design.z.Cols
	h := linalg.NewMatrix(m.k*q, m.k*q)
	v := make([]float64, len(m.w))
	for a := range m.k {
		for b := range a {
			for i, w := range m.w {
				v[i] = w * m.p.Data[i*m.k+a] * m.p.Data[i*m.k+b]
			}
			dropFlat(v)
			g, err := m.design.gramOf(ctx, &m.work, v, 0, len(v))
			if err != nil {
				return h, err
			}
			for r := range q {
				linalg.AddScaled(h.Row(a*q + r)[a*q:(a+1)*q], 1, g.Row(r))
				linalg.AddScaled(h.Row(b*q + r)[b*q:(b+1)*q], 1, g.Row(r))
				linalg.AddScaled(h.Row(a*q + r)[b*q:(b+1)*q], -1, g.Row(r))
				linalg.AddScaled(h.Row(b*q + r)[a*q:(a+1)*q], -1, g.Row(r))
			}
		}
	}
	for a := range m.k {
		for j, l := range m.l2 {
			h.Row(a*q + j)[a*q+j] += l
			if l == 0 {
				h.Row(a*q + j)[a*q+j] *= 1 + 1e-9
			}
		}
	}
	return h, nil
}

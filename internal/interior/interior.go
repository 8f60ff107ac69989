// Package interior minimises sums of hinges with a quadratic penalty: support vector machines, with a kernel and without,
// and quantile regression.
package interior

import (
	"context"
	"errors"
	"math"

	"github.com/lren-chuv/automl/internal/linalg"
)

// Hinge is the loss C·max(0, At − Sign·η) of one row's score η.
type Hinge struct {
	Row         int
	Sign, C, At float64
}

// Minimum is where the sum is smallest: Theta has one element per column, Weight one multiplier in [0, C] per hinge.
type Minimum struct{ Theta, Weight []float64 }

// interior is a primal-dual interior point method with Mehrotra's predictor and corrector (Nocedal and Wright, Numerical
// Optimization, 2nd ed., section 16.6). Every iteration costs one weighted Gram matrix; some twenty lead to the optimum,
// however the columns are scaled and whatever c is.
//
// A hinge has the multiplier a in (0, c) and the slacks over = ξ − (at − sign·η) and xi = ξ, both positive; at the
// optimum a·over = 0 and (c − a)·xi = 0.
type interior struct {
	z      linalg.Matrix
	hinges []Hinge
	l2     []float64

	theta       []float64
	a, over, xi []float64 // per hinge
	da, do, dx  []float64 // their steps
	r1, r2      []float64 // what complementarity still lacks
	eta, weight []float64 // per row
	pull        []float64
	work        linalg.Workspace
}

const (
	maxInterior  = 100
	interiorGap  = 1e-13 // duality gap at the optimum, relative to the objective
	backFromWall = 0.995 // share of the way to the boundary that a step may go
)

// Minimise finds the θ with the smallest ½Σ l2[j]·θ[j]² + Σ hinges of the scores z·θ, to rounding.
func Minimise(ctx context.Context, z linalg.Matrix, hinges []Hinge, l2 []float64) (Minimum, error) {
	m := newInterior(z, hinges, l2)
	best, idle := math.Inf(1), 0
	for range maxInterior {
		if err := ctx.Err(); err != nil {
			return Minimum{}, err
		}
		gap, value := m.gap()
		if !(gap <= math.MaxFloat64) {
			return Minimum{}, linalg.ErrNotFinite
		}
		if gap <= interiorGap*value || gap <= 1e-280 {
			break
		}
		if idle++; gap < 0.9*best {
			best, idle = gap, 0
		}
		if idle > 8 { // rounding
			break
		}
		if err := m.iterate(ctx, gap); err != nil {
			if errors.Is(err, linalg.ErrNotPositive) && gap <= 1e-8*value {
				break
			}
			return Minimum{}, err
		}
	}
	if !linalg.Finite(m.theta) {
		return Minimum{}, linalg.ErrNotFinite
	}
	return Minimum{m.theta, m.a}, nil
}

// newInterior starts in the middle: θ = 0, every multiplier half of what it may be, slacks of the size of the hinges.
func newInterior(z linalg.Matrix, hinges []Hinge, l2 []float64) *interior {
	k, n, q := len(hinges), z.Rows, z.Cols
	block := make([]float64, 8*k+2*n)
	cut := func(n int) []float64 {
		b := block[:n:n]
		block = block[n:]
		return b
	}
	m := &interior{
		z: z, hinges: hinges, l2: l2, theta: make([]float64, q), pull: make([]float64, q),
		a: cut(k), over: cut(k), xi: cut(k), da: cut(k), do: cut(k), dx: cut(k), r1: cut(k), r2: cut(k),
		eta: cut(n), weight: cut(n),
	}
	room := 1e-300
	for _, h := range hinges {
		room += math.Abs(h.At) / float64(k)
	}
	for i, h := range hinges {
		m.a[i] = h.C / 2
		m.xi[i] = max(0, h.At) + room
		m.over[i] = m.xi[i] - h.At
	}
	return m
}

// gap returns the sum of all complementarity products and the size of the objective.
func (m *interior) gap() (gap, value float64) {
	for j, v := range m.theta {
		value += m.l2[j] * v * v / 2
	}
	for i, h := range m.hinges {
		gap += m.a[i]*m.over[i] + (h.C-m.a[i])*m.xi[i]
		value += h.C * m.xi[i]
	}
	return gap, value
}

// iterate takes one predictor-corrector step.
func (m *interior) iterate(ctx context.Context, gap float64) error {
	clear(m.weight)
	for i, h := range m.hinges {
		m.weight[h.Row] += 1 / (m.over[i]/m.a[i] + m.xi[i]/(h.C-m.a[i]))
		m.r1[i] = -m.a[i] * m.over[i]
		m.r2[i] = -(h.C - m.a[i]) * m.xi[i]
	}
	hess, err := m.gram(ctx)
	if err != nil {
		return err
	}
	for j, l := range m.l2 {
		hess.Data[j*hess.Cols+j] += l
	}
	chol, err := linalg.RaisedCholesky(hess)
	if err != nil {
		return err
	}
	m.direction(chol)
	ahead := m.gapAfter(m.length())
	share := ahead / gap
	target := share * share * share * gap / float64(2*len(m.hinges))
	for i := range m.hinges {
		m.r1[i] += target - m.da[i]*m.do[i]
		m.r2[i] += target + m.da[i]*m.dx[i]
	}
	step := m.direction(chol)
	t := min(1, backFromWall*m.length())
	linalg.AddScaled(m.theta, t, step)
	linalg.AddScaled(m.a, t, m.da)
	linalg.AddScaled(m.over, t, m.do)
	linalg.AddScaled(m.xi, t, m.dx)
	return nil
}

// direction solves the linearised optimality conditions for θ and, by substitution, for every hinge.
func (m *interior) direction(chol *linalg.Cholesky) []float64 {
	step := m.pull
	m.z.MulVec(m.eta, m.theta)
	clear(m.weight)
	for i, h := range m.hinges {
		e, d := m.residual(i, h)
		m.weight[h.Row] += h.Sign * (m.a[i] + e/d)
	}
	m.z.TMulVec(step, m.weight)
	for j, l := range m.l2 {
		step[j] -= l * m.theta[j]
	}
	chol.Solve(step)
	scores := m.eta
	for i, h := range m.hinges { // da holds the residual until the scores of the step are known
		m.da[i], m.do[i] = m.residual(i, h)
	}
	m.z.MulVec(scores, step)
	for i, h := range m.hinges {
		m.da[i] = (m.da[i] - h.Sign*scores[h.Row]) / m.do[i]
		m.do[i] = (m.r1[i] - m.over[i]*m.da[i]) / m.a[i]
		m.dx[i] = (m.r2[i] + m.xi[i]*m.da[i]) / (h.C - m.a[i])
	}
	return step
}

// residual returns the constant term of hinge i's multiplier step and what divides it.
func (m *interior) residual(i int, h Hinge) (e, d float64) {
	rest := h.C - m.a[i]
	feasible := h.Sign*m.eta[h.Row] - h.At - (m.over[i] - m.xi[i])
	return m.r1[i]/m.a[i] - m.r2[i]/rest - feasible, m.over[i]/m.a[i] + m.xi[i]/rest
}

// length is how far the step can go, at most 1, before a multiplier or slack becomes zero.
func (m *interior) length() float64 {
	t := 1.0
	for i, h := range m.hinges {
		if m.da[i] < 0 {
			t = min(t, -m.a[i]/m.da[i])
		} else if m.da[i] > 0 {
			t = min(t, (h.C-m.a[i])/m.da[i])
		}
		if m.do[i] < 0 {
			t = min(t, -m.over[i]/m.do[i])
		}
		if m.dx[i] < 0 {
			t = min(t, -m.xi[i]/m.dx[i])
		}
	}
	return t
}

// gapAfter is the gap after a step of length t.
func (m *interior) gapAfter(t float64) float64 {
	gap := 0.0
	for i, h := range m.hinges {
		a := m.a[i] + t*m.da[i]
		gap += a*(m.over[i]+t*m.do[i]) + (h.C-a)*(m.xi[i]+t*m.dx[i])
	}
	return gap
}

// gram returns z'·diag(weight)·z, polling ctx now and then.
func (m *interior) gram(ctx context.Context) (linalg.Matrix, error) {
	q := m.z.Cols
	sum := linalg.NewMatrix(q, q)
	step := max(512, 4_000_000/(1+q*q))
	for lo := 0; lo < m.z.Rows; lo += step {
		if err := ctx.Err(); err != nil {
			return sum, err
		}
		hi := min(lo+step, m.z.Rows)
		m.work.AddGram(sum, linalg.Of(hi-lo, q, m.z.Data[lo*q:hi*q]), m.weight[lo:hi])
	}
	return sum, nil
}

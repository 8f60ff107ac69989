package linear

import (
	"context"
	"math"

	"github.com/lren-chuv/automl/internal/linalg"
)

// quadratic is the problem: minimise ½w'Gw − q'w + Σ l1[j]·|w[j]| + ½Σ l2[j]·w[j]², with w ≥ 0 if positive. A
// coordinate with neither curvature nor use rests at zero.
//
// It is solved by coordinate descent (Friedman, Hastie, Tibshirani, J. Stat. Softw. 33(1), 2010), which finds the
// active set fast, and by feature-sign steps on that set (Lee et al., NIPS 2006), which finish exactly however
// ill-conditioned G is.
type quadratic struct {
	gram     linalg.Matrix
	q        []float64
	l1, l2   []float64
	positive bool

	patience int // most sweeps; 0 is maxSweeps

	slope    []float64 // q − (G + l2)w, kept up to date
	curve    []float64 // of every coordinate
	root     []float64 // of the curvature
	active   []int
	buffer   []float64
	factored []float64
}

// constants returns p times v.
func constants(v float64, p int) []float64 {
	out := make([]float64, p)
	for i := range out {
		out[i] = v
	}
	return out
}

const (
	maxSweeps = 20_000
	maxDrops  = 3     // coordinates that a feature-sign step drops where sweeps are limited
	jumpEvery = 10    // sweeps of coordinate descent between two feature-sign steps
	flat      = 1e-14 // relative progress in the objective between two feature-sign steps that counts as none
	nudge     = 1e-9  // relative addition to the curvature of coordinates that depend on each other
	still     = 1e-11 // a change that counts as none, relative to the size of the solution
)

// solve improves w until nothing moves any more. It ends early, without an error, where rounding is all that is left.
func (m *quadratic) solve(ctx context.Context, w []float64) error {
	p := len(w)
	if m.slope == nil {
		m.slope, m.buffer, m.curve, m.root = make([]float64, p), make([]float64, 2*p), make([]float64, p), make([]float64, p)
	}
	for j := range w {
		m.curve[j] = m.gram.At(j, j) + m.l2[j]
		m.root[j] = math.Sqrt(m.curve[j])
	}
	m.refresh(w)
	most := m.patience
	if most == 0 {
		most = maxSweeps
	}
	last := math.Inf(1)
	for sweep := 1; sweep <= most; sweep++ {
		if sweep%16 == 0 || p > 200 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		moved, size := m.sweep(w)
		if moved <= still*size || size == 0 {
			return nil
		}
		if sweep%jumpEvery == 0 {
			if m.jump(w) {
				m.refresh(w)
			}
			value := m.value(w)
			if last-value <= flat*math.Abs(value) { // weight may still wander between columns that say the same
				return nil
			}
			last = value
		}
	}
	return nil
}

// value is what is minimised, computed from the slope.
func (m *quadratic) value(w []float64) float64 {
	sum := 0.0
	for j, v := range w {
		sum += m.l1[j]*math.Abs(v) - v*(m.q[j]+m.slope[j])/2
	}
	return sum
}

// refresh computes the slope from scratch.
func (m *quadratic) refresh(w []float64) {
	copy(m.slope, m.q)
	for j, v := range w {
		if v != 0 {
			linalg.AddScaled(m.slope, -v, m.gram.Row(j))
			m.slope[j] -= m.l2[j] * v
		}
	}
}

// sweep minimises over each coordinate in turn and returns the largest change and the largest coordinate, both in units
// of the target: |w[j]|·√curvature.
func (m *quadratic) sweep(w []float64) (moved, size float64) {
	l1, curves, roots := m.l1[:len(w)], m.curve[:len(w)], m.root[:len(w)]
	for j, old := range w {
		curve, root := curves[j], roots[j]
		if curve <= 0 {
			w[j] = 0
			continue
		}
		v := shrink(m.slope[j]+curve*old, l1[j], m.positive) / curve
		size = max(size, math.Abs(v)*root)
		if d := v - old; d != 0 {
			w[j] = v
			linalg.AddScaled(m.slope, -d, m.gram.Row(j))
			m.slope[j] -= m.l2[j] * d
			moved = max(moved, math.Abs(d)*root)
		}
	}
	return moved, size
}

// shrink is the soft threshold.
func shrink(v, by float64, positive bool) float64 {
	switch {
	case v > by:
		return v - by
	case v < -by && !positive:
		return v + by
	}
	return 0
}

// jump minimises exactly over the non-zero coordinates as long as no sign changes: it goes towards the solution of the
// linear system up to the first coordinate that would cross zero, drops that one and starts again, a few times only if
// there is a limit to the sweeps. It returns whether it moved at all.
func (m *quadratic) jump(w []float64) bool {
	jumped := false
	for drops := 0; m.patience == 0 || drops < maxDrops; drops++ {
		m.active = m.active[:0]
		for j, v := range w {
			if v != 0 {
				m.active = append(m.active, j)
			}
		}
		target, ok := m.solveActive(w)
		if !ok {
			return jumped
		}
		step, out := 1.0, -1
		for k, j := range m.active {
			if (m.l1[j] > 0 || m.positive) && target[k]*w[j] <= 0 {
				if t := w[j] / (w[j] - target[k]); t < step {
					step, out = t, j
				}
			}
		}
		for k, j := range m.active {
			w[j] += step * (target[k] - w[j])
		}
		jumped = true
		if out < 0 {
			return true
		}
		w[out] = 0
	}
	return jumped
}

// solveActive returns the minimum over the active coordinates, given their signs. Where columns repeat each other any split
// of their weight is a minimum; a little more curvature picks one.
func (m *quadratic) solveActive(w []float64) ([]float64, bool) {
	k := len(m.active)
	if k == 0 {
		return nil, false
	}
	b := m.buffer[:k]
	for r, i := range m.active {
		b[r] = m.q[i] - math.Copysign(m.l1[i], w[i])
	}
	chol, ok := m.factor(0)
	if !ok {
		if chol, ok = m.factor(nudge); !ok {
			return nil, false
		}
	}
	chol.Solve(b)
	return b, linalg.Finite(b)
}

// factor decomposes the curvature of the active coordinates, with a relative addition to its diagonal. It fails where two
// columns say the same.
func (m *quadratic) factor(more float64) (*linalg.Cholesky, bool) {
	k := len(m.active)
	if len(m.factored) < k*k {
		m.factored = make([]float64, k*k)
	}
	h := linalg.Of(k, k, m.factored[:k*k])
	for r, i := range m.active {
		row := m.gram.Row(i)
		for c, j := range m.active[:r] {
			h.Data[r*k+c] = row[j]
		}
		h.Data[r*k+r] = m.diagonal(i, more)
	}
	chol, err := linalg.CholeskyInPlace(context.Background(), h)
	if err != nil {
		return nil, false
	}
	for r, i := range m.active {
		if pivot := chol.L().At(r, r); pivot*pivot < 1e-13*m.diagonal(i, more) {
			return nil, false
		}
	}
	return chol, true
}

// diagonal is the curvature of coordinate i with a relative addition.
func (m *quadratic) diagonal(i int, more float64) float64 {
	return (m.gram.At(i, i) + m.l2[i]) * (1 + more)
}

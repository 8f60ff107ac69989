package linear

import (
	"context"
	"math"

	"github.com/lren-chuv/automl/internal/linalg"
)

// larsOptions says which path to walk and how far.
type larsOptions struct {
	lasso    bool    // drop a coefficient that reaches zero: the whole lasso path
	positive bool    // coefficients stay positive
	steps    int     // at most so many
	alphaMin float64 // stop at this penalty
	eps      float64 // least pivot
}

// larsPath has the coefficients at every penalty where the active set changes, in descending order of the penalty.
type larsPath struct {
	alphas []float64
	coefs  [][]float64
}

// larsEqual is how close two penalties are that count as equal, as in scikit-learn.
const larsEqual = 0x1p-23

// lars is the state of least angle regression (Efron, Hastie, Johnstone, Tibshirani, Ann. Statist. 32(2), 2004) on the
// normal equations.
type lars struct {
	larsOptions
	sys    *system
	coef   []float64
	slope  []float64 // xy − gram·coef
	used   []bool
	active []int
	signs  []float64
	factor linalg.Matrix // Cholesky factor of the active part, row by row
}

// lars walks the path. Penalties are per unit of weight, as in [Lasso].
func (s *system) lars(ctx context.Context, o larsOptions) (*larsPath, error) {
	p := len(s.xy)
	m := &lars{
		larsOptions: o, sys: s, coef: make([]float64, p), slope: append([]float64(nil), s.xy...), used: make([]bool, p),
		factor: linalg.NewMatrix(p, p),
	}
	path := &larsPath{}
	blocked := false // the last step ended where a coefficient changed its sign: nothing joins
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		next, top := m.strongest()
		alpha := top / s.w
		path.alphas = append(path.alphas, alpha)
		path.coefs = append(path.coefs, append([]float64(nil), m.coef...))
		if alpha <= o.alphaMin+larsEqual {
			path.stopAt(o.alphaMin)
			return path, nil
		}
		if len(path.alphas) > o.steps || len(m.active) >= p {
			return path, nil
		}
		if !blocked && !m.join(next) {
			path.alphas, path.coefs = path.alphas[:len(path.alphas)-1], path.coefs[:len(path.coefs)-1]
			continue
		}
		if k := len(path.alphas); o.lasso && k > 1 && path.alphas[k-2] < alpha {
			return path, nil // rounding has taken over
		}
		var err error
		if blocked, err = m.step(top); err != nil {
			return nil, err
		}
	}
}

// stopAt replaces the last point by the one at alpha, on the way to it from the point before.
func (p *larsPath) stopAt(alpha float64) {
	k := len(p.alphas) - 1
	if math.Abs(p.alphas[k]-alpha) <= larsEqual {
		return
	}
	if k > 0 {
		share := (p.alphas[k-1] - alpha) / (p.alphas[k-1] - p.alphas[k])
		for j, before := range p.coefs[k-1] {
			p.coefs[k][j] = before + share*(p.coefs[k][j]-before)
		}
	}
	p.alphas[k] = alpha
}

// strongest returns the idle column with the highest correlation, and that correlation.
func (m *lars) strongest() (next int, top float64) {
	next = -1
	for j, v := range m.slope {
		if !m.positive {
			v = math.Abs(v)
		}
		if !m.used[j] && (next < 0 || v > top) {
			next, top = j, v
		}
	}
	return next, top
}

// join adds column j to the active set, or refuses it for being a combination of those there.
func (m *lars) join(j int) bool {
	k := len(m.active)
	row := m.factor.Row(k)
	for r, i := range m.active {
		row[r] = (m.sys.gram.At(j, i) - linalg.Dot(row[:r], m.factor.Row(r)[:r])) / m.factor.At(r, r)
	}
	pivot := max(math.Sqrt(math.Abs(m.sys.gram.At(j, j)-linalg.SquaredNorm(row[:k]))), m.eps)
	if pivot < 1e-7 || pivot*pivot < 1e-14*m.sys.gram.At(j, j) {
		m.slope[j] = 0
		return false
	}
	row[k] = pivot
	sign := 1.0
	if m.slope[j] < 0 && !m.positive {
		sign = -1
	}
	m.active, m.signs, m.used[j] = append(m.active, j), append(m.signs, sign), true
	return true
}

// step goes along the equiangular direction until a column catches up or a coefficient reaches zero; it returns whether
// the latter happened.
func (m *lars) step(top float64) (blocked bool, err error) {
	k := len(m.active)
	direction := append([]float64(nil), m.signs...)
	for r := range k { // L·L'·direction = signs
		row := m.factor.Row(r)
		direction[r] = (direction[r] - linalg.Dot(row[:r], direction[:r])) / row[r]
	}
	for r := k - 1; r >= 0; r-- {
		row := m.factor.Row(r)
		direction[r] /= row[r]
		linalg.AddScaled(direction[:r], -direction[r], row[:r])
	}
	angle := 1 / math.Sqrt(linalg.Dot(direction, m.signs))
	turn := make([]float64, len(m.coef)) // gram·direction
	for r, j := range m.active {
		direction[r] *= angle
		linalg.AddScaled(turn, direction[r], m.sys.gram.Row(j))
	}
	if !linalg.Finite(turn) {
		return false, linalg.ErrNotFinite
	}
	length := top / angle
	for j, v := range m.slope {
		if m.used[j] {
			continue
		}
		length = nearer(length, (top-v)/(angle-turn[j]+math.SmallestNonzeroFloat32))
		if !m.positive {
			length = nearer(length, (top+v)/(angle+turn[j]+math.SmallestNonzeroFloat32))
		}
	}
	zero := math.Inf(1)
	for r, j := range m.active {
		zero = nearer(zero, -m.coef[j]/direction[r])
	}
	blocked = zero < length
	if blocked && m.lasso {
		length = zero
	}
	var out []int
	for r, j := range m.active {
		if blocked && -m.coef[j]/direction[r] == zero {
			m.signs[r] = -m.signs[r]
			out = append(out, r)
		}
	}
	for r, j := range m.active {
		m.coef[j] += length * direction[r]
	}
	linalg.AddScaled(m.slope, -length, turn)
	if blocked && m.lasso {
		m.drop(out)
	}
	return blocked, nil
}

// nearer returns v if it is positive and below limit.
func nearer(limit, v float64) float64 {
	if v > 0 && v < limit {
		return v
	}
	return limit
}

// drop takes the given members out of the active set and factors what remains anew.
func (m *lars) drop(out []int) {
	before, signs := m.active, m.signs
	m.active, m.signs = nil, nil
	gone := map[int]bool{}
	for _, r := range out {
		gone[r] = true
		j := before[r]
		m.used[j] = false
		m.coef[j] = 0
	}
	for r, j := range before {
		if gone[r] {
			m.slope[j] = m.sys.xy[j] - linalg.Dot(m.sys.gram.Row(j), m.coef)
			continue
		}
		k, row := len(m.active), m.factor.Row(len(m.active))
		for c, i := range m.active {
			row[c] = (m.sys.gram.At(j, i) - linalg.Dot(row[:c], m.factor.Row(c)[:c])) / m.factor.At(c, c)
		}
		row[k] = math.Sqrt(math.Abs(m.sys.gram.At(j, j) - linalg.SquaredNorm(row[:k])))
		m.active, m.signs = append(m.active, j), append(m.signs, signs[r])
	}
}

package svm

import (
	"context"
	"math"
)

// dual is the problem that every machine comes down to: weights β over the points, found through variables
// 0 ≤ a ≤ bound, each with a sign and a point it adds to. With f = K·β, optimality means that target - f is nowhere
// larger among the variables that can push β up than among those that can push it down.
type dual struct {
	gram    *gram
	sign    []float64 // ±1 per variable
	bound   []float64
	target  []float64
	tol     float64
	maxIter int
	shrink  bool

	patience int // steps before another method is tried
}

// solution of a dual problem: the decision at x is Σ Beta·K(x, ·) + Bias.
type solution struct {
	beta []float64
	bias float64
}

// smo solves a dual by sequential minimal optimisation (Platt 1998), with the working set chosen by second-order
// information (Fan, Chen and Lin 2005) and variables that rest at their bounds left out for a while (Joachims 1999).
type smo struct {
	dual
	a      []float64
	beta   []float64
	f      []float64 // K·β, up to date for the points of active variables
	active []int32   // variables in play
	points []int32   // their points
	wide   bool      // all variables have been looked at near the end
}

// solve stops at the tolerance or after maxIter steps, whichever comes first.
func (d dual) solve(ctx context.Context) (solution, error) {
	n := len(d.gram.diag)
	s := &smo{dual: d, a: make([]float64, len(d.sign)), beta: make([]float64, n), f: make([]float64, n)}
	s.activateAll()
	done, err := s.steps(ctx, min(d.patience, d.maxIter))
	if err == nil && !done && d.patience < d.maxIter {
		left := d.maxIter - d.patience
		var there bool
		if there, err = s.jump(ctx); there {
			left = min(left, n)
		}
		if err == nil {
			_, err = s.steps(ctx, left)
		}
	}
	if err == nil {
		err = s.restore(ctx)
	}
	if err != nil {
		return solution{}, err
	}
	return solution{s.beta, s.bias()}, nil
}

// steps optimises over pairs of variables, at most so often, and reports whether the tolerance is met.
func (s *smo) steps(ctx context.Context, most int) (bool, error) {
	every := min(len(s.sign), 1000)
	for iter := range most {
		if iter%32 == 0 {
			if err := ctx.Err(); err != nil {
				return false, err
			}
		}
		if s.shrink && iter%every == every-1 {
			if err := s.leaveOut(ctx); err != nil {
				return false, err
			}
		}
		i, j := s.pair()
		if j < 0 {
			if len(s.active) == len(s.sign) {
				return true, nil
			}
			if err := s.restore(ctx); err != nil {
				return false, err
			}
			if i, j = s.pair(); j < 0 {
				return true, nil
			}
		}
		s.move(i, j)
	}
	return false, nil
}

func (s *smo) activateAll() {
	s.active, s.points = s.active[:0], s.points[:0]
	for t := range s.sign {
		s.active = append(s.active, int32(t))
	}
	for p := range s.f {
		s.points = append(s.points, int32(p))
	}
}

// point of variable t: regression has two variables per point.
func (s *smo) point(t int32) int32 {
	if n := int32(len(s.f)); t >= n {
		return t - n
	}
	return t
}

func (s *smo) up(t int32) bool {
	if s.sign[t] > 0 {
		return s.a[t] < s.bound[t]
	}
	return s.a[t] > 0
}

func (s *smo) down(t int32) bool {
	if s.sign[t] > 0 {
		return s.a[t] > 0
	}
	return s.a[t] < s.bound[t]
}

// pair picks the variable that wants up most and, among those that should go down, the one with which the objective
// gains most; j is -1 when the active variables are optimal.
func (s *smo) pair() (i, j int32) {
	i, j = -1, -1
	high := math.Inf(-1)
	for _, t := range s.active {
		if v := s.target[t] - s.f[s.point(t)]; v > high && s.up(t) {
			i, high = t, v
		}
	}
	if i < 0 {
		return i, j
	}
	pi := s.point(i)
	row, diag := s.gram.row(int(pi)), s.gram.diag
	low, gain := math.Inf(1), 0.0
	for _, t := range s.active {
		p := s.point(t)
		v := s.target[t] - s.f[p]
		if v >= high || !s.down(t) {
			continue
		}
		low = min(low, v)
		d := high - v
		if g := d * d / curvature(diag[pi]+diag[p]-2*row[p]); g > gain {
			j, gain = t, g
		}
	}
	if high-low < s.tol {
		return i, -1
	}
	return i, j
}

func curvature(v float64) float64 { return max(v, 1e-12) }

// move minimises over the two variables and keeps f up to date.
func (s *smo) move(i, j int32) {
	p, q := s.point(i), s.point(j)
	ki, kj := s.gram.row(int(p)), s.gram.row(int(q))
	d := (s.target[i] - s.f[p] - s.target[j] + s.f[q]) / curvature(s.gram.diag[p]+s.gram.diag[q]-2*ki[q])
	d = min(d, s.room(i, s.sign[i]), s.room(j, -s.sign[j]))
	s.shift(i, s.sign[i], d)
	s.shift(j, -s.sign[j], d)
	s.beta[p] += d
	s.beta[q] -= d
	if len(s.points) == len(s.f) {
		for t, v := range ki {
			s.f[t] += d * (v - kj[t])
		}
		return
	}
	for _, t := range s.points {
		s.f[t] += d * (ki[t] - kj[t])
	}
}

// room is how far variable t can go in a direction.
func (s *smo) room(t int32, direction float64) float64 {
	if direction > 0 {
		return s.bound[t] - s.a[t]
	}
	return s.a[t]
}

// shift moves variable t, onto its bound exactly if it goes that far.
func (s *smo) shift(t int32, direction, d float64) {
	switch {
	case d < s.room(t, direction):
		s.a[t] += direction * d
	case direction > 0:
		s.a[t] = s.bound[t]
	default:
		s.a[t] = 0
	}
}

// leaveOut drops variables at a bound that the current gap pushes further against it.
func (s *smo) leaveOut(ctx context.Context) error {
	high, low := s.gap()
	if !s.wide && high-low <= 10*s.tol {
		s.wide = true
		if err := s.restore(ctx); err != nil {
			return err
		}
		high, low = s.gap()
	}
	kept, needed := s.active[:0], make([]bool, len(s.f))
	for _, t := range s.active {
		v := s.target[t] - s.f[s.point(t)]
		if !s.down(t) && v < low || !s.up(t) && v > high {
			continue
		}
		kept = append(kept, t)
		needed[s.point(t)] = true
	}
	s.active, s.points = kept, s.points[:0]
	for p, yes := range needed {
		if yes {
			s.points = append(s.points, int32(p))
		}
	}
	return nil
}

// gap returns the largest value that wants up and the smallest that wants down.
func (s *smo) gap() (high, low float64) {
	high, low = math.Inf(-1), math.Inf(1)
	for _, t := range s.active {
		v := s.target[t] - s.f[s.point(t)]
		if s.up(t) {
			high = max(high, v)
		}
		if s.down(t) {
			low = min(low, v)
		}
	}
	return high, low
}

// restore brings all variables back and f up to date.
func (s *smo) restore(ctx context.Context) error {
	if len(s.active) == len(s.sign) {
		return nil
	}
	stale := make([]bool, len(s.f))
	for p := range stale {
		stale[p] = true
	}
	for _, p := range s.points {
		stale[p] = false
	}
	var old []int32
	for p, yes := range stale {
		if yes {
			old = append(old, int32(p))
			s.f[p] = 0
		}
	}
	for p, b := range s.beta {
		if b == 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		row := s.gram.row(p)
		for _, t := range old {
			s.f[t] += b * row[t]
		}
	}
	s.activateAll()
	return nil
}

// bias is the mean of target - f over the free variables, or the middle of the gap if there are none.
func (s *smo) bias() float64 {
	sum, free := 0.0, 0.0
	for _, t := range s.active {
		if s.up(t) && s.down(t) {
			sum += s.target[t] - s.f[s.point(t)]
			free++
		}
	}
	if free > 0 {
		return sum / free
	}
	high, low := s.gap()
	switch {
	case math.IsInf(high, 0) && math.IsInf(low, 0):
		return 0
	case math.IsInf(high, 0):
		return low
	case math.IsInf(low, 0):
		return high
	}
	return (high + low) / 2
}

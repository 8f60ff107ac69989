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

	stages []stage
}

// stage is a number of steps, after which the problem is solved in another way if its rank is at most rank.
type stage struct{ steps, rank int }

// solution of a dual problem: the decision at x is Σ Beta·K(x, ·) + Bias.
type solution struct {
	beta []float64
	bias float64

	hard bool // pairs did not get there
}

// smo solves a dual by sequential minimal optimisation (Platt 1998), with the working set chosen by second-order
// information (Fan, Chen and Lin 2005) and variables that rest at their bounds left out for a while (Joachims 1999).
type smo struct {
	dual
	a      []float64
	beta   []float64
	can    []uint8   // directions in which each variable can go
	f      []float64 // K·β, up to date for the points of active variables
	active []int32   // variables in play
	points []int32   // their points
	wide   bool      // all variables have been looked at near the end
	taken  int       // steps so far
	jumped bool      // to the solution of another method
}

// solve stops at the tolerance or after maxIter steps, whichever comes first.
func (d dual) solve(ctx context.Context) (solution, error) {
	n := len(d.gram.diag)
	s := &smo{dual: d, a: make([]float64, len(d.sign)), can: make([]uint8, len(d.sign)), beta: make([]float64, n), f: make([]float64, n)}
	for t := range s.a {
		s.look(int32(t))
	}
	s.activateAll()
	for _, stage := range d.stages {
		done, err := s.steps(ctx, min(stage.steps, d.maxIter-s.taken))
		if err == nil && !done && stage.rank > 0 {
			s.jumped, err = s.jump(ctx, stage.rank)
		}
		if err != nil {
			return solution{}, err
		}
		if done || s.jumped {
			break
		}
	}
	if s.jumped { // what rounding left
		if _, err := s.steps(ctx, n); err != nil {
			return solution{}, err
		}
	}
	if err := s.restore(ctx); err != nil {
		return solution{}, err
	}
	return solution{s.beta, s.bias(), s.jumped}, nil
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
		s.taken++
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

const (
	canRise = 1 << iota // the variable can push β up
	canFall             // the variable can push β down
)

func (s *smo) up(t int32) bool   { return s.can[t]&canRise != 0 }
func (s *smo) down(t int32) bool { return s.can[t]&canFall != 0 }

// look sees in which directions variable t can go.
func (s *smo) look(t int32) {
	more, less := s.a[t] < s.bound[t], s.a[t] > 0
	if s.sign[t] < 0 {
		more, less = less, more
	}
	s.can[t] = 0
	if more {
		s.can[t] |= canRise
	}
	if less {
		s.can[t] |= canFall
	}
}

// pair picks the variable that wants up most and, among those that should go down, the one with which the objective
// gains most; j is -1 when the active variables are optimal.
func (s *smo) pair() (i, j int32) {
	i, high := s.highest()
	if i < 0 {
		return i, -1
	}
	j, low := s.partner(i, high)
	if high-low < s.tol {
		return i, -1
	}
	return i, j
}

// highest is the variable that can go up with the largest target - f.
func (s *smo) highest() (i int32, high float64) {
	i, high = -1, math.Inf(-1)
	if len(s.active) < len(s.sign) {
		for _, t := range s.active {
			if v := s.target[t] - s.f[s.point(t)]; v > high && s.up(t) {
				i, high = t, v
			}
		}
		return i, high
	}
	for lo := 0; lo < len(s.sign); lo += len(s.f) {
		target, can := s.target[lo:lo+len(s.f)], s.can[lo:lo+len(s.f)]
		for p, f := range s.f {
			if v := target[p] - f; v > high && can[p]&canRise != 0 {
				i, high = int32(lo+p), v
			}
		}
	}
	return i, high
}

// partner is the variable that can go down with which variable i gains most, and the lowest value there is.
func (s *smo) partner(i int32, high float64) (j int32, low float64) {
	j, low = -1, math.Inf(1)
	pi := s.point(i)
	row, diag, gain := s.gram.row(int(pi)), s.gram.diag, 0.0
	self := diag[pi]
	if len(s.active) < len(s.sign) {
		for _, t := range s.active {
			p := s.point(t)
			v := s.target[t] - s.f[p]
			if v >= high || !s.down(t) {
				continue
			}
			low = min(low, v)
			d := high - v
			if g := d * d / curvature(self+diag[p]-2*row[p]); g > gain {
				j, gain = t, g
			}
		}
		return j, low
	}
	row, diag = row[:len(s.f)], diag[:len(s.f)]
	for lo := 0; lo < len(s.sign); lo += len(s.f) {
		target, can := s.target[lo:lo+len(s.f)], s.can[lo:lo+len(s.f)]
		for p, f := range s.f {
			v := target[p] - f
			if can[p]&canFall == 0 || v >= high {
				continue
			}
			if v < low {
				low = v
			}
			d := high - v
			c := self + diag[p] - 2*row[p]
			if c < minCurvature {
				c = minCurvature
			}
			if d*d > gain*c {
				j, gain = int32(lo+p), d*d/c
			}
		}
	}
	return j, low
}

const minCurvature = 1e-12

func curvature(v float64) float64 { return max(v, minCurvature) }

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
		kj = kj[:len(ki)]
		f := s.f[:len(ki)]
		for t, v := range ki {
			f[t] += d * (v - kj[t])
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
	s.look(t)
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

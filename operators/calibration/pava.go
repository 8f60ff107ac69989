package calibration

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lren-chuv/automl/internal/kernel"
	"github.com/lren-chuv/automl/internal/wire"
)

// steps is a monotone function: linear between its knots and constant beyond them.
type steps struct{ X, Y wire.Floats }

// knot is a point of a sample, or several with the same x.
type knot struct{ x, y, w float64 }

// newSteps fits the non-decreasing function of least squares to y over x with weights w (nil means equal), by pooling
// neighbours that are out of order (Ayer et al. 1955). Rows without weight are ignored; there must be others.
func newSteps(x, y, w []float64) steps {
	points := make([]knot, 0, len(x))
	for _, i := range kernel.Ascending(x) {
		p := knot{x[i], y[i], 1}
		if w != nil {
			p.w = w[i]
		}
		if p.w > 0 {
			points = append(points, p)
		}
	}
	for lo := 0; lo < len(points); { // equal values in an order that does not depend on that of the rows
		hi := lo + 1
		for hi < len(points) && points[hi].x == points[lo].x {
			hi++
		}
		if hi > lo+1 {
			slices.SortFunc(points[lo:hi], func(a, b knot) int { return cmp.Compare(a.y, b.y) })
		}
		lo = hi
	}
	points = unite(points)
	s := steps{X: make(wire.Floats, 0, len(points)), Y: pool(points)}
	for _, p := range points {
		s.X = append(s.X, p.x)
	}
	s.trim()
	return s
}

// trim drops knots within a level stretch.
func (s *steps) trim() {
	kept := 0
	for i := range s.Y {
		if !s.level(i) {
			kept++
		}
	}
	t := steps{make(wire.Floats, 0, kept), make(wire.Floats, 0, kept)}
	for i, y := range s.Y {
		if !s.level(i) {
			t.X, t.Y = append(t.X, s.X[i]), append(t.Y, y)
		}
	}
	*s = t
}

// level tells whether both neighbours of knot i are as high as it.
func (s *steps) level(i int) bool {
	return i > 0 && i < len(s.Y)-1 && s.Y[i] == s.Y[i-1] && s.Y[i] == s.Y[i+1]
}

// unite averages the points that share an x.
func unite(points []knot) []knot {
	const same = 1e-15
	out := points[:0] // never ahead of what is read
	for i := 0; i < len(points); {
		p := knot{x: points[i].x}
		for ; i < len(points) && points[i].x-p.x < same; i++ {
			p.y += points[i].w * points[i].y
			p.w += points[i].w
		}
		p.y /= p.w
		out = append(out, p)
	}
	return out
}

// pool returns the fitted value of each point.
func pool(points []knot) []float64 {
	type block struct {
		sum, w float64
		end    int
	}
	blocks := make([]block, 0, len(points))
	for i, p := range points {
		blocks = append(blocks, block{p.w * p.y, p.w, i + 1})
		for n := len(blocks); n > 1 && blocks[n-2].sum*blocks[n-1].w >= blocks[n-1].sum*blocks[n-2].w; n-- {
			last := blocks[n-1]
			blocks = blocks[:n-1]
			blocks[n-2].sum += last.sum
			blocks[n-2].w += last.w
			blocks[n-2].end = last.end
		}
	}
	out := make([]float64, 0, len(points))
	for _, b := range blocks {
		for len(out) < b.end {
			out = append(out, b.sum/b.w)
		}
	}
	return out
}

// at returns the value at x.
func (s *steps) at(x float64) float64 {
	n := len(s.X)
	switch {
	case !(x > s.X[0]):
		return s.Y[0]
	case x >= s.X[n-1]:
		return s.Y[n-1]
	}
	i, found := slices.BinarySearch(s.X, x)
	if found {
		return s.Y[i]
	}
	slope := (s.Y[i] - s.Y[i-1]) / (s.X[i] - s.X[i-1])
	return s.Y[i-1] + slope*(x-s.X[i-1])
}

// check reports what decoded steps cannot be.
func (s *steps) check() error {
	if len(s.X) == 0 || len(s.X) != len(s.Y) {
		return errors.New("calibration: no knots")
	}
	for i, x := range s.X {
		if y := s.Y[i]; x-x != 0 || y-y != 0 || i > 0 && !(x > s.X[i-1]) {
			return fmt.Errorf("calibration: knot %d at %v, %v", i, x, y)
		}
	}
	return nil
}

// spearman is the rank correlation of x and y over the rows of positive weight; 0 if one of them is constant.
func spearman(x, y, w []float64) float64 {
	a, b := make([]float64, 0, len(x)), make([]float64, 0, len(x))
	for i := range x {
		if w == nil || w[i] > 0 {
			a, b = append(a, x[i]), append(b, y[i])
		}
	}
	a, b = ranks(a), ranks(b)
	middle := float64(len(a)-1) / 2
	ab, aa, bb := 0.0, 0.0, 0.0
	for i := range a {
		da, db := a[i]-middle, b[i]-middle
		ab, aa, bb = ab+da*db, aa+da*da, bb+db*db
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}

// ranks counts from 0; equal values share the mean of their ranks.
func ranks(v []float64) []float64 {
	order := kernel.Ascending(v)
	out := make([]float64, len(v))
	for lo := 0; lo < len(order); {
		hi := lo + 1
		for hi < len(order) && v[order[hi]] == v[order[lo]] {
			hi++
		}
		for _, i := range order[lo:hi] {
			out[i] = float64(lo+hi-1) / 2
		}
		lo = hi
	}
	return out
}

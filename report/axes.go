package report

import (
	"math"
	"strconv"
	"strings"
)

// scale maps values from [lo, hi] to picture units.
type scale struct{ lo, hi, from, to float64 }

func (s scale) at(v float64) float64 {
	if s.hi == s.lo {
		return (s.from + s.to) / 2
	}
	return s.from + (s.to-s.from)*(v-s.lo)/(s.hi-s.lo)
}

// ticks are round values in [lo, hi], about n of them.
func (s scale) ticks(n int) []float64 {
	span := s.hi - s.lo
	if !(span > 0) || math.IsInf(span, 0) {
		return []float64{s.lo}
	}
	step := math.Pow(10, math.Floor(math.Log10(span/float64(n))))
	for _, f := range []float64{1, 2, 5, 10} {
		if span/(step*f) <= float64(n) {
			step *= f
			break
		}
	}
	var out []float64
	first := math.Ceil(s.lo/step - 1e-9)
	for k := range 4 * n { // a bound for numbers that are too large to be counted one by one
		if v := (first + float64(k)) * step; v <= s.hi+1e-9*span && (k == 0 || v > out[k-1]) {
			out = append(out, v)
		} else {
			break
		}
	}
	if len(out) == 0 {
		return []float64{s.lo}
	}
	return out
}

// label writes a tick with as many digits as the distance to its neighbours needs.
func label(v float64, ticks []float64) string {
	if v == 0 {
		return "0"
	}
	step := math.Abs(v)
	if len(ticks) > 1 {
		step = ticks[1] - ticks[0]
	}
	if a := math.Abs(v); a >= 1e6 || step < 1e-5 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	digits := max(0, int(-math.Floor(math.Log10(step)+1e-9)))
	return strings.Replace(strconv.FormatFloat(v, 'f', digits, 64), "-", "−", 1)
}

// axes is a plot's frame: scales inside margins.
type axes struct {
	*canvas
	x, y scale
}

const (
	marginLeft   = 66
	marginRight  = 14
	marginTop    = 12
	marginBottom = 44
)

// frame prepares a plot of w × h units over the given ranges.
func frame(c *canvas, w, h float64, x0, x1, y0, y1 float64) *axes {
	return &axes{c, scale{x0, x1, marginLeft, w - marginRight}, scale{y0, y1, h - marginBottom, marginTop}}
}

// grid draws grid lines, tick labels and the names of the axes.
func (a *axes) grid(xName, yName string) {
	a.gridY(yName)
	ticks := a.x.ticks(6)
	for _, v := range ticks {
		a.line("grid", a.x.at(v), a.y.from, a.x.at(v), a.y.to)
		a.text("tick", a.x.at(v), a.y.from+16, "middle", label(v, ticks))
	}
	a.text("axis", (a.x.from+a.x.to)/2, a.y.from+36, "middle", xName)
}

func (a *axes) gridY(name string) {
	ticks := a.y.ticks(5)
	for _, v := range ticks {
		a.line("grid", a.x.from, a.y.at(v), a.x.to, a.y.at(v))
		a.text("tick", a.x.from-8, a.y.at(v)+4, "end", label(v, ticks))
	}
	a.line("base", a.x.from, a.y.from, a.x.to, a.y.from)
	a.sideways("axis", 12, (a.y.from+a.y.to)/2, name)
}

// curve draws a line through values.
func (a *axes) curve(class string, x, y []float64) {
	px, py := make([]float64, len(x)), make([]float64, len(x))
	for i := range x {
		px[i], py[i] = a.x.at(x[i]), a.y.at(y[i])
	}
	a.path(class, polyline(px, py))
}

// padded widens a range a little, so that nothing lies on the frame; an empty one becomes one around its value.
func padded(lo, hi, share float64) (float64, float64) {
	if !(hi > lo) {
		d := math.Max(math.Abs(lo)*0.1, 0.5)
		return lo - d, hi + d
	}
	d := share * (hi - lo)
	return lo - d, hi + d
}

// Package stats describes columns: moments, order, missing values. What it tells about a column is derived once and
// shared by all fits that see the same rows.
package stats

import (
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
)

// Moments summarises the values of a numeric column that are not missing.
type Moments struct {
	Count    int     // values that are not missing
	Mean     float64 // 0 if there are none
	Var      float64 // mean squared distance from Mean (divided by Count), 0 if there are none
	Min, Max float64 // 0 if there are none
}

type momentsKey struct{}

// Describe returns the moments of a numeric column, every row weighing the same.
func Describe(c *dataset.Column) Moments {
	return c.Derive(momentsKey{}, func() any { return describe(c.Float) }).(Moments)
}

func describe(values []float64) Moments {
	if m, ok := whole(values); ok {
		return m
	}
	present := make([]float64, len(values))
	n := 0
	for _, v := range values {
		present[n] = v
		if v == v {
			n++
		}
	}
	if m, ok := whole(present[:n]); ok || n == 0 {
		return m
	}
	return huge(present[:n])
}

// huge describes values whose sum may be too large.
func huge(values []float64) Moments {
	m := Moments{Count: len(values), Min: math.Inf(1), Max: math.Inf(-1)}
	sum := 0.0
	for _, v := range values {
		sum += v
		m.Min, m.Max = min(m.Min, v), max(m.Max, v)
	}
	m.Mean = sum / float64(m.Count)
	squares, rest := 0.0, 0.0
	for _, v := range values {
		if d := v - m.Mean; d == d {
			squares += d * d
			rest += d
		}
	}
	n := float64(m.Count)
	m.Var = max(0, (squares-rest*rest/n)/n)
	return m
}

// whole describes values of which none is missing; false if one is.
func whole(values []float64) (Moments, bool) {
	if len(values) == 0 {
		return Moments{}, false
	}
	lo, hi, sum := linalg.Extent(values)
	n := float64(len(values))
	mean := sum / n
	if mean-mean != 0 { // missing or too large
		return Moments{}, false
	}
	// The second term corrects for the rounding error of the mean (Chan, Golub & LeVeque 1983, eq. 1.7).
	s, r := linalg.Deviation(values, mean)
	return Moments{Count: len(values), Mean: mean, Var: max(0, (s-r*r/n)/n), Min: lo, Max: hi}, true
}

// Weighted returns the moments of a numeric column under row weights w, or those of [Describe] if w is nil. Rows of
// weight zero do not count.
func Weighted(c *dataset.Column, w []float64) Moments {
	if w == nil {
		return Describe(c)
	}
	m := Moments{Min: math.Inf(1), Max: math.Inf(-1)}
	total, sum := 0.0, 0.0
	for i, v := range c.Float {
		if v == v && w[i] > 0 {
			m.Count++
			total += w[i]
			sum += w[i] * v
			m.Min, m.Max = min(m.Min, v), max(m.Max, v)
		}
	}
	if m.Count == 0 {
		return Moments{}
	}
	m.Mean = sum / total
	squares, rest := 0.0, 0.0
	for i, v := range c.Float {
		if d := v - m.Mean; d == d && w[i] > 0 {
			squares += w[i] * d * d
			rest += w[i] * d
		}
	}
	m.Var = max(0, (squares-rest*rest/total)/total)
	return m
}

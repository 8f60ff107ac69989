package stats

import (
	"math"

	"github.com/lren-chuv/automl/dataset"
)

type sortedKey struct{}

// Sorted returns the values of a numeric column that are not missing, in ascending order; read-only.
func Sorted(c *dataset.Column) []float64 {
	return c.Derive(sortedKey{}, func() any {
		values := make([]float64, 0, len(c.Float))
		for _, v := range c.Float {
			if v == v {
				values = append(values, v)
			}
		}
		ascend(values)
		return values
	}).([]float64)
}

// Quantile interpolates linearly between the sorted values (type 7 of Hyndman & Fan 1996); q lies in [0, 1]. It is 0
// without values.
func Quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i >= len(sorted)-1 {
		return sorted[len(sorted)-1]
	}
	return lerp(sorted[i], sorted[i+1], at-float64(i))
}

// lerp is a + t(b-a), anchored at the nearer end so that it is exact at both.
func lerp(a, b, t float64) float64 {
	if t >= 0.5 {
		return b - (b-a)*(1-t)
	}
	return a + (b-a)*t
}

// Median returns the median of a numeric column's values that are not missing, 0 if there are none.
func Median(c *dataset.Column) float64 {
	v := Sorted(c)
	n := len(v)
	switch {
	case n == 0:
		return 0
	case n%2 == 1:
		return v[n/2]
	}
	if m := (v[n/2-1] + v[n/2]) / 2; !math.IsInf(m, 0) {
		return m
	}
	return v[n/2-1]/2 + v[n/2]/2
}

// Mode returns the most frequent of sorted values, the smallest of equally frequent ones, 0 without values.
func Mode(sorted []float64) float64 {
	best, count := 0.0, 0
	for i := 0; i < len(sorted); {
		k := i + 1
		for k < len(sorted) && sorted[k] == sorted[i] {
			k++
		}
		if k-i > count {
			best, count = sorted[i], k-i
		}
		i = k
	}
	return best
}

type missingKey struct{}

// Missing counts the missing values of a column of either kind.
func Missing(c *dataset.Column) int {
	return c.Derive(missingKey{}, func() any {
		n := 0
		for i := range c.Len() {
			if c.Missing(i) {
				n++
			}
		}
		return n
	}).(int)
}

type distinctKey struct{}

type distinct struct {
	values []float64
	rows   []int
}

// Distinct returns the different values of a numeric column in ascending order and how many rows each has; read-only.
func Distinct(c *dataset.Column) (values []float64, rows []int) {
	d := c.Derive(distinctKey{}, func() any {
		var d distinct
		for i, v := range Sorted(c) {
			if i == 0 || v != d.values[len(d.values)-1] {
				d.values, d.rows = append(d.values, v), append(d.rows, 0)
			}
			d.rows[len(d.rows)-1]++
		}
		return d
	}).(distinct)
	return d.values, d.rows
}

// Package posterior is the shape that every classifier's answer has: a column of probabilities per class.
package posterior

import (
	"errors"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
)

// Classes tells which of a target's levels a classifier has seen. Only those get a share of the probability.
type Classes struct {
	Levels  []string // all levels, one output column each
	Present []int32  // ascending indices into Levels
}

// Of finds the classes that have a row of positive weight (w nil: any row) and returns with them, for each row, the
// position of its class in Present, or -1 for a class that has none.
func Of(y *dataset.Column, w []float64) (Classes, []int32, error) {
	c := Classes{Levels: y.Levels}
	if y.Kind != dataset.Categorical {
		return c, nil, errors.New("posterior: the target of a classifier must be categorical")
	}
	position := make([]int32, len(y.Levels))
	for i, k := range y.Code {
		if w == nil || w[i] > 0 {
			position[k] = 1
		}
	}
	for k, seen := range position {
		position[k] = -1
		if seen == 1 {
			position[k] = int32(len(c.Present))
			c.Present = append(c.Present, int32(k))
		}
	}
	if len(c.Present) == 0 {
		return c, nil, errors.New("posterior: no training row has a positive weight")
	}
	codes := make([]int32, len(y.Code))
	for i, k := range y.Code {
		codes[i] = position[k]
	}
	return c, codes, nil
}

// Len is the number of classes seen.
func (c Classes) Len() int { return len(c.Present) }

// Check reports what a decoded value cannot be.
func (c Classes) Check() error {
	if len(c.Present) == 0 {
		return errors.New("posterior: no classes")
	}
	last := int32(-1)
	for _, k := range c.Present {
		if k <= last || int(k) >= len(c.Levels) {
			return fmt.Errorf("posterior: class %d after %d of %d levels", k, last, len(c.Levels))
		}
		last = k
	}
	return nil
}

// Frame turns the row-major rows×Len matrix p into one column per level.
func (c Classes) Frame(rows int, p []float64) *dataset.Frame {
	cols := make([]*dataset.Column, len(c.Levels))
	k := 0
	for j, name := range c.Levels {
		v := make([]float64, rows)
		if k < len(c.Present) && int(c.Present[k]) == j {
			for i := range v {
				v[i] = p[i*len(c.Present)+k]
			}
			k++
		}
		cols[j] = dataset.NewNumeric(name, v)
	}
	return dataset.MustFrame(rows, cols...)
}

// Columns makes a frame of the probabilities p, a column for each class seen, which it keeps.
func (c Classes) Columns(rows int, p [][]float64) *dataset.Frame {
	cols, k := make([]*dataset.Column, len(c.Levels)), 0
	for j, name := range c.Levels {
		var v []float64
		if k < len(c.Present) && int(c.Present[k]) == j {
			v = p[k]
			k++
		} else {
			v = make([]float64, rows)
		}
		cols[j] = dataset.NewNumeric(name, v)
	}
	return dataset.MustFrame(rows, cols...)
}

// Softmax turns log-likelihoods, up to a common constant, into probabilities in place. Where they say nothing, because
// all are minus infinity or one is not a number, the answer is the given prior, or equal shares if that is nil.
func Softmax(row, prior []float64) {
	top := math.Inf(-1)
	for _, v := range row {
		if v > top || v != v { // a NaN, once met, is never exceeded
			top = v
		}
	}
	if math.IsInf(top, 0) || top != top {
		fallback(row, prior)
		return
	}
	sum := 0.0
	for k, v := range row {
		row[k] = math.Exp(v - top)
		sum += row[k]
	}
	for k := range row {
		row[k] /= sum
	}
}

// SoftmaxColumns is [Softmax] for many rows at once: p holds a column for each class, and so does prior a number.
func SoftmaxColumns(p [][]float64, prior []float64) {
	inBlocks(p, func(part [][]float64) { softmax(part, prior) })
}

// inBlocks hands the columns on in pieces that stay in cache.
func inBlocks(p [][]float64, f func(part [][]float64)) {
	const block = 256 // rows
	for lo := 0; len(p) > 0 && lo < len(p[0]); lo += block {
		part := make([][]float64, len(p))
		for k, c := range p {
			part[k] = c[lo:min(lo+block, len(c))]
		}
		f(part)
	}
}

// highest is the largest number of every row, NaN where there is one.
func highest(p [][]float64) []float64 {
	top := append([]float64(nil), p[0]...)
	for _, c := range p[1:] {
		for i, v := range c {
			top[i] = max(top[i], v) // without a branch, which the processor would guess wrong half the time
		}
	}
	return top
}

func softmax(p [][]float64, prior []float64) {
	top, sum := highest(p), make([]float64, len(p[0]))
	for _, c := range p {
		for i, v := range c {
			c[i] = v - top[i]
		}
		linalg.Exp(c)
		for i, v := range c {
			sum[i] += v
		}
	}
	for i, t := range top {
		if t-t != 0 {
			sum[i] = math.NaN()
		}
	}
	share(p, sum, prior)
}

// share divides every row by its sum; one without gets what is known of rows in general.
func share(p [][]float64, sum, prior []float64) {
	row := make([]float64, len(p))
	fallback(row, prior)
	for k, c := range p {
		for i, s := range sum {
			if s != s {
				c[i] = row[k]
			} else {
				c[i] /= s
			}
		}
	}
}

// SoftmaxLog is Softmax by way of logarithms: probabilities next to one are as coarse as the log-likelihoods, which makes
// equals of rows that differ by less than the rounding of these. Scores that go by ranks then agree with scikit-learn's.
func SoftmaxLog(row, prior []float64) {
	top := math.Inf(-1)
	for _, v := range row {
		if v > top || v != v {
			top = v
		}
	}
	if math.IsInf(top, 0) || top != top {
		fallback(row, prior)
		return
	}
	sum := 0.0
	for _, v := range row {
		sum += math.Exp(v - top)
	}
	norm := math.Log(sum) + top
	sum = 0
	for k, v := range row {
		row[k] = math.Exp(v - norm)
		sum += row[k]
	}
	if math.Abs(sum-1) > 1e-9 { // log-likelihoods of millions
		Normalize(row)
	}
}

// SoftmaxLogColumns is [SoftmaxLog] for many rows at once: p holds a column for each class.
func SoftmaxLogColumns(p [][]float64, prior []float64) {
	inBlocks(p, func(part [][]float64) { softmaxLog(part, prior) })
}

func softmaxLog(p [][]float64, prior []float64) {
	top := highest(p)
	norm, total, e := make([]float64, len(top)), make([]float64, len(top)), make([]float64, len(top))
	for _, c := range p {
		for i, v := range c {
			e[i] = v - top[i]
		}
		linalg.Exp(e)
		for i, v := range e {
			norm[i] += v
		}
	}
	for i, s := range norm {
		norm[i] = math.Log(s) + top[i]
	}
	for _, c := range p {
		for i, v := range c {
			c[i] = v - norm[i]
		}
		linalg.Exp(c)
		for i, v := range c {
			total[i] += v
		}
	}
	for i, s := range total {
		switch {
		case top[i]-top[i] != 0:
			total[i] = math.NaN()
		case math.Abs(s-1) <= 1e-9: // else log-likelihoods of millions
			total[i] = 1
		}
	}
	share(p, total, prior)
}

// Normalize divides non-negative shares by their sum in place; a row without any becomes uniform.
func Normalize(row []float64) {
	sum := 0.0
	for _, v := range row {
		sum += v
	}
	if !(sum > 0) || math.IsInf(sum, 1) {
		fallback(row, nil)
		return
	}
	for k := range row {
		row[k] /= sum
	}
}

func fallback(row, prior []float64) {
	if prior != nil {
		copy(row, prior)
		return
	}
	for k := range row {
		row[k] = 1 / float64(len(row))
	}
}

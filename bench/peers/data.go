package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/lren-chuv/automl/dataset"
)

// table is generated data, row-major, with one target; kind says what it looks like:
//
//	class     standard normal columns of different scale, a binary target that depends on ten of them
//	class3    the same with three classes
//	reg       the same with a numeric target
//	positive  the same with a positive target
//	counts    non-negative whole numbers and a binary target
//	holes     class, with a tenth of the values missing
//	levels    codes of categories, eight levels a column, and a binary target
//	trees     a third of the columns normal, a third skewed and rounded, a third of few values; a binary target
//	trees5    the same with five classes
//	treesreg  the same with a numeric target
//	treesmix  trees with 30 % of the values missing; the last five columns are codes of 50 levels
//	line      one column and a numeric target that rises with it
type table struct {
	kind       string
	rows, cols int
	x, y       []float64
}

const informative = 10

// generate makes the same table for the same arguments.
func generate(kind string, rows, cols int) (*table, error) {
	if kind == "line" {
		cols = 1
	}
	if strings.HasPrefix(kind, "trees") {
		return forest(kind, rows, cols)
	}
	t := &table{kind: kind, rows: rows, cols: cols, x: make([]float64, rows*cols), y: make([]float64, rows)}
	rng := rand.New(rand.NewPCG(uint64(rows), uint64(cols)))
	weights := make([]float64, min(informative, cols))
	for j := range weights {
		weights[j] = rng.NormFloat64() + math.Copysign(0.3, rng.NormFloat64())
	}
	for i := range rows {
		row := t.x[i*cols : (i+1)*cols]
		shared := rng.NormFloat64()
		signal := rng.NormFloat64()
		for j := range row {
			v := rng.NormFloat64() + 0.5*shared
			if j < len(weights) {
				signal += weights[j] * v
			}
			row[j] = value(kind, j, v)
			if kind == "holes" && rng.Float64() < 0.1 {
				row[j] = math.NaN()
			}
		}
		y, ok := target(kind, signal)
		if !ok {
			return nil, fmt.Errorf("no data of kind %q", kind)
		}
		t.y[i] = y
	}
	return t, nil
}

// value turns a standard normal draw into what a column of this kind holds.
func value(kind string, column int, v float64) float64 {
	switch kind {
	case "counts":
		return math.Floor(math.Exp(0.7*v + 1))
	case "levels":
		return math.Floor(max(0, min(7, 2*v+4)))
	}
	return v * (1 + float64(column%5))
}

func target(kind string, signal float64) (float64, bool) {
	switch kind {
	case "class", "counts", "holes", "levels":
		if signal > 0 {
			return 1, true
		}
		return 0, true
	case "class3":
		return 1 + max(-1, min(1, math.Round(signal/3))), true
	case "reg", "line":
		return 10 * signal, true
	case "positive":
		return math.Exp(0.2*signal) + 0.01, true
	}
	return 0, false
}

// write stores the table as little-endian float64: x row by row, then y.
func (t *table) write(dir string) (string, error) {
	path := filepath.Join(dir, fmt.Sprintf("%s-%d-%d.f64", t.kind, t.rows, t.cols))
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	w := bufio.NewWriter(f)
	var word []byte
	for _, part := range [][]float64{t.x, t.y} {
		for _, v := range part {
			word = binary.LittleEndian.AppendUint64(word[:0], math.Float64bits(v))
			if _, err := w.Write(word); err != nil {
				return "", err
			}
		}
	}
	if err := w.Flush(); err != nil {
		return "", err
	}
	return path, f.Close()
}

// sample is the table as ours; a new one each time, since columns remember what was derived from them.
func (t *table) sample() dataset.Sample {
	cols := make([]*dataset.Column, t.cols)
	for j := range cols {
		name := fmt.Sprintf("x%d", j)
		if n := t.levels(j); n > 0 {
			cols[j] = dataset.NewCategorical(name, t.codes(t.x, j, t.cols), names(n))
			continue
		}
		v := make([]float64, t.rows)
		for i := range v {
			v[i] = t.x[i*t.cols+j]
		}
		cols[j] = dataset.NewNumeric(name, v)
	}
	s := dataset.Sample{X: dataset.MustFrame(t.rows, cols...)}
	if classes := t.classes(); classes > 0 {
		s.Y = dataset.NewCategorical("y", t.codes(t.y, 0, 1), names(classes))
	} else {
		s.Y = dataset.NewNumeric("y", append([]float64(nil), t.y...))
	}
	return s
}

// levels is the number of categories of column j, 0 for a numeric one.
func (t *table) levels(j int) int {
	switch {
	case t.kind == "levels":
		return 8
	case t.kind == "treesmix" && j >= t.cols-mixed:
		return mixedLevels
	}
	return 0
}

// classes is 0 for a numeric target.
func (t *table) classes() int {
	switch t.kind {
	case "class", "counts", "holes", "levels", "trees", "treesmix":
		return 2
	case "class3":
		return 3
	case "trees5":
		return 5
	}
	return 0
}

func (t *table) codes(from []float64, first, step int) []int32 {
	out := make([]int32, t.rows)
	for i := range out {
		out[i] = -1
		if v := from[i*step+first]; v == v {
			out[i] = int32(v)
		}
	}
	return out
}

func names(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("level%d", i)
	}
	return out
}

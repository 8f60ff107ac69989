// Package form reads what fitted operators have learned, for those who write models down for other runtimes.
package form

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// Lookup says how one output column comes of one input column. Categories are numbers here: their codes, NaN if missing.
type Lookup struct {
	From    int       // input column, -1 for none: the output is Others always
	Keys    []float64 // ascending values that are looked up; nil for the codes 0, 1, 2 … of a category
	Values  []float64 // per key or code
	Others  float64   // in place of values that are no key
	Pass    bool      // values that are no key pass instead
	Missing float64   // in place of missing values
}

// Columnwise finds out what an operator does that makes every output column of one input column: encoders, imputers and
// selectors. Every input is tried with all its values (the levels of a category; the keys of a number, two numbers that
// are no key) and a missing one, while the others rest; an output belongs to the input that it changes with.
func Columnwise(model operators.Fitted, in *dataset.Frame, keys [][]float64) ([]Lookup, error) {
	p := newProbe(in, keys)
	out, err := model.Apply(context.Background(), operators.NewEnv(0, 0), p.frame(in))
	if err != nil {
		return nil, err
	}
	lookups := make([]Lookup, out.Cols())
	for k, c := range out.Columns() {
		if lookups[k], err = p.lookup(values(c)); err != nil {
			return nil, fmt.Errorf("output column %d: %w", k, err)
		}
	}
	return lookups, nil
}

// strangers are numbers that are no key.
var strangers = [2]float64{1.2345678e7, -7.654321e-3}

// probe is a table in which one input after the other takes all its values. Row 0 is where all rest.
type probe struct {
	category []bool
	tried    [][]float64 // by input: the values, then for a number the strangers, then NaN
	first    []int       // by input: row of its first value
	rows     int
}

func newProbe(in *dataset.Frame, keys [][]float64) *probe {
	p := &probe{rows: 1}
	for j, c := range in.Columns() {
		var try []float64
		if c.Kind == dataset.Categorical {
			for k := range c.Levels {
				try = append(try, float64(k))
			}
		} else {
			if keys != nil {
				try = append(try, keys[j]...)
			}
			try = append(try, strangers[:]...)
		}
		p.category = append(p.category, c.Kind == dataset.Categorical)
		p.tried = append(p.tried, append(try, math.NaN()))
		p.first = append(p.first, p.rows)
		p.rows += len(try) + 1
	}
	return p
}

// rest is the value that an input has while others are tried.
func (p *probe) rest(j int) float64 { return p.tried[j][0] }

func (p *probe) frame(in *dataset.Frame) *dataset.Frame {
	cols := make([]*dataset.Column, in.Cols())
	for j, c := range in.Columns() {
		v := make([]float64, p.rows)
		for i := range v {
			v[i] = p.rest(j)
		}
		copy(v[p.first[j]:], p.tried[j])
		cols[j] = dataset.NewNumeric(c.Name, v)
		if p.category[j] {
			codes := make([]int32, p.rows)
			for i, x := range v {
				codes[i] = -1
				if x == x {
					codes[i] = int32(x)
				}
			}
			cols[j] = dataset.NewCategorical(c.Name, codes, c.Levels)
		}
	}
	return dataset.MustFrame(p.rows, cols...)
}

// values are a column's numbers, or its codes with NaN for missing ones.
func values(c *dataset.Column) []float64 {
	if c.Kind == dataset.Numeric {
		return c.Float
	}
	out := make([]float64, c.Len())
	for i, k := range c.Code {
		out[i] = float64(k)
		if k < 0 {
			out[i] = math.NaN()
		}
	}
	return out
}

func same(a, b float64) bool { return a == b || a != a && b != b }

// lookup explains an output column.
func (p *probe) lookup(v []float64) (Lookup, error) {
	owner := -1
	for j := range p.tried {
		for i := range p.tried[j] {
			if !same(v[p.first[j]+i], v[0]) {
				if owner >= 0 && owner != j {
					return Lookup{}, fmt.Errorf("it depends on several columns")
				}
				owner = j
			}
		}
	}
	if owner < 0 {
		return Lookup{From: -1, Others: v[0]}, nil
	}
	got, tried := v[p.first[owner]:][:len(p.tried[owner])], p.tried[owner]
	last := len(got) - 1
	l := Lookup{From: owner, Missing: got[last]}
	if p.category[owner] {
		l.Values, l.Others = slices.Clone(got[:last]), got[last]
		return l, nil
	}
	n := last - len(strangers)
	switch {
	case got[n] == strangers[0] && got[n+1] == strangers[1]:
		l.Pass = true
	case same(got[n], got[n+1]):
		l.Others = got[n]
	default:
		return l, fmt.Errorf("it is no table of its values")
	}
	for i := range n {
		if !l.Pass || got[i] != tried[i] {
			l.Keys, l.Values = slices.Clone(tried[:n]), slices.Clone(got[:n])
			break
		}
	}
	return l, nil
}

// Before returns the part of an operator that makes each of its inputs of one column, by [Columnwise], or nil if it takes the
// columns as they are.
func Before(m operators.Fitted) operators.Fitted {
	if has, ok := m.(interface{ Lookup() operators.Fitted }); ok {
		return has.Lookup()
	}
	return nil
}

// Stored reads what a fitted operator stores into a struct with fields of the same names; others are left out.
func Stored[T any](m operators.Fitted) (T, error) {
	var v T
	data, err := operators.Encode(m)
	if err == nil {
		err = wire.Unmarshal(data, &v)
	}
	return v, err
}

// Row is a frame of one row, of any values, with the columns that the schema makes of a table.
func Row(s *dataset.Schema) *dataset.Frame {
	var cols []*dataset.Column
	for _, field := range s.Fields {
		switch field.Type {
		case dataset.Number, dataset.Boolean:
			cols = append(cols, dataset.NewNumeric(field.Name, []float64{0.5}))
		case dataset.Date:
			for _, part := range field.Parts {
				cols = append(cols, dataset.NewNumeric(field.Name+"."+part, []float64{0.5}))
			}
		case dataset.Category:
			code := int32(0)
			if len(field.Levels) == 0 {
				code = -1
			}
			cols = append(cols, dataset.NewCategorical(field.Name, []int32{code}, field.Levels))
		}
	}
	return dataset.MustFrame(1, cols...)
}

package gosrc

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// lookup is the column of the generated file: where an output column comes from.
type lookup struct {
	from            int
	keys, values    []float64
	others, missing float64
	pass            bool
}

func (l lookup) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "{from: %d", l.from)
	if l.keys != nil {
		fmt.Fprintf(&b, ", keys: %s", floats(l.keys))
	}
	if l.values != nil {
		fmt.Fprintf(&b, ", values: %s", floats(l.values))
	}
	if l.pass {
		b.WriteString(", pass: true")
	} else if l.others != 0 {
		fmt.Fprintf(&b, ", others: %s", floatText(l.others))
	}
	if l.missing != 0 {
		fmt.Fprintf(&b, ", missing: %s", floatText(l.missing))
	}
	return b.String() + "}"
}

// columnwise finds out what an operator does that makes every output column of one input column: encoders, imputers and
// selectors. Every input is tried with all its values (the levels of a category; the keys of a number, two numbers that
// are no key) and a missing one, while the others rest; an output belongs to the input that it changes with.
func columnwise(model operators.Fitted, in *dataset.Frame, keys [][]float64) (string, error) {
	p := newProbe(in, keys)
	out, err := model.Apply(context.Background(), operators.NewEnv(0, 0), p.frame(in))
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("columns{\n")
	for k, c := range out.Columns() {
		l, err := p.lookup(values(c))
		if err != nil {
			return "", fmt.Errorf("output column %d: %w", k, err)
		}
		b.WriteString("\t" + l.text() + ",\n")
	}
	return b.String() + "}", nil
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
func (p *probe) lookup(v []float64) (lookup, error) {
	owner := -1
	for j := range p.tried {
		for i := range p.tried[j] {
			if !same(v[p.first[j]+i], v[0]) {
				if owner >= 0 && owner != j {
					return lookup{}, fmt.Errorf("it depends on several columns")
				}
				owner = j
			}
		}
	}
	if owner < 0 {
		return lookup{from: -1, others: v[0]}, nil
	}
	got, tried := v[p.first[owner]:][:len(p.tried[owner])], p.tried[owner]
	last := len(got) - 1
	l := lookup{from: owner, missing: got[last]}
	if p.category[owner] {
		l.values, l.others = slices.Clone(got[:last]), got[last]
		return l, nil
	}
	n := last - len(strangers)
	switch {
	case got[n] == strangers[0] && got[n+1] == strangers[1]:
		l.pass = true
	case same(got[n], got[n+1]):
		l.others = got[n]
	default:
		return l, fmt.Errorf("it is no table of its values")
	}
	for i := range n {
		if !l.pass || got[i] != tried[i] {
			l.keys, l.values = slices.Clone(tried[:n]), slices.Clone(got[:n])
			break
		}
	}
	return l, nil
}

// Package explain tells what a model relies on and what its data look like: permutation importance, partial dependence,
// contributions to single predictions, and summaries of columns. It sees a model as a function of a table only, so every
// model can be explained, ensembles included.
package explain

import (
	"context"

	"github.com/lren-chuv/automl/dataset"
)

// Model is what is explained. Predict returns one numeric column, or a probability column per class, and must be safe for
// concurrent use.
type Model interface {
	Predict(ctx context.Context, x *dataset.Frame) (*dataset.Frame, error)
}

// Feature is a column as the user knows it: the columns of the frame that were made of it. They are changed together, for
// the parts of a date make no sense one without the other.
type Feature struct {
	Name string
	Cols []int
}

// Features lists the features of a frame made by a schema; without one, every column is a feature.
func Features(s *dataset.Schema, x *dataset.Frame) []Feature {
	var out []Feature
	at := 0
	if s != nil {
		for _, f := range s.Fields {
			if !f.Type.Used() {
				continue
			}
			one := Feature{Name: f.Name, Cols: []int{at}}
			if f.Type == dataset.Date {
				one.Cols = one.Cols[:0]
				for k := range f.Parts {
					one.Cols = append(one.Cols, at+k)
				}
			}
			at += len(one.Cols)
			if len(one.Cols) > 0 {
				out = append(out, one)
			}
		}
		if at == x.Cols() {
			return out
		}
	}
	out = out[:0]
	for j, c := range x.Columns() {
		out = append(out, Feature{c.Name, []int{j}})
	}
	return out
}

// replace returns x with other columns at the given positions.
func replace(x *dataset.Frame, at []int, with []*dataset.Column) *dataset.Frame {
	cols := append([]*dataset.Column(nil), x.Columns()...)
	for k, j := range at {
		cols[j] = with[k]
	}
	return dataset.MustFrame(x.Rows(), cols...)
}

// constant is a column of n times the value that c has in a row.
func constant(c *dataset.Column, row, n int) *dataset.Column {
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(row)
	}
	return c.Gather(rows)
}

package dataset

import (
	"fmt"
	"math"
	"strings"
)

// Table is what a file holds: raw typed columns, the target among them. [Table.Sample] makes of it what a learner
// learns from, [Schema.Features] what a model predicts from.
type Table struct {
	File     string   // "" for a table from memory
	Fields   []Field  // what is known of each column; read-only
	Warnings []string // what the user should know, one line each

	cols    []*Column // numbers, or text with levels in order of first appearance; empty if the column was not read
	rows    int
	line    []int32 // line of the file of each row, or nil if row i is on line first+i
	first   int
	missing []string
}

// NewTable makes a table of columns in memory. Numeric columns are numbers, categorical ones categories whose levels
// keep their order.
func NewTable(columns ...*Column) (*Table, error) {
	f, err := NewFrame(columns...)
	if err != nil {
		return nil, err
	}
	t := &Table{cols: columns, rows: f.Rows(), first: 1}
	for _, c := range columns {
		t.Fields = append(t.Fields, fieldOf(c))
	}
	return t, nil
}

// Rows is the number of rows.
func (t *Table) Rows() int { return t.rows }

// Cols is the number of columns.
func (t *Table) Cols() int { return len(t.cols) }

// Labelled lists the rows whose target, the column of that name, is not missing: those that [Table.Sample] keeps, in
// their order. It is nil if there is no such column.
func (t *Table) Labelled(target string) []int32 {
	at := t.index(target)
	if at < 0 {
		return nil
	}
	var rows []int32
	for i := range t.cols[at].Len() {
		if !t.cols[at].Missing(i) {
			rows = append(rows, int32(i))
		}
	}
	return rows
}

// index returns the position of the column called name, or -1.
func (t *Table) index(name string) int {
	for j, c := range t.cols {
		if c.Name == name {
			return j
		}
	}
	return -1
}

// lineOf is the line of the file that row i stands on.
func (t *Table) lineOf(i int) int {
	if t.line != nil {
		return int(t.line[i])
	}
	return t.first + i
}

func (t *Table) errorf(column string, format string, args ...any) *DataError {
	return &DataError{File: t.File, Column: column, Msg: fmt.Sprintf(format, args...)}
}

func (t *Table) errorAt(row int, column string, format string, args ...any) *DataError {
	e := t.errorf(column, format, args...)
	e.Row = t.lineOf(row)
	return e
}

// unknown is the error for a column that does not exist; it names those that may be meant.
func (t *Table) unknown(name string) error {
	names := make([]string, len(t.cols))
	for j, c := range t.cols {
		names[j] = c.Name
	}
	if near := nearest(name, names); len(near) > 0 {
		return t.errorf(name, "no such column; did you mean %s?", quotedList(near, "or"))
	}
	const most = 10
	if len(names) > most {
		return t.errorf(name, "no such column; there are %s and %d more", quotedList(names[:most], ","), len(names)-most)
	}
	return t.errorf(name, "no such column; there are %s", quotedList(names, "and"))
}

// quotedList writes names with word before the last.
func quotedList(names []string, word string) string {
	var b strings.Builder
	for i, name := range names {
		switch {
		case i == 0:
		case i == len(names)-1 && word != ",":
			b.WriteString(" " + word + " ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(shown(name))
	}
	return b.String()
}

// numbers returns a raw column as numbers, which must be finite or missing.
func (t *Table) numbers(c *Column) ([]float64, error) {
	values := c.Float
	if c.Kind == Categorical {
		values = make([]float64, c.Len())
		of := make([]float64, len(c.Levels))
		ok := make([]bool, len(c.Levels))
		for k, level := range c.Levels {
			of[k], ok[k] = parseNumber([]byte(level))
		}
		for i, k := range c.Code {
			switch {
			case k < 0:
				values[i] = math.NaN()
			case !ok[k]:
				return nil, t.errorAt(i, c.Name, "%s is not a number; correct it, mark it as missing, or give the column another type", shown(c.Levels[k]))
			default:
				values[i] = of[k]
			}
		}
	}
	for i, v := range values {
		if math.IsInf(v, 0) {
			return nil, t.errorAt(i, c.Name, "an infinite number; correct it or leave the field empty")
		}
	}
	return values, nil
}

// strings returns a raw column as text.
func (c *Column) strings() *Column {
	if c.Kind == Categorical {
		return c
	}
	index := map[float64]int32{}
	codes, levels := make([]int32, c.Len()), []string{}
	for i, v := range c.Float {
		if v != v {
			codes[i] = -1
			continue
		}
		k, known := index[v]
		if !known {
			k = int32(len(levels))
			index[v] = k
			levels = append(levels, formatNumber(v))
		}
		codes[i] = k
	}
	return NewCategorical(c.Name, codes, levels)
}

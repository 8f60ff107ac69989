package dataset

import "fmt"

// Frame is an immutable table of equally long columns. Slice, Select and With share the columns' memory.
type Frame struct {
	cols []*Column
	rows int
	memo *memo
}

// NewFrame makes a frame of columns, which must have the same length. Names need not be unique: two branches of a
// pipeline may bring the same column.
func NewFrame(cols ...*Column) (*Frame, error) {
	f := &Frame{cols: cols, memo: newMemo()}
	for j, c := range cols {
		if j == 0 {
			f.rows = c.Len()
		}
		if c.Len() != f.rows {
			return nil, fmt.Errorf("dataset: column %q has %d rows, %q has %d", c.Name, c.Len(), cols[0].Name, f.rows)
		}
		if err := c.check(); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// MustFrame is NewFrame for columns made by the caller itself; it panics when they do not fit together.
func MustFrame(rows int, cols ...*Column) *Frame {
	for _, c := range cols {
		if c.Len() != rows {
			panic(fmt.Sprintf("dataset: column %q has %d rows, want %d", c.Name, c.Len(), rows))
		}
	}
	return &Frame{cols: cols, rows: rows, memo: newMemo()}
}

// Rows is the number of rows.
func (f *Frame) Rows() int { return f.rows }

// Cols is the number of columns.
func (f *Frame) Cols() int { return len(f.cols) }

// Col returns column j, which is shared and must not be changed.
func (f *Frame) Col(j int) *Column { return f.cols[j] }

// Columns returns all columns; the slice and what it holds must not be changed.
func (f *Frame) Columns() []*Column { return f.cols }

// Index returns the position of the first column called name, or -1.
func (f *Frame) Index(name string) int {
	for j, c := range f.cols {
		if c.Name == name {
			return j
		}
	}
	return -1
}

// Slice returns rows [lo, hi).
func (f *Frame) Slice(lo, hi int) *Frame {
	if lo == 0 && hi == f.rows {
		return f
	}
	cols := make([]*Column, len(f.cols))
	for j, c := range f.cols {
		cols[j] = c.Slice(lo, hi)
	}
	return &Frame{cols: cols, rows: hi - lo, memo: newMemo()}
}

// Select returns the columns at the given positions, in that order.
func (f *Frame) Select(js ...int) *Frame {
	cols := make([]*Column, len(js))
	for i, j := range js {
		cols[i] = f.cols[j]
	}
	return &Frame{cols: cols, rows: f.rows, memo: newMemo()}
}

// With returns the frame with more columns at its end; they must have as many rows.
func (f *Frame) With(cols ...*Column) *Frame {
	all := make([]*Column, 0, len(f.cols)+len(cols))
	all = append(append(all, f.cols...), cols...)
	return MustFrame(f.rows, all...)
}

// Gather returns a new frame with the given rows, in that order.
func (f *Frame) Gather(rows []int32) *Frame {
	cols := make([]*Column, len(f.cols))
	for j, c := range f.cols {
		cols[j] = c.Gather(rows)
	}
	return &Frame{cols: cols, rows: len(rows), memo: newMemo()}
}

// Derive is [Column.Derive] for what is computed from the whole frame, such as its row-major matrix.
func (f *Frame) Derive(key any, make func() any) any {
	return f.memo.get(memoKey{0, f.rows, key}, make)
}

// Bytes is the memory of the columns' values.
func (f *Frame) Bytes() int64 {
	var n int64
	for _, c := range f.cols {
		n += c.Bytes()
	}
	return n
}

type matrixKey struct{}

// Matrix returns the frame's numeric columns as one row-major Rows×Cols matrix, made once and shared: read it, never
// write to it. It panics on a categorical column; operators that take no categories never see one.
func (f *Frame) Matrix() []float64 {
	return f.Derive(matrixKey{}, func() any {
		m, cols := make([]float64, f.rows*len(f.cols)), f.Floats()
		const block = 128 // rows that stay in cache while the columns pass by
		for lo := 0; lo < f.rows; lo += block {
			interleave(m, cols, lo, min(lo+block, f.rows))
		}
		return m
	}).([]float64)
}

// Floats returns the values of the columns, shared: read them, never write to them. It panics on a categorical column.
func (f *Frame) Floats() [][]float64 {
	out := make([][]float64, len(f.cols))
	for j, c := range f.cols {
		if c.Kind != Numeric {
			panic(fmt.Sprintf("dataset: column %q is categorical, a matrix takes numbers", c.Name))
		}
		out[j] = c.Float
	}
	return out
}

// interleave writes rows [lo, hi) of the columns to the row-major m, eight columns at a time.
func interleave(m []float64, cols [][]float64, lo, hi int) {
	p, n := len(cols), hi-lo
	j := 0
	for ; j+8 <= p; j += 8 {
		c0, c1, c2, c3 := cols[j][lo:hi], cols[j+1][lo:][:n], cols[j+2][lo:][:n], cols[j+3][lo:][:n]
		c4, c5, c6, c7 := cols[j+4][lo:][:n], cols[j+5][lo:][:n], cols[j+6][lo:][:n], cols[j+7][lo:][:n]
		out := m[lo*p+j:]
		for i, v := range c0 {
			*(*[8]float64)(out[i*p:]) = [8]float64{v, c1[i], c2[i], c3[i], c4[i], c5[i], c6[i], c7[i]}
		}
	}
	for ; j < p; j++ {
		for i, v := range cols[j][lo:hi] {
			m[(lo+i)*p+j] = v
		}
	}
}

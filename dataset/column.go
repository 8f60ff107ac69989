package dataset

import "fmt"

// Kind says how the values of a [Column] are stored.
type Kind uint8

const (
	Numeric     Kind = iota // float64 values, NaN is missing
	Categorical             // int32 codes into a list of levels, -1 is missing
)

// String is numeric or categorical.
func (k Kind) String() string {
	if k == Categorical {
		return "categorical"
	}
	return "numeric"
}

// Column is one named, typed and immutable column of a table. Its slices are shared between frames, folds and
// goroutines, so they are read-only from the moment the column exists. Make columns with [NewNumeric] and
// [NewCategorical].
type Column struct {
	Name   string    // need not be unique in a frame
	Kind   Kind      // which of the slices below is in use
	Float  []float64 // Numeric: one value per row, NaN is missing
	Code   []int32   // Categorical: index into Levels per row, -1 is missing
	Levels []string  // Categorical: the names of the codes; not every level need occur

	memo *memo // derived representations, shared by all slices of one base column
	lo   int   // first row of this slice in the base column
}

// NewNumeric makes a numeric column that owns values.
func NewNumeric(name string, values []float64) *Column {
	return &Column{Name: name, Kind: Numeric, Float: values, memo: newMemo()}
}

// NewCategorical makes a categorical column that owns codes; every code lies in [-1, len(levels)).
func NewCategorical(name string, codes []int32, levels []string) *Column {
	return &Column{Name: name, Kind: Categorical, Code: codes, Levels: levels, memo: newMemo()}
}

// Len is the number of rows.
func (c *Column) Len() int {
	if c.Kind == Categorical {
		return len(c.Code)
	}
	return len(c.Float)
}

// Missing reports whether the value in row i is missing.
func (c *Column) Missing(i int) bool {
	if c.Kind == Categorical {
		return c.Code[i] < 0
	}
	return c.Float[i] != c.Float[i]
}

// Slice returns rows [lo, hi) of the column; memory and derived representations are shared.
func (c *Column) Slice(lo, hi int) *Column {
	s := *c
	s.lo += lo
	if c.Kind == Categorical {
		s.Code = c.Code[lo:hi:hi]
	} else {
		s.Float = c.Float[lo:hi:hi]
	}
	return &s
}

// Rename returns the same column under another name.
func (c *Column) Rename(name string) *Column {
	s := *c
	s.Name = name
	return &s
}

// Gather returns a new column with the given rows, in that order.
func (c *Column) Gather(rows []int32) *Column {
	if c.Kind == Categorical {
		codes := make([]int32, len(rows))
		for i, r := range rows {
			codes[i] = c.Code[r]
		}
		return NewCategorical(c.Name, codes, c.Levels)
	}
	values := make([]float64, len(rows))
	for i, r := range rows {
		values[i] = c.Float[r]
	}
	return NewNumeric(c.Name, values)
}

// Derive returns what make computes from the column (its bins, its sorted order, its moments), computed at most once
// for each key and row range, whoever asks: slices of one base column over the same rows share the answer. The result
// must depend on the column and the key alone and must never be changed. The key's type should be unexported, as with
// context keys.
func (c *Column) Derive(key any, make func() any) any {
	if c.memo == nil {
		return make()
	}
	return c.memo.get(memoKey{c.lo, c.Len(), key}, make)
}

// Bytes is the memory of the column's own values.
func (c *Column) Bytes() int64 {
	return int64(len(c.Float))*8 + int64(len(c.Code))*4
}

func (c *Column) check() error {
	if c.Kind != Categorical {
		return nil
	}
	for i, k := range c.Code {
		if k < -1 || int(k) >= len(c.Levels) {
			return fmt.Errorf("dataset: column %q row %d: code %d outside its %d levels", c.Name, i, k, len(c.Levels))
		}
	}
	return nil
}

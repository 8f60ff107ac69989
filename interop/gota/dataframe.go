package gota

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/lren-chuv/automl/dataset"
)

// FromDataFrame copies a DataFrame. Int and Float columns become numeric, String and Bool columns categorical with their
// values as levels in sorted order. What gota calls NaN is missing; the empty string is not, as in gota. A DataFrame
// that carries an error gives that error; an integer that a float64 cannot hold exactly is an error too.
func FromDataFrame(df dataframe.DataFrame) (*dataset.Frame, error) {
	if err := df.Error(); err != nil {
		return nil, fmt.Errorf("gota: %w", err)
	}
	if df.Ncol() == 0 {
		return nil, errors.New("gota: the DataFrame has no columns")
	}
	names, types := df.Names(), df.Types()
	cols := make([]*dataset.Column, len(names))
	for j, name := range names {
		var err error
		switch types[j] {
		case series.Float, series.Int:
			cols[j], err = numbers(df, j, types[j])
		case series.String, series.Bool:
			cols[j] = categories(df, j)
		default:
			err = fmt.Errorf("unknown type %q", types[j])
		}
		if err != nil {
			return nil, fmt.Errorf("gota: column %q: %w", name, err)
		}
		cols[j] = cols[j].Rename(name)
	}
	return dataset.NewFrame(cols...)
}

func numbers(df dataframe.DataFrame, j int, t series.Type) (*dataset.Column, error) {
	const exact = 1 << 53
	values := make([]float64, df.Nrow())
	for i := range values {
		values[i] = df.Elem(i, j).Float()
		if t == series.Int && math.Abs(values[i]) > exact {
			return nil, fmt.Errorf("row %d: %v is too large for a float64; turn identifiers into strings", i, df.Elem(i, j))
		}
	}
	return dataset.NewNumeric("", values), nil
}

func categories(df dataframe.DataFrame, j int) *dataset.Column {
	var levels []string
	seen := map[string]int32{}
	for i := range df.Nrow() {
		if e := df.Elem(i, j); !e.IsNA() {
			if _, known := seen[e.String()]; !known {
				seen[e.String()] = 0
				levels = append(levels, e.String())
			}
		}
	}
	slices.Sort(levels)
	for k, l := range levels {
		seen[l] = int32(k)
	}
	codes := make([]int32, df.Nrow())
	for i := range codes {
		codes[i] = -1
		if e := df.Elem(i, j); !e.IsNA() {
			codes[i] = seen[e.String()]
		}
	}
	return dataset.NewCategorical("", codes, levels)
}

// missing is the text that gota takes for a missing value, in whatever column.
const missing = "NaN"

// ToDataFrame copies a frame: numeric columns become Float, categorical ones String, missing values NaN. Names that gota
// would change, empty or equal ones, are errors, and so is a level called NaN, which gota takes for a missing value.
func ToDataFrame(f *dataset.Frame) (dataframe.DataFrame, error) {
	if f.Cols() == 0 {
		return dataframe.DataFrame{}, errors.New("gota: a DataFrame needs a column")
	}
	all := make([]series.Series, f.Cols())
	for j, c := range f.Columns() {
		switch {
		case c.Name == "":
			return dataframe.DataFrame{}, fmt.Errorf("gota: column %d has no name", j)
		case f.Index(c.Name) != j:
			return dataframe.DataFrame{}, fmt.Errorf("gota: two columns are called %q", c.Name)
		case c.Kind == dataset.Numeric:
			all[j] = series.New(c.Float, series.Float, c.Name)
			continue
		case slices.Contains(c.Levels, missing):
			return dataframe.DataFrame{}, fmt.Errorf("gota: column %q has a level called %s", c.Name, missing)
		}
		values := make([]string, len(c.Code))
		for i, k := range c.Code {
			values[i] = missing
			if k >= 0 {
				values[i] = c.Levels[k]
			}
		}
		all[j] = series.New(values, series.String, c.Name)
	}
	df := dataframe.New(all...)
	if err := df.Error(); err != nil {
		return dataframe.DataFrame{}, fmt.Errorf("gota: %w", err)
	}
	return df, nil
}

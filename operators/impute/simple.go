// Package impute fills in missing values.
package impute

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/stats"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

var strategies = []string{"mean", "median", "most_frequent", "constant"}

// SimpleImputer replaces missing values by one value per column. Categorical columns take their most frequent level
// (of equal ones the first), or a level of their own with strategy constant, whatever the strategy says of numbers.
var SimpleImputer = &operators.Spec{
	Name: "SimpleImputer", Doc: "one value per column for what is missing", Role: operators.Cleaner, Useful: operators.HasMissing,
	Traits: operators.Categories | operators.Missing,
	Params: []operators.Param{
		{Name: "strategy", Scale: operators.Choice, Choices: strategies},
		{Name: "add_indicator", Scale: operators.Bool},
		{Name: "fill_value", Scale: operators.Linear, Lo: -1, Hi: 1, Default: 0, Fixed: true},
	},
	Ignored: []string{"missing_values", "copy", "keep_empty_features", "verbose"},
	New: func(v []float64) (operators.Operator, error) {
		return simple{strategies[int(v[0])], v[1] != 0, v[2]}, nil
	},
	Decode: operators.Decode[imputed],
}

type simple struct {
	strategy  string
	indicator bool
	constant  float64
}

// imputed has one value per column: the number, or the code of the level.
type imputed struct {
	Value     wire.Floats
	Kind      []uint8
	Levels    []int // number of levels of categorical columns, at training
	Own       bool  // categorical columns get a level of their own
	Indicated []bool
}

const ownLevel = "missing"

func (o simple) Fit(_ context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f := &imputed{Own: o.strategy == "constant"}
	for _, c := range s.X.Columns() {
		value := 0.0
		if c.Kind == dataset.Categorical {
			value = float64(commonLevel(c))
		} else {
			value = o.number(c)
			if math.IsInf(value, 0) {
				return nil, fmt.Errorf("SimpleImputer: the values of column %q are too large", c.Name)
			}
		}
		has := false
		for i := 0; i < c.Len() && o.indicator && !has; i++ {
			has = c.Missing(i)
		}
		f.Value, f.Kind = append(f.Value, value), append(f.Kind, uint8(c.Kind))
		f.Levels, f.Indicated = append(f.Levels, len(c.Levels)), append(f.Indicated, has)
	}
	return f, nil
}

// number is the replacement in a numeric column; 0 if nothing is known.
func (o simple) number(c *dataset.Column) float64 {
	switch o.strategy {
	case "mean":
		return stats.Describe(c).Mean
	case "median":
		return stats.Median(c)
	case "most_frequent":
		return stats.Mode(stats.Sorted(c))
	}
	return o.constant
}

func commonLevel(c *dataset.Column) int {
	n := make([]int, len(c.Levels))
	for _, k := range c.Code {
		if k >= 0 {
			n[k]++
		}
	}
	best := -1
	for k, m := range n {
		if m > 0 && (best < 0 || m > n[best]) {
			best = k
		}
	}
	return best
}

func (f *imputed) Check() error {
	n := len(f.Value)
	if len(f.Kind) != n || len(f.Levels) != n || len(f.Indicated) != n {
		return fmt.Errorf("SimpleImputer: its arrays do not fit together")
	}
	for j, v := range f.Value {
		if v-v != 0 || f.Kind[j] == uint8(dataset.Categorical) && (v < -1 || v >= float64(f.Levels[j])) {
			return fmt.Errorf("SimpleImputer: column %d is filled with %v", j, v)
		}
	}
	return nil
}

func (f *imputed) Apply(_ context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != len(f.Value) {
		return nil, fmt.Errorf("SimpleImputer: %d columns, learned from %d", x.Cols(), len(f.Value))
	}
	cols := make([]*dataset.Column, x.Cols(), 2*x.Cols())
	for j, c := range x.Columns() {
		switch {
		case uint8(c.Kind) != f.Kind[j] || c.Kind == dataset.Categorical && len(c.Levels) != f.Levels[j]:
			return nil, fmt.Errorf("SimpleImputer: column %q is not of the kind it was in training", c.Name)
		case c.Kind == dataset.Categorical:
			cols[j] = f.levels(c, j)
		default:
			cols[j] = fill(c, f.Value[j])
		}
	}
	for j, c := range x.Columns() {
		if f.Indicated[j] {
			v := make([]float64, c.Len())
			for i := range v {
				if c.Missing(i) {
					v[i] = 1
				}
			}
			cols = append(cols, dataset.NewNumeric(c.Name+" is missing", v))
		}
	}
	return dataset.MustFrame(x.Rows(), cols...), nil
}

// fill returns the column itself where nothing is missing.
func fill(c *dataset.Column, value float64) *dataset.Column {
	i := slices.IndexFunc(c.Float, func(v float64) bool { return v != v })
	if i < 0 {
		return c
	}
	v := slices.Clone(c.Float)
	for ; i < len(v); i++ {
		if v[i] != v[i] {
			v[i] = value
		}
	}
	return dataset.NewNumeric(c.Name, v)
}

func (f *imputed) levels(c *dataset.Column, j int) *dataset.Column {
	levels, value := c.Levels, int32(f.Value[j])
	if f.Own {
		levels, value = append(slices.Clone(levels), ownLevel), int32(len(levels))
	}
	codes := slices.Clone(c.Code)
	for i, k := range codes {
		if k < 0 {
			codes[i] = value
		}
	}
	return dataset.NewCategorical(c.Name, codes, levels)
}

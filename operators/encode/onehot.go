package encode

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// OneHotEncoder makes a column of 0 and 1 of every level of a categorical column, and of every value of a numeric column
// that has few; other numeric columns pass. Missing values are a level of their own if training has any. Levels of
// fewer rows than min_frequency share a column.
var OneHotEncoder = &operators.Spec{
	Name: "OneHotEncoder", Doc: "a column of 0 and 1 per level", Role: operators.Encoder,
	Traits: operators.Categories | operators.Missing,
	Params: []operators.Param{
		{Name: "threshold", Scale: operators.Int, Lo: 2, Hi: 20, Default: 10, Fixed: true},
		{Name: "minimum_fraction", Scale: operators.Linear, Lo: 0, Hi: 0.25, Default: 0},
		{Name: "handle_unknown", Scale: operators.Choice, Choices: []string{"ignore", "error", "infrequent_if_exist"}, Fixed: true},
	},
	Ignored: []string{"sparse", "sparse_output", "dtype", "categorical_features"},
	New: func(v []float64) (operators.Operator, error) {
		if v[0] < 1 || v[1] < 0 || v[1] >= 1 {
			return nil, fmt.Errorf("OneHotEncoder: threshold=%g, minimum_fraction=%g: want at least 1 and a share in [0, 1)", v[0], v[1])
		}
		return oneHot{int(v[0]), v[1], v[2] == 1}, nil
	},
	Decode: operators.Decode[hot],
}

type oneHot struct {
	threshold int
	fraction  float64
	strict    bool
}

// hot has indicators for the columns that are encoded, nil for those that pass.
type hot struct {
	Columns []*indicators
	Strict  bool // an unknown level is an error
}

func (o oneHot) Fit(_ context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f := &hot{Columns: make([]*indicators, s.X.Cols()), Strict: o.strict}
	for j, c := range s.X.Columns() {
		if c.Kind == dataset.Categorical {
			n := counts(c)
			d := &indicators{Levels: c.Levels}
			o.assign(d, c.Name, c.Levels, n, c.Len())
			f.Columns[j] = d
			continue
		}
		values, n := distinct(c)
		if len(values) > o.threshold {
			continue
		}
		names := make([]string, len(values))
		for k, v := range values {
			names[k] = strconv.FormatFloat(v, 'g', -1, 64)
		}
		d := &indicators{Values: values}
		o.assign(d, c.Name, names, n, c.Len())
		f.Columns[j] = d
	}
	return f, nil
}

// assign gives the levels their columns: n counts their rows, missing values last.
func (o oneHot) assign(d *indicators, column string, levels []string, n []int, rows int) {
	least := int(math.Ceil(o.fraction * float64(rows)))
	d.Missing, d.Unknown = -1, -1
	rare := false
	for k, level := range levels {
		switch {
		case n[k] == 0:
			d.Slot = append(d.Slot, -1)
		case n[k] < least:
			d.Slot = append(d.Slot, -2)
			rare = true
		default:
			d.Slot = append(d.Slot, int32(len(d.Names)))
			d.Names = append(d.Names, column+"="+level)
		}
	}
	if n[len(n)-1] > 0 {
		d.Missing = int32(len(d.Names))
		d.Names = append(d.Names, column+" is missing")
	}
	if rare {
		d.Unknown = int32(len(d.Names))
		d.Names = append(d.Names, column+" is rare")
	}
	for k, slot := range d.Slot {
		if slot == -2 {
			d.Slot[k] = d.Unknown
		}
	}
}

type distinctKey struct{}

type distinctValues struct {
	values wire.Floats
	rows   []int // of each value, then of missing ones
}

// distinct returns a numeric column's values in rising order and how many rows have each.
func distinct(c *dataset.Column) (wire.Floats, []int) {
	d := c.Derive(distinctKey{}, func() any {
		known := slices.DeleteFunc(slices.Clone(c.Float), func(v float64) bool { return v != v })
		slices.Sort(known)
		var d distinctValues
		for i, v := range known {
			if i == 0 || v != known[i-1] {
				d.values, d.rows = append(d.values, v), append(d.rows, 0)
			}
			d.rows[len(d.rows)-1]++
		}
		d.rows = append(d.rows, c.Len()-len(known))
		return d
	}).(distinctValues)
	return d.values, d.rows
}

func (f *hot) Check() error {
	for _, d := range f.Columns {
		if d != nil {
			if err := d.check(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *hot) Apply(_ context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != len(f.Columns) {
		return nil, fmt.Errorf("OneHotEncoder: %d columns, learned from %d", x.Cols(), len(f.Columns))
	}
	var out []*dataset.Column
	for j, c := range x.Columns() {
		d := f.Columns[j]
		if d == nil {
			out = append(out, c)
			continue
		}
		if f.Strict {
			if err := d.known(c); err != nil {
				return nil, err
			}
		}
		out = append(out, d.apply(c)...)
	}
	return dataset.MustFrame(x.Rows(), out...), nil
}

// known reports the first value that training did not have.
func (d *indicators) known(c *dataset.Column) error {
	if c.Kind == dataset.Numeric {
		for i, v := range c.Float {
			if _, ok := slices.BinarySearch(d.Values, v); !ok && v == v {
				return fmt.Errorf("OneHotEncoder: column %q row %d: unknown value %g", c.Name, i, v)
			}
		}
		return nil
	}
	for i, k := range codesIn(c, d.Levels) {
		if c.Code[i] >= 0 && (k < 0 || d.Slot[k] < 0) {
			return fmt.Errorf("OneHotEncoder: column %q row %d: unknown level %q", c.Name, i, c.Levels[c.Code[i]])
		}
	}
	return nil
}

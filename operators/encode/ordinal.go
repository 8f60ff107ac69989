package encode

import (
	"context"
	"fmt"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// OrdinalEncoder numbers the levels that occur in training, in their order; numeric columns pass. Levels that training
// did not have become unknown_value, missing values encoded_missing_value.
var OrdinalEncoder = &operators.Spec{
	Name: "OrdinalEncoder", Doc: "the number of the level", Role: operators.Encoder,
	Traits: operators.Categories | operators.Missing,
	Params: []operators.Param{
		{Name: "unknown_value", Scale: operators.Int, Lo: -2, Hi: 0, Default: -1, Fixed: true},
		{Name: "encoded_missing_value", Scale: operators.Int, Lo: -2, Hi: 0, Default: -2, Fixed: true},
	},
	Ignored: []string{"handle_unknown", "dtype"},
	New: func(v []float64) (operators.Operator, error) {
		return ordinal{v[0], v[1]}, nil
	},
	Decode: operators.Decode[numbered],
}

type ordinal struct{ unknown, missing float64 }

// numbered holds, per column, the training levels and their numbers; nil levels pass.
type numbered struct {
	Unknown, Missing float64
	Levels           [][]string
	Number           []wire.Ints // -1 for levels without training rows
	Categorical      []bool
}

func (o ordinal) Fit(_ context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f := &numbered{Unknown: o.unknown, Missing: o.missing}
	for _, c := range s.X.Columns() {
		var number wire.Ints
		next := int32(0)
		for k := range c.Levels {
			number = append(number, -1)
			if counts(c)[k] > 0 {
				number[k] = next
				next++
			}
		}
		f.Levels, f.Number = append(f.Levels, c.Levels), append(f.Number, number)
		f.Categorical = append(f.Categorical, c.Kind == dataset.Categorical)
	}
	return f, nil
}

func (f *numbered) Check() error {
	if len(f.Levels) != len(f.Number) || len(f.Levels) != len(f.Categorical) {
		return fmt.Errorf("OrdinalEncoder: %d, %d and %d columns", len(f.Levels), len(f.Number), len(f.Categorical))
	}
	for j := range f.Levels {
		if len(f.Levels[j]) != len(f.Number[j]) {
			return fmt.Errorf("OrdinalEncoder: column %d has %d numbers for %d levels", j, len(f.Number[j]), len(f.Levels[j]))
		}
	}
	return nil
}

func (f *numbered) Apply(_ context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != len(f.Levels) {
		return nil, fmt.Errorf("OrdinalEncoder: %d columns, learned from %d", x.Cols(), len(f.Levels))
	}
	cols := make([]*dataset.Column, x.Cols())
	for j, c := range x.Columns() {
		if f.Categorical[j] != (c.Kind == dataset.Categorical) {
			return nil, fmt.Errorf("OrdinalEncoder: column %q is %s, in training it was not", c.Name, c.Kind)
		}
		if c.Kind == dataset.Numeric {
			cols[j] = c
			continue
		}
		v := make([]float64, c.Len())
		for i, k := range codesIn(c, f.Levels[j]) {
			switch {
			case c.Code[i] < 0:
				v[i] = f.Missing
			case k < 0 || f.Number[j][k] < 0:
				v[i] = f.Unknown
			default:
				v[i] = float64(f.Number[j][k])
			}
		}
		cols[j] = dataset.NewNumeric(c.Name, v)
	}
	return dataset.MustFrame(x.Rows(), cols...), nil
}

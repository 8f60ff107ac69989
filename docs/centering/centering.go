// Package centering is the example of docs/write-an-operator.md: a whole operator, which passes the conformance suite.
package centering

import (
	"context"
	"fmt"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// MedianCenterer takes away from every column a share of its training median.
var MedianCenterer = &operators.Spec{
	Name: "MedianCenterer", Doc: "takes away a share of the median", Role: operators.Scaler,
	Params: []operators.Param{{Name: "share", Scale: operators.Linear, Lo: 0, Hi: 1, Default: 1}},
	New: func(v []float64) (operators.Operator, error) {
		if !(v[0] >= 0 && v[0] <= 1) {
			return nil, fmt.Errorf("MedianCenterer: share=%g: want a number between 0 and 1", v[0])
		}
		return medianCenterer{share: v[0]}, nil
	},
	Decode: operators.Decode[centered],
}

// medianCenterer is the choice of hyper-parameters, centered what was learned: two types, so that nothing is fitted in
// place. The exported fields of the second are what the model file stores.
type medianCenterer struct{ share float64 }

type centered struct{ Shift []float64 }

func (o medianCenterer) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f := &centered{Shift: make([]float64, s.X.Cols())}
	for j, c := range s.X.Columns() {
		if err := ctx.Err(); err != nil { // whoever may run long looks at the context
			return nil, err
		}
		f.Shift[j] = o.share * median(c.Float)
	}
	return f, nil
}

func (f *centered) Apply(_ context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != len(f.Shift) {
		return nil, fmt.Errorf("MedianCenterer: %d columns, learned from %d", x.Cols(), len(f.Shift))
	}
	cols := make([]*dataset.Column, x.Cols())
	for j, c := range x.Columns() {
		v := make([]float64, c.Len()) // columns are shared: never write to one
		for i, u := range c.Float {
			v[i] = u - f.Shift[j]
		}
		cols[j] = dataset.NewNumeric(c.Name, v)
	}
	return dataset.MustFrame(x.Rows(), cols...), nil
}

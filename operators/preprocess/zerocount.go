package preprocess

import (
	"context"
	"fmt"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// ZeroCount puts two columns in front of the others: how many values of the row are zero, and how many are not. It is
// an operator of TPOT's.
var ZeroCount = &operators.Spec{
	Name: "ZeroCount", Doc: "adds the numbers of zero and of other values in the row", Role: operators.Transformer,
	New:    func([]float64) (operators.Operator, error) { return zeroCount{}, nil },
	Decode: operators.Decode[zeroCounted],
}

type zeroCount struct{}

type zeroCounted struct{ Features int }

func (zeroCount) Fit(_ context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	return &zeroCounted{s.X.Cols()}, nil
}

func (f *zeroCounted) Apply(_ context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != f.Features {
		return nil, fmt.Errorf("ZeroCount: %d columns, learned from %d", x.Cols(), f.Features)
	}
	zeros, others := make([]float64, x.Rows()), make([]float64, x.Rows())
	for _, c := range x.Columns() {
		for i, u := range c.Float {
			if u == 0 {
				zeros[i]++
			}
		}
	}
	for i, z := range zeros {
		others[i] = float64(x.Cols()) - z
	}
	cols := append([]*dataset.Column{dataset.NewNumeric("zeros", zeros), dataset.NewNumeric("non-zeros", others)}, x.Columns()...)
	return dataset.MustFrame(x.Rows(), cols...), nil
}

package preprocess

import (
	"context"
	"fmt"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// Binarizer makes every value 1 if it exceeds the threshold (default 0), else 0.
var Binarizer = &operators.Spec{
	Name: "Binarizer", Doc: "1 above a threshold, else 0", Role: operators.Transformer,
	Params:  []operators.Param{{Name: "threshold", Scale: operators.Linear, Lo: 0, Hi: 1}},
	Ignored: []string{"copy"},
	New:     func(v []float64) (operators.Operator, error) { return binarizer(v[0]), nil },
	Decode:  operators.Decode[binarized],
}

type binarizer float64

type binarized struct {
	Features  int
	Threshold float64
}

func (o binarizer) Fit(_ context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	return &binarized{Features: s.X.Cols(), Threshold: float64(o)}, nil
}

func (f *binarized) Apply(_ context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != f.Features {
		return nil, fmt.Errorf("Binarizer: %d columns, learned from %d", x.Cols(), f.Features)
	}
	cols := make([]*dataset.Column, x.Cols())
	for j, c := range x.Columns() {
		v := make([]float64, c.Len())
		for i, u := range c.Float {
			if u > f.Threshold {
				v[i] = 1
			}
		}
		cols[j] = dataset.NewNumeric(c.Name, v)
	}
	return dataset.MustFrame(x.Rows(), cols...), nil
}

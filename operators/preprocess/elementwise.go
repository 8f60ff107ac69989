package preprocess

import (
	"context"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/operators"
)

// Log1pTransformer and SqrtTransformer shrink large values and keep their sign, so that they are defined for all
// numbers: sign(x)·log(1+|x|) and sign(x)·√|x|. Missing values stay.
var (
	Log1pTransformer = elementwiseSpec("Log1pTransformer", "log(1+|x|) with the sign of x", elementwise{Log: true})
	SqrtTransformer  = elementwiseSpec("SqrtTransformer", "square root of |x| with the sign of x", elementwise{})
)

func elementwiseSpec(name, doc string, o elementwise) *operators.Spec {
	return &operators.Spec{
		Name: name, Doc: doc, Role: operators.Scaler, Traits: operators.Missing,
		New:    func([]float64) (operators.Operator, error) { return o, nil },
		Decode: operators.Decode[shrunk],
	}
}

type elementwise struct{ Log bool }

// shrunk needs to know nothing but the number of columns.
type shrunk struct {
	Function elementwise
	Features int
}

// Fit learns nothing.
func (o elementwise) Fit(_ context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	return &shrunk{Function: o, Features: s.X.Cols()}, nil
}

// Apply shrinks every value.
func (f *shrunk) Apply(_ context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != f.Features {
		return nil, fmt.Errorf("shrinking values: %d columns, learned from %d", x.Cols(), f.Features)
	}
	cols := make([]*dataset.Column, x.Cols())
	for j, c := range x.Columns() {
		v := append([]float64(nil), c.Float...)
		if f.Function.Log {
			linalg.Log1p(v)
		} else {
			for i, u := range v {
				v[i] = math.Copysign(math.Sqrt(math.Abs(u)), u)
			}
		}
		for i, u := range v {
			if math.IsInf(u, 0) {
				return nil, fmt.Errorf("shrinking values: column %q row %d is infinite", c.Name, i)
			}
		}
		cols[j] = dataset.NewNumeric(c.Name, v)
	}
	return dataset.MustFrame(x.Rows(), cols...), nil
}

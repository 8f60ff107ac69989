package preprocess

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/operators"
)

var norms = []string{"l2", "l1", "max"}

// Normalizer divides every row by its norm; rows of zeros stay.
var Normalizer = &operators.Spec{
	Name: "Normalizer", Doc: "rows of unit norm", Role: operators.Transformer,
	Params:  []operators.Param{{Name: "norm", Scale: operators.Choice, Choices: norms}},
	Ignored: []string{"copy"},
	New:     func(v []float64) (operators.Operator, error) { return normalizer(norms[int(v[0])]), nil },
	Decode:  operators.Decode[normalized],
}

type normalizer string

type normalized struct {
	Features int
	Norm     string
}

func (o normalizer) Fit(_ context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	return &normalized{Features: s.X.Cols(), Norm: string(o)}, nil
}

// Check refuses a norm that does not exist.
func (f *normalized) Check() error {
	if !slices.Contains(norms, f.Norm) {
		return fmt.Errorf("Normalizer: norm %q", f.Norm)
	}
	return nil
}

func (f *normalized) Apply(_ context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != f.Features {
		return nil, fmt.Errorf("Normalizer: %d columns, learned from %d", x.Cols(), f.Features)
	}
	scale, err := f.scales(x)
	if err != nil {
		return nil, err
	}
	cols := make([]*dataset.Column, x.Cols())
	for j, c := range x.Columns() {
		v := make([]float64, c.Len())
		linalg.Divide(v, c.Float, scale)
		cols[j] = dataset.NewNumeric(c.Name, v)
	}
	return dataset.MustFrame(x.Rows(), cols...), nil
}

// scales returns the norm of every row, 1 for rows of zeros.
func (f *normalized) scales(x *dataset.Frame) ([]float64, error) {
	scale := make([]float64, x.Rows())
	for _, c := range x.Columns() {
		switch f.Norm {
		case "l1":
			for i, u := range c.Float {
				scale[i] += math.Abs(u)
			}
		case "l2":
			linalg.AddSquares(scale, c.Float, 0)
		default:
			for i, u := range c.Float {
				scale[i] = max(scale[i], math.Abs(u))
			}
		}
	}
	for i, v := range scale {
		if v-v != 0 {
			return nil, errors.New("Normalizer: the values of a row are too large")
		}
		if f.Norm == "l2" {
			v = math.Sqrt(v)
		}
		if v == 0 {
			v = 1
		}
		scale[i] = v
	}
	return scale, nil
}

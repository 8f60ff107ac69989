package decompose

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// RBFSampler approximates the feature map of the kernel exp(−γ‖x−y‖²) by random cosines (Rahimi & Recht 2007).
var RBFSampler = &operators.Spec{
	Name: "RBFSampler", Doc: "random cosine features of the RBF kernel", Role: operators.Transformer, Traits: operators.Random,
	Params: []operators.Param{
		{Name: "gamma", Scale: operators.Linear, Lo: 0, Hi: 1, Default: 1},
		{Name: "n_components", Scale: operators.LogInt, Lo: 1, Hi: 100, Default: 100},
	},
	Ignored: []string{"random_state"},
	New: func(v []float64) (operators.Operator, error) {
		if v[0] < 0 || v[1] < 1 || v[1] > 1e5 {
			return nil, fmt.Errorf("RBFSampler: gamma=%g, n_components=%g: want at least 0, and 1 to 100000", v[0], v[1])
		}
		return rbfSampler{gamma: v[0], components: int(v[1])}, nil
	},
	Decode: operators.Decode[cosines],
	Memory: func(shape operators.Shape, v []float64) int64 {
		return int64(8 * v[1] * float64(shape.Rows+shape.Cols))
	},
}

type rbfSampler struct {
	gamma      float64
	components int
}

// cosines maps a row x to √(2/k)·cos(x·Weights + Offset).
type cosines struct {
	Weights wire.Floats // features × components
	Offset  wire.Floats // components
}

// Fit draws the weights from N(0, 2γ) and the offsets from U(0, 2π).
func (o rbfSampler) Fit(_ context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	if s.X.Cols() == 0 {
		return nil, errors.New("RBFSampler: no columns")
	}
	f := &cosines{Weights: make(wire.Floats, s.X.Cols()*o.components), Offset: make(wire.Floats, o.components)}
	for i := range f.Weights {
		f.Weights[i] = math.Sqrt(2*o.gamma) * env.Rand.NormFloat64()
	}
	for i := range f.Offset {
		f.Offset[i] = 2 * math.Pi * env.Rand.Float64()
	}
	return f, nil
}

// Apply maps every row.
func (f *cosines) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	k := len(f.Offset)
	if x.Cols()*k != len(f.Weights) {
		return nil, fmt.Errorf("RBFSampler: %d columns, learned from %d", x.Cols(), len(f.Weights)/k)
	}
	scale := math.Sqrt(2 / float64(k))
	out, err := product(ctx, x, nil, linalg.Of(x.Cols(), k, f.Weights), func(c int, v []float64) {
		linalg.Cos(v, f.Offset[c], scale)
	})
	if err != nil {
		return nil, fmt.Errorf("RBFSampler: %w", err)
	}
	return namedColumns("rbf", out), nil
}

// Check refuses what Fit cannot have made.
func (f *cosines) Check() error {
	if len(f.Offset) == 0 || len(f.Weights) == 0 || len(f.Weights)%len(f.Offset) != 0 {
		return errors.New("RBFSampler: its weights are cut short")
	}
	if !linalg.Finite(f.Weights) || !linalg.Finite(f.Offset) {
		return errors.New("RBFSampler: a weight is not finite")
	}
	return nil
}

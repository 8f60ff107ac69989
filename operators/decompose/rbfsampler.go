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
	out, err := product(ctx, x, nil, linalg.Of(x.Cols(), k, f.Weights))
	if err != nil {
		return nil, err
	}
	scale := math.Sqrt(2 / float64(k))
	for c := range k {
		cosine(out.Row(c), f.Offset[c], scale)
	}
	if !linalg.Finite(out.Data) {
		return nil, errors.New("RBFSampler: the values are too large")
	}
	return namedColumns("rbf", out), nil
}

// cosine replaces v by scale·cos(v+offset), to 1e-15: without branches, so that the elements do not wait for each other.
func cosine(v []float64, offset, scale float64) {
	const (
		toInt = 0x1.8p52 // added and taken away again, it rounds to an integer
		far   = 1e6      // beyond, the multiple of π must be taken away with more care
		pi1   = 0x1.921fb544p+1
		pi2   = 0x1.0b4611a6p-33
		pi3   = 0x1.3198a2e037073p-68
	)
	for i, u := range v {
		u += offset
		if !(u < far && u > -far) {
			v[i] = scale * math.Cos(u)
			continue
		}
		k := u*(1/math.Pi) + toInt
		odd := math.Float64bits(k) << 63
		k -= toInt
		r := ((u - k*pi1) - k*pi2) - k*pi3
		t := r * r
		c := 1 + t*(-1./2+t*(1./24+t*(-1./720+t*(1./40320+t*(-1./3628800+t*(1./479001600+t*(-1./87178291200+t*(1./20922789888000-t*(1./6402373705728000)))))))))
		v[i] = math.Float64frombits(math.Float64bits(scale*c) ^ odd)
	}
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

// Package decompose projects columns onto fewer directions.
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

// PCA projects onto the directions of largest variance, found by a singular value decomposition of the centred columns.
// A share as n_components keeps as many as explain that share of the variance, mle as many as are most likely (Minka
// 2000).
var PCA = &operators.Spec{
	Name: "PCA", Doc: "projection onto the directions of largest variance", Role: operators.Transformer,
	Params: []operators.Param{
		{Name: "n_components", Scale: operators.Fraction, Lo: 0.5, Hi: 0.999, Default: operators.Word(0), Choices: []string{"None", "mle"}},
		{Name: "whiten", Scale: operators.Bool, Fixed: true},
	},
	Ignored: []string{"svd_solver", "iterated_power", "random_state", "copy", "tol", "n_oversamples", "power_iteration_normalizer"},
	New: func(v []float64) (operators.Operator, error) {
		return pca{v[0], v[1] != 0}, nil
	},
	Decode: operators.Decode[projection],
	Memory: squareMemory,
}

type pca struct {
	components float64
	whiten     bool
}

// projection maps rows to (x − Mean)·Axes; Axes is columns × components.
type projection struct {
	Mean wire.Floats
	Axes wire.Floats
}

func (o pca) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	if s.X.Cols() == 0 || s.X.Rows() < 2 {
		return nil, errors.New("PCA: wants at least one column and two rows")
	}
	d, err := decompose(ctx, s.X, true)
	if err != nil {
		return nil, fmt.Errorf("PCA: %w", err)
	}
	k, err := o.count(d.values, s.X.Rows())
	if err != nil {
		return nil, err
	}
	p := s.X.Cols()
	f := &projection{Mean: d.mean, Axes: make(wire.Floats, p*k)}
	for c := range k {
		scale := 1.0
		if sd := d.values[c] / math.Sqrt(float64(s.X.Rows()-1)); o.whiten && sd > 1e-300 {
			scale = 1 / sd
		}
		for j := range p {
			f.Axes[j*k+c] = d.axes.At(j, c) * scale
		}
	}
	return f, nil
}

// count is the number of components to keep.
func (o pca) count(values []float64, rows int) (int, error) {
	switch word, named := operators.IsWord(o.components); {
	case named && word == 0:
		return len(values), nil
	case named && rows < len(values)+1:
		return 0, errors.New("PCA: n_components=mle wants more rows than columns")
	case named:
		return likeliest(values, rows), nil
	}
	if o.components < 0 {
		if k := int(-o.components); k <= len(values) {
			return k, nil
		}
		return 0, fmt.Errorf("PCA: n_components=%d, but there are only %d", int(-o.components), len(values))
	}
	total, sum := 0.0, 0.0
	for _, v := range values {
		total += v * v
	}
	for k, v := range values {
		if sum += v * v; sum > o.components*total {
			return k + 1, nil
		}
	}
	return len(values), nil
}

func (f *projection) Check() error {
	if len(f.Mean) == 0 || len(f.Axes)%len(f.Mean) != 0 || len(f.Axes) == 0 {
		return fmt.Errorf("PCA: %d numbers for %d columns", len(f.Axes), len(f.Mean))
	}
	for _, v := range append(append([]float64(nil), f.Mean...), f.Axes...) {
		if v-v != 0 {
			return fmt.Errorf("PCA: an axis has the value %v", v)
		}
	}
	return nil
}

func (f *projection) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	p := len(f.Mean)
	if x.Cols() != p {
		return nil, fmt.Errorf("PCA: %d columns, learned from %d", x.Cols(), p)
	}
	out, err := product(ctx, x, f.Mean, linalg.Of(p, len(f.Axes)/p, f.Axes), nil)
	if err != nil {
		return nil, fmt.Errorf("projection: %w", err)
	}
	return namedColumns("pca", out), nil
}

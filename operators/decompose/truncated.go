package decompose

import (
	"context"
	"errors"
	"fmt"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// TruncatedSVD projects onto the first n_components right singular vectors of the columns, without subtracting their
// means. More components than there are columns are as many.
var TruncatedSVD = &operators.Spec{
	Name: "TruncatedSVD", Doc: "projection onto the first singular vectors", Role: operators.Transformer,
	Params:  []operators.Param{{Name: "n_components", Scale: operators.LogInt, Lo: 1, Hi: 100, Default: 2}},
	Ignored: []string{"algorithm", "n_iter", "n_oversamples", "power_iteration_normalizer", "random_state", "tol"},
	New: func(v []float64) (operators.Operator, error) {
		if v[0] < 1 {
			return nil, fmt.Errorf("TruncatedSVD: n_components=%g: want at least 1", v[0])
		}
		return truncatedSVD(v[0]), nil
	},
	Decode: operators.Decode[projection],
	Memory: squareMemory,
}

type truncatedSVD float64

// Fit decomposes the columns.
func (o truncatedSVD) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	if s.X.Cols() == 0 || s.X.Rows() == 0 {
		return nil, errors.New("TruncatedSVD: no data")
	}
	d, err := decompose(ctx, s.X, false)
	if err != nil {
		return nil, fmt.Errorf("TruncatedSVD: %w", err)
	}
	k := min(int(o), len(d.values))
	f := &projection{Mean: d.mean, Axes: make(wire.Floats, s.X.Cols()*k)}
	for j := range s.X.Cols() {
		for c := range k {
			f.Axes[j*k+c] = d.axes.At(j, c)
		}
	}
	return f, nil
}

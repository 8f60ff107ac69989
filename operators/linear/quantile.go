package linear

import (
	"context"
	"fmt"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/interior"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/operators"
)

// QuantileRegressor minimises the mean pinball loss of a quantile plus alpha·‖coef‖₁ (Koenker and Bassett, Econometrica
// 46(1), 1978).
var QuantileRegressor = &operators.Spec{
	Name: "QuantileRegressor", Doc: "linear regression of a quantile", Role: operators.Regressor, Traits: operators.Weights,
	Params: []operators.Param{
		{Name: "quantile", Scale: operators.Linear, Lo: 0.05, Hi: 0.95, Default: 0.5},
		{Name: "alpha", Scale: operators.Log, Lo: 1e-5, Hi: 1, Default: 1},
		fitIntercept,
	},
	Ignored: []string{"solver", "solver_options"},
	New: func(v []float64) (operators.Operator, error) {
		if !(v[0] > 0 && v[0] < 1) || v[1] < 0 {
			return nil, fmt.Errorf("quantile: quantile=%g, alpha=%g: want quantile in (0, 1) and alpha of at least 0", v[0], v[1])
		}
		return quantile{v[0], v[1], v[2] != 0}, nil
	},
	Decode: operators.Decode[line],
	Memory: columnMemory,
}

type quantile struct {
	share, alpha float64
	intercept    bool
}

func (o quantile) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	const name = "quantile"
	d, err := designOf(s.X, basisFor(o.intercept))
	if err != nil {
		return nil, failed(name, err)
	}
	n, total := s.Rows(), 0.0
	shift := 0.0
	if o.intercept {
		shift = mean(s.Y.Float)
	}
	y, above, below := make([]float64, n), make([]float64, n), make([]float64, n)
	for i, v := range s.Y.Float {
		w := 1.0
		if s.W != nil {
			w = s.W[i]
		}
		total += w
		y[i], above[i], below[i] = v-shift, w*o.share, w*(1-o.share)
	}
	if !(total > 0) {
		return nil, failed(name, errNoWeight)
	}
	hinges := tube(y, above, below, 0)
	rows := d
	if o.alpha > 0 { // the penalty is the loss of a row per coefficient whose target is zero
		rows = d.withUnitRows()
		for j := range d.features() {
			for _, sign := range []float64{1, -1} {
				hinges = append(hinges, interior.Hinge{Row: n + j, Sign: sign, C: o.alpha * total})
			}
		}
	}
	least, err := interior.Minimise(ctx, rows.z, hinges, make([]float64, d.z.Cols))
	if err != nil {
		return nil, failed(name, err)
	}
	theta := least.Theta
	return (&line{Coef: theta[:d.features()], Intercept: d.intercept(theta) + shift}).fitted(name)
}

// withUnitRows is a copy of the design with one row more per feature, whose score is that feature's coefficient.
func (d *design) withUnitRows() *design {
	n, p, q := d.z.Rows, d.features(), d.z.Cols
	more := &design{basis: d.basis, z: linalg.NewMatrix(n+p, q), shift: d.shift}
	copy(more.z.Data, d.z.Data)
	for j := range p {
		more.z.Set(n+j, j, 1)
	}
	return more
}

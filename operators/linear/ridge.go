package linear

import (
	"context"
	"fmt"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// Ridge minimises Σ w(y − ŷ)² + alpha·‖coef‖²; the intercept is not penalised.
var Ridge = &operators.Spec{
	Name: "Ridge", Doc: "least squares with an l2 penalty", Role: operators.Regressor, Traits: operators.Weights,
	Params: []operators.Param{
		{Name: "alpha", Scale: operators.Log, Lo: 1e-4, Hi: 1e4, Default: 1},
		fitIntercept,
	},
	Ignored: solverIgnored,
	New: func(v []float64) (operators.Operator, error) {
		if v[0] < 0 {
			return nil, fmt.Errorf("ridge: alpha=%g: want a number of at least 0", v[0])
		}
		return ridge{v[0], v[1] != 0}, nil
	},
	Decode: operators.Decode[line],
	Memory: spanMemory,
}

type ridge struct {
	alpha     float64
	intercept bool
}

func (o ridge) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	p, err := newNarrowProblem(ctx, s, o.intercept, 1)
	if err != nil {
		return nil, failed("ridge", err)
	}
	sys := p.system(-1)
	coef, err := p.ridge(sys, o.alpha)
	if err != nil {
		return nil, failed("ridge", err)
	}
	return sys.line(coef).fitted("ridge")
}

package linear

import (
	"context"
	"fmt"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// RidgeClassifier is [Ridge] on targets of ±1, one class against the rest. Probabilities are those of [LinearSVC].
var RidgeClassifier = &operators.Spec{
	Name: "RidgeClassifier", Doc: "ridge regression on class membership", Role: operators.Classifier, Traits: operators.Weights,
	Params: []operators.Param{
		{Name: "alpha", Scale: operators.Log, Lo: 1e-4, Hi: 1e4, Default: 1},
		classWeight,
		fitIntercept,
	},
	Ignored: solverIgnored,
	New: func(v []float64) (operators.Operator, error) {
		if v[0] < 0 {
			return nil, fmt.Errorf("ridge classifier: alpha=%g: want a number of at least 0", v[0])
		}
		return ridgeClassifier{v[0], v[1] != 0, v[2] != 0}, nil
	},
	Decode: operators.Decode[planes],
	Memory: spanMemory,
}

type ridgeClassifier struct {
	alpha               float64
	balanced, intercept bool
}

func (o ridgeClassifier) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	const name = "ridge classifier"
	l, err := labelsOf(s, o.balanced, nil)
	if err != nil {
		return nil, failed(name, err)
	}
	out := l.newPlanes(s.X.Cols(), l.sides(), softmax)
	one := dataset.Sample{X: s.X, W: s.W}
	if o.balanced {
		one.W = l.w
	}
	for r := range l.sides() {
		one.Y = dataset.NewNumeric("side", l.side(r))
		p, err := newNarrowProblem(ctx, one, o.intercept, 1)
		if err != nil {
			return nil, failed(name, err)
		}
		sys := p.system(-1)
		coef, err := p.ridge(sys, o.alpha)
		if err != nil {
			return nil, failed(name, err)
		}
		fit := sys.line(coef)
		copy(out.row(r), fit.Coef)
		out.Intercept[r] = fit.Intercept
	}
	if err := out.calibrate(s.X, l); err != nil {
		return nil, failed(name, err)
	}
	return out.fitted(name)
}

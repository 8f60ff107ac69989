package linear

import (
	"context"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

var glmAlpha = operators.Param{Name: "alpha", Scale: operators.Log, Lo: 1e-6, Hi: 100, Default: 1}

// PoissonRegressor minimises half the mean Poisson deviance of exp(η) plus alpha/2·‖coef‖². The target is not negative.
var PoissonRegressor = &operators.Spec{
	Name: "PoissonRegressor", Doc: "log-linear regression of counts", Role: operators.Regressor, Traits: operators.Weights,
	Params: []operators.Param{glmAlpha, fitIntercept}, Ignored: solverIgnored,
	New: func(v []float64) (operators.Operator, error) {
		return newGLM("poisson", glm{power: 1, alpha: v[0], intercept: v[1] != 0, log: true})
	},
	Decode: operators.Decode[line],
	Memory: spanMemory,
}

// GammaRegressor is [PoissonRegressor] with the gamma deviance. The target is positive.
var GammaRegressor = &operators.Spec{
	Name: "GammaRegressor", Doc: "log-linear regression of positive amounts", Role: operators.Regressor, Traits: operators.Weights,
	Params: []operators.Param{glmAlpha, fitIntercept}, Ignored: solverIgnored,
	New: func(v []float64) (operators.Operator, error) {
		return newGLM("gamma", glm{power: 2, alpha: v[0], intercept: v[1] != 0, log: true})
	},
	Decode: operators.Decode[line],
	Memory: spanMemory,
}

// TweedieRegressor is [PoissonRegressor] with the Tweedie deviance of a power: 0 is the squared error, 1 Poisson, 2
// gamma, 3 inverse Gaussian. link=auto is the identity for power 0 and the logarithm otherwise.
var TweedieRegressor = &operators.Spec{
	Name: "TweedieRegressor", Doc: "generalised linear regression", Role: operators.Regressor, Traits: operators.Weights,
	Params: []operators.Param{
		{Name: "power", Scale: operators.Linear, Lo: 1, Hi: 2, Default: 0},
		glmAlpha, fitIntercept,
		{Name: "link", Scale: operators.Choice, Choices: []string{"auto", "identity", "log"}, Fixed: true},
	},
	Ignored: solverIgnored,
	New: func(v []float64) (operators.Operator, error) {
		o := glm{power: v[0], alpha: v[1], intercept: v[2] != 0, log: v[3] == 2 || v[3] == 0 && v[0] > 0}
		if o.power < 0 || o.power > 0 && o.power < 1 {
			return nil, fmt.Errorf("tweedie: power=%g: want 0 or at least 1", o.power)
		}
		if !o.log && o.power > 0 {
			return nil, fmt.Errorf("tweedie: link=identity goes with power=0 only")
		}
		return newGLM("tweedie", o)
	},
	Decode: operators.Decode[line],
	Memory: spanMemory,
}

type glm struct {
	power, alpha   float64
	intercept, log bool
}

func newGLM(name string, o glm) (operators.Operator, error) {
	if o.alpha < 0 {
		return nil, fmt.Errorf("%s: alpha=%g: want a number of at least 0", name, o.alpha)
	}
	return o, nil
}

// loss is half the unit deviance of the exponential.
func (o glm) loss() rowLoss {
	switch {
	case o.power == 0:
		return halfSquareOfLog
	case o.power == 1:
		return halfPoisson
	case o.power == 2:
		return halfGamma
	}
	return halfTweedie(o.power)
}

func (o glm) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	const name = "generalised linear model"
	d, err := narrowDesignOf(s.X, basisFor(o.intercept))
	if err != nil {
		return nil, failed(name, err)
	}
	y, total, level := s.Y.Float, 0.0, 0.0
	w := constants(1, len(y))
	copy(w, s.W)
	for i, v := range y {
		if o.power >= 1 && v < 0 || o.power >= 2 && v == 0 {
			return nil, fmt.Errorf("%s: target %g in row %d: want values above 0", name, v, i)
		}
		total += w[i]
		level += w[i] * v
	}
	if !(total > 0) {
		return nil, failed(name, errNoWeight)
	}
	for i := range w {
		w[i] /= total
	}
	level /= total
	if !o.log { // the optimum of a square needs no iteration
		f, err := ridge{o.alpha * total, o.intercept}.Fit(ctx, nil, s)
		return f, failed(name, err)
	}
	theta := make([]float64, d.z.Cols)
	if o.intercept {
		theta[d.features()] = math.Log(max(level, 1e-10))
	}
	if err := newMargins(d, y, w, o.loss(), d.penalty(o.alpha)).minimise(ctx, theta, nil); err != nil {
		return nil, failed(name, err)
	}
	return (&line{Coef: d.coef(theta), Intercept: d.intercept(theta), Log: true}).fitted(name)
}

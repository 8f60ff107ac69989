package linear

import (
	"context"
	"fmt"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/interior"
	"github.com/lren-chuv/automl/operators"
)

var svmIgnored = []string{"dual", "tol", "max_iter", "intercept_scaling", "random_state", "verbose"}

var svmC = operators.Param{Name: "C", Scale: operators.Log, Lo: 1e-4, Hi: 1e5, Default: 1}

// LinearSVC separates every class from the rest (two classes from each other) by the optimum of liblinear's problem
// (Fan et al., JMLR 9, 2008): ½‖θ‖² or ‖θ‖₁ plus C·Σ w·loss, where θ includes the intercept. Probabilities are the
// sigmoid or softmax of the scores times a temperature that is fitted on the training rows, so that the most probable
// class is the one scikit-learn predicts.
var LinearSVC = &operators.Spec{
	Name: "LinearSVC", Doc: "linear support vector machine", Role: operators.Classifier, Traits: operators.Weights,
	Params: []operators.Param{
		{Name: "penalty", Scale: operators.Choice, Choices: []string{"l1", "l2"}, Default: 1, When: &operators.Condition{Param: "loss", Is: []string{"squared_hinge"}}},
		{Name: "loss", Scale: operators.Choice, Choices: []string{"hinge", "squared_hinge"}, Default: 1},
		svmC,
		classWeight,
		fitIntercept,
	},
	Ignored: svmIgnored,
	New: func(v []float64) (operators.Operator, error) {
		if !(v[2] > 0) {
			return nil, fmt.Errorf("linear svc: C=%g: want a number above 0", v[2])
		}
		if v[0] == 0 && v[1] == 0 {
			return nil, fmt.Errorf("linear svc: penalty=l1 goes with loss=squared_hinge only")
		}
		o := svc{c: v[2], l1: v[0] == 0, hinge: v[1] == 0, balanced: v[3] != 0}
		if v[4] != 0 {
			o.basis = lifted
		}
		return o, nil
	},
	Decode: operators.Decode[planes],
	Memory: columnMemory,
}

type svc struct {
	c                   float64
	l1, hinge, balanced bool
	basis               basis
}

func (o svc) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	const name = "linear svc"
	l, err := labelsOf(s, o.balanced, nil)
	if err != nil {
		return nil, failed(name, err)
	}
	of := narrowDesignOf
	if o.l1 {
		of = designOf
	}
	d, err := of(s.X, o.basis)
	if err != nil {
		return nil, failed(name, err)
	}
	out := l.newPlanes(s.X.Cols(), l.sides(), softmax)
	w := l.times(o.c)
	for r := range l.sides() {
		theta, err := o.separate(ctx, d, l.side(r), w)
		if err != nil {
			return nil, failed(name, err)
		}
		out.set(r, d, theta)
	}
	if err := out.calibrate(s.X, l); err != nil {
		return nil, failed(name, err)
	}
	return out.fitted(name)
}

// separate finds the plane between the rows of y = +1 and those of y = −1.
func (o svc) separate(ctx context.Context, d *design, y, w []float64) ([]float64, error) {
	l2 := constants(1, d.z.Cols)
	if o.hinge {
		hinges := make([]interior.Hinge, 0, len(y))
		for i, side := range y {
			if w[i] > 0 {
				hinges = append(hinges, interior.Hinge{Row: i, Sign: side, C: w[i], At: 1})
			}
		}
		least, err := interior.Minimise(ctx, d.z, hinges, l2)
		return least.Theta, err
	}
	theta := make([]float64, d.z.Cols)
	var l1 []float64
	if o.l1 {
		l1, l2 = l2, make([]float64, d.z.Cols)
	}
	return theta, newMargins(d, y, w, squaredHinge, l2).minimise(ctx, theta, l1)
}

// LinearSVR is the optimum of liblinear's support vector regression: ½‖θ‖² + C·Σ w·max(0, |y − ŷ| − epsilon), or with
// that loss squared, where θ includes the intercept.
var LinearSVR = &operators.Spec{
	Name: "LinearSVR", Doc: "linear support vector regression", Role: operators.Regressor, Traits: operators.Weights,
	Params: []operators.Param{
		{Name: "loss", Scale: operators.Choice, Choices: []string{"epsilon_insensitive", "squared_epsilon_insensitive"}},
		svmC,
		{Name: "epsilon", Scale: operators.Log, Lo: 1e-4, Hi: 1, Default: 0},
		fitIntercept,
	},
	Ignored: svmIgnored,
	New: func(v []float64) (operators.Operator, error) {
		if !(v[1] > 0) || v[2] < 0 {
			return nil, fmt.Errorf("linear svr: C=%g, epsilon=%g: want C above 0 and epsilon of at least 0", v[1], v[2])
		}
		o := svr{squared: v[0] != 0, c: v[1], epsilon: v[2]}
		if v[3] != 0 {
			o.basis = lifted
		}
		return o, nil
	},
	Decode: operators.Decode[line],
	Memory: spanMemory,
}

type svr struct {
	squared    bool
	c, epsilon float64
	basis      basis
}

func (o svr) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	const name = "linear svr"
	d, err := narrowDesignOf(s.X, o.basis)
	if err != nil {
		return nil, failed(name, err)
	}
	y, l2 := s.Y.Float, constants(1, d.z.Cols)
	w := constants(o.c, len(y))
	for i, v := range s.W {
		w[i] *= v
	}
	theta := make([]float64, d.z.Cols)
	if o.squared {
		err = newMargins(d, y, w, squaredTube(o.epsilon), l2).minimise(ctx, theta, nil)
	} else {
		var least interior.Minimum
		least, err = interior.Minimise(ctx, d.z, tube(y, w, w, o.epsilon), l2)
		theta = least.Theta
	}
	if err != nil {
		return nil, failed(name, err)
	}
	return (&line{Coef: d.coef(theta), Intercept: d.intercept(theta)}).fitted(name)
}

// tube makes two hinges per row of positive weight: above costs what a prediction is too low, below what it is too high.
func tube(y, above, below []float64, epsilon float64) []interior.Hinge {
	hinges := make([]interior.Hinge, 0, 2*len(y))
	for i, v := range y {
		if above[i] > 0 {
			hinges = append(hinges, interior.Hinge{Row: i, Sign: 1, C: above[i], At: v - epsilon})
		}
		if below[i] > 0 {
			hinges = append(hinges, interior.Hinge{Row: i, Sign: -1, C: below[i], At: -v - epsilon})
		}
	}
	return hinges
}

package linear

import (
	"context"
	"fmt"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

var classWeight = operators.Param{Name: "class_weight", Scale: operators.Choice, Choices: []string{"None", "balanced"}}

// LogisticRegression minimises C·Σ w·log-loss + l1_ratio·‖coef‖₁ + (1 − l1_ratio)/2·‖coef‖². More than two classes share
// one multinomial model unless multi_class is ovr. As with scikit-learn, solver=liblinear penalises the intercept too
// and means ovr; every other solver only names a way to the same optimum.
var LogisticRegression = &operators.Spec{
	Name: "LogisticRegression", Doc: "linear model of the log-odds of the classes", Role: operators.Classifier, Traits: operators.Weights,
	Params: []operators.Param{
		{Name: "penalty", Scale: operators.Choice, Choices: []string{"l1", "l2", "elasticnet", "None"}, Default: 1},
		{Name: "C", Scale: operators.Log, Lo: 1e-4, Hi: 1e5, Default: 1, When: &operators.Condition{Param: "penalty", Is: []string{"l1", "l2", "elasticnet"}}},
		{Name: "l1_ratio", Scale: operators.Linear, Lo: 0, Hi: 1, Default: 0.5, When: &operators.Condition{Param: "penalty", Is: []string{"elasticnet"}}},
		classWeight,
		fitIntercept,
		{Name: "multi_class", Scale: operators.Choice, Choices: []string{"auto", "ovr", "multinomial"}, Fixed: true},
		{Name: "solver", Scale: operators.Choice, Choices: []string{"lbfgs", "liblinear", "newton-cg", "newton-cholesky", "sag", "saga"}, Fixed: true},
	},
	Ignored: []string{"dual", "tol", "max_iter", "intercept_scaling", "warm_start", "random_state", "n_jobs", "verbose"},
	New: func(v []float64) (operators.Operator, error) {
		if !(v[1] > 0) || v[2] < 0 || v[2] > 1 {
			return nil, fmt.Errorf("logistic regression: C=%g, l1_ratio=%g: want C above 0 and l1_ratio in [0, 1]", v[1], v[2])
		}
		o := logistic{c: v[1], balanced: v[3] != 0, basis: basisFor(v[4] != 0), ovr: v[5] == 1}
		switch v[0] {
		case 0:
			o.l1 = 1
		case 1:
			o.l2 = 1
		case 2:
			o.l1, o.l2 = v[2], 1-v[2]
		case 3:
			o.c, o.l2 = 1, 1e-8 // hardly anything, but separable classes have a finite solution
		}
		if v[6] == 1 {
			if v[5] == 2 {
				return nil, fmt.Errorf("logistic regression: solver=liblinear has no multi_class=multinomial")
			}
			o.ovr = true
			if o.basis == centred {
				o.basis = lifted
			}
		}
		return o, nil
	},
	Decode: operators.Decode[planes],
	Memory: logisticMemory,
}

type logistic struct {
	c, l1, l2 float64
	balanced  bool
	ovr       bool
	basis     basis
	given     []float64 // weight per level, or nil
}

func (o logistic) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	const name = "logistic regression"
	l, err := labelsOf(s, o.balanced, o.given)
	if err != nil {
		return nil, failed(name, err)
	}
	of := narrowDesignOf
	if o.l1 > 0 {
		of = designOf
	}
	d, err := of(s.X, o.basis)
	if err != nil {
		return nil, failed(name, err)
	}
	w := l.times(o.c)
	if len(l.present) > 2 && !o.ovr {
		out := l.newPlanes(s.X.Cols(), len(l.present), softmax)
		if err := o.multinomial(ctx, d, l, out); err != nil {
			return nil, failed(name, err)
		}
		return out.fitted(name)
	}
	out := l.newPlanes(s.X.Cols(), l.sides(), sigmoids)
	for r := range l.sides() {
		theta := make([]float64, d.z.Cols)
		f := newMargins(d, l.side(r), w, logLoss, d.penalty(o.l2))
		if err := f.minimise(ctx, theta, d.l1(o.l1)); err != nil {
			return nil, failed(name, err)
		}
		out.set(r, d, theta)
	}
	return out.fitted(name)
}

// penalty returns one weight per column of the design: v, but 0 for an intercept that is not penalised.
func (d *design) penalty(v float64) []float64 {
	out := constants(v, d.z.Cols)
	if d.basis == centred {
		out[d.features()] = 0
	}
	return out
}

// l1 is penalty, or nil if there is none.
func (d *design) l1(v float64) []float64 {
	if v == 0 {
		return nil
	}
	return d.penalty(v)
}

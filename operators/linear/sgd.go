package linear

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

var (
	sgdPenalty = operators.Param{Name: "penalty", Scale: operators.Choice, Choices: []string{"l2", "l1", "elasticnet", "None"}}
	sgdRatio   = operators.Param{Name: "l1_ratio", Scale: operators.Linear, Lo: 0, Hi: 1, Default: 0.15, When: &operators.Condition{Param: "penalty", Is: []string{"elasticnet"}}}
	sgdEta     = operators.Param{Name: "eta0", Scale: operators.Log, Lo: 1e-7, Hi: 1, Default: 0.01, When: &operators.Condition{Param: "learning_rate", Is: []string{"constant", "invscaling", "adaptive"}}}
	sgdRates   = []string{"constant", "optimal", "invscaling", "adaptive"} // in the order of rate
	sgdIgnored = []string{"verbose", "n_jobs", "random_state", "early_stopping", "validation_fraction", "warm_start"}
)

// stopping are the parameters that say when a descent ends.
var stopping = []operators.Param{
	{Name: "max_iter", Scale: operators.Int, Default: 1000, Fixed: true},
	{Name: "tol", Scale: operators.Linear, Choices: []string{"None"}, Default: 1e-3, Fixed: true},
	{Name: "n_iter_no_change", Scale: operators.Int, Default: 5, Fixed: true},
	{Name: "shuffle", Scale: operators.Bool, Default: 1, Fixed: true},
}

// stop takes the values of stopping.
func (d *descent) stop(v []float64) error {
	d.epochs, d.tol, d.patience, d.shuffle = int(v[0]), v[1], int(v[2]), v[3] != 0
	if _, none := operators.IsWord(d.tol); none {
		d.tol = math.Inf(-1)
	}
	if d.epochs < 1 || d.patience < 1 || d.tol < 0 && !math.IsInf(d.tol, -1) {
		return fmt.Errorf("max_iter=%d, tol=%g, n_iter_no_change=%d: want at least 1, 0 and 1", d.epochs, d.tol, d.patience)
	}
	return nil
}

// penalise takes alpha, l1_ratio and the index of the penalty among sgdPenalty's choices.
func (d *descent) penalise(penalty, alpha, ratio float64) error {
	if alpha < 0 || ratio < 0 || ratio > 1 {
		return fmt.Errorf("alpha=%g, l1_ratio=%g: want alpha of at least 0 and l1_ratio in [0, 1]", alpha, ratio)
	}
	d.alpha = alpha
	switch penalty {
	case 0:
		d.l2 = 1
	case 1:
		d.l1 = 1
	case 2:
		d.l1, d.l2 = ratio, 1-ratio
	}
	return nil
}

// advance takes the learning rate and its parameters.
func (d *descent) advance(how rate, eta0, power float64) error {
	d.rate, d.eta0, d.power = how, eta0, power
	if how == optimalRate && d.alpha == 0 {
		return errors.New("learning_rate=optimal wants alpha above 0")
	}
	if how != optimalRate && !(eta0 > 0) {
		return fmt.Errorf("eta0=%g: want a number above 0", eta0)
	}
	return nil
}

func sgdParams(losses []string, epsilonLosses []string, rate float64, power operators.Param) []operators.Param {
	return append([]operators.Param{
		{Name: "loss", Scale: operators.Choice, Choices: losses},
		sgdPenalty,
		{Name: "alpha", Scale: operators.Log, Lo: 1e-7, Hi: 0.1, Default: 1e-4},
		sgdRatio,
		{Name: "learning_rate", Scale: operators.Choice, Choices: sgdRates, Default: rate},
		sgdEta,
		power,
		{Name: "epsilon", Scale: operators.Log, Lo: 1e-5, Hi: 1, Default: 0.1, When: &operators.Condition{Param: "loss", Is: epsilonLosses}},
		{Name: "average", Scale: operators.Bool},
		{Name: "fit_intercept", Scale: operators.Bool, Default: 1},
	}, stopping...)
}

// newDescent reads the parameters of sgdParams.
func newDescent(v []float64, losses []string) (*descent, error) {
	if v[7] < 0 {
		return nil, fmt.Errorf("epsilon=%g: want a number of at least 0", v[7])
	}
	d := &descent{loss: sgdLossOf(losses[int(v[0])], v[7]), average: v[8] != 0, intercept: v[9] != 0}
	if err := d.penalise(v[1], v[2], v[3]); err != nil {
		return nil, err
	}
	if err := d.advance(rate(v[4]), v[5], v[6]); err != nil {
		return nil, err
	}
	return d, d.stop(v[10:14])
}

func powerOf(fallback float64) operators.Param {
	return operators.Param{Name: "power_t", Scale: operators.Log, Lo: 1e-5, Hi: 100, Default: fallback, When: &operators.Condition{Param: "learning_rate", Is: []string{"invscaling"}}}
}

// SGDClassifier separates every class from the rest by stochastic gradient descent. Probabilities are those of
// scikit-learn for log_loss and modified_huber, and those of [LinearSVC] for the other losses. The default of eta0 is
// 0.01 and not 0, which would be no step at all.
var SGDClassifier = &operators.Spec{
	Name: "SGDClassifier", Doc: "linear classifier trained by stochastic gradient descent", Role: operators.Classifier, Traits: operators.Weights | operators.Random,
	Params:  append(sgdParams(classificationLosses, classificationLosses[7:], 1, powerOf(0.5)), classWeight),
	Ignored: sgdIgnored,
	New: func(v []float64) (operators.Operator, error) {
		d, err := newDescent(v, classificationLosses)
		if err != nil {
			return nil, failed("sgd classifier", err)
		}
		o := descentClassifier{d, v[14] != 0, softmax}
		switch name := classificationLosses[int(v[0])]; name {
		case "log_loss", "log":
			o.link = sigmoids
		case "modified_huber":
			o.link = clipped
		}
		d.classification = true
		return o, nil
	},
	Decode: operators.Decode[planes],
}

// SGDRegressor is linear regression by stochastic gradient descent.
var SGDRegressor = &operators.Spec{
	Name: "SGDRegressor", Doc: "linear regression trained by stochastic gradient descent", Role: operators.Regressor, Traits: operators.Weights | operators.Random,
	Params:  sgdParams(regressionLosses, regressionLosses[2:], 2, powerOf(0.25)),
	Ignored: sgdIgnored,
	New: func(v []float64) (operators.Operator, error) {
		d, err := newDescent(v, regressionLosses)
		return descentRegressor{d}, failed("sgd regressor", err)
	},
	Decode: operators.Decode[line],
}

// Perceptron is [SGDClassifier] with the perceptron's loss and a constant learning rate.
var Perceptron = &operators.Spec{
	Name: "Perceptron", Doc: "the perceptron", Role: operators.Classifier, Traits: operators.Weights | operators.Random,
	Params: append([]operators.Param{
		{Name: "penalty", Scale: operators.Choice, Choices: sgdPenalty.Choices, Default: 3},
		{Name: "alpha", Scale: operators.Log, Lo: 1e-5, Hi: 0.1, Default: 1e-4, When: &operators.Condition{Param: "penalty", Is: sgdPenalty.Choices[:3]}},
		sgdRatio,
		{Name: "eta0", Scale: operators.Log, Lo: 1e-3, Hi: 10, Default: 1},
		classWeight,
		fitIntercept,
	}, stopping...),
	Ignored: append([]string{"learning_rate"}, sgdIgnored...),
	New: func(v []float64) (operators.Operator, error) {
		d := &descent{loss: hingeLoss(0), intercept: v[5] != 0, classification: true}
		err := errors.Join(d.penalise(v[0], v[1], v[2]), d.advance(constantRate, v[3], 0), d.stop(v[6:10]))
		return descentClassifier{d, v[4] != 0, softmax}, failed("perceptron", err)
	},
	Decode: operators.Decode[planes],
}

// PassiveAggressiveClassifier changes its planes, row by row, just as far as the row's hinge loss asks for, but no
// further than C allows (Crammer et al., JMLR 7, 2006): PA-I with loss=hinge, PA-II with loss=squared_hinge.
var PassiveAggressiveClassifier = &operators.Spec{
	Name: "PassiveAggressiveClassifier", Doc: "linear classifier that corrects itself row by row", Role: operators.Classifier, Traits: operators.Weights | operators.Random,
	Params:  append(passiveParams("hinge", "squared_hinge"), classWeight),
	Ignored: sgdIgnored,
	New: func(v []float64) (operators.Operator, error) {
		d, err := newPassive(v, hingeLoss(1))
		d.classification = true
		return descentClassifier{d, v[8] != 0, softmax}, failed("passive aggressive classifier", err)
	},
	Decode: operators.Decode[planes],
}

// PassiveAggressiveRegressor is the same for regression, where a row is content with an error of epsilon.
var PassiveAggressiveRegressor = &operators.Spec{
	Name: "PassiveAggressiveRegressor", Doc: "linear regression that corrects itself row by row", Role: operators.Regressor, Traits: operators.Weights | operators.Random,
	Params: append(passiveParams("epsilon_insensitive", "squared_epsilon_insensitive"),
		operators.Param{Name: "epsilon", Scale: operators.Log, Lo: 1e-4, Hi: 1, Default: 0.1}),
	Ignored: sgdIgnored,
	New: func(v []float64) (operators.Operator, error) {
		if v[8] < 0 {
			return nil, fmt.Errorf("passive aggressive regressor: epsilon=%g: want a number of at least 0", v[8])
		}
		d, err := newPassive(v, tubeLoss(v[8]))
		return descentRegressor{d}, failed("passive aggressive regressor", err)
	},
	Decode: operators.Decode[line],
}

func passiveParams(losses ...string) []operators.Param {
	return append([]operators.Param{
		{Name: "C", Scale: operators.Log, Lo: 1e-5, Hi: 10, Default: 1},
		{Name: "loss", Scale: operators.Choice, Choices: losses},
		{Name: "average", Scale: operators.Bool},
		fitIntercept,
	}, stopping...)
}

func newPassive(v []float64, loss sgdLoss) (*descent, error) {
	d := &descent{loss: loss, c: v[0], rate: passive1 + rate(v[1]), average: v[2] != 0, intercept: v[3] != 0}
	if !(d.c > 0) {
		return d, fmt.Errorf("want C above 0, not %g", d.c)
	}
	return d, d.stop(v[4:8])
}

type descentRegressor struct{ *descent }

func (o descentRegressor) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	const name = "gradient descent"
	d, err := designOf(s.X, plain)
	if err != nil {
		return nil, failed(name, err)
	}
	w := s.W
	if w == nil {
		w = constants(1, s.Rows())
	}
	coef, constant, err := o.fit(ctx, env.Rand, d.z, s.Y.Float, w)
	if err != nil {
		return nil, failed(name, err)
	}
	return (&line{Coef: coef, Intercept: constant}).fitted(name)
}

type descentClassifier struct {
	*descent
	balanced bool
	link     link
}

func (o descentClassifier) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	const name = "gradient descent"
	d, err := designOf(s.X, plain)
	if err != nil {
		return nil, failed(name, err)
	}
	l, err := labelsOf(s, false, nil)
	if err != nil {
		return nil, failed(name, err)
	}
	out := l.newPlanes(s.X.Cols(), l.sides(), o.link)
	for r := range l.sides() {
		y := l.side(r)
		coef, constant, err := o.fit(ctx, env.Rand, d.z, y, o.weights(l, r))
		if err != nil {
			return nil, failed(name, err)
		}
		copy(out.row(r), coef)
		out.Intercept[r] = constant
	}
	if o.link == softmax {
		if err := out.calibrate(s.X, l); err != nil {
			return nil, failed(name, err)
		}
	}
	return out.fitted(name)
}

// weights are the rows' weights for plane r. As in scikit-learn, balanced weights of more than two classes raise or
// lower the plane's own class against a rest that counts fully.
func (o descentClassifier) weights(l *labels, r int) []float64 {
	if !o.balanced {
		return l.w
	}
	count, rows := make([]float64, len(l.present)), 0.0
	for _, c := range l.code {
		if c >= 0 {
			count[c]++
			rows++
		}
	}
	w := slices.Clone(l.w)
	for i, c := range l.code {
		if c >= 0 && (c == r || len(l.present) == 2) {
			w[i] *= rows / (float64(len(l.present)) * count[c])
		}
	}
	return w
}

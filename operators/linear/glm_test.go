package linear

import (
	"context"
	"math"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

// onLogs holds a model of positive targets to the contract: it is fitted on exp(y/4), and its predictions are turned
// back.
type onLogs struct{ op operators.Operator }

type logged struct{ Line *line }

func (o onLogs) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	y := make([]float64, s.Rows())
	for i, v := range s.Y.Float {
		y[i] = math.Exp(v / 4)
	}
	s.Y = dataset.NewNumeric(s.Y.Name, y)
	f, err := o.op.Fit(ctx, env, s)
	if err != nil {
		return nil, err
	}
	return &logged{f.(*line)}, nil
}

func (l *logged) Check() error {
	if l.Line == nil {
		return errTooFewRows
	}
	return l.Line.Check()
}

func (l *logged) Apply(ctx context.Context, env *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	out, err := l.Line.Apply(ctx, env, x)
	if err != nil {
		return nil, err
	}
	v := make([]float64, x.Rows())
	for i, p := range out.Col(0).Float {
		v[i] = 4 * math.Log(max(p, 1e-300))
	}
	return dataset.MustFrame(x.Rows(), dataset.NewNumeric("prediction", v)), nil
}

func TestConformanceOfPositiveTargets(t *testing.T) {
	for _, spec := range []*operators.Spec{PoissonRegressor, GammaRegressor} {
		positive := *spec
		positive.New = func(v []float64) (operators.Operator, error) {
			op, err := spec.New(v)
			return onLogs{op}, err
		}
		positive.Decode = operators.Decode[logged]
		operatortest.Run(t, &positive, nil)
	}
}

// At the optimum the derivative of the objective is zero; it is computed here by differences of scikit-learn's formula.
func TestGLM(t *testing.T) {
	s := operatortest.Table(Ridge, dataset.Regression, 80, 3, 5)
	y := make([]float64, 80)
	for i, v := range s.Y.Float {
		y[i] = math.Exp(v / 4)
	}
	s.Y = dataset.NewNumeric("y", y)
	deviance := func(power, y, mu float64) float64 { // half of it
		switch power {
		case 0:
			return (y - mu) * (y - mu) / 2
		case 1:
			return y*math.Log(y/mu) - y + mu
		case 2:
			return math.Log(mu/y) + y/mu - 1
		}
		return math.Pow(y, 2-power)/((1-power)*(2-power)) - y*math.Pow(mu, 1-power)/(1-power) + math.Pow(mu, 2-power)/(2-power)
	}
	for _, tt := range []struct {
		spec   *operators.Spec
		values []float64
		power  float64
		log    bool
	}{
		{PoissonRegressor, []float64{0.3, 1}, 1, true},
		{GammaRegressor, []float64{0.3, 1}, 2, true},
		{TweedieRegressor, []float64{0, 0.3, 1, 0}, 0, false},
		{TweedieRegressor, []float64{0, 0.3, 1, 2}, 0, true},
		{TweedieRegressor, []float64{1.5, 0.3, 0, 0}, 1.5, true},
		{TweedieRegressor, []float64{3, 0.3, 1, 0}, 3, true},
	} {
		op, err := tt.spec.New(tt.values)
		if err != nil {
			t.Fatal(err)
		}
		f, err := op.Fit(context.Background(), operators.NewEnv(1, 1), s)
		if err != nil {
			t.Fatal(err)
		}
		l := f.(*line)
		objective := func(coef []float64, b float64) float64 {
			total, w := 0.0, 0.0
			for i := range y {
				mu := b
				for j, c := range coef {
					mu += c * s.X.Col(j).Float[i]
				}
				if tt.log {
					mu = math.Exp(mu)
				}
				total += s.W[i] * deviance(tt.power, y[i], mu)
				w += s.W[i]
			}
			total /= w
			for _, c := range coef {
				total += 0.15 * c * c
			}
			return total
		}
		at := objective(l.Coef, l.Intercept)
		for j := range l.Coef {
			for _, d := range []float64{-1e-3, 1e-3} {
				moved := append([]float64(nil), l.Coef...)
				moved[j] += d
				if objective(moved, l.Intercept) < at {
					t.Errorf("%s %v: moving coefficient %d by %g improves the objective", tt.spec.Name, tt.values, j, d)
				}
			}
		}
	}
}

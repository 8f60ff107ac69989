package gaussian

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestConformance(t *testing.T) {
	operatortest.Run(t, KernelRidge, nil)
	operatortest.Run(t, GaussianProcessRegressor, nil)
	operatortest.Run(t, GaussianProcessClassifier, nil)
}

func TestGolden(t *testing.T) {
	operatortest.Golden(t, KernelRidge, operatortest.GoldenOptions{})
	// A kernel's text is an expression in scikit-learn, so that each case builds its operator by hand. A factor of the
	// kernel divides the noise.
	cases := map[string]operators.Operator{
		"RBF":               fixed(kernel{Name: rbf, Gamma: 1 / 18.0}, 0.5, true),
		"scaled RBF+White":  fixed(kernel{Name: rbf, Gamma: 1 / 8.0}, (1e-8+0.3)/4, false),
		"Matern 0.5":        fixed(kernel{Name: matern, Gamma: 1 / 9.0, Degree: 0.5}, 0.05, true),
		"Matern 1.5":        fixed(kernel{Name: matern, Gamma: 1 / 9.0, Degree: 1.5}, 0.05, true),
		"Matern 2.5":        fixed(kernel{Name: matern, Gamma: 1 / 9.0, Degree: 2.5}, 0.05, true),
		"RationalQuadratic": fixed(kernel{Name: rational, Gamma: 1 / 4.0, Degree: 1.5}, 0.5, true),
		"DotProduct":        fixed(kernel{Name: product, Coef0: 1}, 1+1e-6, true),
	}
	skip := map[string]string{"anisotropic RBF": "one length scale serves all columns"}
	for name := range cases {
		skip[name] = "another case"
	}
	for name, op := range cases {
		delete(skip, name)
		spec := *GaussianProcessRegressor
		spec.New = func([]float64) (operators.Operator, error) { return op, nil }
		operatortest.Golden(t, &spec, operatortest.GoldenOptions{Skip: skip, Params: map[string]string{"kernel": "", "normalize_y": "", "alpha": ""}})
		skip[name] = "another case"
	}
}

// settled is a regression whose kernel is given.
type settled struct {
	regressor
	given kernel
}

func fixed(k kernel, alpha float64, normalize bool) operators.Operator {
	return settled{regressor{alpha: alpha, normalize: normalize}, k}
}

func (s settled) Fit(ctx context.Context, env *operators.Env, d dataset.Sample) (operators.Fitted, error) {
	s.kernel, s.length = s.given, 1
	if s.given.Name != product {
		s.length = 1 / math.Sqrt(s.given.Gamma)
		if s.given.Name == rbf {
			s.length /= math.Sqrt2
		}
	}
	return s.regressor.Fit(ctx, env, d)
}

// The kernels of a block are those of its rows one by one, computed the slow way.
func TestGram(t *testing.T) {
	s := operatortest.Table(KernelRidge, dataset.Regression, 150, 3, 1)
	x := linalg.Of(150, 3, s.X.Matrix())
	for _, k := range []kernel{
		{Name: rbf, Gamma: 0.5}, {Name: matern, Gamma: 0.5, Degree: 1.5}, {Name: rational, Gamma: 0.5, Degree: 1},
		{Name: "poly", Gamma: 0.5, Coef0: -0.3, Degree: 3}, {Name: "poly", Gamma: 0.5, Coef0: 9, Degree: 1.5}, {Name: laplacian, Gamma: 0.5},
		{Name: "sigmoid", Gamma: 0.5, Coef0: 1}, {Name: "cosine"}, {Name: "linear"}, {Name: product, Coef0: 1},
	} {
		g, err := k.gram(context.Background(), x)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 150 {
			for j := range i + 1 {
				dot, a, b := 0.0, 0.0, 0.0
				for c, v := range x.Row(i) {
					dot += v * x.At(j, c)
					a += v * v
					b += x.At(j, c) * x.At(j, c)
				}
				want := k.shape(dot, a, b)
				if k.Name == laplacian {
					want = math.Exp(-k.Gamma * manhattan(x.Row(i), x.Row(j)))
				}
				if got := g.At(i, j); math.Abs(got-want) > 1e-11*(1+math.Abs(want)) && !(i == j && math.Abs(got-want) < 1e-7) {
					t.Fatalf("%s rows %d and %d: %v, want %v", k.Name, i, j, got, want)
				}
			}
		}
	}
	if _, err := factor(context.Background(), linalg.NewMatrix(2, 2)); err != errNotPositive {
		t.Errorf("factor of zeros: %v", err)
	}
}

// At the mode, the weights are the slope of the log-likelihood.
func TestMode(t *testing.T) {
	s := operatortest.Table(GaussianProcessClassifier, dataset.Binary, 80, 3, 1)
	sign := make([]float64, 80)
	for i, k := range s.Y.Code {
		sign[i] = float64(2*k - 1)
	}
	c := classifier{amplitude: 3}
	m, err := c.mode(context.Background(), kernel{Name: rbf, Gamma: 0.2}, linalg.Of(80, 3, s.X.Matrix()), sign, climb{make([]float64, 80), 1e-8})
	if err != nil {
		t.Fatal(err)
	}
	out, err := m.Mean.Apply(context.Background(), operators.NewEnv(1, 1), s.X)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range out.Col(0).Float {
		slope := (sign[i]+1)/2 - 1/(1+math.Exp(-f))
		if got := m.Mean.Weight[i] / c.amplitude; math.Abs(got-slope) > 1e-4 {
			t.Errorf("row %d: weight %v, slope %v", i, got, slope)
		}
	}
}

func TestTooManyRowsAreRefused(t *testing.T) {
	for spec, task := range map[*operators.Spec]dataset.Task{
		KernelRidge: dataset.Regression, GaussianProcessRegressor: dataset.Regression, GaussianProcessClassifier: dataset.Binary,
	} {
		op, _ := spec.New(spec.Defaults())
		if _, err := op.Fit(context.Background(), operators.NewEnv(1, 1), operatortest.Table(spec, task, 5001, 3, 1)); err == nil {
			t.Errorf("%s takes 5,001 rows", spec.Name)
		}
	}
}

func BenchmarkKernelRidge(b *testing.B) {
	for _, n := range []int{360, 2000} {
		s := operatortest.Table(KernelRidge, dataset.Regression, n, 30, 1)
		op, _ := KernelRidge.New([]float64{1, 1, operators.Word(0), 3, 1})
		b.Run(fmt.Sprintf("%dx30", n), func(b *testing.B) {
			for range b.N {
				if _, err := op.Fit(context.Background(), operators.NewEnv(1, 1), s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func manhattan(x, y []float64) float64 {
	sum := 0.0
	for j, v := range x {
		sum += math.Abs(v - y[j])
	}
	return sum
}

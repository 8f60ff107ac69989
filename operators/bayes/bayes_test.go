package bayes

import (
	"context"
	"math"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestConformance(t *testing.T) {
	for _, spec := range []*operators.Spec{GaussianNB, BernoulliNB, MultinomialNB} {
		operatortest.Run(t, spec, nil)
	}
	operatortest.Run(t, ComplementNB, operatortest.Exempt{
		"baseline": "ignores the priors and the middle of three ordered classes; the same by scikit-learn's definition",
	})
}

func TestGolden(t *testing.T) {
	operatortest.Golden(t, GaussianNB, operatortest.GoldenOptions{
		Skip: map[string]string{"priors": "a list of priors is not a value a parameter can have; see TestUniformPriors for what is"},
		Attributes: func(f operators.Fitted) map[string][]float64 {
			g := f.(*gaussians)
			k := g.Classes.Len()
			return map[string][]float64{
				"class_prior_": g.Prior, "theta_": transposed(g.Mean, k), "var_": transposed(g.Var, k), "epsilon_": {g.Epsilon},
			}
		},
	})
	for _, spec := range []*operators.Spec{BernoulliNB, MultinomialNB, ComplementNB} {
		operatortest.Golden(t, spec, operatortest.GoldenOptions{Attributes: func(f operators.Fitted) map[string][]float64 {
			l := f.(*linear)
			return map[string][]float64{"feature_log_prob_": transposed(l.LogProb, l.Classes.Len())}
		}})
	}
}

func transposed(m []float64, k int) []float64 {
	out := make([]float64, len(m))
	p := len(m) / k
	for i, v := range m {
		out[i%k*p+i/k] = v
	}
	return out
}

// With equal priors, the odds are those of the fitted priors divided by the priors' own.
func TestUniformPriors(t *testing.T) {
	s := operatortest.Table(GaussianNB, dataset.Multiclass, 90, 3, 1)
	var p [2]*dataset.Frame
	var prior []float64
	for i := range p {
		op, _ := GaussianNB.New([]float64{1e-9, float64(i)})
		f, err := op.Fit(context.Background(), operators.NewEnv(1, 1), s)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			prior = f.(*gaussians).Prior
		}
		p[i], _ = f.Apply(context.Background(), operators.NewEnv(1, 1), s.X)
	}
	for i := range s.Rows() {
		odds := func(f *dataset.Frame) float64 { return f.Col(0).Float[i] / f.Col(1).Float[i] }
		want := odds(p[0]) * prior[1] / prior[0]
		if got := odds(p[1]); math.Abs(got-want) > 1e-9*want {
			t.Errorf("row %d: odds %v, want %v", i, got, want)
		}
	}
}

func BenchmarkGaussianNB(b *testing.B) {
	for _, n := range []int{450, 10_000} {
		s := operatortest.Table(GaussianNB, dataset.Binary, n, 50, 1)
		op, _ := GaussianNB.New(GaussianNB.Defaults())
		b.Run(map[int]string{450: "450x50", 10_000: "10000x50"}[n], func(b *testing.B) {
			for range b.N {
				f, err := op.Fit(context.Background(), operators.NewEnv(1, 1), s)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := f.Apply(context.Background(), operators.NewEnv(1, 1), s.X); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestPairwise(t *testing.T) {
	for _, n := range []int{0, 1, 7, 8, 9, 100, 128, 129, 1000, 5003} {
		v, want := make([]float64, n), 0.0
		for i := range v {
			v[i] = float64(i%17) / 16
			want += v[i]
		}
		if got := pairwise(v); got != want { // sixteenths add exactly
			t.Errorf("%d numbers: %v, want %v", n, got, want)
		}
	}
}

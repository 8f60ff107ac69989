package discriminant

import (
	"context"
	"math"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestConformance(t *testing.T) {
	operatortest.Run(t, LinearDiscriminantAnalysis, nil)
	operatortest.Run(t, QuadraticDiscriminantAnalysis, nil)
	operatortest.Run(t, LDATransform, nil)
}

func TestGolden(t *testing.T) {
	list := map[string]string{"priors": "a list of priors is not a value a parameter can have"}
	operatortest.Golden(t, LinearDiscriminantAnalysis, operatortest.GoldenOptions{Skip: list, Attributes: func(f operators.Fitted) map[string][]float64 {
		l := f.(*linearRule)
		k := l.Classes.Len()
		out := map[string][]float64{"priors_": l.Prior, "coef_": l.Coef, "intercept_": l.Intercept}
		if k == 2 { // scikit-learn keeps the difference
			p := len(l.Coef) / 2
			d := make([]float64, p)
			for j := range d {
				d[j] = l.Coef[p+j] - l.Coef[j]
			}
			out["coef_"], out["intercept_"] = d, []float64{l.Intercept[1] - l.Intercept[0]}
		}
		return out
	}})
	operatortest.Golden(t, QuadraticDiscriminantAnalysis, operatortest.GoldenOptions{Skip: list, Attributes: func(f operators.Fitted) map[string][]float64 {
		q := f.(*quadraticRule)
		return map[string][]float64{"priors_": q.Prior, "means_": q.Mean}
	}})
}

// Within the classes, the projections are uncorrelated and of unit variance; their squared distances to the class means
// are what the classifier compares.
func TestProjectionIsWhite(t *testing.T) {
	s := operatortest.Table(LDATransform, dataset.Multiclass, 300, 5, 3)
	s.W = nil
	op, _ := LDATransform.New(LDATransform.Defaults())
	f, err := op.Fit(context.Background(), operators.NewEnv(1, 1), s)
	if err != nil {
		t.Fatal(err)
	}
	z, err := f.Apply(context.Background(), operators.NewEnv(1, 1), s.X)
	if err != nil || z.Cols() != 2 {
		t.Fatalf("%d columns: %v", z.Cols(), err)
	}
	s.X = z
	g, err := newGroups(context.Background(), s, false)
	if err != nil {
		t.Fatal(err)
	}
	var sum [4]float64
	for k := range g.x {
		scatter, _ := g.scatter(context.Background(), k)
		for i, v := range scatter.Data {
			sum[i] += v / (g.total - 3)
		}
	}
	for i, want := range []float64{1, 0, 0, 1} {
		if math.Abs(sum[i]-want) > 1e-9 {
			t.Errorf("covariance %v, want the identity", sum)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for _, v := range [][]float64{{0, 0.5, 1e-4, 0}, {1, 1.5, 1e-4, 0}, {1, 0.5, -1, 0}} {
		if _, err := LinearDiscriminantAnalysis.New(v); err == nil {
			t.Errorf("%v passes", v)
		}
	}
	if _, err := QuadraticDiscriminantAnalysis.New([]float64{2, 0}); err == nil {
		t.Error("reg_param 2 passes")
	}
}

func BenchmarkDiscriminant(b *testing.B) {
	for _, spec := range []*operators.Spec{LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis} {
		s := operatortest.Table(spec, dataset.Binary, 10_000, 50, 1)
		op, _ := spec.New(spec.Defaults())
		b.Run(spec.Name+"/10000x50", func(b *testing.B) {
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

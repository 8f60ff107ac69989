package discriminant

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/operators"
)

// broad is a sample of more columns than rows, one of them constant, with weights.
func broad(rows, columns int) dataset.Sample {
	rng := rand.New(rand.NewPCG(3, 4))
	cols, code, w := make([]*dataset.Column, columns), make([]int32, rows), make([]float64, rows)
	for i := range code {
		code[i], w[i] = int32(i%3), 0.5+rng.Float64()
	}
	for j := range cols {
		v := make([]float64, rows)
		for i := range v {
			if v[i] = rng.NormFloat64() + float64(int(code[i])*j%4); j == 5 {
				v[i] = 7
			}
		}
		cols[j] = dataset.NewNumeric("", v)
	}
	return dataset.Sample{X: dataset.MustFrame(rows, cols...), Y: dataset.NewCategorical("y", code, []string{"a", "b", "c"}), W: w}
}

func near(t *testing.T, what string, got, want linalg.Matrix) {
	t.Helper()
	top := 0.0
	for _, v := range want.Data {
		top = max(top, math.Abs(v))
	}
	for i, v := range want.Data {
		if math.Abs(got.Data[i]-v) > 1e-8*top {
			t.Fatalf("%s: element %d is %g, want %g", what, i, got.Data[i], v)
		}
	}
}

// TestWideAgreesWithCovariances: either way the maps to whitened coordinates span the pseudo-inverse of the covariance.
func TestWideAgreesWithCovariances(t *testing.T) {
	g, err := newGroups(t.Context(), broad(30, 40), false)
	if err != nil {
		t.Fatal(err)
	}
	within := linalg.NewMatrix(g.cols, g.cols)
	f := &quadraticRule{}
	for k := range g.x {
		scatter, err := g.scatter(t.Context(), k)
		if err != nil {
			t.Fatal(err)
		}
		linalg.AddScaled(within.Data, 1, scatter.Data)
		scale(scatter, 1/(g.size[k]-1))
		want, err := pseudoInverse(scatter)
		if err != nil {
			t.Fatal(err)
		}
		if err := (qda{}).wideAxes(t.Context(), f, g, k, 1e-9); err != nil {
			t.Fatal(err)
		}
		axes := f.Axes[len(f.Axes)-int(f.Rank[k])*g.cols:]
		near(t, "quadratic", linalg.TMul(linalg.Of(int(f.Rank[k]), g.cols, axes), linalg.Of(int(f.Rank[k]), g.cols, axes)), want)
	}
	freedom := g.total - 3
	std := make([]float64, g.cols) // columns are brought to one spread first, which decides what a pseudo-inverse is
	for j := range std {
		if std[j] = math.Sqrt(within.At(j, j) / g.total); std[j] == 0 {
			std[j] = 1
		}
	}
	byStd := func(m linalg.Matrix, factor float64) {
		for i := range std {
			for j := range std {
				m.Set(i, j, m.At(i, j)*factor/(std[i]*std[j]))
			}
		}
	}
	byStd(within, 1/freedom)
	want, err := pseudoInverse(within)
	if err != nil {
		t.Fatal(err)
	}
	byStd(want, 1)
	w, err := whitenWide(t.Context(), g, freedom, 1e-7)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "linear", linalg.MulT(w, w), want)
}

// TestThousandsOfColumns: the cost grows with the columns, not with their cube.
func TestThousandsOfColumns(t *testing.T) {
	s := broad(60, 8000)
	for _, spec := range []*operators.Spec{LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis} {
		op, err := spec.New(spec.Defaults())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		model, err := op.Fit(ctx, operators.NewEnv(1, 1), s)
		if err == nil {
			_, err = model.Apply(ctx, operators.NewEnv(1, 1), s.X)
		}
		cancel()
		if err != nil {
			t.Errorf("%s: %v", spec.Name, err)
		}
	}
}

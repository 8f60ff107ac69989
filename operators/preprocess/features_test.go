package preprocess

import (
	"math"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestFeaturesConform(t *testing.T) {
	for _, spec := range []*operators.Spec{Log1pTransformer, SqrtTransformer, ArithmeticPairs, SplineTransformer} {
		operatortest.Run(t, spec, nil)
	}
}

// slowBasis is the recursion of Cox and de Boor as it stands in textbooks.
func slowBasis(t []float64, k, d int, x float64) float64 {
	if d == 0 {
		if t[k] <= x && x < t[k+1] {
			return 1
		}
		return 0
	}
	return (x-t[k])/(t[k+d]-t[k])*slowBasis(t, k, d-1, x) + (t[k+d+1]-x)/(t[k+d+1]-t[k+1])*slowBasis(t, k+1, d-1, x)
}

func TestSplineBasis(t *testing.T) {
	knots := []float64{-1, 0, 0.5, 3}
	for degree := range 5 {
		padding := padded(knots, degree)
		count, values := len(knots)+degree-1, make([]float64, degree+1)
		for x := -1.0; x < 3; x += 0.0625 {
			first := basis(padding, degree, x, values)
			for k := range count {
				got := 0.0
				if k >= first && k <= first+degree {
					got = values[k-first]
				}
				if want := slowBasis(padding, k, degree, x); math.Abs(got-want) > 1e-12 {
					t.Fatalf("degree %d at %g, function %d: %v, want %v", degree, x, k, got, want)
				}
			}
		}
		sum := 0.0
		if basis(padding, degree, 3, values)+degree >= count {
			t.Fatalf("degree %d: the upper end lies beyond the last function", degree)
		}
		for _, v := range values {
			sum += v
		}
		if math.Abs(sum-1) > 1e-12 {
			t.Errorf("degree %d: the functions sum to %v at the upper end", degree, sum)
		}
	}
}

func TestArithmeticPairsFindTheDifference(t *testing.T) {
	s := operatortest.Table(ArithmeticPairs, dataset.Regression, 200, 8, 5)
	y := make([]float64, 200)
	for i := range y {
		y[i] = s.X.Col(6).Float[i] - s.X.Col(2).Float[i]
	}
	s.Y = dataset.NewNumeric("y", y)
	op, err := ArithmeticPairs.New([]float64{0, 1})
	if err != nil {
		t.Fatal(err)
	}
	f, err := op.Fit(t.Context(), operators.NewEnv(1, 1), s)
	if err != nil {
		t.Fatal(err)
	}
	if p := f.(*paired); len(p.A) != 1 || p.A[0] != 2 || p.B[0] != 6 {
		t.Errorf("pairs %v %v, want column 2 with column 6", p.A, p.B)
	}
}

package calibration

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestConformance(t *testing.T) {
	operatortest.Run(t, IsotonicRegression, nil)
	operatortest.Run(t, CalibratedClassifierCV, nil)
}

func TestGolden(t *testing.T) {
	up := *IsotonicRegression
	up.Params = slices.Clone(up.Params)
	up.Params[0].Default = 0 // as in scikit-learn, where a lone column is the rule
	operatortest.Golden(t, &up, operatortest.GoldenOptions{
		Skip: map[string]string{"out_of_bounds=nan": "predictions are never missing"},
		Attributes: func(f operators.Fitted) map[string][]float64 {
			m := f.(*monotone)
			return map[string][]float64{"X_thresholds_": m.Function.X, "y_thresholds_": m.Function.Y}
		},
	})
	operatortest.Golden(t, CalibratedClassifierCV, operatortest.GoldenOptions{})
}

// Pooling agrees with the least-squares definition: the value at i is the largest of the smallest averages of stretches
// from a ≤ i to b ≥ i.
func TestPool(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		points := make([]knot, 1+rng.IntN(12))
		for i := range points {
			points[i] = knot{float64(i), float64(rng.IntN(5)), 0.5 + rng.Float64()}
		}
		for i, got := range pool(points) {
			want := math.Inf(-1)
			for a := 0; a <= i; a++ {
				low := math.Inf(1)
				for b := i; b < len(points); b++ {
					sum, w := 0.0, 0.0
					for _, p := range points[a : b+1] {
						sum, w = sum+p.w*p.y, w+p.w
					}
					low = min(low, sum/w)
				}
				want = max(want, low)
			}
			if math.Abs(got-want) > 1e-12 {
				t.Fatalf("%v: value %d is %v, want %v", points, i, got, want)
			}
		}
	}
}

func TestStepsAt(t *testing.T) {
	s := steps{X: []float64{0, 1, 3}, Y: []float64{0, 2, 6}}
	for x, want := range map[float64]float64{-1: 0, 0: 0, 0.5: 1, 1: 2, 2: 4, 3: 6, 9: 6} {
		if got := s.at(x); got != want {
			t.Errorf("at %v: %v, want %v", x, got, want)
		}
	}
	if got := s.at(math.NaN()); got != 0 {
		t.Errorf("at NaN: %v", got)
	}
}

func TestSpearman(t *testing.T) {
	x, y := []float64{1, 2, 3, 4, 99}, []float64{1, 8, 27, 64, -5}
	for _, c := range []struct {
		w    []float64
		want float64
	}{{[]float64{1, 1, 1, 1, 0}, 1}, {nil, 0}} {
		if got := spearman(x, y, c.w); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%v, want %v", got, c.want)
		}
	}
	if got := ranks([]float64{5, 1, 5, 0}); !slices.Equal(got, []float64{2.5, 1, 2.5, 0}) {
		t.Errorf("ranks %v", got)
	}
}

func TestStratify(t *testing.T) {
	fold, count := stratify([]int32{1, 1, 0, 1, 0, 1, 0, -1, 1}, 2, 5)
	if want := []int32{0, 0, 0, 1, 1, 1, 2, 0, 2}; count != 3 || !slices.Equal(fold, want) {
		t.Errorf("%d folds: %v, want %v", count, fold, want)
	}
	if _, count := stratify([]int32{0, 0, 1}, 2, 5); count != 1 {
		t.Errorf("%d folds of a class of one row", count)
	}
}

// A temperature leaves the order of the classes as it is and gains likelihood.
func TestTemperature(t *testing.T) {
	s := operatortest.Table(CalibratedClassifierCV, dataset.Multiclass, 400, 8, 3)
	train, test := s.Slice(0, 250), s.Slice(250, 400)
	loss := map[string]float64{}
	for _, method := range []string{"none", "temperature"} {
		op := calibrated{estimator: slices.Index(baseNames(), "GaussianNB"), method: method, folds: 5}
		var err error
		if op.operator, err = bases()[op.estimator].spec.New([]float64{1e-9, 0}); err != nil {
			t.Fatal(err)
		}
		var f operators.Fitted
		if method == "none" {
			f, err = op.operator.Fit(context.Background(), operators.NewEnv(1, 1), train)
		} else {
			f, err = op.Fit(context.Background(), operators.NewEnv(1, 1), train)
		}
		if err != nil {
			t.Fatal(err)
		}
		p, err := f.Apply(context.Background(), operators.NewEnv(1, 1), test.X)
		if err != nil {
			t.Fatal(err)
		}
		for i, k := range test.Y.Code {
			loss[method] -= math.Log(max(1e-15, p.Col(int(k)).Float[i]))
		}
	}
	if loss["temperature"] > 1.01*loss["none"] {
		t.Errorf("log loss %v", loss)
	}
}

func TestNewRefuses(t *testing.T) {
	for name, bad := range map[string]float64{"estimator__C": -1, "cv": 1} {
		v := CalibratedClassifierCV.Defaults()
		v[CalibratedClassifierCV.Index(name)] = bad
		if _, err := CalibratedClassifierCV.New(v); err == nil {
			t.Errorf("%s=%v passes", name, bad)
		}
	}
	if _, err := IsotonicRegression.New([]float64{0, 0, 2, 1}); err == nil {
		t.Error("y_min above y_max passes")
	}
}

func BenchmarkCalibrated(b *testing.B) {
	s := operatortest.Table(CalibratedClassifierCV, dataset.Binary, 10_000, 50, 1)
	v := CalibratedClassifierCV.Defaults()
	v[0] = float64(slices.Index(baseNames(), "GaussianNB"))
	op, _ := CalibratedClassifierCV.New(v)
	b.Run("GaussianNB-10000x50", func(b *testing.B) {
		for range b.N {
			if _, err := op.Fit(context.Background(), operators.NewEnv(1, 1), s); err != nil {
				b.Fatal(err)
			}
		}
	})
}

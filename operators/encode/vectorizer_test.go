package encode

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

func fitted(t *testing.T, spec *operators.Spec, s dataset.Sample) operators.Fitted {
	t.Helper()
	op, err := spec.New(spec.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	f, err := op.Fit(context.Background(), operators.NewEnv(1, 1), s)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func applied(t *testing.T, f operators.Fitted, x *dataset.Frame) *dataset.Frame {
	t.Helper()
	out, err := f.Apply(context.Background(), operators.NewEnv(1, 1), x)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestVectorizedColumns(t *testing.T) {
	nan := math.NaN()
	whole := dataset.NewNumeric("age", []float64{1, 2, 3, 4})
	x := dataset.MustFrame(4, whole,
		dataset.NewNumeric("dose", []float64{1, nan, 5, 3}),
		dataset.NewCategorical("sex", []int32{1, 2, 2, 1}, []string{"never", "male", "female"}),
		dataset.NewCategorical("site", []int32{0, 1, -1, 2}, []string{"a", "b", "c"}))
	f := fitted(t, TableVectorizer, dataset.Sample{X: x, Y: dataset.NewNumeric("y", []float64{1, 2, 3, 4})})
	got := applied(t, f, x)
	if got.Col(0) != whole {
		t.Error("a complete numeric column was copied")
	}
	want := map[string][]float64{
		"age": {1, 2, 3, 4}, "dose": {1, 3, 5, 3}, "dose is missing": {0, 1, 0, 0}, "sex=female": {0, 1, 1, 0},
		"site=a": {1, 0, 0, 0}, "site=b": {0, 1, 0, 0}, "site=c": {0, 0, 0, 1}, "site is missing": {0, 0, 1, 0},
	}
	expect(t, got, want)

	// Later rows: another order of levels, unknown ones, values missing where training had none.
	later := dataset.MustFrame(2, dataset.NewNumeric("age", []float64{nan, 9}), dataset.NewNumeric("dose", []float64{2, nan}),
		dataset.NewCategorical("sex", []int32{0, 1}, []string{"female", "other"}),
		dataset.NewCategorical("site", []int32{0, 1}, []string{"z", "c"}))
	expect(t, applied(t, f, later), map[string][]float64{
		"age": {2.5, 9}, "dose": {2, 3}, "dose is missing": {0, 1}, "sex=female": {1, 0},
		"site=a": {0, 0}, "site=b": {0, 0}, "site=c": {0, 1}, "site is missing": {1, 0},
	})
}

func expect(t *testing.T, got *dataset.Frame, want map[string][]float64) {
	t.Helper()
	if got.Cols() != len(want) {
		t.Errorf("%d columns, want %d", got.Cols(), len(want))
	}
	for _, c := range got.Columns() {
		if fmt.Sprint(c.Float) != fmt.Sprint(want[c.Name]) {
			t.Errorf("%s = %v, want %v", c.Name, c.Float, want[c.Name])
		}
	}
}

// A category of pure noise must not seem useful in the training rows: its cross-fitted encoding is uncorrelated with
// the target, where the plain encoding is not.
func TestCrossFittedNoise(t *testing.T) {
	const n, k = 600, 200
	rng := rand.New(rand.NewPCG(1, 2))
	levels := make([]string, k)
	for l := range levels {
		levels[l] = fmt.Sprint("l", l)
	}
	codes, y := make([]int32, n), make([]float64, n)
	for i := range codes {
		codes[i] = int32(rng.IntN(k+1)) - 1
		y[i] = rng.NormFloat64()
	}
	s := dataset.Sample{X: dataset.MustFrame(n, dataset.NewCategorical("c", codes, levels)), Y: dataset.NewNumeric("y", y)}
	f := fitted(t, TableVectorizer, s)
	plain := applied(t, f, s.X)
	cross, err := f.(*vectorized).ApplyTrain(context.Background(), operators.NewEnv(1, 1), s)
	if err != nil {
		t.Fatal(err)
	}
	if cross.Cols() != 2 || cross.Col(0).Name != "c target" || cross.Col(1).Name != "c frequency" {
		t.Fatalf("columns %v", cross.Columns())
	}
	if r := correlation(plain.Col(0).Float, y); r < 0.4 {
		t.Errorf("plain encoding: correlation %.2f, the test shows nothing", r)
	}
	if r := correlation(cross.Col(0).Float, y); math.Abs(r) > 0.15 {
		t.Errorf("cross-fitted encoding: correlation %.2f", r)
	}
}

func correlation(a, b []float64) float64 {
	n := float64(len(a))
	var ma, mb, ab, aa, bb float64
	for i := range a {
		ma, mb = ma+a[i]/n, mb+b[i]/n
	}
	for i := range a {
		ab, aa, bb = ab+(a[i]-ma)*(b[i]-mb), aa+(a[i]-ma)*(a[i]-ma), bb+(b[i]-mb)*(b[i]-mb)
	}
	return ab / math.Sqrt(aa*bb)
}

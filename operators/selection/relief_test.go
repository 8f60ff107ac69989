package selection

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestReliefConforms(t *testing.T) {
	for _, spec := range []*operators.Spec{ReliefF, SURF, SURFstar, MultiSURF} {
		operatortest.Run(t, spec, nil)
	}
}

// xorTable has two genotypes that tell the class together and nothing by themselves, among others that tell nothing.
func xorTable(n, p int) dataset.Sample {
	rng := rand.New(rand.NewPCG(7, 7))
	cols, y := make([]*dataset.Column, p), make([]int32, n)
	for j := range cols {
		v := make([]float64, n)
		for i := range v {
			v[i] = float64(rng.IntN(3))
		}
		cols[j] = dataset.NewNumeric(fmt.Sprintf("snp%d", j), v)
	}
	for i := range y {
		y[i] = int32(int(cols[3].Float[i]+cols[p-2].Float[i]) % 2)
	}
	return dataset.Sample{X: dataset.MustFrame(n, cols...), Y: dataset.NewCategorical("y", y, []string{"case", "control"})}
}

func TestReliefFindsInteractions(t *testing.T) {
	s := xorTable(400, 20)
	for _, spec := range []*operators.Spec{ReliefF, SURF, SURFstar, MultiSURF} {
		values := spec.Defaults()
		values[0] = 2
		op, err := spec.New(values)
		if err != nil {
			t.Fatal(err)
		}
		f, err := op.Fit(t.Context(), operators.NewEnv(1, 1), s)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.(*selected).Keep; !slices.Equal(got, []int32{3, 18}) {
			t.Errorf("%s keeps %v, want [3 18]", spec.Name, got)
		}
	}
}

// The fast sums must be those of the definition, for discrete and continuous columns.
func TestReliefRowsAgainstDefinition(t *testing.T) {
	s := xorTable(60, 11)
	v := make([]float64, 60)
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range v {
		v[i] = rng.NormFloat64()
	}
	x := s.X.With(dataset.NewNumeric("v", v))
	r, err := newRows(t.Context(), x, 10)
	if err != nil {
		t.Fatal(err)
	}
	span := slices.Max(v) - slices.Min(v)
	differ := func(i, j, c int) float64 {
		d := math.Abs(x.Col(c).Float[i] - x.Col(c).Float[j])
		if c == 11 {
			return d / span
		}
		return min(1, d)
	}
	mean, sum, score := 0.0, newDifferences(r), make([]float64, 12)
	want := make([]float64, 12)
	for i := range 60 {
		for j := range 60 {
			d := 0.0
			for c := range 12 {
				d += differ(i, j, c)
				want[c] += differ(i, j, c)
			}
			sum.add(r, i, j)
			if math.Abs(d-r.distance(i, j)) > 1e-12 {
				t.Fatalf("distance of %d and %d: %g, want %g", i, j, r.distance(i, j), d)
			}
			mean += d / (60 * 59)
		}
	}
	sum.into(score, r, 1)
	for c := range want {
		if math.Abs(score[c]-want[c]) > 1e-9 {
			t.Errorf("column %d: %g, want %g", c, score[c], want[c])
		}
	}
	if math.Abs(mean-r.mean) > 1e-9 {
		t.Errorf("mean distance %g, want %g", r.mean, mean)
	}
}

func BenchmarkMultiSURF(b *testing.B) {
	s := xorTable(1600, 100)
	op, _ := MultiSURF.New(MultiSURF.Defaults())
	for b.Loop() {
		if _, err := op.Fit(b.Context(), operators.NewEnv(1, 1), s); err != nil {
			b.Fatal(err)
		}
	}
}

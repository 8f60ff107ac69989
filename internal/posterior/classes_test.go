package posterior_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/posterior"
)

func TestOf(t *testing.T) {
	y := dataset.NewCategorical("y", []int32{2, 0, 2, 3}, []string{"a", "b", "c", "d"})
	c, codes, err := posterior.Of(y, []float64{1, 2, 0, 0})
	if err != nil || !slices.Equal(c.Present, []int32{0, 2}) || !slices.Equal(codes, []int32{1, 0, 1, -1}) {
		t.Errorf("%v %v %v", c, codes, err)
	}
	if _, _, err := posterior.Of(y, make([]float64, 4)); err == nil {
		t.Error("no weight at all: want an error")
	}
	if _, _, err := posterior.Of(dataset.NewNumeric("y", []float64{1}), nil); err == nil {
		t.Error("numeric target: want an error")
	}
	f := c.Frame(2, []float64{0.25, 0.75, 1, 0})
	if f.Cols() != 4 || f.Col(2).Name != "c" || !slices.Equal(f.Col(2).Float, []float64{0.75, 0}) || f.Col(1).Float[0] != 0 {
		t.Errorf("frame %v", f)
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []posterior.Classes{
		{}, {Levels: []string{"a"}}, {Levels: []string{"a"}, Present: []int32{1}}, {Levels: []string{"a"}, Present: []int32{-1}},
		{Levels: []string{"a", "b"}, Present: []int32{0, 0}},
	} {
		if c.Check() == nil {
			t.Errorf("%v passes", c)
		}
	}
}

func TestSoftmax(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct{ row, prior, want []float64 }{
		{[]float64{1000, 1000}, nil, []float64{0.5, 0.5}},
		{[]float64{0, math.Log(3)}, nil, []float64{0.25, 0.75}},
		{[]float64{-inf, 3}, nil, []float64{0, 1}},
		{[]float64{-inf, -inf}, []float64{0.1, 0.9}, []float64{0.1, 0.9}},
		{[]float64{math.NaN(), 1}, nil, []float64{0.5, 0.5}},
		{[]float64{1, math.NaN(), 2, 5}, nil, []float64{0.25, 0.25, 0.25, 0.25}},
	} {
		row := slices.Clone(c.row)
		posterior.Softmax(row, c.prior)
		for k := range row {
			if !(math.Abs(row[k]-c.want[k]) < 1e-15) {
				t.Errorf("Softmax(%v) = %v, want %v", c.row, row, c.want)
			}
		}
	}
}

func TestNormalize(t *testing.T) {
	for _, c := range [][2][]float64{{{1, 3}, {0.25, 0.75}}, {{0, 0}, {0.5, 0.5}}, {{math.NaN(), 1}, {0.5, 0.5}}} {
		posterior.Normalize(c[0])
		if !slices.Equal(c[0], c[1]) {
			t.Errorf("got %v, want %v", c[0], c[1])
		}
	}
}

func TestSoftmaxColumnsIsSoftmax(t *testing.T) {
	agree(t, posterior.SoftmaxColumns, posterior.Softmax, 1e-15)
	agree(t, posterior.SoftmaxLogColumns, posterior.SoftmaxLog, 1e-14)
}

// agree holds what is done to columns against what is done to every row.
func agree(t *testing.T, columns func([][]float64, []float64), rows func(row, prior []float64), tolerance float64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 7))
	prior := []float64{0.2, 0.5, 0.3}
	for _, n := range []int{0, 1, 255, 600} {
		p := make([][]float64, 3)
		for k := range p {
			p[k] = make([]float64, n)
			for i := range p[k] {
				p[k][i] = 20 * rng.NormFloat64()
				switch i % 11 {
				case 3:
					p[k][i] = math.Inf(-1)
				case 4:
					p[k][i] = []float64{math.NaN(), 1, 2}[(k+i)%3]
				case 5:
					p[k][i] = []float64{math.Inf(1), 1, math.Inf(-1)}[(k+i)%3]
				}
			}
		}
		want := make([][]float64, n)
		for i := range want {
			want[i] = []float64{p[0][i], p[1][i], p[2][i]}
			rows(want[i], prior)
		}
		columns(p, prior)
		for i, row := range want {
			for k, v := range row {
				if !(math.Abs(p[k][i]-v) <= tolerance) {
					t.Fatalf("%d rows, row %d class %d: %v, want %v", n, i, k, p[k][i], v)
				}
			}
		}
	}
}

package neighbors

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// TestTiesAreScikitLearns: neighbours found by scikit-learn 1.2.1 (algorithm="brute") in rows full of ties, in the order
// of the rows of [17, 16] integers below.
func TestTiesAreScikitLearns(t *testing.T) {
	const rows, cols = 17, 16
	x := make([]float64, rows*cols)
	for i := range rows {
		for j := range cols {
			x[i*cols+j] = float64((i * (j + 3) * 7 % 11) % 3)
		}
	}
	s := store{Rows: x, Cols: cols, Neighbors: 4, P: 1}
	for i, want := range tiedNeighbours {
		h := s.search(s.metric(), x[i*cols:][:cols])[0]
		if h.tied() && s.scans() {
			s.choose(s.metric(), x[i*cols:][:cols], &h)
		}
		var got []int32
		for _, n := range h.sorted() {
			got = append(got, n.row)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("row %d: neighbours %v, scikit-learn's are %v", i, got, want)
		}
	}
}

// TestTieIsNoticed: a row that was left out is as near as the last taken exactly when the search says so.
func TestTieIsNoticed(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		n, cols := 5+rng.IntN(30), 1+rng.IntN(20)
		x := make([]float64, n*cols)
		for i := range x {
			x[i] = float64(rng.IntN(3))
		}
		s := store{Neighbors: 1 + rng.IntN(n-1), P: float64(1 + rng.IntN(2))}
		columns := make([]*dataset.Column, cols)
		for j := range columns {
			v := make([]float64, n)
			for i := range v {
				v[i] = x[i*cols+j]
			}
			columns[j] = dataset.NewNumeric("x", v)
		}
		if err := s.fill(dataset.MustFrame(n, columns...)); err != nil {
			t.Fatal(err)
		}
		distances := make([]float64, n)
		m := s.metric()
		m.reduced(x[:cols], x, distances)
		slices.Sort(distances)
		want := distances[s.Neighbors-1] == distances[s.Neighbors]
		h := s.search(m, x[:cols])[0]
		if h.tied() != want {
			t.Fatalf("%d of %d rows, %d columns: tied %v, want %v", s.Neighbors, n, cols, h.tied(), want)
		}
		if want {
			s.choose(m, x[:cols], &h)
			for i, found := range h.sorted() {
				if found.distance != distances[i] {
					t.Fatalf("neighbour %d at %v, want %v", i, found.distance, distances[i])
				}
			}
		}
	}
}

// TestLayoutDoesNotMatter: the same rows laid out otherwise, remembering their places, give the same answer.
func TestLayoutDoesNotMatter(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	const n = 60
	v, y := make([]float64, n), make([]float64, n)
	order := make([]int32, n)
	for i := range v {
		v[i], y[i], order[i] = float64(rng.IntN(4)), float64(i), int32(i)
	}
	s := dataset.Sample{X: dataset.MustFrame(n, dataset.NewNumeric("x", v)), Y: dataset.NewNumeric("y", y), Row: slices.Clone(order)}
	rng.Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
	predict := func(s dataset.Sample) []float64 {
		f, err := kneighborsRegressor{kneighbors{neighbors: 7, p: 2}}.Fit(context.Background(), operators.NewEnv(1, 1), s)
		if err != nil {
			t.Fatal(err)
		}
		out, err := f.Apply(context.Background(), operators.NewEnv(1, 1), dataset.MustFrame(n, dataset.NewNumeric("x", v)))
		if err != nil {
			t.Fatal(err)
		}
		return out.Col(0).Float
	}
	if a, b := predict(s), predict(s.Gather(order)); slices.CompareFunc(a, b, cmp.Compare[float64]) != 0 {
		t.Errorf("%v and, reordered, %v", a, b)
	}
}

var tiedNeighbours = [][]int32{
	{0, 2, 5, 11},
	{1, 6, 8, 12},
	{2, 5, 8, 13},
	{3, 7, 9, 14},
	{4, 5, 8, 15},
	{2, 5, 13, 16},
	{1, 6, 7, 9},
	{3, 6, 7, 14},
	{1, 2, 8, 13},
	{3, 6, 9, 14},
	{3, 5, 10, 14},
	{0, 2, 5, 11},
	{1, 6, 8, 12},
	{2, 5, 8, 13},
	{3, 7, 9, 14},
	{4, 5, 8, 15},
	{2, 5, 13, 16},
}

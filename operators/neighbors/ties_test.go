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

// TestTiesAreScikitLearns: neighbours found by scikit-learn 1.2.1, all rows compared (16 columns) or by its k-d tree (3
// columns), in rows full of ties.
func TestTiesAreScikitLearns(t *testing.T) {
	for _, c := range []struct {
		rows, cols, neighbours, p int
		want                      [][]int32
	}{{17, 16, 4, 1, tiedNeighbours}, {400, 3, 7, 2, tiedInTree}} {
		x := make([]float64, c.rows*c.cols)
		for i := range c.rows {
			for j := range c.cols {
				if x[i*c.cols+j] = float64((i * (j + 3) * 7 % 11) % 3); c.cols == 3 {
					x[i*c.cols+j] = float64((i*i*(j+3)+i*(j+1)*7)%101%6 + j)
				}
			}
		}
		s := storeOf(x, c.cols, c.neighbours)
		s.P = float64(c.p)
		for i, want := range c.want {
			h := s.search(s.metric(), x[i*c.cols:][:c.cols])[0]
			if h.tied() {
				s.choose(s.metric(), x[i*c.cols:][:c.cols], &h)
			}
			var got []int32
			for _, n := range h.sorted() {
				got = append(got, n.row)
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%d columns, row %d: neighbours %v, scikit-learn's are %v", c.cols, i, got, want)
			}
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

var tiedInTree = [][]int32{
	{0, 16, 196, 202, 218, 303, 319},
	{31, 46, 96, 102, 132, 147, 248},
	{2, 21, 94, 103, 122, 195, 204},
	{3, 62, 88, 104, 163, 189, 205},
	{4, 35, 105, 136, 206, 307, 338},
	{5, 106, 190, 207, 291, 308, 392},
	{6, 23, 107, 124, 125, 208, 309},
	{27, 128, 181, 209, 229, 282, 310},
	{33, 61, 75, 134, 162, 176, 277},
	{9, 89, 110, 133, 190, 211, 312},
	{10, 76, 111, 177, 212, 278, 313},
	{11, 24, 41, 112, 125, 213, 314},
	{12, 82, 93, 113, 183, 194, 284},
	{13, 20, 45, 114, 121, 146, 323},
	{14, 87, 115, 188, 216, 289, 317},
	{15, 25, 65, 116, 166, 217, 318},
	{0, 16, 196, 202, 218, 303, 319},
	{17, 58, 118, 185, 219, 260, 320},
	{18, 29, 119, 130, 220, 231, 321},
	{19, 32, 120, 133, 221, 322, 335},
	{13, 20, 45, 114, 121, 146, 323},
	{2, 21, 94, 103, 122, 195, 204},
	{59, 123, 160, 224, 261, 325, 362},
	{2, 23, 107, 124, 225, 294, 326},
	{24, 41, 125, 142, 226, 243, 327},
	{25, 65, 126, 166, 227, 328, 368},
	{26, 48, 127, 149, 228, 250, 329},
	{27, 128, 181, 209, 229, 282, 310},
	{28, 73, 91, 129, 230, 331, 341},
	{18, 29, 119, 130, 220, 231, 321},
	{30, 64, 131, 165, 232, 266, 333},
	{31, 46, 96, 102, 132, 147, 248},
	{19, 32, 120, 133, 221, 322, 335},
	{33, 61, 75, 134, 162, 176, 277},
	{34, 135, 146, 157, 236, 258, 337},
	{4, 35, 105, 136, 206, 307, 338},
	{27, 36, 137, 238, 282, 310, 339},
	{37, 39, 138, 140, 239, 340, 342},
	{28, 38, 129, 139, 240, 331, 341},
	{37, 39, 138, 140, 239, 340, 342},
}

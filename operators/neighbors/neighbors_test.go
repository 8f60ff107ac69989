package neighbors

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestConformance(t *testing.T) {
	for _, spec := range []*operators.Spec{KNeighborsClassifier, KNeighborsRegressor, NearestCentroid} {
		operatortest.Run(t, spec, nil)
	}
}

func TestGolden(t *testing.T) {
	operatortest.Golden(t, KNeighborsClassifier, operatortest.GoldenOptions{Outputs: distances})
	operatortest.Golden(t, KNeighborsRegressor, operatortest.GoldenOptions{})
	operatortest.Golden(t, NearestCentroid, operatortest.GoldenOptions{Attributes: func(f operators.Fitted) map[string][]float64 {
		return map[string][]float64{"centroids_": f.(*centroids).Centers}
	}})
}

func distances(f operators.Fitted, x *dataset.Frame) map[string][]float64 {
	rows := f.(*votes).Store
	rows.Neighbors = min(5, rows.Neighbors+1) // as many as were recorded
	var out []float64
	_ = rows.each(context.Background(), operators.NewEnv(1, 1), x.Slice(0, min(5, x.Rows())), func(_ int, found []neighbour) {
		for _, n := range found {
			out = append(out, n.distance)
		}
	})
	return map[string][]float64{"kneighbors_distance_first5": out}
}

// storeOf holds the given rows, without an index.
func storeOf(rows []float64, cols, neighbours int) *store {
	return &store{
		Rows: wire.RowsOf(func() []float64 { return rows }), Cols: cols, Neighbors: neighbours, P: 2,
		count: len(rows) / cols, ties: &ties{},
	}
}

func random(n, p int, seed uint64) []float64 {
	rng := rand.New(rand.NewPCG(seed, 1))
	v := make([]float64, n*p)
	for i := range v {
		v[i] = float64(rng.IntN(9)) / 3 // many ties
	}
	return v
}

// slow sorts all training rows by their distance to q.
func slow(q, rows []float64, k int, power float64) []neighbour {
	p := len(q)
	var all []neighbour
	for r := range len(rows) / p {
		d := 0.0
		for j := range q {
			step := math.Abs(q[j] - rows[r*p+j])
			if math.IsInf(power, 1) {
				d = max(d, step)
			} else {
				d += math.Pow(step, power)
			}
		}
		if !math.IsInf(power, 1) {
			d = math.Pow(d, 1/power)
		}
		all = append(all, neighbour{math.Round(d*1e9) / 1e9, int32(r)})
	}
	slices.SortStableFunc(all, func(a, b neighbour) int { return cmp.Compare(a.distance, b.distance) })
	return all[:k]
}

func TestSearch(t *testing.T) {
	for _, c := range []struct {
		n, p, k, metric int
		power           float64
	}{
		{5, 3, 5, 0, 2}, {500, 2, 7, 0, 2}, {500, 2, 7, 0, 1}, {900, 5, 31, 0, 3}, {450, 3, 450, 0, 1}, {700, 4, 9, 3, math.Inf(1)},
		{300, 20, 11, 0, 2}, {517, 9, 3, 0, 1}, {100, 9, 3, 0, 2.5}, {600, 2, 3, 0, 1.5}, {777, 1, 10, 0, 2}, {1000, 13, 10, 0, 2},
		{600, 40, 25, 1, 2},
	} {
		rows, queries := random(c.n, c.p, 1), random(67, c.p, 2)
		s := storeOf(rows, c.p, c.k)
		s.Metric = c.metric
		if !math.IsInf(c.power, 1) {
			s.P = c.power
		}
		if err := s.check(); err != nil {
			t.Fatal(err)
		}
		fast, m := s.search(s.metric(), queries), s.metric()
		s.tree, s.near = nil, nil
		scan := s.search(m, queries)
		for i := range scan {
			a, b := fast[i].sorted(), scan[i].sorted()
			if !slices.Equal(a, b) {
				t.Fatalf("%+v query %d: %v, scan %v", c, i, a, b)
			}
			for j, want := range slow(queries[i*c.p:][:c.p], rows, c.k, c.power) {
				if math.Abs(m.full(b[j].distance)-want.distance) > 1e-8 {
					t.Fatalf("%+v query %d neighbour %d: %v, want %v", c, i, j, b[j], want)
				}
			}
		}
	}
}

// Far from the origin, the screen's measure is nothing but rounding errors.
func TestScreenWithLargeOffset(t *testing.T) {
	rows, queries := random(500, 12, 3), random(20, 12, 4)
	for i := range rows {
		rows[i] += 1e9
	}
	for i := range queries {
		queries[i] += 1e9
	}
	s := storeOf(rows, 12, 5)
	if err := s.check(); err != nil {
		t.Fatal(err)
	}
	fast := s.search(s.metric(), queries)
	s.near = nil
	for i, scan := range s.search(s.metric(), queries) {
		if a, b := fast[i].sorted(), scan.sorted(); !slices.Equal(a, b) {
			t.Fatalf("query %d: %v, scan %v", i, a, b)
		}
	}
}

// Among equal distances the row with the smaller number comes first.
func TestTies(t *testing.T) {
	s := storeOf([]float64{1, -1, 0, 1, -1}, 1, 3)
	got := s.search(s.metric(), []float64{0})[0].sorted()
	if want := []neighbour{{0, 2}, {1, 0}, {1, 1}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestZeroDistanceTakesAll(t *testing.T) {
	found := []neighbour{{0, 0}, {0, 1}, {2, 2}}
	for i, want := range []float64{1, 1, 0} {
		if got := weight(found, found[i], true); got != want {
			t.Errorf("weight %d = %v, want %v", i, got, want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for _, v := range [][]float64{{0, 0, 2, 0}, {5, 0, 0.5, 0}, {1e15, 0, 2, 0}} {
		if _, err := KNeighborsRegressor.New(v); err == nil {
			t.Errorf("%v passes", v)
		}
	}
	if _, err := NearestCentroid.New([]float64{0, -1}); err == nil {
		t.Error("negative shrink_threshold passes")
	}
}

func BenchmarkKNeighbors(b *testing.B) {
	for _, c := range []struct{ n, m, p, k, power int }{
		{360, 90, 30, 5, 2}, {360, 90, 30, 50, 1}, {360, 90, 8, 20, 2}, {8000, 2000, 50, 5, 2}, {8000, 2000, 5, 5, 2},
	} {
		b.Run(fmt.Sprintf("%dx%d-%d-k%d-p%d", c.n, c.p, c.m, c.k, c.power), func(b *testing.B) {
			s := operatortest.Table(KNeighborsClassifier, dataset.Binary, c.n+c.m, c.p, 1)
			op, _ := KNeighborsClassifier.New([]float64{float64(c.k), 0, float64(c.power), 0})
			train, test := s.Slice(0, c.n), s.Slice(c.n, c.n+c.m)
			for range b.N {
				f, _ := op.Fit(context.Background(), operators.NewEnv(1, 1), train)
				if _, err := f.Apply(context.Background(), operators.NewEnv(1, 1), test.X); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

package tree

import (
	"context"
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

// conditional is output c of tree t for a row of which only some columns are known, a bit each.
func conditional(e *Ensemble, i int32, row []float64, known uint, c int) float64 {
	x := e.Nodes[i]
	if x.Left == 0 {
		return e.value(x, c)
	}
	if known>>(x.Feature&column)&1 == 1 {
		if e.goesLeft(x, row) {
			return conditional(e, x.Left, row, known, c)
		}
		return conditional(e, x.Left+1, row, known, c)
	}
	left := e.leftShare(x)
	return left*conditional(e, x.Left, row, known, c) + (1-left)*conditional(e, x.Left+1, row, known, c)
}

// shapley is the definition: the weighted mean over all sets of the other columns of what knowing column j changes.
func shapley(e *Ensemble, t int, row []float64, c int) []float64 {
	p := e.Columns
	game := make([]float64, 1<<p)
	for known := range game {
		game[known] = conditional(e, e.Roots[t], row, uint(known), c)
	}
	phi := make([]float64, p)
	for j := range phi {
		for known, v := range game {
			if known>>j&1 == 0 {
				s := bits.OnesCount(uint(known))
				phi[j] += (game[known|1<<j] - v) / (float64(p) * binomial(p-1, s))
			}
		}
	}
	return phi
}

func binomial(n, k int) float64 {
	out := 1.0
	for i := range k {
		out *= float64(n-i) / float64(i+1)
	}
	return out
}

// wildTree appends a tree of some depth that nobody would learn: columns recur, covers may be zero, sets and missing
// values occur.
func wildTree(e *Ensemble, rng *rand.Rand, depth int) {
	base := len(e.Nodes)
	e.Roots = append(e.Roots, int32(base))
	type open struct {
		at, depth int
		cover     float64
	}
	queue := []open{{base, 0, 100}}
	e.Nodes, e.Cover, e.Gain = append(e.Nodes, node{}), append(e.Cover, 100), append(e.Gain, 0)
	for len(queue) > 0 {
		q := queue[0]
		queue = queue[1:]
		if q.depth == depth || q.depth > 1 && rng.Float64() < 0.2 {
			if e.Outputs == 1 {
				e.Nodes[q.at].Threshold = rng.NormFloat64()
				continue
			}
			e.Nodes[q.at].Feature = int32(len(e.Values) / e.Outputs)
			for range e.Outputs {
				e.Values = append(e.Values, rng.NormFloat64())
			}
			continue
		}
		x := node{Threshold: rng.NormFloat64(), Left: int32(len(e.Nodes)), Feature: int32(rng.IntN(e.Columns))}
		if rng.Float64() < 0.5 {
			x.Feature |= missingLeft
		}
		if x.Feature&column == 0 { // column 0 is categorical
			x.Feature |= inSet
			x.Threshold = float64(len(e.Sets))
			e.Sets = append(e.Sets, 1, rng.Int32N(16))
		}
		e.Nodes[q.at] = x
		left := math.Round(rng.Float64() * q.cover)
		for side, cover := range []float64{left, q.cover - left} {
			queue = append(queue, open{int(x.Left) + side, q.depth + 1, cover})
			e.Nodes, e.Cover, e.Gain = append(e.Nodes, node{}), append(e.Cover, cover), append(e.Gain, 1)
		}
	}
}

func wildRow(rng *rand.Rand, p int) []float64 {
	row := make([]float64, p)
	for j := range row {
		row[j] = rng.NormFloat64()
		if j == 0 {
			row[j] = float64(rng.IntN(5))
		}
		if rng.Float64() < 0.15 {
			row[j] = math.NaN()
		}
	}
	return row
}

func TestShapleyIsItsDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	worst := 0.0
	for trial := range 300 {
		e := &Ensemble{Outputs: 1 + trial%3, Columns: 1 + rng.IntN(10)}
		for range 2 {
			wildTree(e, rng, 1+rng.IntN(8))
		}
		if err := e.check(); err != nil {
			t.Fatal(err)
		}
		x := newExplainer(e)
		for tree := range e.Roots {
			x.open(tree)
			for range 3 {
				row := wildRow(rng, e.Columns)
				x.down(row)
				for c := range e.Outputs {
					phi := make([]float64, e.Columns)
					x.up(c, phi)
					for j, want := range shapley(e, tree, row, c) {
						worst = max(worst, math.Abs(phi[j]-want))
					}
				}
			}
		}
	}
	if !(worst < 1e-12) {
		t.Errorf("differs by %g from the definition", worst)
	}
}

// TestShapleyOfLongPaths: where 2^p sets are too many, the contributions still sum to the prediction, for any depth.
func TestShapleyOfLongPaths(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 6))
	for _, p := range []int{2, 9, 17, 40, 200} {
		e := &Ensemble{Outputs: 1, Columns: p}
		chain(e, rng, 200)
		x := newExplainer(e)
		x.open(0)
		mean := 0.0
		e.expect(0, func(_ int, v float64) { mean = v })
		for range 20 {
			row := wildRow(rng, p)
			x.down(row)
			phi := make([]float64, p)
			x.up(0, phi)
			sum := mean
			for _, v := range phi {
				sum += v
			}
			if want := e.Nodes[e.leaf(0, row)].Threshold; math.Abs(sum-want) > 1e-11 {
				t.Errorf("%d columns: contributions sum to %v, the prediction is %v", p, sum, want)
			}
		}
	}
}

// chain appends a tree that is one long path.
func chain(e *Ensemble, rng *rand.Rand, depth int) {
	e.Roots = append(e.Roots, int32(len(e.Nodes)))
	cover := 1000.0
	e.Nodes, e.Cover, e.Gain = append(e.Nodes, node{}), append(e.Cover, cover), append(e.Gain, 1)
	at := len(e.Nodes) - 1
	for d := range depth {
		e.Nodes[at] = node{Threshold: 1.5, Left: int32(len(e.Nodes)), Feature: int32(1+d)%int32(e.Columns) | missingLeft}
		out := cover * 0.02
		e.Nodes = append(e.Nodes, node{Threshold: rng.NormFloat64()}, node{Threshold: rng.NormFloat64()})
		e.Cover, e.Gain = append(e.Cover, cover-out, out), append(e.Gain, 1, 1)
		cover -= out
		at = len(e.Nodes) - 2
	}
}

func TestGaussLegendre(t *testing.T) {
	for n := 1; n <= 64; n++ {
		x, w := gaussLegendre(n)
		for degree := range 2 * n {
			sum := 0.0
			for i := range x {
				sum += w[i] * math.Pow(x[i], float64(degree))
			}
			if want := 1 / float64(degree+1); math.Abs(sum-want) > 1e-14 {
				t.Fatalf("%d nodes: the integral of x^%d is %v, want %v", n, degree, sum, want)
			}
		}
		if !slices.IsSorted(x) || x[0] <= 0 || x[n-1] >= 1 {
			t.Errorf("%d nodes: %v", n, x)
		}
	}
}

// explained is what everything that can be explained offers.
type explained interface {
	Contributions(ctx context.Context, env *operators.Env, x *dataset.Frame) (base []float64, values [][]float64, err error)
}

// raw undoes the response: scores of the predicted probabilities as Contributions counts them.
func raw(f operators.Fitted, out *dataset.Frame, base []float64, i int) []float64 {
	_, scores := f.(*boosted)
	var v []float64
	for _, c := range out.Columns() {
		v = append(v, c.Float[i])
	}
	if len(base) == 1 && len(v) == 2 {
		v = v[1:]
		if scores {
			v[0] = math.Log(v[0] / (1 - v[0]))
		}
	}
	if b, ok := f.(*boosted); ok && b.Log {
		v[0] = math.Log(v[0])
	}
	return v
}

// TestContributionsSum: for every kind of model, base and contributions add up to what is predicted.
func TestContributionsSum(t *testing.T) {
	for _, spec := range specs {
		for _, task := range []dataset.Task{dataset.Binary, dataset.Multiclass, dataset.Regression} {
			if spec == AdaBoostRegressor || !spec.Serves(task) {
				continue
			}
			t.Run(spec.Name+"/"+task.String(), func(t *testing.T) {
				s := operatortest.Table(spec, task, 150, 5, 3)
				f := fitted(t, spec, s)
				base, values, err := f.(explained).Contributions(t.Context(), operators.NewEnv(1, 1), s.X)
				if err != nil {
					t.Fatal(err)
				}
				env := operators.NewEnv(2, 2)
				env.Threads = 4
				_, again, _ := f.(explained).Contributions(t.Context(), env, s.X)
				out, _ := f.Apply(t.Context(), operators.NewEnv(1, 1), s.X)
				for i := range s.Rows() {
					sums := slices.Clone(base)
					for k := range sums {
						for _, v := range values[k][i*s.X.Cols() : (i+1)*s.X.Cols()] {
							sums[k] += v
						}
					}
					compareRaw(t, f, sums, raw(f, out, base, i))
				}
				for k := range values {
					if !slices.Equal(values[k], again[k]) {
						t.Error("the contributions depend on the number of threads")
					}
				}
			})
		}
	}
}

func compareRaw(t *testing.T, f operators.Fitted, sums, want []float64) {
	t.Helper()
	if _, ok := f.(*boosted); ok && len(sums) > 1 { // softmax
		normalize(sums)
	}
	for k := range want {
		if d := math.Abs(sums[k] - want[k]); !(d < 1e-9*(1+math.Abs(want[k]))) {
			t.Fatalf("output %d: contributions sum to %v, predicted is %v", k, sums[k], want[k])
		}
	}
}

func fitted(t testing.TB, spec *operators.Spec, s dataset.Sample) operators.Fitted {
	t.Helper()
	op, err := spec.New(spec.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	f, err := op.Fit(context.Background(), operators.NewEnv(7, 7), s)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestContributionsOfAbsentClasses: three classes of which the training rows have two, or one.
func TestContributionsOfAbsentClasses(t *testing.T) {
	s := operatortest.Table(HistGradientBoostingClassifier, dataset.Binary, 80, 3, 3)
	for _, levels := range [][]string{{"absent", "no", "yes"}, {"no", "yes", "absent"}, {"no", "yes"}} {
		for present := 1; present <= 2; present++ {
			y := s
			codes := make([]int32, s.Rows())
			for i, c := range s.Y.Code {
				codes[i] = min(c, int32(present-1))
				if levels[0] == "absent" {
					codes[i]++
				}
			}
			y.Y = dataset.NewCategorical("y", codes, levels)
			f := fitted(t, HistGradientBoostingClassifier, y)
			base, values, err := f.(explained).Contributions(t.Context(), operators.NewEnv(1, 1), s.X)
			if err != nil {
				t.Fatal(err)
			}
			want := len(levels)
			if want == 2 {
				want = 1
			}
			if len(base) != want || len(values) != want {
				t.Fatalf("%v: %d outputs, want %d", levels, len(base), want)
			}
			out, _ := f.Apply(t.Context(), operators.NewEnv(1, 1), s.X)
			for i := range s.Rows() {
				sums := slices.Clone(base)
				for k := range sums {
					for _, v := range values[k][i*s.X.Cols() : (i+1)*s.X.Cols()] {
						sums[k] += v
					}
				}
				if want == 1 {
					sums = []float64{1 - sigmoid(sums[0]), sigmoid(sums[0])}
				} else {
					normalize(sums)
				}
				for k, c := range out.Columns() {
					if !(math.Abs(sums[k]-c.Float[i]) < 1e-9) {
						t.Fatalf("%v, %d present, class %d: %v, predicted %v", levels, present, k, sums[k], c.Float[i])
					}
				}
			}
		}
	}
}

func TestContributionsRefuseAndCancel(t *testing.T) {
	s := operatortest.Table(&operators.Spec{}, dataset.Binary, 60, 4, 3)
	f := fitted(t, RandomForestClassifier, s).(explained)
	if _, _, err := f.Contributions(t.Context(), operators.NewEnv(1, 1), s.X.Select(0, 1)); err == nil {
		t.Error("a table with other columns is explained")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := f.Contributions(ctx, operators.NewEnv(1, 1), s.X); err == nil {
		t.Error("explains although cancelled")
	}
}

// BenchmarkContributions explains rows of a booster of 100 trees and of a forest of full trees.
func BenchmarkContributions(b *testing.B) {
	s := operatortest.Table(&operators.Spec{}, dataset.Binary, 10_000, 30, 1)
	for _, spec := range []*operators.Spec{HistGradientBoostingClassifier, RandomForestClassifier} {
		f := fitted(b, spec, s).(explained)
		for _, rows := range []int{1, 640} {
			b.Run(fmt.Sprintf("%s/%d", spec.Name, rows), func(b *testing.B) {
				for b.Loop() {
					if _, _, err := f.Contributions(context.Background(), operators.NewEnv(1, 1), s.X.Slice(0, rows)); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/row")
			})
		}
	}
}

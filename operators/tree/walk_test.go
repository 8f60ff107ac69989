package tree

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

// TestWalkEndsInTheLeaf holds the walk without jumps to the plain one, on odd trees and odd numbers.
func TestWalkEndsInTheLeaf(t *testing.T) {
	odd := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, math.Copysign(0, -1), math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, 1, -1}
	rng := rand.New(rand.NewPCG(8, 8))
	for trial := range 400 {
		p := 1 + rng.IntN(6)
		e := &Ensemble{Outputs: 1 + trial%2, Columns: p}
		for range 3 {
			wildTree(e, rng, rng.IntN(9))
		}
		if trial%4 > 0 { // without categorical splits
			for i := range e.Nodes {
				if e.Nodes[i].Left != 0 {
					e.Nodes[i].Feature &^= inSet
					e.Sets = nil
					if rng.Float64() < 0.3 {
						e.Nodes[i].Threshold = odd[1+rng.IntN(len(odd)-1)]
					}
				}
			}
		}
		if err := e.check(); err != nil {
			t.Fatal(err)
		}
		w := walker{e: e}
		for _, n := range []int{0, 1, 3, 4, 7, 64} {
			rows := make([]float64, n*p)
			for i := range rows {
				if rows[i] = rng.NormFloat64(); rng.Float64() < 0.4 {
					rows[i] = odd[rng.IntN(len(odd))]
				}
			}
			w.block(rows)
			for tree, root := range e.Roots {
				for i, at := range w.walk(tree, n) {
					if want := e.leaf(root, rows[i*p:(i+1)*p]) - root; at != want {
						t.Fatalf("row %v ends in node %d, want %d", rows[i*p:(i+1)*p], at, want)
					}
				}
			}
			if n < 8 || len(e.Sets) > 0 {
				continue
			}
			rows = rows[:8*p] // as they are, eight at a time
			for i := range rows {
				if rows[i] != rows[i] {
					rows[i] = odd[1+rng.IntN(len(odd)-1)]
				}
			}
			for _, root := range e.Roots {
				ends := make([]int32, 8)
				e.eight(root, rows, ends)
				for i, at := range ends {
					if want := e.leaf(root, rows[i*p:(i+1)*p]) - root; at != want {
						t.Fatalf("row %v ends in node %d, want %d", rows[i*p:(i+1)*p], at, want)
					}
				}
			}
		}
	}
}

// rowPredictor is what predicts one row at a time.
type rowPredictor interface {
	PredictRow(row, out []float64) error
}

// TestOneRowIsTheBatch: the same bits, one row at a time, a few and all, without allocating.
func TestOneRowIsTheBatch(t *testing.T) {
	for _, spec := range specs {
		for _, task := range []dataset.Task{dataset.Binary, dataset.Multiclass, dataset.Regression} {
			if spec == AdaBoostRegressor || !spec.Serves(task) {
				continue
			}
			s := operatortest.Table(spec, task, 203, 5, 3)
			if task == dataset.Multiclass { // classes without rows, in front and between
				codes := make([]int32, s.Rows())
				for i, c := range s.Y.Code {
					codes[i] = 2*c + 1
				}
				s.Y = dataset.NewCategorical("y", codes, []string{"-", "a", "--", "b", "---", "c"})
			}
			oneRow(t, spec.Name+"/"+task.String(), fitted(t, spec, s), s.X)
		}
	}
}

func oneRow(t *testing.T, name string, f operators.Fitted, x *dataset.Frame) {
	t.Helper()
	batch, err := f.Apply(t.Context(), operators.NewEnv(1, 1), x)
	if err != nil {
		t.Fatal(err)
	}
	some, _ := f.Apply(t.Context(), operators.NewEnv(1, 1), x.Slice(3, 6))
	row, out := make([]float64, x.Cols()), make([]float64, batch.Cols())
	for i := range x.Rows() {
		for j, c := range x.Columns() {
			switch {
			case c.Kind == dataset.Numeric:
				row[j] = c.Float[i]
			case c.Code[i] < 0:
				row[j] = math.NaN()
			default:
				row[j] = float64(c.Code[i])
			}
		}
		if err := f.(rowPredictor).PredictRow(row, out); err != nil {
			t.Fatal(err)
		}
		for k, c := range batch.Columns() {
			if c.Float[i] != out[k] || i >= 3 && i < 6 && some.Col(k).Float[i-3] != out[k] {
				t.Fatalf("%s row %d output %d: %v alone, %v in the batch", name, i, k, out[k], c.Float[i])
			}
		}
	}
	if n := testing.AllocsPerRun(10, func() { _ = f.(rowPredictor).PredictRow(row, out) }); n > 0 {
		t.Errorf("%s: %v allocations for one row", name, n)
	}
	if f.(rowPredictor).PredictRow(row[1:], out) == nil || f.(rowPredictor).PredictRow(row, append(out, 0)) == nil {
		t.Errorf("%s: rows of the wrong length are predicted", name)
	}
}

// BenchmarkPredictRow predicts one row with 100 trees.
func BenchmarkPredictRow(b *testing.B) {
	s := operatortest.Table(&operators.Spec{}, dataset.Binary, 10_000, 30, 1)
	for _, spec := range []*operators.Spec{HistGradientBoostingClassifier, RandomForestClassifier} {
		b.Run(spec.Name, func(b *testing.B) {
			f := fitted(b, spec, s)
			row, out := make([]float64, 30), make([]float64, 2)
			b.ReportAllocs()
			for b.Loop() {
				if err := f.(rowPredictor).PredictRow(row, out); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

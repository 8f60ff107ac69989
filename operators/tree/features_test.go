package tree

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestFeaturesConform(t *testing.T) {
	for _, s := range []*operators.Spec{IsolationForest, RandomTreesEmbedding, BoostedTreesEmbedding} {
		operatortest.Run(t, s, nil)
	}
}

func build(t testing.TB, spec *operators.Spec, set map[string]float64) operators.Operator {
	t.Helper()
	v := spec.Defaults()
	for name, x := range set {
		v[spec.Index(name)] = x
	}
	op, err := spec.New(v)
	if err != nil {
		t.Fatal(err)
	}
	return op
}

// scores applies an isolation forest.
func scores(t *testing.T, op operators.Operator, s dataset.Sample) []float64 {
	t.Helper()
	f, err := op.Fit(t.Context(), operators.NewEnv(3, 4), s)
	if err != nil {
		t.Fatal(err)
	}
	out, err := f.Apply(t.Context(), operators.NewEnv(1, 1), s.X)
	if err != nil {
		t.Fatal(err)
	}
	if out.Cols() != s.X.Cols()+1 || out.Col(0) != s.X.Col(0) {
		t.Fatal("the columns are not kept")
	}
	return out.Col(s.X.Cols()).Float
}

// TestIsolationByDefinition isolates a row the slow way: it looks which training rows go along with it, node by node.
func TestIsolationByDefinition(t *testing.T) {
	s := operatortest.Table(IsolationForest, dataset.Regression, 90, 4, 2)
	f, err := build(t, IsolationForest, map[string]float64{"n_estimators": 7, "max_samples": 1}).Fit(t.Context(), operators.NewEnv(3, 4), s)
	if err != nil {
		t.Fatal(err)
	}
	out, _ := f.Apply(t.Context(), operators.NewEnv(1, 1), s.X)
	m := f.(*isolation)
	rd, _ := (&layout{m.Levels}).read(s.X, rowBlock)
	all := make([][]float64, s.Rows())
	for i := range all {
		all[i] = append(all[i], rd.rows(i, i+1)...)
	}
	for i, row := range all {
		sum := 0.0
		for _, root := range m.Trees.Roots {
			depth, with, at := 0.0, all, root
			for x := m.Trees.Nodes[at]; x.Left != 0; x = m.Trees.Nodes[at] {
				left := m.Trees.goesLeft(x, row)
				var rest [][]float64
				for _, r := range with {
					if m.Trees.goesLeft(x, r) == left {
						rest = append(rest, r)
					}
				}
				if with, at = rest, x.Left; !left {
					at++
				}
				depth++
			}
			if depth > 7 {
				t.Fatalf("depth %v beyond the logarithm of 90", depth)
			}
			if n := len(with); n > 2 { // harmonic numbers instead of their approximation
				for k := 2; k < n; k++ {
					depth += 2 / float64(k)
				}
				depth += 2 - 2*float64(n-1)/float64(n)
			} else if n == 2 {
				depth++
			}
			sum += depth
		}
		h := 0.0
		for k := 1; k < 90; k++ {
			h += 1 / float64(k)
		}
		want := -math.Pow(2, -sum/7/(2*h-2*89.0/90))
		if got := out.Col(s.X.Cols()).Float[i]; math.Abs(got-want) > 0.01 {
			t.Errorf("row %d: score %v, by harmonic numbers %v", i, got, want)
		}
	}
}

// TestKnownIsolation: 2,000 trees here and there, drawn by different generators.
func TestKnownIsolation(t *testing.T) {
	k := readKnown(t)
	s := k.sample(nil)
	for _, c := range k.Isolation {
		op := build(t, IsolationForest, map[string]float64{"n_estimators": 2000, "max_samples": operators.Count(c.MaxSamples)})
		noise := c.Std / math.Sqrt(10) * math.Sqrt2 // the file has the mean of ten forests of 200 trees
		square := 0.0
		for i, got := range scores(t, op, s) {
			d := (got - c.Scores[i]) / noise
			square += d * d / float64(s.Rows())
			if math.Abs(d) > 6 {
				t.Errorf("%d rows per tree, row %d: score %v, want %v", c.MaxSamples, i, got, c.Scores[i])
			}
		}
		if square > 2 {
			t.Errorf("%d rows per tree: %.2f times the variance that chance makes", c.MaxSamples, square)
		}
	}
}

func TestIsolationFindsWhatStandsAlone(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	n := 400
	x, y, code := make([]float64, n), make([]float64, n), make([]int32, n)
	for i := range x {
		x[i], y[i], code[i] = rng.NormFloat64(), rng.NormFloat64(), int32(i%3)
	}
	x[17], y[23], code[42] = 9, math.NaN(), 3
	s := dataset.Sample{X: dataset.MustFrame(n, dataset.NewNumeric("x", x), dataset.NewNumeric("y", y), dataset.NewCategorical("c", code, []string{"a", "b", "c", "rare"})), Y: dataset.NewNumeric("t", x)}
	got := scores(t, build(t, IsolationForest, nil), s)
	less := 0
	for _, v := range got {
		if v < -1 || v > 0 {
			t.Fatalf("score %v", v)
		}
		if v < got[17] {
			less++
		}
	}
	if less > 2 {
		t.Errorf("%d rows are stranger than the one far away", less)
	}
	same := s
	flat := make([]float64, n)
	same.X = dataset.MustFrame(n, dataset.NewNumeric("flat", flat))
	for _, v := range scores(t, build(t, IsolationForest, nil), same) {
		if math.Abs(v+0.5) > 1e-12 {
			t.Fatalf("score %v where all rows are the same, want -0.5", v)
		}
	}
	one := s.Slice(0, 1)
	if v := scores(t, build(t, IsolationForest, nil), one)[0]; v != -0.5 {
		t.Errorf("score %v of a single row, want -0.5", v)
	}
}

// TestZeroWeightsAreAbsent: a far row that weighs nothing changes no other row's score.
func TestZeroWeightsAreAbsent(t *testing.T) {
	s := operatortest.Table(IsolationForest, dataset.Regression, 90, 4, 2)
	for i := range s.W {
		s.W[i] = b2f(i < 60)
	}
	short := s.Slice(0, 60)
	for _, spec := range []*operators.Spec{IsolationForest, RandomTreesEmbedding} {
		a, err := build(t, spec, nil).Fit(t.Context(), operators.NewEnv(1, 1), s)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := build(t, spec, nil).Fit(t.Context(), operators.NewEnv(1, 1), short)
		x, _ := operators.Encode(a)
		y, _ := operators.Encode(b)
		if string(x) != string(y) {
			t.Errorf("%s: rows of weight zero count", spec.Name)
		}
	}
}

// TestEmbeddingIsTheLeaf: one column of each tree is 1, that of the leaf in which the row ends.
func TestEmbeddingIsTheLeaf(t *testing.T) {
	for _, spec := range []*operators.Spec{RandomTreesEmbedding, BoostedTreesEmbedding} {
		for _, most := range []float64{2, 40, 512} {
			s := operatortest.Table(spec, dataset.Multiclass, 300, 4, 2)
			f, err := build(t, spec, map[string]float64{"max_columns": most}).Fit(t.Context(), operators.NewEnv(1, 1), s)
			if most == 2 && spec == BoostedTreesEmbedding {
				if err == nil {
					t.Error("trees of eight leaves fit in two columns")
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			m := f.(*leaves)
			out, _ := f.Apply(t.Context(), operators.NewEnv(1, 1), s.X)
			if out.Cols() > int(most) || out.Cols() < int(most)/4 && most < 500 {
				t.Errorf("%s: %d columns of %v", spec.Name, out.Cols(), most)
			}
			rd, _ := (&layout{m.Levels}).read(s.X, rowBlock)
			numbers, err := m.Trees.leaves(t.Context(), operators.NewEnv(1, 1), s.X, m.Levels)
			if err != nil {
				t.Fatal(err)
			}
			for i := range s.Rows() {
				row := rd.rows(i, i+1)
				k := 0
				for tree, root := range m.Trees.Roots {
					lo, hi := m.Trees.span(tree)
					leaf := 0
					for at := lo; at < hi; at++ {
						if m.Trees.Nodes[at].Left != 0 {
							continue
						}
						if got, want := out.Col(k).Float[i], b2f(m.Trees.leaf(root, row) == at); got != want {
							t.Fatalf("row %d column %q: %v, want %v", i, out.Col(k).Name, got, want)
						}
						if in := numbers[tree][i] == int32(leaf); in != (out.Col(k).Float[i] == 1) {
							t.Fatalf("row %d tree %d: leaf %d", i, tree, numbers[tree][i])
						}
						if name := fmt.Sprintf("%s_%d_%d", m.Name, tree, leaf); out.Col(k).Name != name {
							t.Fatalf("column %q, want %q", out.Col(k).Name, name)
						}
						leaf++
						k++
					}
				}
			}
		}
	}
}

// TestEmbeddingHelpsALine: what no line can tell from the columns, one can tell from the leaves.
func TestEmbeddingHelpsALine(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	n := 600
	a, b, y := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range a {
		a[i], b[i] = rng.NormFloat64(), rng.NormFloat64()
		y[i] = b2f(a[i]*b[i] > 0)
	}
	s := dataset.Sample{X: dataset.MustFrame(n, dataset.NewNumeric("a", a), dataset.NewNumeric("b", b)), Y: dataset.NewNumeric("y", y)}
	for _, spec := range []*operators.Spec{RandomTreesEmbedding, BoostedTreesEmbedding} {
		f, err := build(t, spec, nil).Fit(context.Background(), operators.NewEnv(1, 1), s.Slice(0, 400))
		if err != nil {
			t.Fatal(err)
		}
		out, _ := f.Apply(t.Context(), operators.NewEnv(1, 1), s.X)
		// the mean of the leaves' training means is about the simplest thing that is linear in the columns
		right := 0
		means := make([]float64, out.Cols())
		for k, c := range out.Columns() {
			sum, count := 0.0, 1e-9
			for i := range 400 {
				sum += c.Float[i] * (y[i] - 0.5)
				count += c.Float[i]
			}
			means[k] = sum / count
		}
		for i := 400; i < n; i++ {
			score := 0.0
			for k, c := range out.Columns() {
				score += means[k] * c.Float[i]
			}
			right += int(b2f((score > 0) == (y[i] > 0.5)))
		}
		if right < 150 {
			t.Errorf("%s: %d of 200 right", spec.Name, right)
		}
	}
}

// BenchmarkFeatures fits and applies to 10,000 rows of 50 columns.
func BenchmarkFeatures(b *testing.B) {
	for _, spec := range []*operators.Spec{IsolationForest, RandomTreesEmbedding, BoostedTreesEmbedding} {
		s := operatortest.Table(&operators.Spec{}, dataset.Binary, 10_000, 50, 1)
		op := build(b, spec, nil)
		b.Run(spec.Name, func(b *testing.B) {
			for b.Loop() {
				f, err := op.Fit(context.Background(), operators.NewEnv(1, 1), s)
				if err == nil {
					_, err = f.Apply(context.Background(), operators.NewEnv(1, 1), s.X)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

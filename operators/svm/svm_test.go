package svm

import (
	"context"
	"math"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestConformance(t *testing.T) {
	operatortest.Run(t, SVC, nil)
	operatortest.Run(t, SVR, nil)
}

func TestGolden(t *testing.T) {
	operatortest.Golden(t, SVC, operatortest.GoldenOptions{
		Skip:       map[string]string{"rbf ovo 3 classes": "decisions of pairs are not an output; the machine is that of break_ties"},
		Outputs:    func(f operators.Fitted, x *dataset.Frame) map[string][]float64 { return decisions(f.(*margins), x) },
		Attributes: func(f operators.Fitted) map[string][]float64 { return summary(&f.(*margins).Vectors) },
	})
	operatortest.Golden(t, SVR, operatortest.GoldenOptions{
		Attributes: func(f operators.Fitted) map[string][]float64 { return summary(&f.(*tube).Vectors) },
	})
}

func summary(v *vectors) map[string][]float64 {
	sum := 0.0
	for _, d := range v.Decisions {
		for _, c := range d.Coef {
			sum += math.Abs(c)
		}
	}
	return map[string][]float64{"sum_abs_dual_coef": {sum}, "gamma_value": {v.Kernel.Gamma}}
}

// decisions are scikit-learn's: for two classes positive for the second, else the votes for each class plus their
// confidence squeezed into (-1/3, 1/3). For two classes, its predictions are the signs of the decisions, where ours are
// calibrated.
func decisions(m *margins, x *dataset.Frame) map[string][]float64 {
	k := m.Classes.Len()
	var out, predict []float64
	_ = m.Vectors.each(context.Background(), operators.NewEnv(1, 1), x, func(_ int, values []float64) {
		if k == 2 {
			out = append(out, -values[0])
			predict = append(predict, float64(b2i(values[0] < 0)))
			return
		}
		votes, confidence, at := make([]float64, k), make([]float64, k), 0
		for a := range k {
			for b := a + 1; b < k; b++ {
				confidence[a] += values[at]
				confidence[b] -= values[at]
				if values[at] > 0 {
					votes[a]++
				} else {
					votes[b]++
				}
				at++
			}
		}
		for a := range k {
			out = append(out, votes[a]+confidence[a]/(3*(math.Abs(confidence[a])+1)))
		}
	})
	return map[string][]float64{"decision_function": out, "predict": predict}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Shrinking and a cache of two rows change nothing but the time.
func TestShrinkingAndSmallCache(t *testing.T) {
	s := operatortest.Table(SVR, dataset.Regression, 300, 4, 2)
	var want []float64
	for _, shrink := range []float64{0, 1} {
		v := SVR.Defaults()
		v[SVR.Index("shrinking")], v[SVR.Index("tol")], v[0] = shrink, 1e-8, 100
		op, _ := SVR.New(v)
		f, err := op.Fit(context.Background(), operators.NewEnv(1, 1), s)
		if err != nil {
			t.Fatal(err)
		}
		out, _ := f.Apply(context.Background(), operators.NewEnv(1, 1), s.X)
		for i, got := range out.Col(0).Float {
			if want != nil && math.Abs(got-want[i]) > 1e-6 {
				t.Fatalf("row %d: %v, without shrinking %v", i, got, want[i])
			}
		}
		want = out.Col(0).Float
	}
	x := linalg.Of(s.Rows(), s.X.Cols(), s.X.Matrix())
	g, _ := newGram(kernel{Name: "rbf", Gamma: 0.1}, x)
	small, _ := newGram(kernel{Name: "rbf", Gamma: 0.1}, x)
	small.owner, small.used = make([]int32, 0, 2), make([]int, 0, 2)
	part := []int32{5, 250, 7, 100}
	sub, gathered := g.sub(part), small.sub(part)
	for _, i := range []int{0, 1, 0, 2, 3, 1, 0} {
		for j, want := range g.row(int(part[i])) {
			if got := small.row(int(part[i]))[j]; got != want {
				t.Fatalf("row %d: %v, want %v", part[i], got, want)
			}
		}
		for j := range part {
			if want := g.row(int(part[i]))[part[j]]; sub.row(i)[j] != want || math.Abs(gathered.row(i)[j]-want) > 1e-15 {
				t.Fatalf("part: %v and %v, want %v", sub.row(i)[j], gathered.row(i)[j], want)
			}
		}
	}
}

// The solution meets the conditions of Karush, Kuhn and Tucker, computed the slow way.
func TestOptimality(t *testing.T) {
	s := operatortest.Table(SVC, dataset.Binary, 150, 3, 4)
	x := linalg.Of(150, 3, s.X.Matrix())
	for _, stages := range [][]stage{{{steps: 1e6}}, {{0, maxRank}}, {{20, maxRank}}} {
		checkOptimal(t, s, x, stages)
	}
}

func checkOptimal(t *testing.T, s dataset.Sample, x linalg.Matrix, stages []stage) {
	for _, k := range []kernel{{Name: "rbf", Gamma: 0.3}, {Name: "linear"}, {Name: "poly", Gamma: 1, Coef0: 1, Degree: 2}} {
		g, err := newGram(k, x)
		if err != nil {
			t.Fatal(err)
		}
		d := dual{gram: g, tol: 1e-6, maxIter: 1e6, shrink: true, stages: stages}
		for i := range 150 {
			sign := float64(2*s.Y.Code[i] - 1)
			d.sign, d.target, d.bound = append(d.sign, sign), append(d.target, sign), append(d.bound, s.W[i])
		}
		got, err := d.solve(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if got.hard != (stages[0].rank > 0) {
			t.Errorf("%s %v: jumped %v", k.Name, stages, got.hard)
		}
		sum := 0.0
		for i, b := range got.beta {
			sum += b
			f := got.bias
			for j, c := range got.beta {
				f += c * g.row(i)[j]
			}
			a, margin := b*d.sign[i], f*d.sign[i]
			if a < 0 || a > d.bound[i] || margin < 1-1e-5 && a < d.bound[i]-1e-12 || margin > 1+1e-5 && a > 1e-12 {
				t.Errorf("%s row %d: weight %v of %v at margin %v", k.Name, i, a, d.bound[i], margin)
			}
		}
		if math.Abs(sum) > 1e-9 {
			t.Errorf("%s: the weights sum to %v", k.Name, sum)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for name, bad := range map[string]float64{"C": 0, "gamma": -1, "tol": 0, "degree": -1} {
		v := SVC.Defaults()
		v[SVC.Index(name)] = bad
		if _, err := SVC.New(v); err == nil {
			t.Errorf("%s=%v passes", name, bad)
		}
	}
}

func BenchmarkSVC(b *testing.B) {
	for name, n := range map[string]int{"360x30": 360, "2000x50": 2000} {
		s := operatortest.Table(SVC, dataset.Binary, n, map[int]int{360: 30, 2000: 50}[n], 1)
		op, _ := SVC.New(SVC.Defaults())
		b.Run(name, func(b *testing.B) {
			for range b.N {
				if _, err := op.Fit(context.Background(), operators.NewEnv(1, 1), s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

package metrics

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/lren-chuv/automl/dataset"
)

// sample makes n rows for a task; scores have ties.
func sample(task dataset.Task, n int, seed uint64) (*dataset.Column, *dataset.Frame) {
	rng := rand.New(rand.NewPCG(seed, 1))
	if task == dataset.Regression {
		y, p := make([]float64, n), make([]float64, n)
		for i := range y {
			y[i] = rng.Float64() * 10
			p[i] = max(0, y[i]+rng.NormFloat64())
		}
		return dataset.NewNumeric("y", y), dataset.MustFrame(n, dataset.NewNumeric("p", p))
	}
	levels := []string{"a", "b"}
	if task == dataset.Multiclass {
		levels = []string{"a", "b", "c"}
	}
	y := make([]int32, n)
	cols := make([][]float64, len(levels))
	for k := range cols {
		cols[k] = make([]float64, n)
	}
	for i := range y {
		y[i] = int32(rng.IntN(len(levels)))
		sum := 0.0
		for k := range cols {
			cols[k][i] = float64(1 + rng.IntN(6))
			if int(y[i]) == k {
				cols[k][i] += 2
			}
			sum += cols[k][i]
		}
		for k := range cols {
			cols[k][i] /= sum
		}
	}
	return dataset.NewCategorical("y", y, levels), frame(levels, cols)
}

// frame makes the columns of probabilities that a classifier returns.
func frame(levels []string, cols [][]float64) *dataset.Frame {
	f := make([]*dataset.Column, len(cols))
	for k := range cols {
		f[k] = dataset.NewNumeric(levels[k], cols[k])
	}
	return dataset.MustFrame(len(cols[0]), f...)
}

func eachMetric(t *testing.T, f func(t *testing.T, m Metric, y *dataset.Column, p *dataset.Frame)) {
	for _, task := range []dataset.Task{dataset.Binary, dataset.Multiclass, dataset.Regression} {
		for _, m := range All() {
			if m.Serves(task) {
				t.Run(m.Name+"/"+task.String(), func(t *testing.T) {
					y, p := sample(task, 60, 3)
					f(t, m, y, p)
				})
			}
		}
	}
}

func mustScore(t *testing.T, m Metric, y *dataset.Column, p *dataset.Frame, w []float64) float64 {
	t.Helper()
	v, err := m.Score(y, p, w)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestOrderDoesNotMatter(t *testing.T) {
	eachMetric(t, func(t *testing.T, m Metric, y *dataset.Column, p *dataset.Frame) {
		rows := make([]int32, y.Len())
		for i, j := range rand.New(rand.NewPCG(1, 1)).Perm(y.Len()) {
			rows[i] = int32(j)
		}
		if a, b := mustScore(t, m, y, p, nil), mustScore(t, m, y.Gather(rows), p.Gather(rows), nil); math.Abs(a-b) > 1e-12 {
			t.Errorf("%v became %v", a, b)
		}
	})
}

// TestWeightIsRepetition: a weight of two is the row twice, a weight of zero is the row left out.
func TestWeightIsRepetition(t *testing.T) {
	eachMetric(t, func(t *testing.T, m Metric, y *dataset.Column, p *dataset.Frame) {
		switch m.Name {
		case "roc_auc_ovo", "max_error":
			t.Skip("knows no weights")
		case "median_absolute_error":
			t.Skip("the weighted median is the lower one")
		}
		w := make([]float64, y.Len())
		var rows []int32
		for i := range w {
			w[i] = float64(i % 3)
			for range i % 3 {
				rows = append(rows, int32(i))
			}
		}
		if a, b := mustScore(t, m, y, p, w), mustScore(t, m, y.Gather(rows), p.Gather(rows), nil); math.Abs(a-b) > 1e-12 {
			t.Errorf("weighted %v, repeated %v", a, b)
		}
	})
}

func TestUnusableInputIsAnError(t *testing.T) {
	eachMetric(t, func(t *testing.T, m Metric, y *dataset.Column, p *dataset.Frame) {
		for name, in := range map[string]struct {
			y *dataset.Column
			p *dataset.Frame
			w []float64
		}{
			"no rows":      {y.Slice(0, 0), p.Slice(0, 0), nil},
			"lengths":      {y, p.Slice(0, 3), nil},
			"weights":      {y, p, []float64{1}},
			"bad weight":   {y, p, append(make([]float64, 59), math.NaN())},
			"no columns":   {y, dataset.MustFrame(60), nil},
			"words":        {y, dataset.MustFrame(60, y.Rename("p"), y.Rename("q"), y.Rename("r")), nil},
			"wrong target": {dataset.NewNumeric("y", make([]float64, 60)), p, nil},
		} {
			if name == "wrong target" && y.Kind == dataset.Numeric {
				continue
			}
			if _, err := m.Score(in.y, in.p, in.w); err == nil {
				t.Errorf("%s: no error", name)
			}
		}
	})
}

// slowAUC counts pairs.
func slowAUC(y []int32, score []float64) float64 {
	won, pairs := 0.0, 0.0
	for i := range y {
		for j := range y {
			if y[i] == 1 && y[j] == 0 {
				pairs++
				switch {
				case score[i] > score[j]:
					won++
				case score[i] == score[j]:
					won += 0.5
				}
			}
		}
	}
	return won / pairs
}

func TestAUCAgreesWithCountingPairs(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for _, n := range []int{2, 10, 500, 6000} {
		y, score, w := make([]int32, n), make([]float64, n), make([]float64, n)
		for i := range y {
			y[i] = int32(i % 2)
			score[i] = math.Round(rng.NormFloat64()*float64(n)) / 7
			w[i] = 1
		}
		score[0] = math.Copysign(0, -1)
		want := slowAUC(y, score)
		got, err := auc(y, score, nil, 1, -1)
		withWeights, err2 := auc(y, score, w, 1, -1)
		if err != nil || err2 != nil || math.Abs(got-want) > 1e-12 || math.Abs(withWeights-want) > 1e-9 {
			t.Errorf("n=%d: %v and %v weighted, want %v", n, got, withWeights, want)
		}
	}
}

func TestAUCOnlyDependsOnRanks(t *testing.T) {
	y, p := sample(dataset.Binary, 300, 9)
	s := p.Col(1).Float
	for name, f := range map[string]func(float64) float64{"exp": math.Exp, "cube": func(v float64) float64 { return v*v*v - 5 }} {
		moved := make([]float64, len(s))
		for i, v := range s {
			moved[i] = f(v)
		}
		q := frame(y.Levels, [][]float64{moved, moved})
		for _, metric := range []string{"roc_auc", "average_precision"} {
			m, _ := ByName(metric)
			if a, b := mustScore(t, m, y, p, nil), mustScore(t, m, y, q, nil); a != b {
				t.Errorf("%s of %s: %v became %v", metric, name, a, b)
			}
		}
	}
}

// TestArgmaxTakesTheFirst as numpy does: a probability of exactly a half is the negative class.
func TestArgmaxTakesTheFirst(t *testing.T) {
	y := dataset.NewCategorical("y", []int32{0, 1}, []string{"a", "b"})
	m, _ := ByName("recall")
	if v := mustScore(t, m, y, frame(y.Levels, [][]float64{{0.5, 0.5}, {0.5, 0.5}}), nil); v != 0 {
		t.Errorf("recall %v", v)
	}
}

func TestBinaryMetricsPointToOthers(t *testing.T) {
	y, p := sample(dataset.Multiclass, 30, 1)
	for _, name := range []string{"f1", "precision", "recall", "average_precision"} {
		m, _ := ByName(name)
		if _, err := m.Score(y, p, nil); err == nil || !strings.Contains(err.Error(), "f1_macro") {
			t.Errorf("%s of three classes: %v", name, err)
		}
	}
}

func TestByName(t *testing.T) {
	if _, err := ByName("auc"); err == nil || len(err.Error()) > 300 {
		t.Errorf("error %v", err)
	}
	for _, task := range []dataset.Task{dataset.Binary, dataset.Multiclass, dataset.Regression} {
		if !Default(task).Serves(task) {
			t.Errorf("the default of %s does not serve it", task)
		}
	}
}

func BenchmarkROCAUC1M(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 5))
	y, score, w := make([]int32, 1_000_000), make([]float64, 1_000_000), make([]float64, 1_000_000)
	for i := range y {
		y[i] = int32(rng.IntN(2))
		score[i] = rng.Float64() + 0.1*float64(y[i])
		w[i] = 1 + rng.Float64()
	}
	for name, weights := range map[string][]float64{"equal": nil, "weighted": w} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := auc(y, score, weights, 1, -1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkROCAUC100(b *testing.B) {
	y, p := sample(dataset.Binary, 100, 1)
	m := Default(dataset.Binary)
	for b.Loop() {
		if _, err := m.Score(y, p, nil); err != nil {
			b.Fatal(err)
		}
	}
}

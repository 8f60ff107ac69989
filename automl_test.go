package automl_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/catalog"
)

func table(t testing.TB, path string) (dataset.Sample, *dataset.Schema) {
	t.Helper()
	tb, err := dataset.Read(context.Background(), path, dataset.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, schema, err := tb.Sample(dataset.SampleOptions{Target: "target"})
	if err != nil {
		t.Fatal(err)
	}
	return s, schema
}

// brief is opt; with -short it is a search of fewer and simpler pipelines: the race detector makes minutes of seconds, and what a search
// does side by side can be seen in them as well. Boosting, the slowest by far, has its own tests of many threads.
func brief(opt automl.Options) automl.Options {
	if testing.Short() {
		opt.Evaluations, opt.Operators, opt.Config = min(opt.Evaluations, 4+opt.Evaluations/8), quick(), ""
	}
	return opt
}

// quick is a search space of operators that are fitted at once.
func quick() []*operators.Spec {
	names := []string{"DummyClassifier", "DummyRegressor", "GaussianNB", "LogisticRegression", "DecisionTreeClassifier", "Ridge", "DecisionTreeRegressor", "StandardScaler", "PCA", "SelectPercentile"}
	return slices.DeleteFunc(catalog.All(), func(s *operators.Spec) bool { return !slices.Contains(names, s.Name) })
}

// TestSameModelForAnyNumberOfWorkers: with a number of evaluations as the limit the model file is the same to the byte.
func TestSameModelForAnyNumberOfWorkers(t *testing.T) {
	s, schema := table(t, "testdata/iris.csv")
	evaluations, others := 40, []int{1, 2, 8}
	if testing.Short() { // other tests are brief, this one looks at more kinds of operators
		evaluations, others = 10, []int{8}
	}
	run := func(workers int) []byte {
		m, err := automl.Train(context.Background(), s, automl.Options{Evaluations: evaluations, Population: 15, Seed: 7, Workers: workers, Schema: schema, Config: "light"})
		if err != nil {
			t.Fatal(err)
		}
		data, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	want := run(1)
	for _, workers := range others {
		if !bytes.Equal(run(workers), want) {
			t.Errorf("%d workers give another file", workers)
		}
	}
}

func TestSavedModelPredictsTheSame(t *testing.T) {
	for _, path := range []string{"testdata/iris.csv", "testdata/diabetes.csv"} {
		s, schema := table(t, path)
		opt := brief(automl.Options{Evaluations: 25, Holdout: 0.2, Schema: schema, Config: "light"})
		m, err := automl.Train(context.Background(), s, opt)
		if err != nil {
			t.Fatal(err)
		}
		if m.Score.Holdout == nil || m.Search.Evaluated != opt.Evaluations || len(m.Front) == 0 {
			t.Errorf("%s: holdout %v, evaluated %d, front %d", path, m.Score.Holdout, m.Search.Evaluated, len(m.Front))
		}
		file := filepath.Join(t.TempDir(), "m.automl")
		if err := m.Save(file); err != nil {
			t.Fatal(err)
		}
		back, err := automl.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		x, y, err := dataset.ReadAs(context.Background(), path, back.Schema, dataset.ReadOptions{})
		if err != nil || y == nil {
			t.Fatal(err)
		}
		a, err := m.Predict(context.Background(), s.X)
		if err != nil {
			t.Fatal(err)
		}
		b, err := back.Predict(context.Background(), x)
		if err != nil {
			t.Fatal(err)
		}
		for j := range a.Cols() {
			for i, v := range a.Col(j).Float {
				if b.Col(j).Float[i] != v {
					t.Fatalf("%s: row %d: %v became %v", path, i, v, b.Col(j).Float[i])
				}
			}
		}
		if score, err := back.Evaluate(context.Background(), x, y, m.Metric); err != nil || score == 0 {
			t.Errorf("%s: score %v, %v", path, score, err)
		}
	}
}

// smallModel is the file of a model with its record, made once for all tests.
func smallModel(t testing.TB) []byte {
	t.Helper()
	data, err := madeOnce()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

var madeOnce = sync.OnceValues(func() ([]byte, error) {
	table, err := dataset.Read(context.Background(), "testdata/iris.csv", dataset.ReadOptions{})
	if err != nil {
		return nil, err
	}
	s, schema, err := table.Sample(dataset.SampleOptions{Target: "target"})
	if err != nil {
		return nil, err
	}
	m, err := automl.Train(context.Background(), s, automl.Options{Evaluations: 4, Single: true, Schema: schema, Config: "fast"})
	if err != nil {
		return nil, err
	}
	return m.Encode()
})

func TestDamagedModelFilesAreErrors(t *testing.T) {
	data := smallModel(t)
	for n := range data {
		if _, err := automl.Decode(data[:n]); err == nil {
			t.Fatalf("%d of %d bytes were taken for a model", n, len(data))
		}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for range 500 {
		bad := bytes.Clone(data)
		bad[rng.IntN(len(bad))] ^= byte(1 + rng.IntN(255))
		if _, err := automl.Decode(bad); err == nil {
			t.Fatal("a damaged file was taken for a model")
		}
	}
	newer := bytes.Clone(data)
	binary.LittleEndian.PutUint32(newer[len("automl model\n"):], 99)
	if _, err := automl.Decode(newer); err == nil || !strings.Contains(err.Error(), "99") {
		t.Errorf("a newer version gives %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(smallModel(f))
	f.Fuzz(func(_ *testing.T, data []byte) {
		_, _ = automl.Decode(data)
	})
}

func TestTimeIsKept(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED with -short: it measures time; other tests search with a limit of time side by side")
	}
	s, schema := table(t, "testdata/breast_cancer.csv")
	for _, budget := range []time.Duration{600 * time.Millisecond, 2 * time.Second} {
		start := time.Now()
		m, err := automl.Train(context.Background(), s, automl.Options{Time: budget, Workers: 2, Schema: schema})
		took := time.Since(start)
		if err != nil {
			t.Fatal(err)
		}
		if slack := 500 * time.Millisecond; took > budget+slack {
			t.Errorf("a budget of %v took %v", budget, took)
		}
		if m.Search.Evaluated == 0 {
			t.Error("nothing was evaluated")
		}
	}
}

func TestCancelKeepsTheBestSoFar(t *testing.T) {
	s, schema := table(t, "testdata/breast_cancer.csv")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	m, err := automl.Train(ctx, s, automl.Options{Evaluations: 100_000, Schema: schema, Observe: func(e gp.Event) {
		if e.Evaluated == 5 {
			cancel()
		}
	}})
	if err != nil || m.Search.Evaluated < 5 {
		t.Errorf("%v, %v", m, err)
	}
	cancelled, stop := context.WithCancel(context.Background())
	stop()
	if _, err := automl.Train(cancelled, s, automl.Options{Evaluations: 10, Schema: schema}); !errors.Is(err, automl.ErrNothingWorked) {
		t.Errorf("cancelled at once: %v", err)
	}
}

func TestBadOptions(t *testing.T) {
	s, _ := table(t, "testdata/iris.csv")
	for name, opt := range map[string]automl.Options{
		"metric":         {Metric: "roc"},
		"metric of task": {Metric: "rmse"},
		"folds":          {Folds: 1},
		"holdout":        {Holdout: 2},
		"time":           {Time: -1},
		"config":         {Config: "everything"},
		"template":       {Template: "Nothing-Classifier"},
		"start":          {Start: []string{"Nothing(input)"}},
	} {
		if _, err := automl.Train(context.Background(), s, opt); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestTemplateAndStart(t *testing.T) {
	s, schema := table(t, "testdata/iris.csv")
	m, err := automl.Train(context.Background(), s, automl.Options{Evaluations: 15, Schema: schema, Template: "PCA-Classifier", Single: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Members) != 1 || !strings.Contains(m.Members[0].Pipeline, "(PCA(input") {
		t.Errorf("the template gave %v", m.Members)
	}
	first := ""
	_, err = automl.Train(context.Background(), s, automl.Options{Evaluations: 3, Schema: schema, Start: []string{"GaussianNB(MinMaxScaler(input))"},
		Observe: func(e gp.Event) {
			if e.Individual.ID == 0 {
				first = e.Individual.Tree.String()
			}
		}})
	if err != nil || !strings.HasPrefix(first, "GaussianNB(MinMaxScaler(input") {
		t.Errorf("the first tree is %q, %v", first, err)
	}
}

// TestHandMadeSample: a table made by hand needs no schema; groups, weights, categories and holes are taken as they come.
func TestHandMadeSample(t *testing.T) {
	s, _ := table(t, "testdata/diabetes.csv")
	s.W, s.Group = make([]float64, s.Rows()), make([]int32, s.Rows())
	codes := make([]int32, s.Rows())
	for i := range s.W {
		s.W[i], s.Group[i], codes[i] = float64(1+i%2), int32(i/3), int32(i%4)-1
	}
	s.X = s.X.With(dataset.NewCategorical("kind", codes, []string{"a", "b", "c"}))
	m, err := automl.Train(context.Background(), s, brief(automl.Options{Evaluations: 12, Metric: "mae", Config: "light"}))
	if err != nil {
		t.Fatal(err)
	}
	if p, err := m.Predict(context.Background(), s.X.Slice(0, 3)); err != nil || p.Rows() != 3 {
		t.Errorf("%v, %v", p, err)
	}
	if m.Score.CV > 60 {
		t.Errorf("mean absolute error %.1f", m.Score.CV)
	}
}

func TestSaveIsAllOrNothing(t *testing.T) {
	m, err := automl.Decode(smallModel(t))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := m.Save(filepath.Join(dir, "no", "such", "folder")); err == nil {
		t.Error("saving to nowhere gives no error")
	}
	if err := m.Save(filepath.Join(dir, "m")); err != nil {
		t.Fatal(err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("%d files were left behind", len(entries))
	}
}

// TestHoldoutHasRareClasses: a class of a few rows lies on both sides of the holdout, and the share is what was asked for.
func TestHoldoutHasRareClasses(t *testing.T) {
	const n = 400
	x, codes := make([]float64, n), make([]int32, n)
	for i := range x {
		x[i] = float64(i % 37)
		if i%40 == 0 {
			codes[i] = 1
		}
	}
	s := dataset.Sample{X: dataset.MustFrame(n, dataset.NewNumeric("x", x)), Y: dataset.NewCategorical("y", codes, []string{"no", "yes"})}
	for seed := range uint64(5) {
		m, err := automl.Train(context.Background(), s, automl.Options{Evaluations: 2, Holdout: 0.2, Seed: seed + 1, Config: "fast"})
		if err != nil {
			t.Fatal(err)
		}
		if m.Score.Holdout == nil { // ROC-AUC is not defined on one class
			t.Errorf("seed %d: the holdout has one class", seed+1)
		}
		if kept := m.Record.Quality.Rows; kept != n*8/10 {
			t.Errorf("seed %d: %d rows were searched with, want %d", seed+1, kept, n*8/10)
		}
	}
}

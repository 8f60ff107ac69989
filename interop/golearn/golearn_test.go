package golearn_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sjwhitworth/golearn/base"
	"github.com/sjwhitworth/golearn/naive"
	"github.com/sjwhitworth/golearn/trees"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/interop/golearn"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
	"github.com/lren-chuv/automl/operators/preprocess"
	"github.com/lren-chuv/automl/operators/tree"
)

var (
	id3   = golearn.Spec("ID3", func() base.Classifier { return trees.NewID3DecisionTree(0) })
	bayes = golearn.BinarySpec("BinaryBayes", func() base.Classifier { return naive.NewBernoulliNBClassifier() })
)

const unstorable = "golearn's classifiers cannot be written down"

func TestConformance(t *testing.T) {
	operatortest.Run(t, id3, operatortest.Exempt{
		"cancel":     "golearn cannot be interrupted",
		"encode":     unstorable,
		"repeatable": "golearn breaks ties in the order of a Go map",
		"baseline":   "golearn's ID3 splits on an attribute only once along a path, too little for few attributes",
	})
	operatortest.Run(t, bayes, operatortest.Exempt{
		"cancel": "golearn cannot be interrupted",
		"encode": unstorable,
	})
}

func TestThereAndBack(t *testing.T) {
	want := dataset.Sample{
		X: dataset.MustFrame(3, dataset.NewNumeric("x", []float64{1.25, -7, math.Inf(1)}),
			dataset.NewNumeric("y", []float64{0, 1, 2})),
		Y: dataset.NewCategorical("class", []int32{1, 0, 1}, []string{"a", "b"}),
	}
	g, err := golearn.ToInstances(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := golearn.FromInstances(g)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(got.X.Col(0).Float, got.X.Col(1).Float, got.Y.Code, got.Y.Levels, got.Y.Name) !=
		fmt.Sprint(want.X.Col(0).Float, want.X.Col(1).Float, want.Y.Code, want.Y.Levels, want.Y.Name) {
		t.Errorf("%+v", got)
	}
	g, err = golearn.ToGrid(want.X.With(want.Y))
	if err != nil {
		t.Fatal(err)
	}
	f, err := golearn.FromGrid(g)
	if err != nil || f.Cols() != 3 {
		t.Errorf("%v %v", f, err)
	}
	if _, err := golearn.FromInstances(g); err == nil {
		t.Error("no class attribute, no error")
	}
}

// TestValuesAreSorted: golearn numbers values by first appearance.
func TestValuesAreSorted(t *testing.T) {
	g := base.NewDenseInstances()
	class, flag := base.NewCategoricalAttribute(), base.NewBinaryAttribute("flag")
	class.SetName("class")
	at, flagAt := g.AddAttribute(class), g.AddAttribute(flag)
	if err := g.AddClassAttribute(class); err != nil {
		t.Fatal(err)
	}
	if err := g.Extend(3); err != nil {
		t.Fatal(err)
	}
	for i, v := range []string{"z", "m", "z"} {
		g.Set(at, i, class.GetSysValFromString(v))
		g.Set(flagAt, i, []byte{byte(i % 2)})
	}
	s, err := golearn.FromInstances(g)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(s.Y.Code, s.Y.Levels, s.X.Col(0).Float); got != "[1 0 1] [m z] [0 1 0]" {
		t.Error(got)
	}
	g.Set(at, 1, base.PackU64ToBytes(9))
	if _, err := golearn.FromInstances(g); err == nil {
		t.Error("a value that does not exist is no error")
	}
}

func TestWhatGolearnCannotHold(t *testing.T) {
	x := dataset.NewNumeric("x", []float64{1})
	for name, f := range map[string]*dataset.Frame{
		"no columns":  dataset.MustFrame(1),
		"same names":  dataset.MustFrame(1, x, x),
		"missing":     dataset.MustFrame(1, dataset.NewNumeric("x", []float64{math.NaN()})),
		"no category": dataset.MustFrame(1, dataset.NewCategorical("c", []int32{-1}, []string{"a"})),
	} {
		if g, err := golearn.ToGrid(f); err == nil {
			t.Errorf("%s: %v", name, g)
		}
	}
}

// step is a task that one split solves and a constant does not.
func step(n int) dataset.Sample {
	rng := rand.New(rand.NewPCG(1, 2))
	a, b, y := make([]float64, n), make([]float64, n), make([]int32, n)
	for i := range y {
		a[i], b[i] = rng.NormFloat64(), rng.NormFloat64()
		if a[i] > 0.3 {
			y[i] = 1
		}
	}
	return dataset.Sample{X: dataset.MustFrame(n, dataset.NewNumeric("a", a), dataset.NewNumeric("b", b)),
		Y: dataset.NewCategorical("y", y, []string{"below", "above"})}
}

func TestSearchWithGolearn(t *testing.T) {
	model, err := automl.Train(context.Background(), step(300), automl.Options{
		Evaluations: 6, Metric: "accuracy", Folds: 3,
		Operators: []*operators.Spec{id3, preprocess.StandardScaler},
	})
	if err != nil {
		t.Fatal(err)
	}
	fresh := step(500).Slice(300, 500)
	score, err := model.Evaluate(context.Background(), fresh.X, fresh.Y, "accuracy")
	if err != nil || score < 0.95 {
		t.Errorf("accuracy %v, %v", score, err)
	}
	dir := t.TempDir()
	if err := model.Save(filepath.Join(dir, "m")); err == nil || !strings.Contains(err.Error(), "ID3 cannot be written to a model file") {
		t.Errorf("saving gives %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%s was written", left[0].Name())
	}
	if _, err := id3.Decode([]byte{0x80}); err == nil {
		t.Error("something was decoded")
	}
}

// TestSavedWithoutGolearn: a search that golearn took part in saves its model if no member of it is golearn's.
func TestSavedWithoutGolearn(t *testing.T) {
	s := step(200)
	model, err := automl.Train(context.Background(), s, automl.Options{
		Evaluations: 3, Folds: 3, Start: []string{"DecisionTreeClassifier(input, max_depth=2)"}, Single: true, Metric: "log_loss",
		Operators: []*operators.Spec{bayes, tree.DecisionTreeClassifier, preprocess.StandardScaler},
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "m")
	if err := model.Save(path); err != nil {
		t.Fatal(err)
	}
	if _, err := automl.Load(path); err != nil {
		t.Error(err)
	}
}

package linear

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

var all = []*operators.Spec{DummyClassifier, DummyRegressor, LogisticRegression, LinearRegression, Ridge, RidgeCV, ElasticNet, ElasticNetCV, Lasso, LassoCV, Lars, LassoLars, LassoLarsCV, LassoLarsIC, BayesianRidge, ARDRegression, HuberRegressor, OrthogonalMatchingPursuit, TweedieRegressor, QuantileRegressor, RidgeClassifier, LinearSVC, LinearSVR,
	SGDClassifier, SGDRegressor, Perceptron, PassiveAggressiveClassifier, PassiveAggressiveRegressor, TheilSenRegressor, RANSACRegressor}

func TestConformance(t *testing.T) {
	for _, spec := range all {
		operatortest.Run(t, spec, exempt[spec.Name])
	}
}

func TestGolden(t *testing.T) {
	for _, spec := range all {
		if reason := noGolden[spec.Name]; reason != "" {
			continue
		}
		opt := golden[spec.Name]
		if opt.Attributes == nil {
			opt.Attributes = attributes
		}
		operatortest.Golden(t, spec, opt)
	}
}

// TestGoldenGiven covers the cases whose parameters a number cannot say: the operator is changed after New.
func TestGoldenGiven(t *testing.T) {
	for _, tt := range []struct {
		spec   *operators.Spec
		name   string
		drop   string
		change func(operators.Operator) operators.Operator
	}{
		{LogisticRegression, "class_weight dict", `class_weight={"0":3.0,"1":0.5}`, func(op operators.Operator) operators.Operator {
			o := op.(logistic)
			o.given = []float64{3, 0.5}
			return o
		}},
		{RidgeCV, "grid", grid, wideGrid},
		{RidgeCV, "collinear", grid, wideGrid},
		{RidgeCV, "cv=5", grid, wideGrid},
		{RidgeCV, "sample_weight", grid, wideGrid},
		{LassoCV, "given alphas", "alphas=[1.0,0.1,0.01]", func(op operators.Operator) operators.Operator {
			o := op.(elasticNetCV)
			o.alphas = []float64{1, 0.1, 0.01}
			return o
		}},
		{ElasticNetCV, "l1_ratio list", "l1_ratio=[0.1,0.5,0.9,1.0]", func(op operators.Operator) operators.Operator {
			o := op.(elasticNetCV)
			o.ratios = []float64{0.1, 0.5, 0.9, 1}
			return o
		}},
	} {
		spec := *tt.spec
		spec.New = func(values []float64) (operators.Operator, error) {
			op, err := tt.spec.New(values)
			if err != nil {
				return nil, err
			}
			return tt.change(op), nil
		}
		opt := golden[spec.Name]
		opt.Attributes = attributes
		opt.Skip = allBut(t, spec.Name, tt.name)
		opt.Params = map[string]string{tt.drop: ""}
		operatortest.Golden(t, &spec, opt)
	}
}

// allBut names every case of a golden file but one.
func allBut(t *testing.T, file, name string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile("../../testdata/golden/operators/" + file + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct{ Case string }
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	skip := map[string]string{}
	for _, c := range cases {
		if c.Case != name {
			skip[c.Case] = "not this one"
		}
	}
	return skip
}

// noGolden names operators that no numbers were recorded for; each has a test of its own.
var noGolden = map[string]string{"DummyClassifier": "TestDummy", "DummyRegressor": "TestDummy", "LassoLarsIC": "TestInformationCriterion", "OrthogonalMatchingPursuit": "TestPursuit", "RANSACRegressor": "TestRANSAC", "TweedieRegressor": "TestGLM", "QuantileRegressor": "TestQuantile",
	"RidgeCV": "TestGoldenGiven: its alphas are a list"}

const given = "compared in TestGoldenGiven"

const positional = "folds are consecutive parts of all rows, as scikit-learn's, so dropping rows moves them"

var exempt = map[string]operatortest.Exempt{
	"LassoCV":           {"zero-weight": positional},
	"ElasticNetCV":      {"zero-weight": positional},
	"LassoLarsCV":       {"zero-weight": positional},
	"QuantileRegressor": {"baseline": "scikit-learn's default alpha=1 leaves nothing but the intercept"},
}

var golden = map[string]operatortest.GoldenOptions{
	"LogisticRegression": {Skip: map[string]string{"class_weight dict": given}},
	"LinearRegression":   {Loosen: map[string]float64{"rank deficient": 1e-6}},
	"LassoCV":            {Skip: map[string]string{"given alphas": given}},
	"ElasticNetCV":       {Skip: map[string]string{"l1_ratio list": given, "TPOT tol=0.1": "tol has no effect: the path is always solved to its optimum, where scikit-learn stops far from it"}},
	"LinearSVC": {Outputs: decisions, Skip: map[string]string{
		"crammer_singer":           "not offered: one against the rest is what TPOT uses",
		"l1 dual is not supported": "there is one optimum, whatever dual says, so this combination works",
	}},
	"RidgeClassifier":             {Outputs: decisions},
	"SGDClassifier":               {Outputs: decisions},
	"Perceptron":                  {Outputs: decisions},
	"PassiveAggressiveClassifier": {Outputs: decisions},
}

// decisions are scikit-learn's decision_function.
func decisions(f operators.Fitted, x *dataset.Frame) map[string][]float64 {
	p := f.(*planes)
	out := make([]float64, x.Rows()*len(p.Intercept))
	for r, b := range p.Intercept {
		s, err := scores(x, p.row(r), b)
		if err != nil {
			panic(err)
		}
		for i, v := range s {
			out[i*len(p.Intercept)+r] = v
		}
	}
	return map[string][]float64{"decision_function": out}
}

const grid = "alphas=[0.001,0.01,0.1,1.0,10.0,100.0,1000.0]"

func wideGrid(op operators.Operator) operators.Operator {
	o := op.(ridgeCV)
	o.alphas = []float64{0.001, 0.01, 0.1, 1, 10, 100, 1000}
	return o
}

// attributes are scikit-learn's fitted values of the models that have coefficients.
func attributes(f operators.Fitted) map[string][]float64 {
	coef, intercept := f.(interface {
		Coefficients() ([][]float64, []float64)
	}).Coefficients()
	out := map[string][]float64{"coef_": slices.Concat(coef...), "intercept_": intercept}
	if l, ok := f.(*line); ok && l.Alpha > 0 {
		out["alpha_"] = []float64{l.Alpha}
		if l.Ratio > 0 {
			out["l1_ratio_"] = []float64{l.Ratio}
		}
		if l.Score != 0 {
			out["best_score_"] = []float64{l.Score}
		}
	}
	if l, ok := f.(*line); ok && l.Alpha == 0 && l.Score > 0 {
		out["scale_"] = []float64{l.Score}
	}
	return out
}

// TestLassoOfRepeatedColumns: where columns repeat each other weight may wander between them without end; the path must
// end all the same, and predict as if each stood there once.
func TestLassoOfRepeatedColumns(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 5))
	const n, p = 200, 12
	once, y := make([]*dataset.Column, p), make([]float64, n)
	for j := range once {
		v := make([]float64, n)
		for i := range v {
			v[i] = math.Round(2 * rng.NormFloat64())
			y[i] += v[i] * float64(j%4)
		}
		once[j] = dataset.NewNumeric(strconv.Itoa(j), v)
	}
	for i := range y {
		y[i] += rng.NormFloat64()
	}
	predict := func(cols []*dataset.Column) []float64 {
		s := dataset.Sample{X: dataset.MustFrame(n, cols...), Y: dataset.NewNumeric("y", y)}
		op, err := LassoCV.New(LassoCV.Defaults())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		f, err := op.Fit(ctx, operators.NewEnv(1, 1), s)
		if err != nil {
			t.Fatalf("%d columns: %v", len(cols), err)
		}
		out, err := f.Apply(ctx, operators.NewEnv(1, 1), s.X)
		if err != nil {
			t.Fatal(err)
		}
		return out.Col(0).Float
	}
	want, got := predict(once), predict(append(append(once[:p:p], once...), once...))
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-3 {
			t.Fatalf("row %d: %v with every column three times, %v with each once", i, got[i], want[i])
		}
	}
}

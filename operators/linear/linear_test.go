package linear

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

var all = []*operators.Spec{LogisticRegression, LinearRegression, Ridge, ElasticNet, Lasso, RidgeClassifier, LinearSVC, LinearSVR}

func TestConformance(t *testing.T) {
	for _, spec := range all {
		operatortest.Run(t, spec, exempt[spec.Name])
	}
}

func TestGolden(t *testing.T) {
	for _, spec := range all {
		operatortest.Golden(t, spec, golden[spec.Name])
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

const given = "compared in TestGoldenGiven"

var exempt = map[string]operatortest.Exempt{}

var golden = map[string]operatortest.GoldenOptions{
	"LogisticRegression": {Skip: map[string]string{"class_weight dict": given}},
	"LinearSVC": {Outputs: decisions, Skip: map[string]string{
		"crammer_singer":           "not offered: one against the rest is what TPOT uses",
		"l1 dual is not supported": "there is one optimum, whatever dual says, so this combination works",
	}},
	"RidgeClassifier": {Outputs: decisions},
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

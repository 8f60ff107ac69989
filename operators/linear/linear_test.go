package linear

import (
	"context"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

var all = []*operators.Spec{LogisticRegression, LinearRegression, Ridge, ElasticNet, Lasso}

func TestConformance(t *testing.T) {
	for _, spec := range all {
		operatortest.Run(t, spec, nil)
	}
}

func TestGolden(t *testing.T) {
	for _, spec := range all {
		operatortest.Golden(t, spec, golden[spec.Name])
	}
}

// golden lists what differs by choice; the reasons stand in testdata/golden/choices/linear.md too.
var golden = map[string]operatortest.GoldenOptions{
	"LogisticRegression": {Skip: map[string]string{
		"class_weight dict": "weights per class are given as sample weights",
		"ovr":               oneModel, "ovr C=25": oneModel, "l2 liblinear ovr": oneModel,
		"l1 liblinear": freeIntercept, "l1 liblinear C=0.01": freeIntercept, "l2 liblinear": freeIntercept, "l2 liblinear dual": freeIntercept,
	}},
	"LinearRegression": {Skip: map[string]string{"positive": "a parameter that is not offered"}},
}

const (
	oneModel      = "more than two classes are always one multinomial model"
	freeIntercept = "the intercept is never penalised, as liblinear does"
)

func BenchmarkLogistic450x30(b *testing.B) {
	s := operatortest.Table(&operators.Spec{}, dataset.Binary, 450, 30, 1)
	op, _ := LogisticRegression.New(LogisticRegression.Defaults())
	for b.Loop() {
		if _, err := op.Fit(context.Background(), operators.NewEnv(1, 1), s); err != nil {
			b.Fatal(err)
		}
	}
}

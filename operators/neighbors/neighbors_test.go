package neighbors

import (
	"context"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestConformance(t *testing.T) {
	operatortest.Run(t, KNeighborsClassifier, nil)
	operatortest.Run(t, KNeighborsRegressor, nil)
}

func TestGolden(t *testing.T) {
	operatortest.Golden(t, KNeighborsClassifier, golden)
	operatortest.Golden(t, KNeighborsRegressor, operatortest.GoldenOptions{})
}

var golden = operatortest.GoldenOptions{Skip: map[string]string{"chebyshev": "a metric that is not offered"}}

func BenchmarkApply(b *testing.B) {
	s := operatortest.Table(&operators.Spec{}, dataset.Binary, 450, 30, 1)
	op, _ := KNeighborsClassifier.New(KNeighborsClassifier.Defaults())
	f, err := op.Fit(context.Background(), operators.NewEnv(1, 1), s.Slice(0, 360))
	if err != nil {
		b.Fatal(err)
	}
	x := s.X.Slice(360, 450)
	for b.Loop() {
		if _, err := f.Apply(context.Background(), operators.NewEnv(1, 1), x); err != nil {
			b.Fatal(err)
		}
	}
}

package tree

import (
	"context"
	"fmt"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

// BenchmarkFit fits with default parameters on tables whose columns have been prepared by an earlier fit.
func BenchmarkFit(b *testing.B) {
	for _, spec := range []*operators.Spec{RandomForestClassifier, ExtraTreesClassifier, HistGradientBoostingClassifier, XGBClassifier, LGBMClassifier} {
		for _, size := range [][2]int{{450, 30}, {500, 20}, {10_000, 50}, {100_000, 30}} {
			if size[0] > 10_000 && spec != HistGradientBoostingClassifier {
				continue
			}
			b.Run(fmt.Sprintf("%s/%dx%d", spec.Name, size[0], size[1]), func(b *testing.B) {
				s := operatortest.Table(&operators.Spec{}, dataset.Binary, size[0], size[1], 1)
				s.W = nil
				op, _ := spec.New(spec.Defaults())
				fit := func() {
					if _, err := op.Fit(context.Background(), operators.NewEnv(1, 1), s); err != nil {
						b.Fatal(err)
					}
				}
				fit()
				for b.Loop() {
					fit()
				}
			})
		}
	}
}

package selection

import (
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

// BenchmarkSelectors fits and applies on one fold of a small table, again and again, as a search does.
func BenchmarkSelectors(b *testing.B) {
	for _, spec := range []*operators.Spec{SelectPercentile, SelectFwe, VarianceThreshold, SelectFromModel, ReliefF, MultiSURF} {
		b.Run(spec.Name, func(b *testing.B) {
			s := operatortest.Table(spec, dataset.Binary, 450, 30, 1)
			op, err := spec.New(spec.Defaults())
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				f, err := op.Fit(b.Context(), operators.NewEnv(1, 1), s)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := f.Apply(b.Context(), operators.NewEnv(1, 1), s.X); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Package bench measures what a search is made of: products and sums of histograms, every operator, whole searches.
//
//	go test -bench . ./bench/...
package bench_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/operators/operatortest"
)

// BenchmarkProduct multiplies two square matrices; a billion operations a second is 1 GFLOPS.
func BenchmarkProduct(b *testing.B) {
	const n = 512
	rng := rand.New(rand.NewPCG(1, 1))
	x, y := linalg.NewMatrix(n, n), linalg.NewMatrix(n, n)
	for i := range x.Data {
		x.Data[i], y.Data[i] = rng.NormFloat64(), rng.NormFloat64()
	}
	for b.Loop() {
		linalg.Mul(x, y)
	}
	b.ReportMetric(2*n*n*n*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOPS")
}

// BenchmarkOperators fits every operator of the catalogue with its defaults on 500 rows of 20 columns and applies it to
// them.
func BenchmarkOperators(b *testing.B) {
	for _, spec := range catalog.All() {
		task := dataset.Binary
		if !spec.Serves(task) {
			task = dataset.Regression
		}
		s := operatortest.Table(spec, task, 500, 20, 1)
		b.Run(spec.Name, func(b *testing.B) {
			for b.Loop() {
				fitAndApply(b, spec, s)
			}
		})
	}
}

func fitAndApply(b *testing.B, spec *operators.Spec, s dataset.Sample) {
	op, err := spec.New(spec.Defaults())
	if err != nil {
		b.Fatal(err)
	}
	fresh := s
	fresh.X = dataset.MustFrame(s.Rows(), s.X.Columns()...) // the columns keep what was derived from them, as in a search
	model, err := op.Fit(context.Background(), operators.NewEnv(1, 1), fresh)
	if err == nil {
		_, err = model.Apply(context.Background(), operators.NewEnv(1, 1), fresh.X)
	}
	if err != nil {
		b.Skipf("%s: %v", spec.Name, err)
	}
}

// BenchmarkSearch evaluates 100 pipelines on breast_cancer with one worker.
func BenchmarkSearch(b *testing.B) {
	table, err := dataset.Read(context.Background(), "../testdata/breast_cancer.csv", dataset.ReadOptions{})
	if err != nil {
		b.Fatal(err)
	}
	s, schema, err := table.Sample(dataset.SampleOptions{Target: "target"})
	if err != nil {
		b.Fatal(err)
	}
	const evaluations = 100
	for b.Loop() {
		if _, err := automl.Train(context.Background(), s, automl.Options{Evaluations: evaluations, Workers: 1, Schema: schema, NoExplain: true}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(evaluations*float64(b.N)/b.Elapsed().Seconds(), "pipelines/s")
}

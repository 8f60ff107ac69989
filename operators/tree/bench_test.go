package tree

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// benchTable is a table of n rows and p numeric columns that is hard to learn: a third of the columns are normal, a
// third are skewed and rounded to three digits, a third hold few values. The target has the given number of classes, 0
// for a numeric one. holes is the share of missing values.
func benchTable(n, p, classes int, holes float64) dataset.Sample {
	rng := rand.New(rand.NewPCG(11, uint64(n+p)))
	cols, signal := make([]*dataset.Column, p), make([]float64, n)
	for j := range cols {
		v := make([]float64, n)
		for i := range v {
			switch j % 3 {
			case 0:
				v[i] = rng.NormFloat64()
			case 1:
				v[i] = math.Round(1000*rng.ExpFloat64()) / 1000
			default:
				v[i] = float64(rng.IntN(4 + j))
			}
			switch {
			case j < 6:
				signal[i] += 0.5 * (v[i] - float64(j%3))
			case j < 9:
				signal[i] += math.Sin(2 * v[i])
			}
			if rng.Float64() < holes {
				v[i] = math.NaN()
			}
		}
		cols[j] = dataset.NewNumeric(fmt.Sprintf("x%d", j), v)
	}
	return dataset.Sample{X: dataset.MustFrame(n, cols...), Y: benchTarget(signal, classes, rng)}
}

func benchTarget(signal []float64, classes int, rng *rand.Rand) *dataset.Column {
	if classes == 0 {
		for i := range signal {
			signal[i] += rng.NormFloat64()
		}
		return dataset.NewNumeric("y", signal)
	}
	levels, codes := make([]string, classes), make([]int32, len(signal))
	for k := range levels {
		levels[k] = fmt.Sprintf("c%d", k)
	}
	for i, s := range signal {
		p := sigmoid(s - 1 + 0.5*rng.NormFloat64())
		codes[i] = int32(min(p*float64(classes), float64(classes-1)))
	}
	return dataset.NewCategorical("y", codes, levels)
}

// polynomials adds the squares and products of all columns.
func polynomials(s dataset.Sample) dataset.Sample {
	cols := append([]*dataset.Column(nil), s.X.Columns()...)
	for i, a := range s.X.Columns() {
		for _, b := range s.X.Columns()[i:] {
			v := make([]float64, s.Rows())
			for r := range v {
				v[r] = a.Float[r] * b.Float[r]
			}
			cols = append(cols, dataset.NewNumeric(a.Name+" "+b.Name, v))
		}
	}
	s.X = dataset.MustFrame(s.Rows(), cols...)
	return s
}

// cpu is the processor time that the process has used so far.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// benchFit fits with default parameters, on columns that an earlier fit has prepared, and reports the processor time.
func benchFit(b *testing.B, spec *operators.Spec, s dataset.Sample, threads int) {
	benchWith(b, spec, nil, s, threads)
}

// benchWith is benchFit with other values for some parameters.
func benchWith(b *testing.B, spec *operators.Spec, with map[string]float64, s dataset.Sample, threads int) {
	v := spec.Defaults()
	for j, p := range spec.Params {
		if x, ok := with[p.Name]; ok {
			v[j] = x
		}
	}
	op, err := spec.New(v)
	if err != nil {
		b.Fatal(err)
	}
	fit := func() {
		env := operators.NewEnv(1, 1)
		env.Threads = threads
		if _, err := op.Fit(context.Background(), env, s); err != nil {
			b.Fatal(err)
		}
	}
	fit()
	b.ReportAllocs()
	start := cpu()
	for b.Loop() {
		fit()
	}
	b.ReportMetric(float64((cpu()-start).Microseconds())/1000/float64(b.N), "cpu-ms/op")
}

// BenchmarkHistSmall is boosting on what a search fits most: a few hundred rows.
func BenchmarkHistSmall(b *testing.B) {
	for _, spec := range []*operators.Spec{HistGradientBoostingClassifier, XGBClassifier, LGBMClassifier} {
		for _, size := range [][2]int{{455, 30}, {500, 20}, {1000, 60}, {300, 5}} {
			b.Run(fmt.Sprintf("%s/%dx%d", spec.Name, size[0], size[1]), func(b *testing.B) {
				benchFit(b, spec, benchTable(size[0], size[1], 2, 0), 1)
			})
		}
	}
	b.Run("5classes/500x20", func(b *testing.B) {
		benchFit(b, HistGradientBoostingClassifier, benchTable(500, 20, 5, 0), 1)
	})
	b.Run("missing/500x20", func(b *testing.B) {
		benchFit(b, HistGradientBoostingClassifier, benchTable(500, 20, 2, 0.3), 1)
	})
	b.Run("regression/500x20", func(b *testing.B) { benchFit(b, HistGradientBoostingRegressor, benchTable(500, 20, 0, 0), 1) })
}

// BenchmarkHistLarge is boosting where histograms pay.
func BenchmarkHistLarge(b *testing.B) {
	for _, size := range [][2]int{{10_000, 50}, {100_000, 30}} {
		s := benchTable(size[0], size[1], 2, 0)
		for _, threads := range []int{1, 2} {
			b.Run(fmt.Sprintf("%dx%d/threads=%d", size[0], size[1], threads), func(b *testing.B) {
				benchFit(b, HistGradientBoostingClassifier, s, threads)
			})
		}
	}
}

var exactSpecs = []*operators.Spec{
	RandomForestClassifier, ExtraTreesClassifier, RandomForestRegressor, ExtraTreesRegressor,
	GradientBoostingClassifier, AdaBoostClassifier, BaggingClassifier, DecisionTreeClassifier, DecisionTreeRegressor,
}

// BenchmarkExactSmall is exact trees on what a search fits most.
func BenchmarkExactSmall(b *testing.B) {
	for _, spec := range exactSpecs {
		classes := 2
		if spec.Role == operators.Regressor {
			classes = 0
		}
		s := benchTable(455, 29, classes, 0)
		b.Run(spec.Name+"/455x29", func(b *testing.B) { benchFit(b, spec, s, 1) })
		b.Run(spec.Name+"/455x464", func(b *testing.B) { benchFit(b, spec, polynomials(s), 1) })
	}
	b.Run("ExtraTreesClassifier/5classes/455x29", func(b *testing.B) { benchFit(b, ExtraTreesClassifier, benchTable(455, 29, 5, 0), 1) })
	b.Run("RandomForestClassifier/4classes/680x18", func(b *testing.B) { benchFit(b, RandomForestClassifier, benchTable(680, 18, 4, 0), 1) })
	b.Run("ExtraTreesClassifier/4classes/680x18", func(b *testing.B) { benchFit(b, ExtraTreesClassifier, benchTable(680, 18, 4, 0), 1) })
	b.Run("RandomForestRegressor/360x10", func(b *testing.B) { benchFit(b, RandomForestRegressor, benchTable(360, 10, 0, 0), 1) })
	b.Run("RandomForestClassifier/5classes/455x29", func(b *testing.B) { benchFit(b, RandomForestClassifier, benchTable(455, 29, 5, 0), 1) })
}

// BenchmarkExactEntropy is forests by the entropy that try most columns, as recorded pipelines have them.
func BenchmarkExactEntropy(b *testing.B) {
	with := map[string]float64{"criterion": 1, "max_features": 0.8, "bootstrap": 0}
	for _, spec := range []*operators.Spec{ExtraTreesClassifier, RandomForestClassifier} {
		for _, classes := range []int{2, 4} {
			b.Run(fmt.Sprintf("%s/%dclasses/455x29", spec.Name, classes), func(b *testing.B) {
				benchWith(b, spec, with, benchTable(455, 29, classes, 0), 1)
			})
		}
	}
}

// BenchmarkExactLarge is exact trees on 10,000 rows.
func BenchmarkExactLarge(b *testing.B) {
	for _, spec := range []*operators.Spec{RandomForestClassifier, ExtraTreesClassifier, GradientBoostingClassifier, AdaBoostClassifier} {
		b.Run(spec.Name+"/10000x50", func(b *testing.B) { benchFit(b, spec, benchTable(10_000, 50, 2, 0), 1) })
	}
	few := map[string]float64{"n_estimators": 10}
	b.Run("ExtraTreesRegressor/10trees/10000x50", func(b *testing.B) { benchWith(b, ExtraTreesRegressor, few, benchTable(10_000, 50, 0, 0), 1) })
	b.Run("ExtraTreesClassifier/5classes/10trees/10000x50", func(b *testing.B) { benchWith(b, ExtraTreesClassifier, few, benchTable(10_000, 50, 5, 0), 1) })
	few["bootstrap"] = 1
	b.Run("ExtraTreesClassifier/bootstrap/10trees/10000x50", func(b *testing.B) { benchWith(b, ExtraTreesClassifier, few, benchTable(10_000, 50, 2, 0), 1) })
}

// BenchmarkPredict is 100 boosted trees on 100,000 rows.
func BenchmarkPredict(b *testing.B) {
	s := benchTable(100_000, 30, 2, 0)
	op, err := HistGradientBoostingClassifier.New(HistGradientBoostingClassifier.Defaults())
	if err != nil {
		b.Fatal(err)
	}
	fitted, err := op.Fit(context.Background(), operators.NewEnv(1, 1), benchTable(10_000, 30, 2, 0))
	if err != nil {
		b.Fatal(err)
	}
	for _, rows := range []int{100, 100_000} {
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			x := s.X.Slice(0, rows)
			start := cpu()
			for b.Loop() {
				if _, err := fitted.Apply(context.Background(), operators.NewEnv(1, 1), x); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64((cpu()-start).Microseconds())/1000/float64(b.N), "cpu-ms/op")
		})
	}
}

// BenchmarkPredictExact is full trees on the rows that they were grown on.
func BenchmarkPredictExact(b *testing.B) {
	for _, spec := range exactSpecs {
		classes := 2
		if spec.Role == operators.Regressor {
			classes = 0
		}
		for _, size := range [][2]int{{400, 20}, {4000, 50}} {
			s := benchTable(size[0], size[1], classes, 0)
			b.Run(fmt.Sprintf("%s/%dx%d", spec.Name, size[0], size[1]), func(b *testing.B) {
				f := fitted(b, spec, s)
				start := cpu()
				for b.Loop() {
					if _, err := f.Apply(context.Background(), operators.NewEnv(1, 1), s.X); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64((cpu()-start).Microseconds())/1000/float64(b.N), "cpu-ms/op")
			})
		}
	}
}

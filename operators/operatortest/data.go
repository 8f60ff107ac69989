package operatortest

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// Table makes a sample of n rows for a task that can be learned: p numeric columns of which the first three matter
// (all non-negative if the operator asks for that), with missing values and categorical columns where spec takes them.
func Table(spec *operators.Spec, task dataset.Task, n, p int, seed uint64) dataset.Sample {
	rng := rand.New(rand.NewPCG(seed, 7))
	cols := make([]*dataset.Column, 0, p+2)
	signal := make([]float64, n)
	for j := range p {
		v := make([]float64, n)
		for i := range v {
			v[i] = rng.NormFloat64()
			if spec.Has(operators.NonNegative) {
				v[i] = math.Abs(v[i])
			}
			if j < 3 {
				signal[i] += v[i] * float64(3-j)
			}
			if spec.Has(operators.Missing) && j%2 == 1 && rng.Float64() < 0.1 {
				v[i] = math.NaN()
			}
		}
		cols = append(cols, dataset.NewNumeric(fmt.Sprintf("x%d", j), v))
	}
	if spec.Has(operators.Categories) {
		cols = append(cols, category(rng, n, "colour", []string{"blue", "green", "red"}, signal))
	}
	w := make([]float64, n)
	for i := range w {
		signal[i] += 0.3 * rng.NormFloat64()
		w[i] = 0.5 + rng.Float64()
	}
	return dataset.Sample{X: dataset.MustFrame(n, cols...), Y: target(task, signal), W: w}
}

func category(rng *rand.Rand, n int, name string, levels []string, signal []float64) *dataset.Column {
	codes := make([]int32, n)
	for i := range codes {
		codes[i] = int32(rng.IntN(len(levels)+1)) - 1
		signal[i] += float64(codes[i])
	}
	return dataset.NewCategorical(name, codes, levels)
}

// target cuts the signal into classes of similar size, or leaves it as it is.
func target(task dataset.Task, signal []float64) *dataset.Column {
	if task == dataset.Regression {
		return dataset.NewNumeric("y", signal)
	}
	mean := 0.0
	for _, v := range signal {
		mean += v / float64(len(signal))
	}
	levels := []string{"no", "yes"}
	if task == dataset.Multiclass {
		levels = []string{"a", "b", "c"}
	}
	codes := make([]int32, len(signal))
	for i, v := range signal {
		switch {
		case v > mean+2 && task == dataset.Multiclass:
			codes[i] = 2
		case v > mean && task == dataset.Binary, v > mean-2 && task == dataset.Multiclass:
			codes[i] = 1
		}
	}
	return dataset.NewCategorical("y", codes, levels)
}

func tasks(spec *operators.Spec) []dataset.Task {
	var out []dataset.Task
	for _, t := range []dataset.Task{dataset.Binary, dataset.Multiclass, dataset.Regression} {
		if spec.Serves(t) {
			out = append(out, t)
		}
	}
	return out
}

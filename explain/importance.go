package explain

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/operators"
)

// Importance is how much worse the model scores when the values of a feature are shuffled among the rows.
type Importance struct {
	Feature string
	Mean    float64 // increase of the loss, in units of the metric; about 0 or below: not used
	Std     float64 // over the permutations
	Lo, Hi  float64 // 95% confidence interval of the mean (Student's t); equal to the mean after one permutation
	Repeats int     // permutations it was computed from
}

// Permutation computes the permutation importance (Breiman 2001, Fisher et al. 2019) of every feature of s, in their
// order. The permutations depend on env alone. When ctx is done after some rounds of permutations, those are used; the
// error is for less than one.
func Permutation(ctx context.Context, env *operators.Env, m Model, s dataset.Sample, features []Feature, metric metrics.Metric, repeats int) ([]Importance, error) {
	p, err := m.Predict(ctx, s.X)
	if err != nil {
		return nil, err
	}
	base, err := metric.Score(s.Y, p, s.W)
	if err != nil {
		return nil, err
	}
	n := len(features)
	rise := make([]float64, n*repeats)
	for i := range rise {
		rise[i] = math.NaN()
	}
	err = env.Each(ctx, len(rise), func(i int, rng *rand.Rand) error {
		score, err := shuffled(ctx, rng, m, s, features[i%n], metric)
		if err == nil {
			rise[i] = metric.Loss(score) - metric.Loss(base)
		}
		return err
	})
	rounds := 0
	for rounds < repeats && !slices.ContainsFunc(rise[rounds*n:(rounds+1)*n], math.IsNaN) {
		rounds++
	}
	if rounds == 0 || err != nil && ctx.Err() == nil {
		return nil, err
	}
	out := make([]Importance, n)
	for f := range out {
		values := make([]float64, rounds)
		for r := range values {
			values[r] = rise[r*n+f]
		}
		out[f] = importance(features[f].Name, values)
	}
	return out, nil
}

// shuffled scores the model with one feature permuted.
func shuffled(ctx context.Context, rng *rand.Rand, m Model, s dataset.Sample, f Feature, metric metrics.Metric) (float64, error) {
	order := make([]int32, s.Rows())
	for i, r := range rng.Perm(len(order)) {
		order[i] = int32(r)
	}
	cols := make([]*dataset.Column, len(f.Cols))
	for k, j := range f.Cols {
		cols[k] = s.X.Col(j).Gather(order)
	}
	p, err := m.Predict(ctx, replace(s.X, f.Cols, cols))
	if err != nil {
		return 0, err
	}
	return metric.Score(s.Y, p, s.W)
}

// student is the 97.5% quantile of Student's t distribution with 1, 2, … degrees of freedom.
var student = [...]float64{12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086}

func importance(name string, values []float64) Importance {
	out := Importance{Feature: name, Repeats: len(values)}
	n := float64(len(values))
	for _, v := range values {
		out.Mean += v / n
	}
	out.Lo, out.Hi = out.Mean, out.Mean
	if len(values) < 2 {
		return out
	}
	for _, v := range values {
		out.Std += (v - out.Mean) * (v - out.Mean) / (n - 1)
	}
	out.Std = math.Sqrt(out.Std)
	t := 1.96
	if k := len(values) - 2; k < len(student) {
		t = student[k]
	}
	half := t * out.Std / math.Sqrt(n)
	out.Lo, out.Hi = out.Mean-half, out.Mean+half
	return out
}

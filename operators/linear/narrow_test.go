package linear

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

func wideSample(n, p, classes int) dataset.Sample {
	rng := rand.New(rand.NewPCG(3, 3))
	cols := make([]*dataset.Column, p)
	for j := range cols {
		v := make([]float64, n)
		for i := range v {
			v[i] = 5 + rng.NormFloat64()
		}
		cols[j] = dataset.NewNumeric(fmt.Sprint("x", j), v)
	}
	y := make([]int32, n)
	for i := range y {
		y[i] = int32(i % classes)
	}
	return dataset.Sample{X: dataset.MustFrame(n, cols...), Y: dataset.NewCategorical("y", y, []string{"a", "b", "c"}[:classes])}
}

// TestWideTablesReachTheOptimum: the rotated fit must be stationary for the loss on the columns themselves.
func TestWideTablesReachTheOptimum(t *testing.T) {
	for _, classes := range []int{2, 3} {
		s := wideSample(30, 160, classes)
		o := logistic{c: 0.5, l2: 1, basis: centred}
		f, err := o.Fit(context.Background(), operators.NewEnv(1, 1), s)
		if err != nil {
			t.Fatal(err)
		}
		coef, intercept := f.(*planes).Coefficients()
		for k := range coef {
			if g := stationarity(s, coef, intercept, k, o); g > 1e-5 {
				t.Errorf("%d classes, plane %d: the gradient is %g at the solution", classes, k, g)
			}
		}
	}
}

func seq(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// stationarity is the largest component of the gradient of the penalised loss by the weights of plane k.
func stationarity(s dataset.Sample, coef [][]float64, intercept []float64, k int, o logistic) float64 {
	worst := 0.0
	for j := 0; j < len(coef[k]); j += 40 { // a sample of the weights is enough for this slow check
		g := coef[k][j]
		for i, c := range s.Y.Code {
			score := make([]float64, len(coef))
			for r := range coef {
				score[r] = intercept[r]
				for q, b := range coef[r] {
					score[r] += b * s.X.Col(q).Float[i]
				}
			}
			p, own := 1/(1+math.Exp(-score[0])), float64(c)
			if len(coef) > 1 {
				sum := 0.0
				for r := range score {
					sum += math.Exp(score[r])
				}
				p, own = math.Exp(score[k])/sum, 0
				if int(c) == k {
					own = 1
				}
			}
			g += o.c * (p - own) * s.X.Col(j).Float[i]
		}
		worst = max(worst, math.Abs(g))
	}
	return worst
}

func BenchmarkLogisticWide(b *testing.B) {
	s := wideSample(50, 10_000, 2)
	o := logistic{c: 1, l2: 1, basis: centred}
	for b.Loop() {
		fresh := s
		fresh.X = s.X.Select(seq(s.X.Cols())...)
		if _, err := o.Fit(context.Background(), operators.NewEnv(1, 1), fresh); err != nil {
			b.Fatal(err)
		}
	}
}

// TestWideTablesAreQuick guards the way there: second derivatives by ten thousand weights would take minutes.
func TestWideTablesAreQuick(t *testing.T) {
	op, err := LogisticRegression.New(LogisticRegression.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := op.Fit(ctx, operators.NewEnv(1, 1), wideSample(50, 10_000, 2)); err != nil {
		t.Error(err)
	}
}

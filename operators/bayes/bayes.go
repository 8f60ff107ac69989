// Package bayes holds the naive Bayes classifiers: columns count as independent given the class.
package bayes

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// GaussianNB models every column by a normal distribution per class.
var GaussianNB = &operators.Spec{
	Name: "GaussianNB", Doc: "naive Bayes with normal columns", Role: operators.Classifier, Traits: operators.Weights,
	Params: []operators.Param{{Name: "var_smoothing", Scale: operators.Log, Lo: 1e-12, Hi: 1, Default: 1e-9}},
	New: func(v []float64) (operators.Operator, error) {
		if v[0] < 0 {
			return nil, fmt.Errorf("GaussianNB: var_smoothing=%g: want at least 0", v[0])
		}
		return gaussian{v[0]}, nil
	},
	Decode: operators.Decode[gaussianFit],
}

type gaussian struct{ smoothing float64 }

// gaussianFit holds means and variances, classes × columns.
type gaussianFit struct {
	Levels   []string
	Features int
	Prior    wire.Floats // 0 for classes without rows
	Mean     wire.Floats
	Var      wire.Floats
}

var errHuge = errors.New("columns with values beyond 1e150 cannot be used")

func (o gaussian) Fit(_ context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	p, k := s.X.Cols(), len(s.Y.Levels)
	if p == 0 {
		return nil, errors.New("GaussianNB: no columns to learn from")
	}
	f := &gaussianFit{Levels: s.Y.Levels, Features: p, Prior: make(wire.Floats, k), Mean: make(wire.Floats, k*p), Var: make(wire.Floats, k*p)}
	total := 0.0
	for i, c := range s.Y.Code {
		w := rowWeight(s, i)
		f.Prior[c] += w
		total += w
	}
	if !(total > 0) {
		return nil, errors.New("GaussianNB: all weights are zero")
	}
	widest := 0.0
	for j, c := range s.X.Columns() {
		v, err := f.column(s, c, j)
		if err != nil {
			return nil, fmt.Errorf("GaussianNB: %w", err)
		}
		widest = max(widest, v)
	}
	for i := range f.Var {
		f.Var[i] += o.smoothing * widest
		if f.Var[i] <= 0 {
			f.Var[i] = math.SmallestNonzeroFloat64 * 1e16
		}
	}
	for c := range f.Prior {
		f.Prior[c] /= total
	}
	return f, nil
}

func rowWeight(s dataset.Sample, i int) float64 {
	if s.W == nil {
		return 1
	}
	return s.W[i]
}

// column computes the moments of column j per class and returns its variance over all rows of positive weight.
func (f *gaussianFit) column(s dataset.Sample, c *dataset.Column, j int) (float64, error) {
	p := f.Features
	mean, n := 0.0, 0.0
	for i, v := range c.Float {
		if !(math.Abs(v) < 1e150) {
			return 0, errHuge
		}
		w := rowWeight(s, i)
		f.Mean[int(s.Y.Code[i])*p+j] += w * v
		if w > 0 {
			mean += v
			n++
		}
	}
	mean /= n
	for k, prior := range f.Prior {
		if prior > 0 {
			f.Mean[k*p+j] /= prior
		}
	}
	variance := 0.0
	for i, v := range c.Float {
		at := int(s.Y.Code[i])*p + j
		d, w := v-f.Mean[at], rowWeight(s, i)
		f.Var[at] += w * d * d
		if w > 0 {
			variance += (v - mean) * (v - mean) / n
		}
	}
	for k, prior := range f.Prior {
		if prior > 0 {
			f.Var[k*p+j] /= prior
		}
	}
	return variance, nil
}

func (f *gaussianFit) Check() error {
	k := len(f.Levels)
	if k == 0 || f.Features < 1 || len(f.Prior) != k || len(f.Mean) != k*f.Features || len(f.Var) != k*f.Features {
		return errors.New("GaussianNB: its arrays do not fit together")
	}
	for i, v := range f.Var {
		if !(v > 0) || math.IsInf(v, 0) || f.Mean[i]-f.Mean[i] != 0 {
			return errors.New("GaussianNB: a variance is not positive")
		}
	}
	return checkPrior("GaussianNB", f.Prior)
}

func checkPrior(name string, prior []float64) error {
	any := false
	for _, v := range prior {
		if !(v >= 0 && v <= 1) {
			return fmt.Errorf("%s: a prior is %v", name, v)
		}
		any = any || v > 0
	}
	if !any {
		return fmt.Errorf("%s: no class has a prior", name)
	}
	return nil
}

func (f *gaussianFit) Apply(_ context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != f.Features {
		return nil, fmt.Errorf("GaussianNB: %d columns, learned from %d", x.Cols(), f.Features)
	}
	joint := start(f.Prior, x.Rows())
	for k := range joint {
		if f.Prior[k] == 0 {
			continue
		}
		for j, c := range x.Columns() {
			m, v := f.Mean[k*f.Features+j], f.Var[k*f.Features+j]
			constant, scale := -0.5*math.Log(2*math.Pi*v), -0.5/v
			for i, u := range c.Float {
				joint[k][i] += constant + scale*(u-m)*(u-m)
			}
		}
	}
	return posterior(f.Levels, joint), nil
}

// start is the log-prior of every class for every row.
func start(prior []float64, rows int) [][]float64 {
	out := make([][]float64, len(prior))
	for k := range out {
		out[k] = make([]float64, rows)
		for i := range out[k] {
			out[k][i] = math.Log(prior[k])
		}
	}
	return out
}

// posterior turns joint log-likelihoods into probabilities. Where all are infinitely small the classes' order decides.
func posterior(levels []string, joint [][]float64) *dataset.Frame {
	for i := range joint[0] {
		top := math.Inf(-1)
		for k := range joint {
			if joint[k][i] != joint[k][i] {
				joint[k][i] = math.Inf(-1)
			}
			top = max(top, joint[k][i])
		}
		sum := 0.0
		for k := range joint {
			if math.IsInf(top, 0) {
				joint[k][i] = 1
			} else {
				joint[k][i] = math.Exp(joint[k][i] - top)
			}
			sum += joint[k][i]
		}
		for k := range joint {
			joint[k][i] /= sum
		}
	}
	cols := make([]*dataset.Column, len(joint))
	for k := range cols {
		cols[k] = dataset.NewNumeric(levels[k], joint[k])
	}
	return dataset.MustFrame(len(joint[0]), cols...)
}

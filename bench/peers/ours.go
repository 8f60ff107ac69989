package main

import (
	"context"
	"fmt"
	"runtime"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/pipeline"
)

// measured is one fit and one prediction on the same rows: CPU seconds, and for a predictor the share of right labels or
// the coefficient of determination.
type measured struct {
	Fit, Predict float64
	Score        *float64
}

// better keeps the smaller of each time.
func (m measured) better(o measured) measured {
	return measured{min(m.Fit, o.Fit), min(m.Predict, o.Predict), o.Score}
}

// operator reads a pipeline of one step.
func operator(text string) (operators.Operator, *operators.Spec, error) {
	t, err := pipeline.Parse(text, catalog.All())
	if err != nil {
		return nil, nil, err
	}
	root := t.Root()
	if root.Spec == nil || t.Len() != 2 {
		return nil, nil, fmt.Errorf("%s is not one operator on the input", text)
	}
	op, err := root.Spec.New(root.Spec.Canonical(root.Values))
	return op, root.Spec, err
}

// measure fits and applies an operator once.
func measure(op operators.Operator, spec *operators.Spec, t *table) (measured, error) {
	ctx := context.Background()
	s := t.sample()
	runtime.GC()
	a := cpu()
	f, err := op.Fit(ctx, operators.NewEnv(1, 1), s)
	if err != nil {
		return measured{}, err
	}
	b := cpu()
	x := t.sample().X
	runtime.GC()
	c := cpu()
	out, err := f.Apply(ctx, operators.NewEnv(2, 1), x)
	if err != nil {
		return measured{}, err
	}
	m := measured{Fit: b - a, Predict: cpu() - c}
	if spec.Predicts() {
		m.Score = score(out, s.Y)
	}
	return m, nil
}

// score is the share of right labels or the coefficient of determination.
func score(out *dataset.Frame, y *dataset.Column) *float64 {
	v := 0.0
	if y.Kind == dataset.Categorical {
		for i, code := range y.Code {
			best := 0
			for k := range out.Cols() {
				if out.Col(k).Float[i] > out.Col(best).Float[i] {
					best = k
				}
			}
			if int32(best) == code {
				v += 1 / float64(len(y.Code))
			}
		}
		return &v
	}
	mean, residual, total := 0.0, 0.0, 0.0
	for _, t := range y.Float {
		mean += t / float64(len(y.Float))
	}
	for i, t := range y.Float {
		residual += (t - out.Col(0).Float[i]) * (t - out.Col(0).Float[i])
		total += (t - mean) * (t - mean)
	}
	v = 1 - residual/total
	return &v
}

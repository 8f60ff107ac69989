package svm

import (
	"context"
	"errors"
	"fmt"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// SVR is regression with a tube: errors up to epsilon cost nothing, larger ones linearly, C per row and unit of weight.
// gamma=scale is one over the number of columns and the variance of all values, auto one over the number of columns.
// max_iter=-1 means a million steps, or a hundred per row. Smola and Schölkopf (2004).
var SVR = &operators.Spec{
	Name: "SVR", Doc: "support vector machine", Role: operators.Regressor, Traits: operators.Weights | operators.Instances,
	Params:  append(params[:len(params):len(params)], operators.Param{Name: "epsilon", Scale: operators.Log, Lo: 1e-4, Hi: 1, Default: 0.1}),
	Ignored: []string{"cache_size", "verbose"},
	New: func(v []float64) (operators.Operator, error) {
		m, err := newMachine(v)
		if err == nil && v[len(params)] < 0 {
			err = fmt.Errorf("support vectors: epsilon %v is negative", v[len(params)])
		}
		return svr{m, v[len(params)]}, err
	},
	Decode: operators.Decode[tube],
	Memory: memory,
}

type svr struct {
	machine
	epsilon float64
}

// Fit finds the support vectors.
func (r svr) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	x, kept, k, err := r.prepare(s)
	if err != nil {
		return nil, fmt.Errorf("support vectors: %w", err)
	}
	g, err := newGram(k, x)
	if err != nil {
		return nil, fmt.Errorf("support vectors: %w", err)
	}
	d, n := r.dual(g), len(kept)
	d.sign, d.bound, d.target = make([]float64, 2*n), make([]float64, 2*n), make([]float64, 2*n)
	rows := make([]int32, n)
	for i, row := range kept {
		y := s.Y.Float[row]
		rows[i] = int32(i)
		d.sign[i], d.sign[n+i] = 1, -1
		d.target[i], d.target[n+i] = y-r.epsilon, y+r.epsilon
		d.bound[i] = r.c
		if s.W != nil {
			d.bound[i] *= s.W[row]
		}
		d.bound[n+i] = d.bound[i]
	}
	found, err := d.solve(ctx)
	if err != nil {
		return nil, fmt.Errorf("support vectors: %w", err)
	}
	return &tube{gather(k, x, []decision{keep(found, rows)})}, nil
}

// tube is a fitted SVR.
type tube struct{ Vectors vectors }

// Check reports what a decoded value cannot be.
func (t *tube) Check() error {
	if len(t.Vectors.Decisions) != 1 {
		return errors.New("svm: a regression makes one decision")
	}
	return t.Vectors.check()
}

// Apply returns the prediction of each row.
func (t *tube) Apply(ctx context.Context, env *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	y := make([]float64, x.Rows())
	if err := t.Vectors.each(ctx, env, x, func(i int, v []float64) { y[i] = v[0] }); err != nil {
		return nil, err
	}
	return dataset.MustFrame(len(y), dataset.NewNumeric("prediction", y)), nil
}

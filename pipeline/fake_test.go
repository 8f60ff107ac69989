package pipeline

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync/atomic"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// The operators below are as small as operators can be, so that the tests are about pipelines.

var fits atomic.Int64 // calls of Fit, to see what the cache saves

// shift subtracts the training mean and adds a constant.
var shift = &operators.Spec{
	Name: "Shift", Role: operators.Scaler,
	Params: []operators.Param{{Name: "by", Scale: operators.Linear, Lo: -1, Hi: 1}, {Name: "twice", Scale: operators.Bool},
		{Name: "extra", Scale: operators.Int, Lo: 1, Hi: 9, Default: 1, When: &operators.Condition{Param: "twice", Is: []string{"true"}}}},
	New:    func(v []float64) (operators.Operator, error) { return shiftOp{v[0]}, nil },
	Decode: operators.Decode[shifted],
}

type shiftOp struct{ by float64 }

type shifted struct {
	By    float64
	Means []float64
}

func (o shiftOp) Fit(_ context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	fits.Add(1)
	f := &shifted{By: o.by}
	for _, c := range s.X.Columns() {
		sum := 0.0
		for _, v := range c.Float {
			sum += v / float64(c.Len())
		}
		f.Means = append(f.Means, sum)
	}
	return f, nil
}

func (f *shifted) Apply(_ context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != len(f.Means) {
		return nil, errors.New("wrong number of columns")
	}
	var cols []*dataset.Column
	for j, c := range x.Columns() {
		v := make([]float64, c.Len())
		for i := range v {
			v[i] = c.Float[i] - f.Means[j] + f.By
		}
		cols = append(cols, dataset.NewNumeric(c.Name, v))
	}
	return dataset.MustFrame(x.Rows(), cols...), nil
}

// nearest predicts the target of the nearest training row: in-sample predictions would be perfect, so it shows leaks.
var nearest = &operators.Spec{
	Name: "Nearest", Role: operators.Regressor, Traits: operators.Random,
	Params: []operators.Param{{Name: "noise", Scale: operators.Log, Lo: 1e-9, Hi: 1, Default: 1e-9}},
	New:    func(v []float64) (operators.Operator, error) { return nearestOp{v[0]}, nil },
	Decode: operators.Decode[nearestFit],
}

type nearestOp struct{ noise float64 }

type nearestFit struct {
	X [][]float64
	Y []float64
}

func (o nearestOp) Fit(_ context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	fits.Add(1)
	f := &nearestFit{}
	for i := range s.Rows() {
		var row []float64
		for _, c := range s.X.Columns() {
			row = append(row, c.Float[i])
		}
		f.X = append(f.X, row)
		f.Y = append(f.Y, s.Y.Float[i]+o.noise*env.Rand.NormFloat64())
	}
	return f, nil
}

func (f *nearestFit) Apply(_ context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	out := make([]float64, x.Rows())
	for i := range out {
		best := math.Inf(1)
		for r, row := range f.X {
			d := 0.0
			for j, v := range row {
				d += (x.Col(j).Float[i] - v) * (x.Col(j).Float[i] - v)
			}
			if d < best {
				best, out[i] = d, f.Y[r]
			}
		}
	}
	return dataset.MustFrame(x.Rows(), dataset.NewNumeric("prediction", out)), nil
}

// trouble panics, hangs, fails or predicts NaN, as it is told.
var trouble = &operators.Spec{
	Name: "Trouble", Role: operators.Regressor, Traits: operators.Categories | operators.Missing,
	Params: []operators.Param{{Name: "kind", Scale: operators.Choice, Choices: []string{"panic", "hang", "fail", "nan"}}},
	New:    func(v []float64) (operators.Operator, error) { return troubleOp(v[0]), nil },
	Decode: operators.Decode[nearestFit],
}

type troubleOp int

func (o troubleOp) Fit(ctx context.Context, _ *operators.Env, _ dataset.Sample) (operators.Fitted, error) {
	switch o {
	case 0:
		panic("kaboom\nwith a second line")
	case 1:
		<-ctx.Done()
		return nil, ctx.Err()
	case 2:
		return nil, errors.New("no luck")
	}
	return constant(math.NaN()), nil
}

type constant float64

func (c constant) Apply(_ context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	v := make([]float64, x.Rows())
	for i := range v {
		v[i] = float64(c)
	}
	return dataset.MustFrame(x.Rows(), dataset.NewNumeric("prediction", v)), nil
}

var fakes = []*operators.Spec{shift, nearest, trouble}

// noisy is a sample whose target is pure noise: whoever finds structure in it has leaked.
func noisy(n int, seed uint64) dataset.Sample {
	rng := rand.New(rand.NewPCG(seed, 1))
	cols := make([]*dataset.Column, 3)
	for j := range cols {
		v := make([]float64, n)
		for i := range v {
			v[i] = rng.NormFloat64()
		}
		cols[j] = dataset.NewNumeric(fmt.Sprint("x", j), v)
	}
	y := make([]float64, n)
	for i := range y {
		y[i] = rng.NormFloat64()
	}
	return dataset.Sample{X: dataset.MustFrame(n, cols...), Y: dataset.NewNumeric("y", y)}
}

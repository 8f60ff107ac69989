package calibration

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// IsotonicRegression fits the monotone function of one column that has the least squared error. Of several columns it
// takes the one whose ranks go with the target's best. increasing=auto follows the sign of Spearman's correlation;
// y_min and y_max bound the predictions. Beyond the training values the function is constant, or an error if
// out_of_bounds=raise. Barlow et al. (1972).
var IsotonicRegression = &operators.Spec{
	Name: "IsotonicRegression", Doc: "monotone function of one column", Role: operators.Regressor, Traits: operators.Weights | operators.FewRows,
	Params: []operators.Param{
		{Name: "increasing", Scale: operators.Choice, Choices: []string{"true", "false", "auto"}, Default: 2},
		{Name: "out_of_bounds", Scale: operators.Choice, Choices: []string{"clip", "raise"}, Fixed: true},
		{Name: "y_min", Scale: operators.Linear, Choices: []string{"None"}, Default: operators.Word(0), Fixed: true},
		{Name: "y_max", Scale: operators.Linear, Choices: []string{"None"}, Default: operators.Word(0), Fixed: true},
	},
	New: func(v []float64) (operators.Operator, error) {
		o := isotonic{direction: []int{1, -1, 0}[int(v[0])], raise: v[1] == 1, lo: -math.MaxFloat64, hi: math.MaxFloat64}
		if _, none := operators.IsWord(v[2]); !none {
			o.lo = v[2]
		}
		if _, none := operators.IsWord(v[3]); !none {
			o.hi = v[3]
		}
		if o.lo > o.hi {
			return nil, fmt.Errorf("isotonic regression: y_min %v exceeds y_max %v", o.lo, o.hi)
		}
		return o, nil
	},
	Decode: operators.Decode[monotone],
}

type isotonic struct {
	direction int // 1 is up, -1 is down, 0 is whichever fits
	raise     bool
	lo, hi    float64
}

// Fit finds the column and the function.
func (o isotonic) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	if s.X.Cols() == 0 {
		return nil, errors.New("isotonic regression: no columns")
	}
	f := &monotone{Cols: s.X.Cols(), Raise: o.raise}
	best := math.Inf(-1)
	for j, c := range s.X.Columns() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r := 0.0
		if s.X.Cols() > 1 || o.direction == 0 {
			r = spearman(c.Float, s.Y.Float, s.W)
		}
		falls := o.direction < 0 || o.direction == 0 && r < 0
		if falls {
			r = -r
		}
		if r > best {
			best, f.Column, f.Falls = r, j, falls
		}
	}
	y := make([]float64, s.Rows())
	for i, v := range s.Y.Float {
		y[i] = f.sign() * v
	}
	if !anyWeight(s.W) {
		return nil, errors.New("isotonic regression: no row has a weight")
	}
	f.Function = newSteps(s.X.Col(f.Column).Float, y, s.W)
	for i, v := range f.Function.Y {
		f.Function.Y[i] = min(max(f.sign()*v, o.lo), o.hi)
	}
	f.Function.trim()
	if err := f.Function.check(); err != nil {
		return nil, fmt.Errorf("isotonic regression: values are too large: %w", err)
	}
	return f, nil
}

func anyWeight(w []float64) bool {
	for _, v := range w {
		if v > 0 {
			return true
		}
	}
	return w == nil
}

// monotone is a fitted IsotonicRegression.
type monotone struct {
	Cols     int
	Column   int
	Falls    bool
	Raise    bool
	Function steps
}

func (f *monotone) sign() float64 {
	if f.Falls {
		return -1
	}
	return 1
}

// Check reports what a decoded value cannot be.
func (f *monotone) Check() error {
	if f.Column < 0 || f.Column >= f.Cols {
		return fmt.Errorf("calibration: column %d of %d", f.Column, f.Cols)
	}
	return f.Function.check()
}

// Apply returns the prediction of each row.
func (f *monotone) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != f.Cols {
		return nil, fmt.Errorf("isotonic regression: %d columns, trained on %d", x.Cols(), f.Cols)
	}
	knots := f.Function.X
	y := make([]float64, x.Rows())
	for i, v := range x.Col(f.Column).Float {
		if f.Raise && !(v >= knots[0] && v <= knots[len(knots)-1]) {
			return nil, fmt.Errorf("isotonic regression: row %d: %v lies outside the training values", i, v)
		}
		y[i] = f.Function.at(v)
	}
	return dataset.MustFrame(len(y), dataset.NewNumeric("prediction", y)), ctx.Err()
}

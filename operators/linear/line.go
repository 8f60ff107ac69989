package linear

import (
	"context"
	"errors"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// line is a fitted linear regressor: ŷ = Intercept + Σ Coef[j]·x[j], or the exponential of that.
type line struct {
	Coef      wire.Floats
	Intercept float64
	Log       bool // the target's logarithm is linear

	Alpha, Ratio, Score float64 // what cross-validation chose and its score, or the scale that was estimated; for information
}

// Check refuses what is not finite.
func (l *line) Check() error {
	if !linalg.Finite(l.Coef) || !linalg.Finite([]float64{l.Intercept}) {
		return errors.New("linear: coefficients are not finite")
	}
	return nil
}

// Coefficients returns one row of weights and its constant term.
func (l *line) Coefficients() (coef [][]float64, intercept []float64) {
	return [][]float64{l.Coef}, []float64{l.Intercept}
}

// Apply predicts one numeric column.
func (l *line) Apply(_ context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	out, err := scores(x, l.Coef, l.Intercept)
	if err != nil {
		return nil, err
	}
	if l.Log {
		for i, v := range out {
			out[i] = min(v, maxExp)
		}
		linalg.Exp(out)
	}
	return dataset.MustFrame(x.Rows(), dataset.NewNumeric("prediction", out)), nil
}

// maxExp keeps exponentials, and sums of squares of them, finite.
const maxExp = 300

// scores returns intercept + Σ coef[j]·x[j] for every row.
func scores(x *dataset.Frame, coef []float64, intercept float64) ([]float64, error) {
	if x.Cols() != len(coef) {
		return nil, errors.New("linear: the number of columns differs from that of the training rows")
	}
	out := make([]float64, x.Rows())
	for _, c := range x.Columns() {
		if c.Kind != dataset.Numeric {
			return nil, errors.New("linear: a column is not numeric")
		}
	}
	const block = 2048 // sums that stay in the first-level cache
	var factors []float64
	var columns, part [][]float64
	for j, c := range x.Columns() {
		if coef[j] != 0 {
			factors, columns = append(factors, coef[j]), append(columns, c.Float)
		}
	}
	part = make([][]float64, len(columns))
	for lo := 0; lo < len(out); lo += block {
		sums := out[lo:min(lo+block, len(out))]
		for i := range sums {
			sums[i] = intercept
		}
		for j, c := range columns {
			part[j] = c[lo : lo+len(sums)]
		}
		linalg.Combine(sums, factors, part)
	}
	if !linalg.Finite(out) {
		return nil, errors.New("linear: a prediction is not finite: the input's values are too large")
	}
	return out, nil
}

// fitted checks a regressor before it leaves Fit.
func (l *line) fitted(name string) (operators.Fitted, error) {
	if err := l.Check(); err != nil {
		return nil, failed(name, err)
	}
	return l, nil
}

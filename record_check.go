package automl

import (
	"errors"
	"slices"

	"github.com/lren-chuv/automl/explain"
)

// check refuses a record whose parts do not fit together, so that whoever shows it can rely on them; levels is the number
// of classes, 0 for regression.
func (rec *Record) check(levels int) error {
	for _, c := range append(slices.Clone(rec.Columns), rec.Target) {
		if n := len(c.Quantiles); n != 0 && n != 5 {
			return errors.New("a column has not five quantiles")
		}
	}
	if err := rec.Quality.check(levels); err != nil {
		return err
	}
	return rec.Reasons.check(levels)
}

func (q *Quality) check(levels int) error {
	if n := len(q.Confusion); n != 0 && n != levels {
		return errors.New("the confusion matrix does not fit the classes")
	}
	for _, row := range q.Confusion {
		if len(row) != levels {
			return errors.New("the confusion matrix is not square")
		}
	}
	for _, c := range q.Classes {
		if len(c.ROC.X) != len(c.ROC.Y) || len(c.PR.X) != len(c.PR.Y) {
			return errors.New("a curve is cut short")
		}
	}
	if len(q.Classes) > 0 && len(q.Confusion) == 0 || len(q.Decisions) > 0 && levels != 2 {
		return errors.New("curves and classes do not fit together")
	}
	for _, row := range q.Fit.Counts {
		if len(row) != len(q.Fit.Counts) {
			return errors.New("the grid of predictions is not square")
		}
	}
	if len(q.Fit.Counts) > 0 && len(q.Residuals.Counts) == 0 {
		return errors.New("residuals are missing")
	}
	return nil
}

func (r *Reasons) check(levels int) error {
	for _, d := range r.Dependence {
		if len(d.Mean) != max(1, levels) && len(d.Mean) != 0 {
			return errors.New("a partial dependence does not fit the classes")
		}
		for _, m := range d.Mean {
			if len(m) != max(len(d.Grid), len(d.Levels)) || len(d.Grid) > 0 && len(d.Levels) > 0 {
				return errors.New("a partial dependence is cut short")
			}
		}
	}
	for _, c := range r.Effects {
		if slices.ContainsFunc(c.Effects, func(e explain.Effect) bool { return len(e.Value) != len(e.Spread.Counts) }) {
			return errors.New("contributions are cut short")
		}
	}
	return nil
}

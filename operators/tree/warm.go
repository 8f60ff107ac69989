package tree

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// WarmStart returns op, which must be a histogram booster (HistGradientBoosting, XGB, LGBM), such that its Fit goes on
// from fitted, a booster that such an operator has fitted: its trees come first, unchanged, and new ones follow up to the
// number of rounds of op, as with warm_start in scikit-learn. Fit returns an error if the columns, the levels of the
// categorical ones or the classes are not those of fitted, if fitted predicts on another scale, or if it has more rounds
// than op.
//
// On the same table, and with nothing left to chance, the result has the same bits as a fit of all rounds at once. The
// table may be another one of the same form; hyper-parameters may differ too. Early stopping judges the new trees only,
// and only they are dropped by dart.
func WarmStart(op operators.Operator, fitted operators.Fitted) (operators.Operator, error) {
	b, ok := op.(booster)
	if !ok {
		return nil, errors.New("warm start: only histogram boosting goes on from a fitted model")
	}
	from, ok := fitted.(*boosted)
	if !ok {
		return nil, fmt.Errorf("warm start: %T is not fitted by histogram boosting", fitted)
	}
	b.from = from
	return b, nil
}

// resume checks that f, the shape of a fit on x, is that of the model to go on from, and takes over its trees and start.
func (b *booster) resume(f *boosted) error {
	old := b.from
	if !slices.EqualFunc(old.Levels, f.Levels, slices.Equal[[]string]) {
		return errors.New("warm start: the columns are not those of the fitted model")
	}
	if !slices.Equal(old.Classes, f.Classes) || !slices.Equal(old.Present, f.Present) || old.Log != f.Log {
		return errors.New("warm start: the target is not that of the fitted model")
	}
	if n := len(old.Start); n > 0 && old.Trees.trees() > n*b.rounds {
		return fmt.Errorf("warm start: %d rounds are fewer than the %d of the fitted model", b.rounds, old.Trees.trees()/n)
	}
	f.Start, f.Trees = slices.Clone(old.Start), old.Trees.clone()
	return nil
}

// clone returns a copy that shares nothing.
func (e *Ensemble) clone() Ensemble {
	c := *e
	c.Nodes, c.Roots, c.Values, c.Sets = slices.Clone(e.Nodes), slices.Clone(e.Roots), slices.Clone(e.Values), slices.Clone(e.Sets)
	c.Cover, c.Gain = slices.Clone(e.Cover), slices.Clone(e.Gain)
	return c
}

// catchUp sets the scores of all rows to those of the model to go on from.
func (r *run) catchUp(ctx context.Context, f *boosted, x *dataset.Frame) error {
	l, k := layout{f.Levels}, len(f.Start)
	return l.each(ctx, r.env, x, func(lo, hi int, rows []float64) {
		scores := make([]float64, (hi-lo)*k)
		f.scores(rows, scores)
		for i, v := range scores {
			r.score[i%k][lo+i/k] = v
		}
	})
}

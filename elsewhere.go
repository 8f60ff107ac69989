package automl

import (
	"context"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/pipeline"
)

// Elsewhere has pipelines evaluated on other machines.
type Elsewhere interface {
	// Evaluator returns an evaluator whose results are those of cv, until ctx is done. Cv's folds are made of s, and specs
	// are the operators that the pipelines consist of.
	Evaluator(ctx context.Context, cv *pipeline.CrossVal, s dataset.Sample, specs []*operators.Spec) (gp.Evaluator, error)
	// Slots is how many pipelines can be evaluated at once.
	Slots() int
}

// evaluator is cv itself, or what stands in for it on other machines while ctx lasts.
func (r *run) evaluator(ctx context.Context, cv *pipeline.CrossVal) (gp.Evaluator, error) {
	if r.opt.Elsewhere == nil {
		return cv, nil
	}
	return r.opt.Elsewhere.Evaluator(ctx, cv, r.train, r.specs)
}

// specsOf lists the operators of a grammar and those that are only compared with.
func specsOf(g *pipeline.Grammar) []*operators.Spec {
	all := slices.Concat(g.Predictors, g.Steps, g.Baselines)
	for _, slot := range g.Template {
		all = append(all, slot...)
	}
	var out []*operators.Spec
	for _, s := range all {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// slots is how many evaluations can be under way at once.
func (r *run) slots() int {
	if r.opt.Elsewhere == nil {
		return r.opt.Workers
	}
	return max(1, r.elsewhere)
}

// searchWorkers is how many evaluations the search keeps under way: elsewhere some more than there are slots, so that none
// waits for a message, and in the order of making as many as that can ever use.
func (r *run) searchWorkers() int {
	switch {
	case r.opt.Elsewhere == nil:
		return r.opt.Workers
	case r.opt.ordered():
		return gp.Window
	}
	return r.slots() + max(1, r.slots()/4)
}

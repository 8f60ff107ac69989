package automl

import (
	"context"
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/pipeline"
)

// Where the columns say little of the target, all that thousands of trials have found is noise, and to know nothing is hard
// to beat. So a predictor that looks at no column sits on the panel beside the finalists: greedy selection may mix it in,
// which draws the others towards it, and it takes the place of the plain average when the best finalist is not better
// than it by more than the folds differ.

const conviction = 2.0 // standard errors over the folds by which the best must be better than knowing nothing

// baseline evaluates the predictor that looks at no column; nil where the operators in use have none, a template asks for
// other pipelines, one of the finalists is such a predictor already, or time is up.
func (r *run) baseline(ctx context.Context, all []*gp.Individual) *gp.Individual {
	at := slices.IndexFunc(r.specs, func(s *operators.Spec) bool { return s.Has(operators.Baseline) })
	seated := slices.ContainsFunc(all, func(ind *gp.Individual) bool { return predictor(ind).Has(operators.Baseline) })
	if at < 0 || seated || r.opt.Template != "" || !r.opt.has(Plain) {
		return nil
	}
	spec := r.specs[at]
	tree := pipeline.Apply(spec, spec.Defaults(), pipeline.Leaf())
	switch r.metric.Name {
	case "mae", "median_absolute_error", "mape": // the median is nearer than the mean
		if t, err := pipeline.Parse(spec.Name+"(input, strategy=median)", r.specs); err == nil { // the user's space may lack it
			tree = t
		}
	}
	result, err := within(ctx, func() (pipeline.Result, error) { return r.cv.Evaluate(ctx, tree, nil) })
	if err != nil || result.Failed() {
		return nil
	}
	return &gp.Individual{ID: -1, Parents: [2]int{-1, -1}, Origin: "baseline", Tree: tree, Result: result, Cost: []float64{r.metric.Loss(result.Score), 1}}
}

// baseline is the position of the member that looks at no column, -1 if there is none.
func (p *panel) baseline() int {
	return slices.IndexFunc(p.members, func(ind *gp.Individual) bool { return predictor(ind).Has(operators.Baseline) })
}

// calms reports whether the metric can be improved by drawing predictions towards what is known without looking: numbers and
// probabilities can, the order of rows and the most probable classes are none the better for it, and their probabilities
// would only become timid.
func (p *panel) calms() bool {
	return p.views[0].y.Kind != dataset.Categorical || p.metric.Name == "log_loss" || p.metric.Name == "brier"
}

// convincing reports whether the best member does better than knowing nothing, which it does by definition where nobody
// stands for that.
func (p *panel) convincing() bool {
	none, best := p.baseline(), p.order()[0]
	if none < 0 {
		return true
	}
	var gains []float64
	for k, loss := range p.folds[best] {
		if gain := p.folds[none][k] - loss; gain == gain { // a fold may lack a class
			gains = append(gains, gain)
		}
	}
	mean, std := meanStd(gains)
	return mean > conviction*std/math.Sqrt(float64(len(gains)))
}

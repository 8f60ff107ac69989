package gp

import (
	"context"
	"math"

	"github.com/lren-chuv/automl/pipeline"
)

// Evaluator tells what a tree is worth. A tree that fails has a Result that says so; an error ends the search. Bar holds
// the highest loss that each stage may have: the trials, then the mean over the first 1, 2, … folds; once a tree is above
// it, the evaluator may give up and say Pruned. A nil bar lets everything pass.
type Evaluator interface {
	Evaluate(ctx context.Context, t pipeline.Tree, bar []float64) (pipeline.Result, error)
}

// Objective is something to minimise.
type Objective struct {
	Name string
	Of   func(pipeline.Tree, pipeline.Result) float64
}

// Complexity counts the operators of a tree.
func Complexity() Objective {
	return Objective{"operators", func(t pipeline.Tree, _ pipeline.Result) float64 { return float64(t.Steps()) }}
}

// Individual is a tree together with what it is worth; it never changes.
type Individual struct {
	ID      int    // number of the tree in order of making, from 0
	Parents [2]int // IDs, -1 for none
	Origin  string // the variation that made it, or "start", "random"
	Tree    pipeline.Tree
	Result  pipeline.Result
	Cost    []float64 // one per objective; +Inf after a failure
}

func cost(objectives []Objective, t pipeline.Tree, r pipeline.Result) []float64 {
	out := make([]float64, len(objectives))
	for i, o := range objectives {
		out[i] = math.Inf(1)
		if !r.Failed() && !r.Pruned {
			out[i] = o.Of(t, r)
		}
	}
	return out
}

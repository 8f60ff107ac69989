package gp

import (
	"math/rand/v2"

	"github.com/lren-chuv/automl/pipeline"
)

// Variation makes a new tree from one or two parents. It returns the parent itself when it cannot be applied.
type Variation struct {
	Name   string
	Weight float64 // how often it is chosen, relative to the others
	Make   func(rng *rand.Rand, g *pipeline.Grammar, a, b pipeline.Tree) pipeline.Tree
}

// Variations is the default set.
func Variations() []Variation {
	return []Variation{
		{"point", 4, point},
		{"insert", 1.5, insert},
		{"replace", 1.5, replace},
		{"shrink", 1, shrink},
		{"crossover", 1.5, crossover},
	}
}

// point moves one or two hyper-parameters a little.
func point(rng *rand.Rand, _ *pipeline.Grammar, a, _ pipeline.Tree) pipeline.Tree {
	for range 1 + rng.IntN(2) {
		a = move(rng, a)
	}
	return a
}

// move changes one hyper-parameter of one operator. The operator is drawn first, or one with many would get all changes.
func move(rng *rand.Rand, a pipeline.Tree) pipeline.Tree {
	var places []int
	for i := range a.Len() {
		if len(movable(a.Node(i))) > 0 {
			places = append(places, i)
		}
	}
	if len(places) == 0 {
		return a
	}
	at := places[rng.IntN(len(places))]
	n := a.Node(at)
	params := movable(n)
	j := params[rng.IntN(len(params))]
	values := append([]float64(nil), n.Values...)
	values[j] = pipeline.StepValue(rng, &n.Spec.Params[j], values[j])
	return a.WithValues(at, values)
}

// movable lists the hyper-parameters of a node that have an effect and are not fixed.
func movable(n *pipeline.Node) []int {
	if n.Op != pipeline.Step {
		return nil
	}
	var params []int
	for j := range n.Spec.Params {
		if !n.Spec.Params[j].Fixed && n.Spec.Active(j, n.Values) {
			params = append(params, j)
		}
	}
	return params
}

// insert puts a random operator between a node and its child.
func insert(rng *rand.Rand, g *pipeline.Grammar, a, _ pipeline.Tree) pipeline.Tree {
	if g.Template != nil || len(g.Steps) == 0 {
		return a
	}
	i := below(rng, a)
	sub := a.Subtree(i)
	switch u := rng.Float64(); {
	case u < 0.15:
		if other := g.DrawStep(rng, pipeline.Leaf()); other.Hash() != sub.Hash() {
			return a.Replace(i, pipeline.Unite(sub, other))
		}
	case u < 0.2:
		p := g.Predictors[rng.IntN(len(g.Predictors))]
		return a.Replace(i, pipeline.StackOn(g.Grow(rng, p, sub)))
	}
	return a.Replace(i, g.DrawStep(rng, sub))
}

// replace exchanges a node: the root for another predictor, an operator for another one, or a subtree for a random one.
func replace(rng *rand.Rand, g *pipeline.Grammar, a, _ pipeline.Tree) pipeline.Tree {
	i := a.Len() - 1
	if rng.Float64() < 0.6 {
		i = rng.IntN(a.Len())
	}
	n := a.Node(i)
	switch {
	case g.Template != nil:
		if i == 0 {
			i = a.Len() - 1
		}
		slot := g.Template[i-1]
		return a.Replace(i, g.Grow(rng, slot[rng.IntN(len(slot))], a.Subtree(i-1)))
	case n.Op == pipeline.Step && n.Spec.Predicts():
		return a.Replace(i, g.Grow(rng, g.Predictors[rng.IntN(len(g.Predictors))], a.Subtree(i-1)))
	case n.Op == pipeline.Step && rng.Float64() < 0.7:
		return a.Replace(i, g.DrawStep(rng, a.Subtree(i-1)))
	}
	return a.Replace(i, g.DrawBelow(rng, 2))
}

// shrink removes an operator, or all but one branch of a union.
func shrink(rng *rand.Rand, g *pipeline.Grammar, a, _ pipeline.Tree) pipeline.Tree {
	if g.Template != nil {
		return a
	}
	var places []int
	for i := range a.Len() - 1 {
		if a.Node(i).Op != pipeline.Input {
			places = append(places, i)
		}
	}
	if len(places) == 0 {
		return a
	}
	i := places[rng.IntN(len(places))]
	children := a.Children(i)
	keep := children[rng.IntN(len(children))]
	if a.Node(i).Op == pipeline.Stack { // without the stacked predictor too
		keep = a.Children(keep)[0]
	}
	if p := a.Parent(i); p >= 0 && a.Node(p).Op == pipeline.Stack { // the predictor goes with its stack
		i = p
	}
	return a.Replace(i, a.Subtree(keep))
}

// crossover puts a subtree of b in the place of one of a: predictor for predictor, or anything below one for the same.
func crossover(rng *rand.Rand, g *pipeline.Grammar, a, b pipeline.Tree) pipeline.Tree {
	if g.Template != nil {
		i := 1 + rng.IntN(a.Len()-1)
		return a.Replace(i, b.Subtree(i))
	}
	if rng.Float64() < 0.5 { // b's predictor with its settings over a's preprocessing
		root := b.Root()
		return pipeline.Apply(root.Spec, root.Values, a.Subtree(a.Len()-2))
	}
	return a.Replace(below(rng, a), b.Subtree(below(rng, b)))
}

// below picks a node that hands data on: any but the root and stacked predictors.
func below(rng *rand.Rand, t pipeline.Tree) int {
	var places []int
	for i := range t.Len() - 1 {
		if t.Node(t.Parent(i)).Op != pipeline.Stack {
			places = append(places, i)
		}
	}
	return places[rng.IntN(len(places))]
}

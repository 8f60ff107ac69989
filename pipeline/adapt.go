package pipeline

import (
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/encode"
)

// explicit returns the tree that is really fitted: wherever an operator cannot take what its child may hand it,
// categories or missing values, a TableVectorizer stands between them. It is an ordinary step, so what it learns comes
// from the training rows alone, is cached like any prefix and is stored with the model.
func explicit(t Tree, categories bool) Tree {
	out, _ := adapt(t, len(t.nodes)-1, traits{categories: categories, missing: true})
	return out
}

// traits says what the columns at some point of a pipeline may contain.
type traits struct{ categories, missing bool }

func adapt(t Tree, i int, raw traits) (Tree, traits) {
	n := &t.nodes[i]
	switch n.Op {
	case Input:
		return Leaf(), raw
	case Union:
		var children []Tree
		var all traits
		for _, c := range t.Children(i) {
			child, has := adapt(t, c, raw)
			children = append(children, child)
			all.categories = all.categories || has.categories
			all.missing = all.missing || has.missing
		}
		return Unite(children...), all
	case Stack:
		child, _ := adapt(t, i-1, raw)
		// What is passed on beside the predictions is the predictor's input as it takes it.
		return StackOn(child), taken(child.Root().Spec, raw)
	}
	child, has := adapt(t, i-1, raw)
	child = vectorize(child, has, n.Spec)
	out := taken(n.Spec, has)
	if n.Spec.Predicts() {
		out = traits{}
	}
	return Apply(n.Spec, n.Values, child), out
}

// taken is what may be left of has once spec has taken it.
func taken(spec *operators.Spec, has traits) traits {
	return traits{has.categories && spec.Has(operators.Categories), has.missing && spec.Has(operators.Missing)}
}

func vectorize(child Tree, has traits, spec *operators.Spec) Tree {
	encodes := has.categories && !spec.Has(operators.Categories)
	imputes := has.missing && !spec.Has(operators.Missing)
	if !encodes && !imputes {
		return child
	}
	v := encode.TableVectorizer
	values := v.Defaults()
	values[v.Index("encode")] = boolean(encodes)
	values[v.Index("impute")] = boolean(imputes)
	return Apply(v, values, child)
}

func boolean(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

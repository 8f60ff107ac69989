package operators

import "math"

const (
	inputCopies = 4  // of its input that an operator may hold at once when it tells no more
	nodeBytes   = 32 // of a fitted tree
)

// Needs estimates the bytes that a fit needs beside its input, from Memory where an operator has it; otherwise a small
// multiple of the input, and what the trees of an ensemble grow to, which its parameters bound.
func (s *Spec) Needs(shape Shape, values []float64) int64 {
	if s.Memory != nil {
		return s.Memory(shape, values)
	}
	input := inputCopies * 8 * float64(shape.Rows) * float64(shape.Cols)
	return int64(min(input+s.trees(shape, values), math.MaxInt64/2))
}

// trees is what an ensemble of trees holds, 0 for other operators.
func (s *Spec) trees(shape Shape, values []float64) float64 {
	number := func(names ...string) (float64, bool) {
		for _, name := range names {
			for _, prefix := range []string{"", "estimator__"} {
				if i := s.Index(prefix + name); i >= 0 {
					if _, word := IsWord(values[i]); !word && values[i] > 0 {
						return values[i], true
					}
				}
			}
		}
		return 0, false
	}
	count, many := number("n_estimators")
	if !many {
		if s.Index("max_leaf_nodes") < 0 {
			return 0
		}
		if count, many = number("max_iter"); !many {
			count = 1
		}
	}
	leaves := float64(shape.Rows) / 2 // trees hardly ever come down to single rows
	if least, ok := number("min_samples_leaf", "min_child_samples"); ok && least >= 1 {
		leaves = max(1, leaves/least)
	}
	if most, ok := number("max_leaf_nodes", "num_leaves", "max_leaves"); ok {
		leaves = min(leaves, most)
	}
	if depth, ok := number("max_depth"); ok && depth < 60 {
		leaves = min(leaves, math.Exp2(depth))
	}
	perClass := 0.0
	if shape.Classes > 2 {
		perClass = 8 * float64(shape.Classes)
	}
	return count * 2 * leaves * (nodeBytes + perClass)
}

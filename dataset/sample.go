package dataset

import "fmt"

// Task is the kind of prediction problem, decided by the target column.
type Task uint8

const (
	Binary     Task = iota // two classes
	Multiclass             // three classes or more
	Regression             // a number
)

// String is binary, multiclass or regression.
func (t Task) String() string {
	switch t {
	case Binary:
		return "binary"
	case Multiclass:
		return "multiclass"
	}
	return "regression"
}

// Sample is what a learner learns from: features, target, and optional weights and groups, row by row.
// A categorical target makes it classification (Levels are the classes, in their sorted order; the second one is the
// positive class of a binary task), a numeric target regression. The target has no missing values.
type Sample struct {
	X     *Frame    // features, one row per row of Y
	Y     *Column   // target
	W     []float64 // one non-negative weight per row, or nil for equal weights
	Group []int32   // rows of one group are never split between folds, or nil
}

// Rows is the number of rows.
func (s Sample) Rows() int { return s.Y.Len() }

// Groups is the number of different groups, 0 if there are none.
func (s Sample) Groups() int {
	seen := map[int32]bool{}
	for _, g := range s.Group {
		seen[g] = true
	}
	return len(seen)
}

// Task tells what kind of problem the target poses.
func (s Sample) Task() Task { return TaskOf(s.Y) }

// TaskOf tells what kind of problem target y poses.
func TaskOf(y *Column) Task {
	switch {
	case y.Kind == Numeric:
		return Regression
	case len(y.Levels) > 2:
		return Multiclass
	}
	return Binary
}

// Slice returns rows [lo, hi).
func (s Sample) Slice(lo, hi int) Sample {
	out := Sample{X: s.X.Slice(lo, hi), Y: s.Y.Slice(lo, hi)}
	if s.W != nil {
		out.W = s.W[lo:hi:hi]
	}
	if s.Group != nil {
		out.Group = s.Group[lo:hi:hi]
	}
	return out
}

// Gather returns a new sample with the given rows, in that order.
func (s Sample) Gather(rows []int32) Sample {
	out := Sample{X: s.X.Gather(rows), Y: s.Y.Gather(rows)}
	if s.W != nil {
		out.W = make([]float64, len(rows))
		for i, r := range rows {
			out.W[i] = s.W[r]
		}
	}
	if s.Group != nil {
		out.Group = make([]int32, len(rows))
		for i, r := range rows {
			out.Group[i] = s.Group[r]
		}
	}
	return out
}

// Check reports what makes the sample unusable: lengths that differ, a missing target, a bad weight.
func (s Sample) Check() error {
	n := s.Y.Len()
	if s.X.Rows() != n || s.W != nil && len(s.W) != n || s.Group != nil && len(s.Group) != n {
		return fmt.Errorf("dataset: features, target, weights and groups differ in length (%d, %d, %d, %d rows)", s.X.Rows(), n, len(s.W), len(s.Group))
	}
	for i := range n {
		if s.Y.Missing(i) {
			return fmt.Errorf("dataset: target %q is missing in row %d", s.Y.Name, i)
		}
		if s.W != nil && !(s.W[i] >= 0 && s.W[i] <= 1e300) {
			return fmt.Errorf("dataset: weight %g in row %d: want a finite number ≥ 0", s.W[i], i)
		}
	}
	return nil
}

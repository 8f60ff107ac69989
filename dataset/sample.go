package dataset

import (
	"cmp"
	"fmt"
	"slices"
)

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
	Row   []int32   // where each row stood in the table that the sample was drawn from, or nil: as it stands here
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
	if s.Row != nil {
		out.Row = s.Row[lo:hi:hi]
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
	if s.Row != nil {
		out.Row = make([]int32, len(rows))
		for i, r := range rows {
			out.Row[i] = s.Row[r]
		}
	}
	return out
}

type orderKey struct{ first *int32 }

// ordered is a permutation of rows with the frame that it makes.
type ordered struct {
	rows  []int32
	frame *Frame
}

// InOrder returns the sample with its rows as they stood in the table, for who is to give the same answer however the
// rows were laid out: which of equally near rows is the nearest, which rows are consecutive. The reordered features are
// shared by all who ask.
func (s Sample) InOrder() Sample {
	if slices.IsSorted(s.Row) {
		return s
	}
	o := s.X.Derive(orderKey{&s.Row[0]}, func() any {
		rows := make([]int32, len(s.Row))
		for i := range rows {
			rows[i] = int32(i)
		}
		slices.SortStableFunc(rows, func(a, b int32) int { return cmp.Compare(s.Row[a], s.Row[b]) })
		return ordered{rows, s.X.Gather(rows)}
	}).(ordered)
	s.X = MustFrame(s.Rows()) // no need to gather the features again
	out := s.Gather(o.rows)
	out.X = o.frame
	return out
}

// Check reports what makes the sample unusable: lengths that differ, a missing target, a bad weight.
func (s Sample) Check() error {
	n := s.Y.Len()
	if s.X.Rows() != n || s.W != nil && len(s.W) != n || s.Group != nil && len(s.Group) != n || s.Row != nil && len(s.Row) != n {
		return fmt.Errorf("dataset: features, target, weights, groups and row numbers differ in length (%d, %d, %d, %d, %d rows)", s.X.Rows(), n, len(s.W), len(s.Group), len(s.Row))
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

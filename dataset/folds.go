package dataset

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
)

// Folds is a sample laid out for cross-validation. The rows of each repetition are sorted by fold and stored twice in a
// row, [f0 f1 … fk f0 f1 … fk], so that the training rows and the test rows of every fold are one contiguous slice and
// whatever is derived from a column is shared by all who train on that fold. Folds are random and shuffled within, so a
// prefix of a training part is a random subsample of it.
type Folds struct {
	trains, tests []Sample
	rows          [][]int32 // per fold: original row number of each test row
	windows       [][]Window
}

// Window is about half of the folds that a stack learns from, as one slice, and the other folds of the repetition, which
// follow it.
type Window struct {
	ID          int // from 0, among all windows of these folds
	Train, Rest Sample
}

// Windows returns, for the training part of fold k, two windows within it that share no row: it begins with the first and
// ends with the second. Each is a window of another fold too, so that there are as many as folds, and whoever has learned
// from all of them can predict every training part out of sample. There are none for few folds, where a window would hold
// less than two fifths of the training part.
func (f *Folds) Windows(k int) []Window { return f.windows[k] }

// Len is the number of (training, test) pairs.
func (f *Folds) Len() int { return len(f.trains) }

// Fold returns the training and the test part of fold k. The same values, hence the same derived representations, are
// returned at every call.
func (f *Folds) Fold(k int) (train, test Sample) { return f.trains[k], f.tests[k] }

// TestRows returns the original row number of every test row of fold k.
func (f *Folds) TestRows(k int) []int32 { return f.rows[k] }

// NewFolds lays s out by one assignment per repetition; assignment[i] is the fold of row i, counted from 0.
func NewFolds(s Sample, rng *rand.Rand, assignments ...[]int32) (*Folds, error) {
	f := &Folds{}
	for _, a := range assignments {
		if len(a) != s.Rows() {
			return nil, fmt.Errorf("dataset: %d fold numbers for %d rows", len(a), s.Rows())
		}
		if err := f.lay(s, rng, a); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// Holdout lays s out once, with the rows where test holds as the only test part; nothing is stored twice.
func Holdout(s Sample, rng *rand.Rand, test []bool) (*Folds, error) {
	a := make([]int32, len(test))
	for i, t := range test {
		if !t {
			a[i] = 1
		}
	}
	order, bounds, err := arrange(rng, a)
	if err != nil {
		return nil, err
	}
	all := remembering(s).Gather(order)
	return &Folds{
		trains: []Sample{all.Slice(bounds[1], bounds[2])},
		tests:  []Sample{all.Slice(0, bounds[1])},
		rows:   [][]int32{order[:bounds[1]]},

		windows: make([][]Window, 1),
	}, nil
}

// FoldsOf lays s out as folds that have the given test rows, in that order: those of other Folds as TestRows returns
// them, one slice per fold, so that the result is the same layout, perhaps on another machine. The folds of a repetition
// follow each other and together have every row once.
func FoldsOf(s Sample, tests [][]int32) (*Folds, error) {
	f, n := &Folds{}, s.Rows()
	var order []int32
	bounds, seen := []int{0}, make([]bool, n)
	for _, rows := range tests {
		for _, r := range rows {
			if r < 0 || int(r) >= n || seen[r] {
				return nil, fmt.Errorf("dataset: row %d is not there, or twice in the test parts of a repetition", r)
			}
			seen[r] = true
		}
		order = append(order, rows...)
		if len(rows) > 0 {
			bounds = append(bounds, len(order))
		}
		if len(order) == n && len(bounds) > 2 {
			f.place(s, order, bounds)
			order, bounds, seen = nil, []int{0}, make([]bool, n)
		}
	}
	if f.Len() == 0 || len(order) > 0 {
		return nil, errors.New("dataset: the test parts do not make up whole repetitions of at least two folds")
	}
	return f, nil
}

func (f *Folds) lay(s Sample, rng *rand.Rand, assignment []int32) error {
	order, bounds, err := arrange(rng, assignment)
	if err != nil {
		return err
	}
	f.place(s, order, bounds)
	return nil
}

// place appends the folds that the rows in this order, cut at the bounds, are.
func (f *Folds) place(s Sample, order []int32, bounds []int) {
	n := len(order)
	all := remembering(s).Gather(append(slices.Clone(order), order...))
	f.windows = append(f.windows, windows(all, bounds, len(f.trains))...)
	for k := range len(bounds) - 1 {
		lo, hi := bounds[k], bounds[k+1]
		f.trains = append(f.trains, all.Slice(hi, lo+n))
		f.tests = append(f.tests, all.Slice(lo, hi))
		f.rows = append(f.rows, order[lo:hi])
	}
}

// windows returns the windows of the training parts of a repetition that lies in all twice and is cut at the bounds.
func windows(all Sample, bounds []int, firstID int) [][]Window {
	folds := len(bounds) - 1
	out := make([][]Window, folds)
	size := (folds - 1) / 2
	if 5*size < 2*(folds-1) {
		return out
	}
	n := bounds[folds]
	place := func(fold int) int { return bounds[fold%folds] + fold/folds*n }
	list := make([]Window, folds)
	for i := range list {
		// The window may end in the second copy; what follows it begins in the first one then.
		lo, hi := place(i), place(i+size)
		list[i] = Window{firstID + i, all.Slice(lo, hi), all.Slice(hi%n, hi%n+n-(hi-lo))}
	}
	for k := range out {
		out[k] = []Window{list[(k+1)%folds], list[(k+folds-size)%folds]}
	}
	return out
}

// remembering makes every row of s remember its place.
func remembering(s Sample) Sample {
	if s.Row == nil {
		s.Row = make([]int32, s.Rows())
		for i := range s.Row {
			s.Row[i] = int32(i)
		}
	}
	return s
}

// arrange sorts the rows by fold, shuffled within each, and returns where each fold begins.
func arrange(rng *rand.Rand, assignment []int32) (order []int32, bounds []int, err error) {
	n := len(assignment)
	order = make([]int32, n)
	for i, p := range rng.Perm(n) {
		order[i] = int32(p)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(assignment[a], assignment[b]) })
	bounds = []int{0}
	for i := 1; i <= n; i++ {
		if i == n || assignment[order[i]] != assignment[order[i-1]] {
			bounds = append(bounds, i)
		}
	}
	if len(bounds) < 3 {
		return nil, nil, errors.New("dataset: cross-validation needs at least two folds that are not empty")
	}
	return order, bounds, nil
}

// KFold assigns n rows at random to k folds of (nearly) equal size.
func KFold(n, k int, rng *rand.Rand) []int32 {
	a := make([]int32, n)
	for i, p := range rng.Perm(n) {
		a[p] = int32(i % k)
	}
	return a
}

// StratifiedKFold assigns the rows of a categorical target so that every fold has (nearly) the same share of every
// class. Classes with fewer rows than folds are spread as far as they go; nothing is dropped.
func StratifiedKFold(y *Column, k int, rng *rand.Rand) []int32 {
	byClass := make([][]int32, len(y.Levels)+1)
	for _, i := range rng.Perm(y.Len()) {
		c := y.Code[i] + 1
		byClass[c] = append(byClass[c], int32(i))
	}
	a, next := make([]int32, y.Len()), 0
	for _, rows := range byClass {
		for _, i := range rows { // dealing on where the last class stopped keeps the folds equal in size
			a[i] = int32(next % k)
			next++
		}
	}
	return a
}

// GroupKFold assigns whole groups, the largest first, each to the fold that has the fewest rows so far.
func GroupKFold(groups []int32, k int, rng *rand.Rand) ([]int32, error) {
	size := map[int32]int{}
	for _, g := range groups {
		size[g]++
	}
	if len(size) < k {
		return nil, &DataError{Msg: fmt.Sprintf("the %d groups cannot fill %d folds: ask for fewer folds", len(size), k)}
	}
	ids := make([]int32, 0, len(size))
	for g := range size {
		ids = append(ids, g)
	}
	slices.Sort(ids)
	rng.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	slices.SortStableFunc(ids, func(a, b int32) int { return cmp.Compare(size[b], size[a]) })
	load, fold := make([]int, k), map[int32]int32{}
	for _, g := range ids {
		best := 0
		for j := range load {
			if load[j] < load[best] {
				best = j
			}
		}
		load[best] += size[g]
		fold[g] = int32(best)
	}
	a := make([]int32, len(groups))
	for i, g := range groups {
		a[i] = fold[g]
	}
	return a, nil
}

// Split assigns the rows of s to k folds in the way its contents ask for: grouped if it has groups, stratified if it is
// classification, plain otherwise.
func Split(s Sample, k int, rng *rand.Rand) ([]int32, error) {
	if k < 2 {
		return nil, fmt.Errorf("dataset: %d folds: want at least 2", k)
	}
	k = min(k, s.Rows())
	switch {
	case s.Group != nil:
		return GroupKFold(s.Group, k, rng)
	case s.Y.Kind == Categorical:
		return StratifiedKFold(s.Y, k, rng), nil
	}
	return KFold(s.Rows(), k, rng), nil
}

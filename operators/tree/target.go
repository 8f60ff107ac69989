package tree

import (
	"errors"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/kernel"
)

// target is what a tree learns to predict, row by row.
type target struct {
	levels []string  // classes; nil for regression
	class  []int32   // index into levels
	y      []float64 // regression
	weight []float64 // nil: equal
	rows   []int32   // those of positive weight, ascending
}

var errNoWeight = errors.New("no row has a positive weight")

func newTarget(s dataset.Sample) (*target, error) {
	t := &target{weight: s.W, y: s.Y.Float}
	if s.Y.Kind == dataset.Categorical {
		t.levels, t.class = s.Y.Levels, s.Y.Code
	}
	t.rows = make([]int32, 0, s.Rows())
	for i := range s.Rows() {
		if s.W == nil || s.W[i] > 0 {
			t.rows = append(t.rows, int32(i))
		}
	}
	if len(t.rows) == 0 {
		return nil, errNoWeight
	}
	if s.X.Cols() > maxColumns {
		return nil, errors.New("too many columns")
	}
	for _, r := range t.rows {
		if t.levels == nil && !finite(t.y[r]) {
			return nil, errors.New("the target is not finite")
		}
	}
	return t, nil
}

// outputs is the number of values per leaf: two classes need only the probability of the second.
func (t *target) outputs() int {
	if len(t.levels) > 2 {
		return len(t.levels)
	}
	return 1
}

// balance returns for each class the factor that gives all classes present among the rows the same weight, where row i
// counts times[i] times (once each if times is nil).
func (t *target) balance(times []int32) []float64 {
	f := make([]float64, len(t.levels))
	total, present := 0.0, 0.0
	for _, r := range t.rows {
		k := 1.0
		if times != nil {
			k = float64(times[r])
		}
		f[t.class[r]] += k
		total += k
	}
	for _, v := range f {
		if v > 0 {
			present++
		}
	}
	for k, v := range f {
		if v > 0 {
			f[k] = total / (present * v)
		}
	}
	return f
}

// once reports whether there are two classes at most, whose rows weigh the same but for a factor per class.
func (t *target) once() bool {
	return t.levels != nil && len(t.levels) <= 2 && t.weight == nil && len(t.class) < kernel.MaxTally
}

// bag says how often each row counts in one tree; nil is once.
type bag struct {
	times  []int32
	factor []float64 // per class, nil is 1
}

// adds reports whether the criterion may come down to sums of words.
func (t *target) adds(criterion string) bool {
	if t.levels != nil {
		return t.weight == nil
	}
	return criterion != "absolute_error" && criterion != "poisson"
}

// judge makes the named criterion for columns of up to codes codes, and the function that sets it up for one bag.
func (t *target) judge(criterion string, codes int, factor []float64) (criterion, func(bag)) {
	n := max(len(t.class), len(t.y))
	entropy := criterion == "entropy" || criterion == "log_loss"
	if t.once() {
		two := [2]float64{1, 1}
		copy(two[:], factor)
		c := newCounted(n, codes, two, entropy)
		return c, func(b bag) { c.prepare(t, b) }
	}
	if t.levels != nil && t.weight == nil && !(entropy && factor != nil) {
		if c := newCensus(n, max(2, len(t.levels)), codes, entropy); c != nil {
			return c, func(b bag) { c.fill(t.class, b.times, b.factor) }
		}
	}
	weight := make([]float64, n)
	if t.levels != nil {
		c := newClasses(t.class, weight, max(2, len(t.levels)), codes, entropy)
		if c.whole = t.weight == nil && factor == nil; c.whole && entropy {
			c.logs = logTable(2 * n)
		}
		return c, func(b bag) {
			t.fill(weight, b)
			c.prepare()
		}
	}
	if criterion == "absolute_error" {
		return newAbsolute(t.y, weight, codes), func(b bag) { t.fill(weight, b) }
	}
	m := newMoments(t.y, codes, criterion == "poisson")
	return m, func(b bag) {
		t.fill(weight, b)
		m.prepare(weight)
	}
}

// prepare sets the tallies for a bag.
func (c *counted) prepare(t *target, b bag) {
	if b.factor != nil {
		copy(c.factor[:], b.factor)
	}
	for i, k := range t.class {
		times := 1
		if b.times != nil {
			times = int(b.times[i])
		}
		c.tally[i] = kernel.NewTally(int(k), times)
		if c.seeker != nil {
			c.weight[i] = c.factor[k] * float64(times)
			c.second[i] = c.weight[i] * float64(k)
		} else {
			c.words[i] = int64(c.tally[i])
		}
	}
	if c.seeker != nil {
		c.load(c.second, c.weight)
	}
}

// fill computes the weight of each row in a bag.
func (t *target) fill(weight []float64, b bag) {
	for i := range weight {
		w := 1.0
		if t.weight != nil {
			w = t.weight[i]
		}
		if b.times != nil {
			w *= float64(b.times[i])
		}
		if b.factor != nil {
			w *= b.factor[t.class[i]]
		}
		weight[i] = w
	}
}

// chosen returns the rows that occur in a bag.
func (t *target) chosen(times []int32, dst []int32) []int32 {
	if times == nil {
		return append(dst[:0], t.rows...)
	}
	dst = slices.Grow(dst[:0], len(t.rows))
	for _, r := range t.rows {
		if times[r] > 0 {
			dst = append(dst, r)
		}
	}
	return dst
}

// accepts reports a target that the criterion is not defined for.
func (t *target) accepts(criterion string) error {
	if criterion != "poisson" {
		return nil
	}
	sum := 0.0
	for _, r := range t.rows {
		if t.y[r] < 0 {
			return errors.New("the poisson criterion wants a target that is not negative")
		}
		sum += t.y[r]
	}
	if sum <= 0 {
		return errors.New("the poisson criterion wants a target that is not zero everywhere")
	}
	return nil
}

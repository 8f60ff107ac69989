package tree

import (
	"errors"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// Monotonic returns op, which must be a histogram booster (HistGradientBoosting, XGB, LGBM), with constraints: where
// signs holds 1 for a column the prediction never falls as the column grows, where it holds -1 it never rises; 0 leaves
// the column free. For two classes the prediction is the probability of the second. Fit returns an error where there are
// more classes, where signs and columns differ in number, or where a categorical column is constrained.
//
// A list does not fit into a hyper-parameter, which is one number; this is for callers in Go. The values of the two sides
// of a constrained split are kept in order, and all later leaves on a side stay on their side of the middle of the two
// (as in LightGBM's basic method and scikit-learn's monotonic_cst).
func Monotonic(op operators.Operator, signs []int8) (operators.Operator, error) {
	b, ok := op.(booster)
	if !ok {
		return nil, errors.New("monotonic: only histogram boosting takes constraints")
	}
	for j, v := range signs {
		if v < -1 || v > 1 {
			return nil, fmt.Errorf("monotonic: column %d: %d: want -1, 0 or 1", j, v)
		}
	}
	b.monotone = append([]int8{}, signs...)
	return b, nil
}

// obeys reports a table or a target that the constraints do not fit.
func (b *booster) obeys(x *dataset.Frame, classes int) error {
	switch {
	case b.monotone == nil:
		return nil
	case len(b.monotone) != x.Cols():
		return fmt.Errorf("%d columns have %d monotone constraints", x.Cols(), len(b.monotone))
	case classes > 2:
		return errors.New("monotone constraints want two classes or a numeric target")
	}
	for j, c := range x.Columns() {
		if c.Kind == dataset.Categorical && b.monotone[j] != 0 {
			return fmt.Errorf("categorical column %q cannot be monotone", c.Name)
		}
	}
	return nil
}

// span is a range of values.
type span struct{ lo, hi float64 }

var everything = span{math.Inf(-1), math.Inf(1)}

// confine narrows what the leaves below the two sides of x may be worth if x splits a constrained column.
func (s *sprouter) confine(x, l, r *bud) {
	if s.monotone == nil || s.monotone[x.column] == 0 {
		return
	}
	_, left := s.limits(x, 0).Side(s.pack.Gradient(l.total), s.pack.Hessian(l.total)+s.l2)
	_, right := s.limits(x, 0).Side(s.pack.Gradient(r.total), s.pack.Hessian(r.total)+s.l2)
	middle := (left + right) / 2
	if s.monotone[x.column] > 0 {
		l.clip.hi, r.clip.lo = min(l.clip.hi, middle), max(r.clip.lo, middle)
	} else {
		l.clip.lo, r.clip.hi = max(l.clip.lo, middle), min(r.clip.hi, middle)
	}
}

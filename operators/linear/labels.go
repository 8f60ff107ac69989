package linear

import (
	"errors"

	"github.com/lren-chuv/automl/dataset"
)

// labels are the classes of a sample that have rows of positive weight, and the weights of its rows.
type labels struct {
	levels  []string
	present []int // position in levels of each class that occurs, ascending
	code    []int // per row: index into present, or -1 where the weight is zero
	w       []float64
}

// labelsOf reads the classes of s. With balanced, every class gets the same total weight, by the number of its rows
// (scikit-learn's class_weight='balanced'); given, if not nil, holds a weight per level.
func labelsOf(s dataset.Sample, balanced bool, given []float64) (*labels, error) {
	if s.Y.Kind != dataset.Categorical {
		return nil, errors.New("the target is not categorical")
	}
	n := s.Rows()
	l := &labels{levels: s.Y.Levels, code: make([]int, n), w: make([]float64, n)}
	count := make([]int, len(l.levels))
	for i, k := range s.Y.Code {
		l.w[i] = 1
		if s.W != nil {
			l.w[i] = s.W[i]
		}
		if l.w[i] > 0 {
			count[k]++
		}
	}
	rank, rows := make([]int, len(count)), 0
	for k, c := range count {
		rank[k] = len(l.present)
		if c > 0 {
			l.present = append(l.present, k)
			rows += c
		}
	}
	for i, k := range s.Y.Code {
		l.code[i] = -1
		if l.w[i] > 0 {
			l.code[i] = rank[k]
		}
		if balanced && count[k] > 0 {
			l.w[i] *= float64(rows) / float64(len(l.present)*count[k])
		}
		if given != nil {
			l.w[i] *= given[k]
		}
	}
	if len(l.present) == 0 {
		return nil, errNoWeight
	}
	return l, nil
}

// signs returns +1 for rows of class k and −1 for all others.
func (l *labels) signs(k int) []float64 {
	y := make([]float64, len(l.code))
	for i, c := range l.code {
		y[i] = -1
		if c == k {
			y[i] = 1
		}
	}
	return y
}

// times returns the rows' weights multiplied by c.
func (l *labels) times(c float64) []float64 {
	w := make([]float64, len(l.w))
	for i, v := range l.w {
		w[i] = c * v
	}
	return w
}

// sides is how many rows of coefficients separate the classes one against the rest: one for two classes.
func (l *labels) sides() int {
	if len(l.present) <= 2 {
		return len(l.present) - 1
	}
	return len(l.present)
}

// side returns ±1 per row for the given row of coefficients. Of two classes the second one is the positive one.
func (l *labels) side(r int) []float64 {
	if len(l.present) == 2 {
		return l.signs(1)
	}
	return l.signs(r)
}

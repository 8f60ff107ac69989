package tree

import (
	"fmt"
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
)

// layout is what the trees remember of the training columns: the level names of the categorical ones.
type layout struct {
	Levels [][]string // nil for a numeric column
}

func layoutOf(x *dataset.Frame) layout {
	l := layout{Levels: make([][]string, x.Cols())}
	for j, c := range x.Columns() {
		if c.Kind == dataset.Categorical {
			l.Levels[j] = c.Levels
		}
	}
	return l
}

// rowBlock is the number of rows that are walked through all trees together: enough to keep a tree in cache for all of
// them, few enough for the rows to stay there too.
const rowBlock = 64

// reader turns blocks of rows of a frame into row-major numbers.
type reader struct {
	cols  []*dataset.Column
	remap [][]float64 // code of a categorical column here → code in training
	block []float64
}

// read prepares to read x, whose columns must be those of the training, in blocks of up to size rows.
func (l *layout) read(x *dataset.Frame, size int) (*reader, error) {
	if x.Cols() != len(l.Levels) {
		return nil, fmt.Errorf("%d columns, trained on %d", x.Cols(), len(l.Levels))
	}
	r := &reader{cols: x.Columns(), remap: make([][]float64, x.Cols()), block: make([]float64, size*x.Cols())}
	for j, c := range r.cols {
		if (c.Kind == dataset.Categorical) != (l.Levels[j] != nil) {
			return nil, fmt.Errorf("column %q is %v, unlike in training", c.Name, c.Kind)
		}
		if c.Kind == dataset.Categorical && !slices.Equal(c.Levels, l.Levels[j]) {
			r.remap[j] = translate(c.Levels, l.Levels[j])
		}
	}
	return r, nil
}

// translate gives the position in to of each name in from, NaN for the unknown ones.
func translate(from, to []string) []float64 {
	at := make(map[string]int, len(to))
	for k, name := range to {
		at[name] = k
	}
	out := make([]float64, len(from))
	for k, name := range from {
		out[k] = math.NaN()
		if i, ok := at[name]; ok {
			out[k] = float64(i)
		}
	}
	return out
}

// rows returns rows [lo, hi), at most a block of them, row by row, in memory that the next call reuses.
func (r *reader) rows(lo, hi int) []float64 {
	p := len(r.cols)
	out := r.block[:(hi-lo)*p]
	for j, c := range r.cols {
		if c.Kind == dataset.Numeric {
			for i, v := range c.Float[lo:hi] {
				out[i*p+j] = v
			}
			continue
		}
		for i, k := range c.Code[lo:hi] {
			switch {
			case k < 0:
				out[i*p+j] = math.NaN()
			case r.remap[j] != nil:
				out[i*p+j] = r.remap[j][k]
			default:
				out[i*p+j] = float64(k)
			}
		}
	}
	return out
}

package encode

import (
	"errors"
	"fmt"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
)

// indicators turns the values of one column into columns of 0 and 1. At most one of them is 1 in a row.
type indicators struct {
	Values  wire.Floats // numeric column: its distinct training values, ascending
	Levels  []string    // categorical column: its training levels
	Slot    wire.Ints   // per value or level: the column that is 1, or -1 for none
	Missing int32       // the column that is 1 where the value is missing, or -1
	Unknown int32       // the column that is 1 where the value did not occur in training, or -1
	Names   []string    // of the output columns
}

// apply returns the columns for c.
func (d *indicators) apply(c *dataset.Column) []*dataset.Column {
	n := c.Len()
	block := make([]float64, n*len(d.Names))
	mark := func(i int, slot int32) {
		if slot >= 0 {
			block[int(slot)*n+i] = 1
		}
	}
	if c.Kind == dataset.Categorical {
		codes := codesIn(c, d.Levels)
		for i, k := range codes {
			switch {
			case k >= 0:
				mark(i, d.Slot[k])
			case c.Code[i] >= 0:
				mark(i, d.Unknown)
			default:
				mark(i, d.Missing)
			}
		}
	} else {
		for i, v := range c.Float {
			mark(i, d.slotOf(v))
		}
	}
	out := make([]*dataset.Column, len(d.Names))
	for j, name := range d.Names {
		out[j] = dataset.NewNumeric(name, block[j*n:(j+1)*n:(j+1)*n])
	}
	return out
}

// slotOf returns the output column of a number.
func (d *indicators) slotOf(v float64) int32 {
	if v != v {
		return d.Missing
	}
	if k, ok := slices.BinarySearch(d.Values, v); ok {
		return d.Slot[k]
	}
	return d.Unknown
}

func (d *indicators) check() error {
	if len(d.Slot) != len(d.Values)+len(d.Levels) || len(d.Values) > 0 && len(d.Levels) > 0 {
		return errors.New("encode: as many columns as values or levels wanted")
	}
	for _, s := range append([]int32{d.Missing, d.Unknown}, d.Slot...) {
		if s < -1 || int(s) >= len(d.Names) {
			return fmt.Errorf("encode: column %d of %d", s, len(d.Names))
		}
	}
	return nil
}

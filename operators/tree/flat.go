package tree

import (
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
)

// flat is a grown tree in arrays, parents before children. A row goes left where its value is at most the threshold;
// where it is missing it goes right, or left if MissingLeft says so.
type flat struct {
	Feature     wire.Ints   // -1 in a leaf
	Threshold   wire.Floats //
	Left, Right wire.Ints   //
	MissingLeft []byte      // nil, or one per node
	Value       wire.Floats // width values per node
	Gain        wire.Floats // weighted improvement of each split, 0 in leaves
}

// leaf adds a node that does not split yet and returns its number.
func (t *flat) leaf(value []float64) int32 {
	t.Feature = append(t.Feature, -1)
	t.Threshold = append(t.Threshold, 0)
	t.Left, t.Right = append(t.Left, 0), append(t.Right, 0)
	t.Gain = append(t.Gain, 0)
	t.Value = append(t.Value, value...)
	return int32(len(t.Feature) - 1)
}

// find returns the leaf that row i of the columns falls into.
func (t *flat) find(cols [][]float64, i int) int32 {
	n := int32(0)
	for {
		f := t.Feature[n]
		if f < 0 {
			return n
		}
		v := cols[f][i]
		switch {
		case v <= t.Threshold[n]:
			n = t.Left[n]
		case v == v:
			n = t.Right[n]
		case t.MissingLeft != nil && t.MissingLeft[n] != 0:
			n = t.Left[n]
		default:
			n = t.Right[n]
		}
	}
}

// check refuses a tree that find could not walk.
func (t *flat) check(features, width int) error {
	n := len(t.Feature)
	if n == 0 || len(t.Threshold) != n || len(t.Left) != n || len(t.Right) != n || len(t.Value) != n*width ||
		len(t.Gain) != n || t.MissingLeft != nil && len(t.MissingLeft) != n {
		return fmt.Errorf("tree: arrays of %d nodes do not fit together", n)
	}
	for i := range n {
		if t.Feature[i] < 0 {
			continue
		}
		if int(t.Feature[i]) >= features {
			return fmt.Errorf("tree: node %d asks for column %d of %d", i, t.Feature[i], features)
		}
		for _, c := range [2]int32{t.Left[i], t.Right[i]} {
			if int(c) <= i || int(c) >= n {
				return fmt.Errorf("tree: node %d leads to %d", i, c)
			}
		}
	}
	for _, v := range t.Value {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("tree: a leaf is %v", v)
		}
	}
	return nil
}

// importance adds each feature's share of the tree's gain to sum.
func (t *flat) importance(sum []float64) {
	total := 0.0
	for _, g := range t.Gain {
		total += g
	}
	if total <= 0 {
		return
	}
	for i, f := range t.Feature {
		if f >= 0 {
			sum[f] += t.Gain[i] / total
		}
	}
}

// floats returns the values of numeric columns, column by column.
func floats(x *dataset.Frame) [][]float64 {
	cols := make([][]float64, x.Cols())
	for j := range cols {
		cols[j] = x.Col(j).Float
	}
	return cols
}

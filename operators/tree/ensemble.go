package tree

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/lren-chuv/automl/internal/wire"
)

// node is one node of a flat tree core: 16 bytes, four to a cache line. The children of an inner node stand side by side at
// Left and Left+1, always behind their parent. A leaf has Left 0; its value is Threshold, or with several outputs the
// row Feature of Ensemble.Values.
type node struct {
	Threshold float64 // values up to it go left; for a categorical split the offset of its set in Ensemble.Sets
	Left      int32
	Feature   int32 // column, and the flags below
}

const (
	missingLeft = 1 << 30 // missing values go left
	inSet       = 1 << 29 // categorical split: members of the set go left
	column      = 1<<24 - 1
)

// maxColumns is the number of columns a tree can tell apart.
const maxColumns = column

// nodes is a []node that is encoded as one block of little-endian bytes.
type nodes []node

// EncodeMsgpack writes the block.
func (n nodes) EncodeMsgpack(e *msgpack.Encoder) error {
	b := make([]byte, 0, 16*len(n))
	for _, x := range n {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x.Threshold))
		b = binary.LittleEndian.AppendUint32(b, uint32(x.Left))
		b = binary.LittleEndian.AppendUint32(b, uint32(x.Feature))
	}
	return e.EncodeBytes(b)
}

// DecodeMsgpack reads the block.
func (n *nodes) DecodeMsgpack(d *msgpack.Decoder) error {
	b, err := d.DecodeBytes()
	if err != nil {
		return err
	}
	if len(b)%16 != 0 {
		return errors.New("tree core: nodes cut short")
	}
	*n = make(nodes, len(b)/16)
	for i := range *n {
		c := b[16*i:]
		(*n)[i] = node{math.Float64frombits(binary.LittleEndian.Uint64(c)), int32(binary.LittleEndian.Uint32(c[8:])), int32(binary.LittleEndian.Uint32(c[12:]))}
	}
	return nil
}

// Ensemble is a number of trees in one flat array.
type Ensemble struct {
	Nodes   nodes
	Roots   wire.Ints   // first node of each tree; the nodes of one tree stand together
	Outputs int         // values per leaf; with 1 they stand in the leaf itself
	Values  wire.Floats // leaf values if Outputs > 1, row by row
	Sets    wire.Ints   // categorical sets: a number of 32-bit words, then the words, level 0 in the lowest bit
	Cover   wire.Floats // weight of the training rows at each node
	Gain    wire.Floats // what each inner node's split gained, in the learner's own measure
	Columns int         // number of columns the trees read
}

// check reports what would make a walk leave the arrays or not end.
func (e *Ensemble) check() error {
	n := len(e.Nodes)
	if e.Columns < 0 || e.Columns > maxColumns || e.Outputs < 1 || len(e.Roots) == 0 && n > 0 {
		return errors.New("tree core: bad shape")
	}
	if len(e.Cover) != n || len(e.Gain) != n || len(e.Values)%e.Outputs != 0 {
		return errors.New("tree core: arrays of different lengths")
	}
	for t, r := range e.Roots {
		end := int32(n)
		if t+1 < len(e.Roots) {
			end = e.Roots[t+1]
		}
		if r < 0 || r >= end || int(end) > n || t == 0 && r != 0 {
			return fmt.Errorf("tree core: tree %d has no nodes", t)
		}
		for i := r; i < end; i++ {
			if err := e.checkNode(i, end); err != nil {
				return err
			}
		}
	}
	for _, v := range e.Values {
		if !finite(v) {
			return errors.New("tree core: leaf value is not finite")
		}
	}
	return nil
}

func (e *Ensemble) checkNode(i, end int32) error {
	x := e.Nodes[i]
	if !(e.Cover[i] >= 0) || !finite(e.Cover[i]) || !finite(e.Gain[i]) {
		return fmt.Errorf("tree core: node %d has a bad cover or gain", i)
	}
	if x.Left == 0 {
		if e.Outputs > 1 && (x.Feature < 0 || int(x.Feature) >= len(e.Values)/e.Outputs) || !finite(x.Threshold) {
			return fmt.Errorf("tree core: leaf %d has no value", i)
		}
		return nil
	}
	if x.Left <= i || x.Left >= end-1 {
		return fmt.Errorf("tree core: children of node %d lie outside its tree", i)
	}
	if x.Feature < 0 || x.Feature&^(missingLeft|inSet|column) != 0 || int(x.Feature&column) >= e.Columns {
		return fmt.Errorf("tree core: node %d splits column %d of %d", i, x.Feature&column, e.Columns)
	}
	if x.Feature&inSet != 0 {
		at := x.Threshold
		if !(at >= 0 && at < float64(len(e.Sets))) || at != math.Trunc(at) || e.Sets[int(at)] < 0 || int(at)+int(e.Sets[int(at)]) >= len(e.Sets) {
			return fmt.Errorf("tree core: set of node %d lies outside", i)
		}
	} else if math.IsNaN(x.Threshold) {
		return fmt.Errorf("tree core: threshold of node %d is not a number", i)
	}
	return nil
}

func finite(v float64) bool { return v-v == 0 }

// goesLeft reports on which side of inner node x a row lies.
func (e *Ensemble) goesLeft(x node, row []float64) bool {
	v := row[x.Feature&column]
	switch {
	case v != v:
		return x.Feature&missingLeft != 0
	case x.Feature&inSet != 0:
		return e.member(int(x.Threshold), v)
	}
	return v <= x.Threshold
}

// member reports whether level v is in the set at the given offset.
func (e *Ensemble) member(at int, v float64) bool {
	words := e.Sets[at+1 : at+1+int(e.Sets[at])]
	k := int(v)
	return k >= 0 && k>>5 < len(words) && words[k>>5]>>(k&31)&1 != 0
}

// leaf returns the node in which the row ends, in the tree that begins at root. A row holds one number per column: the
// value, the code of a categorical column, NaN where missing.
func (e *Ensemble) leaf(root int32, row []float64) int32 {
	i := root
	for {
		x := e.Nodes[i]
		if x.Left == 0 {
			return i
		}
		i = x.Left
		if !e.goesLeft(x, row) {
			i++
		}
	}
}

// trees is the number of trees.
func (e *Ensemble) trees() int { return len(e.Roots) }

// span returns the nodes [lo, hi) of tree t.
func (e *Ensemble) span(t int) (lo, hi int32) {
	if t+1 < len(e.Roots) {
		return e.Roots[t], e.Roots[t+1]
	}
	return e.Roots[t], int32(len(e.Nodes))
}

// mostReserved is the number of nodes or values that room is made for in advance: 20 MB.
const mostReserved = 1 << 19

// reserve makes room for so many trees of the size of the first.
func (e *Ensemble) reserve(trees int) {
	trees = min(trees, mostReserved/max(1, len(e.Nodes), len(e.Values)))
	n := len(e.Nodes) * trees
	e.Nodes, e.Cover, e.Gain = slices.Grow(e.Nodes, n), slices.Grow(e.Cover, n), slices.Grow(e.Gain, n)
	e.Roots, e.Values = slices.Grow(e.Roots, trees), slices.Grow(e.Values, len(e.Values)*trees)
}

// join appends the trees of f.
func (e *Ensemble) join(f *Ensemble) {
	base, row, set := int32(len(e.Nodes)), int32(0), len(e.Sets)
	if e.Outputs > 1 {
		row = int32(len(e.Values) / e.Outputs)
	}
	for _, r := range f.Roots {
		e.Roots = append(e.Roots, r+base)
	}
	for _, x := range f.Nodes {
		switch {
		case x.Left == 0:
			x.Feature += row
		default:
			x.Left += base
			if x.Feature&inSet != 0 {
				x.Threshold += float64(set)
			}
		}
		e.Nodes = append(e.Nodes, x)
	}
	e.Values = append(e.Values, f.Values...)
	e.Sets = append(e.Sets, f.Sets...)
	e.Cover = append(e.Cover, f.Cover...)
	e.Gain = append(e.Gain, f.Gain...)
}

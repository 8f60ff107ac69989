package cluster

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/pipeline"
)

// treeData is a tree as it travels: its nodes in postfix order, operators by their number in the problem's list. The text
// form would not do: it leaves out what is at its default, and a narrowed search space has defaults of its own.
type treeData struct {
	Hash  []byte
	Nodes []nodeData
	Bar   wire.Floats
}

type nodeData struct {
	Op     pipeline.Op
	Spec   int
	Values wire.Floats
	Arity  int
}

// errStrange is the error of what no worker can evaluate, since it makes no sense.
var errStrange = errors.New("cluster: the task does not fit its problem")

// key tells the tree and its bar from others.
func (d *treeData) key() key {
	var k key
	if copy(k[:], d.Hash); len(d.Bar) == 0 {
		return k
	}
	b := append([]byte(nil), d.Hash...)
	for _, v := range d.Bar {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	sum := sha256.Sum256(b)
	copy(k[:], sum[:])
	return k
}

func encodeTree(t pipeline.Tree, specs []*operators.Spec) (treeData, error) {
	h := t.Hash()
	d := treeData{Hash: h[:]}
	for i := range t.Len() {
		n := t.Node(i)
		one := nodeData{Op: n.Op, Values: n.Values, Arity: int(n.Arity)}
		if n.Op == pipeline.Step {
			if one.Spec = slices.Index(specs, n.Spec); one.Spec < 0 {
				return d, errStrange
			}
		}
		d.Nodes = append(d.Nodes, one)
	}
	return d, nil
}

// tree builds the tree and makes sure that it is the one that was sent.
func (d *treeData) tree(specs []*operators.Spec) (pipeline.Tree, error) {
	var stack []pipeline.Tree
	for _, n := range d.Nodes {
		if n.Arity < 0 || n.Arity > len(stack) {
			return pipeline.Tree{}, errStrange
		}
		children := stack[len(stack)-n.Arity:]
		stack = stack[:len(stack)-n.Arity]
		one, err := n.build(children, specs)
		if err != nil {
			return one, err
		}
		stack = append(stack, one)
	}
	if len(stack) != 1 {
		return pipeline.Tree{}, errStrange
	}
	t := stack[0]
	if h := t.Hash(); !slices.Equal(h[:], d.Hash) {
		return t, errStrange
	}
	if err := t.Check(); err != nil {
		return t, fmt.Errorf("%w: %w", errStrange, err)
	}
	return t, nil
}

func (n *nodeData) build(children []pipeline.Tree, specs []*operators.Spec) (pipeline.Tree, error) {
	switch {
	case n.Op == pipeline.Input && len(children) == 0:
		return pipeline.Leaf(), nil
	case n.Op == pipeline.Step && len(children) == 1 && n.Spec >= 0 && n.Spec < len(specs):
		spec := specs[n.Spec]
		if err := spec.Check(n.Values); err != nil {
			return pipeline.Tree{}, fmt.Errorf("%w: %w", errStrange, err)
		}
		return pipeline.Apply(spec, n.Values, children[0]), nil
	case n.Op == pipeline.Union && len(children) > 1:
		return pipeline.Unite(children...), nil
	case n.Op == pipeline.Stack && len(children) == 1:
		if root := children[0].Root(); root.Op == pipeline.Step && root.Spec.Predicts() {
			return pipeline.StackOn(children[0]), nil
		}
	}
	return pipeline.Tree{}, errStrange
}

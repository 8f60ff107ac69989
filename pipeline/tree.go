// Package pipeline is what the search searches: trees of operators, the grammar that says which are legal, and what
// they compute: fitting, prediction and cross-validation with everything shared that can be shared.
package pipeline

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/operators"
)

// Op is what a node does.
type Op uint8

const (
	Input Op = iota // the raw features; a leaf
	Step            // one operator applied to its child's output; a predictor below the root gives out-of-fold predictions
	Union           // the columns of all its children side by side
	Stack           // the out-of-fold predictions of its child, a predictor, followed by that predictor's own input
)

// Node is one node of a [Tree].
type Node struct {
	Op     Op
	Spec   *operators.Spec // of a Step
	Values []float64       // of a Step: one per parameter, canonical; never written to
	Arity  int32           // number of children
	Size   int32           // number of nodes of the subtree, itself included
}

// Hash identifies a tree by what it computes.
type Hash [16]byte

// Tree is an immutable pipeline in postfix order: the subtree of node i is nodes[i-Size+1 … i], the root is last. Trees
// are canonical: parameters without effect rest at their defaults and the branches of a union stand in a fixed order, so
// that equal pipelines are equal values.
type Tree struct {
	nodes []Node
	hash  Hash
}

// Leaf is the tree that hands the input on.
func Leaf() Tree { return seal([]Node{{Op: Input, Size: 1}}) }

// Apply puts an operator on top of child. It panics when values does not fit spec: check text and files first.
func Apply(spec *operators.Spec, values []float64, child Tree) Tree {
	if len(values) != len(spec.Params) {
		panic(fmt.Sprintf("pipeline: %d values for the %d parameters of %s", len(values), len(spec.Params), spec.Name))
	}
	return seal(join(Node{Op: Step, Spec: spec, Values: spec.Canonical(values), Arity: 1}, child))
}

// Unite puts the outputs of two or more trees side by side.
func Unite(children ...Tree) Tree {
	sorted := append([]Tree(nil), children...)
	for i := range sorted { // insertion sort: there are two or three
		for j := i; j > 0 && bytes.Compare(sorted[j].hash[:], sorted[j-1].hash[:]) < 0; j-- {
			sorted[j], sorted[j-1] = sorted[j-1], sorted[j]
		}
	}
	return seal(join(Node{Op: Union, Arity: int32(len(children))}, sorted...))
}

// StackOn adds the out-of-fold predictions of child, whose root must be a predictor, to the columns it predicts from.
func StackOn(child Tree) Tree {
	if !child.Root().predicts() {
		panic("pipeline: only a predictor can be stacked")
	}
	return seal(join(Node{Op: Stack, Arity: 1}, child))
}

func (n *Node) predicts() bool { return n.Op == Step && n.Spec.Predicts() }

func join(root Node, children ...Tree) []Node {
	size := 1
	for _, c := range children {
		size += len(c.nodes)
	}
	nodes := make([]Node, 0, size)
	for _, c := range children {
		nodes = append(nodes, c.nodes...)
	}
	root.Size = int32(size)
	return append(nodes, root)
}

// seal computes the hash of finished nodes.
func seal(nodes []Node) Tree {
	b := make([]byte, 0, 32*len(nodes))
	for i := range nodes {
		n := &nodes[i]
		b = append(b, byte(n.Op), byte(n.Arity))
		if n.Op != Step {
			continue
		}
		b = append(append(b, n.Spec.Name...), 0)
		for _, v := range n.Values {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
	}
	sum := sha256.Sum256(b)
	return Tree{nodes, Hash(sum[:16])}
}

// Len is the number of nodes, the input leaves included; 0 for the zero Tree.
func (t Tree) Len() int { return len(t.nodes) }

// Node returns node i in postfix order.
func (t Tree) Node(i int) *Node { return &t.nodes[i] }

// Root returns the last node.
func (t Tree) Root() *Node { return &t.nodes[len(t.nodes)-1] }

// Hash identifies what the tree computes.
func (t Tree) Hash() Hash { return t.hash }

// Steps is the number of operators: the complexity that the search minimises.
func (t Tree) Steps() int {
	n := 0
	for i := range t.nodes {
		if t.nodes[i].Op != Input {
			n++
		}
	}
	return n
}

// Subtree returns the tree below and including node i.
func (t Tree) Subtree(i int) Tree {
	if i == len(t.nodes)-1 {
		return t
	}
	return seal(t.nodes[i-int(t.nodes[i].Size)+1 : i+1 : i+1])
}

// Children returns the positions of the children of node i, left to right.
func (t Tree) Children(i int) []int {
	out := make([]int, t.nodes[i].Arity)
	at := i - 1
	for k := len(out) - 1; k >= 0; k-- {
		out[k] = at
		at -= int(t.nodes[at].Size)
	}
	return out
}

// Parent returns the position of the parent of node i, or -1 for the root.
func (t Tree) Parent(i int) int {
	for p := i + 1; p < len(t.nodes); p++ {
		if p-int(t.nodes[p].Size) < i-int(t.nodes[i].Size)+1 {
			return p
		}
	}
	return -1
}

// Replace returns the tree with the subtree of node i replaced by sub.
func (t Tree) Replace(i int, sub Tree) Tree {
	return t.rebuild(len(t.nodes)-1, i, sub)
}

// rebuild makes the subtree at node at anew, with sub in place of node i, and so restores the canonical order above it.
func (t Tree) rebuild(at, i int, sub Tree) Tree {
	if at == i {
		return sub
	}
	n := &t.nodes[at]
	if i > at || i <= at-int(n.Size) {
		return t.Subtree(at)
	}
	children := make([]Tree, 0, n.Arity)
	for _, c := range t.Children(at) {
		children = append(children, t.rebuild(c, i, sub))
	}
	switch n.Op {
	case Union:
		return Unite(children...)
	case Stack:
		return StackOn(children[0])
	}
	return Apply(n.Spec, n.Values, children[0])
}

// WithValues returns the tree with other hyper-parameters at node i, a Step.
func (t Tree) WithValues(i int, values []float64) Tree {
	n := &t.nodes[i]
	child := Tree{}
	if n.Arity == 1 {
		child = t.Subtree(i - 1)
	}
	return t.Replace(i, Apply(n.Spec, values, child))
}

// Check reports the first way in which the tree is malformed; every tree made by this package passes.
func (t Tree) Check() error {
	if len(t.nodes) == 0 {
		return fmt.Errorf("pipeline: empty tree")
	}
	stack := []int32{} // sizes of finished subtrees
	for i := range t.nodes {
		n := &t.nodes[i]
		if int(n.Arity) > len(stack) {
			return fmt.Errorf("pipeline: node %d lacks children", i)
		}
		size := int32(1)
		for range n.Arity {
			size += stack[len(stack)-1]
			stack = stack[:len(stack)-1]
		}
		if size != n.Size {
			return fmt.Errorf("pipeline: node %d has size %d, says %d", i, size, n.Size)
		}
		if err := n.check(); err != nil {
			return err
		}
		if n.Op == Stack && !t.nodes[i-1].predicts() {
			return fmt.Errorf("pipeline: stack over %s, which does not predict", t.nodes[i-1].name())
		}
		stack = append(stack, size)
	}
	if len(stack) != 1 {
		return fmt.Errorf("pipeline: %d roots", len(stack))
	}
	return nil
}

func (n *Node) check() error {
	arity := map[Op][2]int32{Input: {0, 0}, Step: {1, 1}, Union: {2, 16}, Stack: {1, 1}}[n.Op]
	if n.Arity < arity[0] || n.Arity > arity[1] {
		return fmt.Errorf("pipeline: %s has %d children", n.name(), n.Arity)
	}
	if n.Op == Step {
		return n.Spec.Check(n.Values)
	}
	return nil
}

func (n *Node) name() string {
	switch n.Op {
	case Input:
		return "input"
	case Union:
		return "union"
	case Stack:
		return "stack"
	}
	return n.Spec.Name
}

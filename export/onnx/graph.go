package onnx

import "fmt"

// graph collects the nodes and constants of an ONNX graph. All numbers are doubles; a row is a row of a matrix.
type graph struct {
	nodes, constants message
	names            int
}

// matrix is a value of the graph with its number of columns.
type matrix struct {
	name string
	cols int
}

func (g *graph) fresh() string {
	g.names++
	return fmt.Sprintf("v%d", g.names)
}

// named is an attribute of a node.
type named struct {
	name  string
	value any
}

// op adds a node and returns its output.
func (g *graph) op(kind string, inputs []string, attributes ...named) string {
	out := g.fresh()
	g.opTo(out, kind, inputs, attributes...)
	return out
}

func (g *graph) opTo(out, kind string, inputs []string, attributes ...named) {
	var m message
	for _, in := range inputs {
		m.text(1, in)
	}
	m.text(2, out)
	m.text(3, kind+"_"+out)
	m.text(4, kind)
	for _, a := range attributes {
		m.bytes(5, attribute(a.name, a.value))
	}
	if kind == "TreeEnsembleRegressor" {
		m.text(7, "ai.onnx.ml")
	}
	g.nodes.bytes(1, m)
}

// constant adds a matrix of numbers.
func (g *graph) constant(v []float64, dims ...int) string {
	name := g.fresh()
	g.constants.bytes(5, doubles(name, v, dims...))
	return name
}

// row is a constant of one row.
func (g *graph) row(v []float64) string { return g.constant(v, 1, len(v)) }

func (g *graph) number(v float64) string { return g.constant([]float64{v}, 1, 1) }

func (g *graph) indices(v []int64, dims ...int) string {
	name := g.fresh()
	g.constants.bytes(5, integers(name, v, dims...))
	return name
}

func (g *graph) add(a, b string) string    { return g.op("Add", []string{a, b}) }
func (g *graph) sub(a, b string) string    { return g.op("Sub", []string{a, b}) }
func (g *graph) mul(a, b string) string    { return g.op("Mul", []string{a, b}) }
func (g *graph) div(a, b string) string    { return g.op("Div", []string{a, b}) }
func (g *graph) matMul(a, b string) string { return g.op("MatMul", []string{a, b}) }

func (g *graph) where(condition, yes, no string) string {
	return g.op("Where", []string{condition, yes, no})
}

func (g *graph) compare(kind, a, b string) string { return g.op(kind, []string{a, b}) }

func (g *graph) missing(x string) string {
	return g.op("Not", []string{g.compare("Equal", x, x)})
}

func (g *graph) toDouble(x string) string {
	return g.op("Cast", []string{x}, named{"to", int64(doubleType)})
}

// sum adds up the columns.
func (g *graph) sum(x string) string {
	return g.op("ReduceSum", []string{x, g.indices([]int64{1}, 1)}, named{"keepdims", int64(1)})
}

// columns picks columns.
func (g *graph) columns(x string, js []int64) string {
	return g.op("Gather", []string{x, g.indices(js, len(js))}, named{"axis", int64(1)})
}

// beside puts matrices side by side.
func (g *graph) beside(parts ...matrix) matrix {
	if len(parts) == 1 {
		return parts[0]
	}
	var names []string
	out := matrix{}
	for _, p := range parts {
		names = append(names, p.name)
		out.cols += p.cols
	}
	out.name = g.op("Concat", names, named{"axis", int64(1)})
	return out
}

func (g *graph) softmax(x string) string {
	return g.op("Softmax", []string{x}, named{"axis", int64(1)})
}

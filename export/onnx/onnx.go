// Package onnx writes a fitted model as an ONNX graph (opset 13, ai.onnx.ml 3) on doubles. The input "x" has one row per
// row of the table and one column per feature: numbers, 1 and 0 of a boolean, the parts of a date, codes of a category, NaN
// for what is missing; the model's metadata name them. The output is "prediction" or "probabilities" and "label".
package onnx

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/export/form"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/pipeline"
)

const (
	irVersion = 8
	opset     = 13
	mlOpset   = 3
)

// Write writes m. An operator that has no form in ONNX gives an error that names it.
func Write(w io.Writer, m *automl.Model) error {
	g := &graph{}
	start := form.Row(m.Schema)
	sum := ""
	for _, member := range m.Members {
		p, err := g.pipeline(member.Fitted.Steps(), matrix{"x", start.Cols()}, start)
		if err != nil {
			return fmt.Errorf("onnx export: %w", err)
		}
		if m.Geometric() {
			p.name = g.op("Log", []string{g.op("Max", []string{p.name, g.number(automl.LeastShare)})})
		}
		part := g.mul(p.name, g.number(member.Weight))
		if sum != "" {
			part = g.add(sum, part)
		}
		sum = part
	}
	graph := g.finish(m, sum, start.Cols())
	data, err := file(m, graph, start)
	if err != nil {
		return fmt.Errorf("onnx export: %w", err)
	}
	_, err = w.Write(data)
	return err
}

// finish names the outputs and returns the GraphProto.
func (g *graph) finish(m *automl.Model, sum string, cols int) message {
	var out message
	if k := len(m.Levels); k > 0 {
		if m.Geometric() {
			sum = g.softmax(sum)
		}
		if t := m.Temperature; t != 0 && t != 1 { // an average is less sure of itself than its members
			powers := g.op("Pow", []string{sum, g.number(1 / t)})
			sum = g.div(powers, g.sum(powers))
		}
		if m.Odds != nil {
			inclined := g.mul(sum, g.row(m.Odds))
			sum = g.div(inclined, g.sum(inclined))
		}
		doubt := 1 / float64(m.Search.Rows+1) // a model is never surer than the number of its rows allows
		g.opTo("probabilities", "Add", []string{g.mul(sum, g.number(1-doubt)), g.number(doubt / float64(k))})
		g.opTo("label", "ArgMax", []string{"probabilities"}, named{"axis", int64(1)}, named{"keepdims", int64(0)})
		out.bytes(12, value("probabilities", doubleType, k))
		out.bytes(12, value("label", int64Type, 0))
	} else {
		g.opTo("prediction", "Identity", []string{sum})
		out.bytes(12, value("prediction", doubleType, 1))
	}
	all := append(message{}, g.nodes...)
	all.text(2, "automl")
	all = append(all, g.constants...)
	all.bytes(11, value("x", doubleType, cols))
	return append(all, out...)
}

// file wraps the graph up as a ModelProto.
func file(m *automl.Model, graph message, start *dataset.Frame) (message, error) {
	type column struct {
		Name   string   `json:"name"`
		Levels []string `json:"levels,omitempty"` // of a category, in the order of their codes
	}
	var columns []column
	for _, c := range start.Columns() {
		columns = append(columns, column{c.Name, c.Levels})
	}
	described, err := json.Marshal(columns)
	if err != nil {
		return nil, err
	}
	classes, err := json.Marshal(m.Levels)
	if err != nil {
		return nil, err
	}
	var out message
	out.varint(1, irVersion)
	out.text(2, "automl")
	out.text(3, m.Search.Program)
	out.bytes(7, graph)
	out.bytes(8, operatorSet("", opset))
	out.bytes(8, operatorSet("ai.onnx.ml", mlOpset))
	for _, p := range [][2]string{{"task", m.Task}, {"target", m.Target}, {"classes", string(classes)}, {"columns", string(described)}} {
		var entry message
		entry.text(1, p[0])
		entry.text(2, p[1])
		out.bytes(14, entry)
	}
	return out, nil
}

func operatorSet(domain string, version int64) message {
	var m message
	m.text(1, domain)
	m.varint(2, version)
	return m
}

// flow is a point of the pipeline: its value in the graph and what its columns are.
type flow struct {
	matrix
	frame *dataset.Frame
}

// pipeline adds the steps and returns the value of the last.
func (g *graph) pipeline(steps []pipeline.FittedStep, x matrix, start *dataset.Frame) (matrix, error) {
	var stack []flow
	for i, s := range steps {
		cut := len(stack) - s.Arity
		switch s.Op {
		case pipeline.Input:
			stack = append(stack, flow{x, start})
		case pipeline.Union:
			all, parts := stack[cut], []matrix{}
			for k, b := range stack[cut:] {
				parts = append(parts, b.matrix)
				if k > 0 {
					all.frame = all.frame.With(b.frame.Columns()...)
				}
			}
			all.matrix = g.beside(parts...)
			stack = append(stack[:cut], all)
		case pipeline.Step:
			in := stack[cut]
			next, err := g.step(s, in)
			if err != nil {
				return matrix{}, err
			}
			if i+1 < len(steps) && steps[i+1].Op == pipeline.Stack {
				next = g.stacked(next, in)
			}
			stack = append(stack[:cut], next)
		}
	}
	return stack[0].matrix, nil
}

func (g *graph) step(s pipeline.FittedStep, in flow) (flow, error) {
	frame, err := s.Model.Apply(context.Background(), operators.NewEnv(0, 0), in.frame)
	if err != nil {
		return flow{}, fmt.Errorf("%s: %w", s.Spec.Name, err)
	}
	add, known := adders()[s.Spec.Name]
	if !known {
		return flow{}, fmt.Errorf("operator %s cannot be written as ONNX; train with pipelines that do without it", s.Spec.Name)
	}
	name, err := add(g, s.Model, in)
	if err != nil {
		return flow{}, fmt.Errorf("operator %s: %w", s.Spec.Name, err)
	}
	return flow{matrix{name, frame.Cols()}, frame}, nil
}

// stacked puts the predicted class, if there are classes, and the predictions before what they were made from.
func (g *graph) stacked(p, in flow) flow {
	parts, cols := []matrix{}, []*dataset.Column{}
	if p.cols > 1 {
		best := g.op("ArgMax", []string{p.name}, named{"axis", int64(1)}, named{"keepdims", int64(1)})
		parts = append(parts, matrix{g.toDouble(best), 1})
		cols = append(cols, dataset.NewNumeric("predicted", []float64{0}))
	}
	parts = append(parts, p.matrix, in.matrix)
	cols = append(append(cols, p.frame.Columns()...), in.frame.Columns()...)
	return flow{g.beside(parts...), dataset.MustFrame(1, cols...)}
}

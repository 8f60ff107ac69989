package pfa

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/pipeline"
)

// Options say how to write a document. The zero value suits a model of the command line.
type Options struct {
	Name     string            // of the document; default: an engine-selecting name by the heaviest pipeline, see [EngineName]
	Inputs   map[string]Input  // by column, where the column's type alone does not say what the data will hold
	Nullable bool              // input fields may also be null, which counts as missing
	Metadata map[string]string // added to what the document says of itself
	MaxBytes int               // a longer document is an error; 0 for no limit
}

// Input says how the values of a column arrive.
type Input struct {
	Avro string // double, int, string or boolean
	Pad  bool   // text may have spaces behind it, as values of the SQL type char(n) have
}

// ErrTooLarge is returned for a document beyond MaxBytes.
var ErrTooLarge = errors.New("pfa: the document is too large")

// InexpressibleError names an operator that has no counterpart in PFA.
type InexpressibleError struct{ Operator string }

func (e InexpressibleError) Error() string {
	return fmt.Sprintf("pfa: %s cannot be expressed", e.Operator)
}

// document is the order in which the parts are written. Cells come before anything else that could hold the text
// "cells", since Woken puts its validations there by replacing text.
type document struct {
	Name     string            `json:"name"`
	Method   string            `json:"method"`
	Input    any               `json:"input"`
	Output   string            `json:"output"`
	Cells    map[string]cell   `json:"cells"`
	Fcns     map[string]any    `json:"fcns,omitempty"`
	Action   []any             `json:"action"`
	Metadata map[string]string `json:"metadata"`
}

type cell struct {
	Type any `json:"type"`
	Init any `json:"init"`
}

// Document writes the whole model, every pipeline of its ensemble included. An operator without counterpart is an
// [InexpressibleError].
func Document(m *automl.Model, opt Options) ([]byte, error) {
	return write(m, m.Members, opt)
}

// Best writes the whole model if that can be expressed within the limit, or else the heaviest of its pipelines that
// can, what looks at no column last, and tells which it was: the number of pipelines that were left out.
func Best(m *automl.Model, opt Options) (doc []byte, omitted int, err error) {
	if doc, err = Document(m, opt); err == nil || len(m.Members) == 1 {
		return doc, 0, err
	}
	for _, member := range baselineLast(m.Members) {
		member.Weight = 1
		one := opt
		one.Metadata = map[string]string{"omitted": fmt.Sprintf("%d of %d pipelines: %v", len(m.Members)-1, len(m.Members), err)}
		for k, v := range opt.Metadata {
			one.Metadata[k] = v
		}
		if doc, oneErr := write(m, []automl.Member{member}, one); oneErr == nil {
			return doc, len(m.Members) - 1, nil
		}
	}
	return nil, 0, err
}

// baselineLast puts members that look at no column behind the others.
func baselineLast(members []automl.Member) []automl.Member {
	looks := func(m automl.Member) int {
		steps := m.Fitted.Steps()
		if steps[len(steps)-1].Spec.Has(operators.Baseline) {
			return 1
		}
		return 0
	}
	members = slices.Clone(members)
	slices.SortStableFunc(members, func(a, b automl.Member) int { return looks(a) - looks(b) })
	return members
}

func write(m *automl.Model, members []automl.Member, opt Options) ([]byte, error) {
	b := &builder{cells: map[string]cell{}, fcns: map[string]any{}, used: map[string]int{}}
	fields, columns, err := b.inputs(m.Schema, opt)
	if err != nil {
		return nil, err
	}
	columns = b.settle(columns)
	total := make([]expr, max(1, len(m.Levels)))
	for _, member := range members {
		out, err := b.pipeline(member.Fitted.Steps(), columns)
		if err != nil {
			return nil, err
		}
		if len(out) != len(total) {
			return nil, fmt.Errorf("pfa: a pipeline gives %d columns, want %d", len(out), len(total))
		}
		for k, c := range out {
			read := c.read()
			if m.Geometric() {
				read = call("m.ln", when(call("<", read, number(automl.LeastShare)), number(automl.LeastShare), read))
			}
			part := call("*", number(member.Weight), read)
			if total[k] == nil {
				total[k] = part
			} else {
				total[k] = call("+", total[k], part)
			}
		}
	}
	d := document{Name: opt.Name, Method: "map", Output: "double", Cells: b.cells, Fcns: b.fcns, Metadata: metadata(m, members, opt)}
	if d.Name == "" {
		d.Name = EngineName(members[0].Fitted)
	}
	d.Input = map[string]any{"type": "record", "name": "Input", "fields": fields}
	for k, o := range m.Odds { // of means to the power 1/temperature; their order is that of means times odds to its power
		if m.Geometric() {
			total[k] = call("+", number(cmp.Or(m.Temperature, 1)*math.Log(o)), total[k])
		} else {
			total[k] = call("*", number(math.Pow(o, cmp.Or(m.Temperature, 1))), total[k])
		}
	}
	b.finish(&d, total, m.Levels)
	return encode(&d, opt.MaxBytes)
}

// finish adds the last expression: the prediction.
func (b *builder) finish(d *document, total []expr, levels []string) {
	if levels == nil {
		b.cell("about", map[string]any{"type": "array", "items": "string"}, []string{"regression"})
		d.Action = append(b.actions, total[0])
		return
	}
	d.Output = "string"
	classes := b.cell("classes", arrayOf("string"), levels)
	p := b.let("p", array(total))
	d.Action = append(b.actions, fromCell(classes, call("a.argmax", p)))
}

func encode(d *document, limit int) ([]byte, error) {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	if err := e.Encode(d); err != nil {
		return nil, fmt.Errorf("pfa: %w", err)
	}
	if out := bytes.TrimSpace(buf.Bytes()); limit <= 0 || len(out) <= limit {
		return out, nil
	}
	return nil, fmt.Errorf("%w: %d bytes, the limit is %d", ErrTooLarge, buf.Len(), limit)
}

// metadata is what the document says of its model; values are strings, as PFA wants.
func metadata(m *automl.Model, members []automl.Member, opt Options) map[string]string {
	out := map[string]string{
		"program": "automl " + m.Search.Program, "task": m.Task, "target": m.Target, "metric": m.Metric,
		"cv_score": formatted(m.Score.CV), "cv_std": formatted(m.Score.Std), "seed": strconv.FormatUint(m.Search.Seed, 10),
		"rows": strconv.Itoa(m.Search.Rows), "columns": strconv.Itoa(m.Search.Columns), "evaluated": strconv.Itoa(m.Search.Evaluated),
	}
	var texts []string
	for _, member := range members {
		texts = append(texts, formatted(member.Weight)+" "+member.Pipeline)
	}
	pipelines, _ := json.Marshal(texts)
	out["pipeline"] = string(pipelines)
	for k, v := range opt.Metadata {
		out[k] = v
	}
	return out
}

func formatted(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// pipeline runs the fitted steps on columns of expressions, as [pipeline.Fitted.Apply] does on numbers.
func (b *builder) pipeline(steps []pipeline.FittedStep, input []column) ([]column, error) {
	var stack [][]column
	for i, s := range steps {
		switch s.Op {
		case pipeline.Input:
			stack = append(stack, input)
		case pipeline.Union:
			cut := len(stack) - s.Arity
			stack = append(stack[:cut], slices.Concat(stack[cut:]...))
		case pipeline.Step:
			in := stack[len(stack)-1]
			stacks := i+1 < len(steps) && steps[i+1].Op == pipeline.Stack
			if stacks {
				in = b.settle(in)
			}
			out, err := b.step(s.Spec, s.Model, in)
			if err != nil {
				return nil, err
			}
			if stacks {
				out = b.stacked(out, in)
			}
			stack[len(stack)-1] = out
		}
	}
	return b.settle(stack[0]), nil
}

// stacked puts the predicted class's number (for classifiers) and the predictions before the columns of in.
func (b *builder) stacked(out, in []column) []column {
	out = b.settle(out)
	var all []column
	if len(out) > 1 {
		all = append(all, numeric(call("cast.double", call("a.argmax", b.vector(out)))))
	}
	return append(append(all, out...), in...)
}

func (b *builder) step(spec *operators.Spec, model operators.Fitted, in []column) ([]column, error) {
	convert := converter(spec.Name)
	if convert == nil {
		return nil, InexpressibleError{spec.Name}
	}
	stored, err := operators.Encode(model)
	if err != nil {
		return nil, err
	}
	out, err := convert(b, stored, in)
	if err != nil {
		return nil, fmt.Errorf("pfa: %s: %w", spec.Name, err)
	}
	return out, nil
}

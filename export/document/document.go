// Package document writes a fitted model as one JSON object, for readers in other languages: the schema, the ensemble
// with its weights, and every fitted operator with what it has learned.
package document

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/pipeline"
)

// Version is the version of the document's form; readers should refuse others. Documents whose mean is geometric, which
// would be misread without knowing of it, have the next one.
const Version = 1

// Document is the JSON object. Numbers that JSON has no form for are the strings "NaN", "Infinity" and "-Infinity".
type Document struct {
	Format      string    `json:"format"` // "automl model"
	Version     int       `json:"version"`
	Program     string    `json:"program"`
	Task        string    `json:"task"`
	Target      string    `json:"target"`
	Classes     []string  `json:"classes"` // in the order of the probabilities; null for regression
	Metric      string    `json:"metric"`
	Score       any       `json:"cv_score"`
	Rows        int       `json:"rows"`                  // of the training table; probabilities are mixed with 1/(rows+1) parts of even ones
	Mean        string    `json:"mean,omitempty"`        // "geometric": of probabilities p the members' product of max(p, 1e-4)^weight, normalised; else it is the weighted mean
	Temperature float64   `json:"temperature,omitempty"` // averaged probabilities are raised to the power 1/temperature and normalised before
	Odds        []float64 `json:"odds,omitempty"`        // what they are multiplied by then, class by class, before they are normalised again
	Fields      []Field   `json:"fields"`                // columns of the table in their order
	Members     []Member  `json:"members"`
}

// Field is a column of the table.
type Field struct {
	Name   string   `json:"name"`
	Type   string   `json:"type"`             // numeric, boolean (1 and 0), date (its parts), categorical (codes); others are not used
	Levels []string `json:"levels,omitempty"` // categorical: in the order of the codes
	Layout string   `json:"layout,omitempty"` // date: in the notation of Go's package time
	Parts  []string `json:"parts,omitempty"`  // date: the columns made of it
}

// Member is one pipeline; the prediction is the weighted mean of all, see Mean.
type Member struct {
	Weight   float64 `json:"weight"`
	Pipeline string  `json:"pipeline"`
	Steps    []Step  `json:"steps"` // postfix: every step takes the outputs of the arity steps finished before it
}

// Step is one node of a pipeline.
type Step struct {
	Op       string `json:"op"` // input, step, union or stack
	Arity    int    `json:"arity"`
	Operator string `json:"operator,omitempty"`
	Role     string `json:"role,omitempty"`
	State    any    `json:"state,omitempty"` // what was learned, by the names of the fields of the fitted operator
}

var opNames = map[pipeline.Op]string{pipeline.Input: "input", pipeline.Step: "step", pipeline.Union: "union", pipeline.Stack: "stack"}

// Of makes the document of a model.
func Of(m *automl.Model) Document {
	d := Document{Format: "automl model", Version: Version, Program: m.Search.Program, Task: m.Task, Target: m.Target, Classes: m.Levels,
		Metric: m.Metric, Temperature: m.Temperature, Odds: m.Odds, Score: number(m.Score.CV), Rows: m.Search.Rows}
	if m.Geometric() {
		d.Version, d.Mean = Version+1, "geometric"
	}
	for _, f := range m.Schema.Fields {
		field := Field{Name: f.Name, Type: f.Type.String()}
		switch f.Type {
		case dataset.Category:
			field.Levels = f.Levels
		case dataset.Date:
			field.Layout, field.Parts = f.Layout, f.Parts
		}
		d.Fields = append(d.Fields, field)
	}
	for _, member := range m.Members {
		one := Member{Weight: member.Weight, Pipeline: member.Pipeline}
		for _, s := range member.Fitted.Steps() {
			step := Step{Op: opNames[s.Op], Arity: s.Arity}
			if s.Op == pipeline.Step {
				step.Operator, step.Role, step.State = s.Spec.Name, s.Spec.Role.String(), state(reflect.ValueOf(s.Model))
			}
			one.Steps = append(one.Steps, step)
		}
		d.Members = append(d.Members, one)
	}
	return d
}

// Write writes the document, indented.
func Write(w io.Writer, m *automl.Model) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	e.SetEscapeHTML(false)
	if err := e.Encode(Of(m)); err != nil {
		return fmt.Errorf("json export: %w", err)
	}
	return nil
}

func number(v float64) any {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "Infinity"
	case math.IsInf(v, -1):
		return "-Infinity"
	}
	return v
}

// state turns the exported fields of a fitted operator into what encoding/json writes.
func state(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		if rows, ok := v.Interface().(*wire.Rows); ok {
			return state(reflect.ValueOf(rows.Values()))
		}
		return state(v.Elem())
	case reflect.Float32, reflect.Float64:
		return number(v.Float())
	case reflect.Slice, reflect.Array:
		return list(v)
	case reflect.Struct:
		return fields(v)
	case reflect.Map:
		out := map[string]any{}
		for it := v.MapRange(); it.Next(); {
			out[fmt.Sprint(it.Key().Interface())] = state(it.Value())
		}
		return out
	}
	return v.Interface()
}

func list(v reflect.Value) any {
	if v.Kind() == reflect.Slice && v.IsNil() {
		return nil
	}
	if v.Type().Elem().Kind() == reflect.Uint8 && v.Kind() == reflect.Slice {
		return base64.StdEncoding.EncodeToString(v.Bytes())
	}
	out := make([]any, v.Len())
	for i := range out {
		out[i] = state(v.Index(i))
	}
	return out
}

// fields collects the exported fields; those of an embedded struct count as its owner's, as in a model file.
func fields(v reflect.Value) map[string]any {
	out := map[string]any{}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		switch {
		case f.Anonymous && v.Field(i).Kind() == reflect.Struct:
			for name, value := range fields(v.Field(i)) {
				out[name] = value
			}
		case f.IsExported():
			out[f.Name] = state(v.Field(i))
		}
	}
	return out
}

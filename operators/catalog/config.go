package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/lren-chuv/automl/operators"
)

// Entry is an operator of a search space in JSON.
type Entry struct {
	Name   string   `json:"name"`
	Role   string   `json:"role,omitempty"`  // for readers only, like Doc and Tasks
	Doc    string   `json:"doc,omitempty"`   //
	Tasks  []string `json:"tasks,omitempty"` // binary, multiclass, regression
	Params []Range  `json:"params"`          // those not named stay as they are
}

// Range is a hyper-parameter of an Entry: what the search draws from.
type Range struct {
	Name    string   `json:"name"`
	Scale   string   `json:"scale,omitempty"`   // for readers only: linear, log, int, logint, fraction, choice, bool
	Low     *float64 `json:"low,omitempty"`     // numbers: the smallest that is drawn
	High    *float64 `json:"high,omitempty"`    // numbers: the largest that is drawn
	Choices []string `json:"choices,omitempty"` // words to draw from, instead of or beside numbers
	Default text     `json:"default,omitempty"` // drawn more often than other values, and all there is if Fixed
	Fixed   bool     `json:"fixed,omitempty"`   // not varied
}

// text is a value as it stands in the text of a pipeline; in JSON it may also be a number, a boolean or null (None).
type text string

func (t *text) UnmarshalJSON(data []byte) error {
	switch {
	case len(data) > 0 && data[0] == '"':
		return json.Unmarshal(data, (*string)(t))
	case string(data) == "null":
		*t = "None"
	default:
		*t = text(data)
	}
	return nil
}

var scaleNames = map[operators.Scale]string{
	operators.Linear: "linear", operators.Log: "log", operators.Int: "int", operators.LogInt: "logint",
	operators.Fraction: "fraction", operators.Choice: "choice", operators.Bool: "bool",
}

// Describe writes an operator down as an Entry; Low and High are nil where nothing is drawn from a range.
func Describe(s *operators.Spec) Entry {
	e := Entry{Name: s.Name, Role: s.Role.String(), Doc: s.Doc, Tasks: s.Served(), Params: []Range{}}
	for i := range s.Params {
		p := &s.Params[i]
		r := Range{Name: p.Name, Scale: scaleNames[p.Scale], Choices: p.Choices, Default: text(p.Format(p.Default)), Fixed: p.Fixed}
		if p.Scale != operators.Choice && p.Scale != operators.Bool && !p.Fixed {
			r.Low, r.High = &p.Lo, &p.Hi
		}
		e.Params = append(e.Params, r)
	}
	return e
}

// ParseSpace reads a search space from JSON: a list of operators, each by its name or as an [Entry], the form in which
// the command "automl operators --json" prints them. Of an Entry everything but the name may be left out; role, doc,
// tasks and scale are ignored. Hyper-parameters that are not named stay as they are. The error names what is
// wrong and where.
func ParseSpace(data []byte, all []*operators.Spec) ([]*operators.Spec, error) {
	var items []json.RawMessage
	if err := decode(data, &items); err != nil {
		return nil, fmt.Errorf("want a list of operators: %w", at(data, err))
	}
	var out []*operators.Spec
	seen := map[string]bool{}
	for i, item := range items {
		var e Entry
		var err error
		if bytes.HasPrefix(item, []byte{'"'}) {
			err = json.Unmarshal(item, &e.Name)
		} else {
			err = decode(item, &e)
		}
		if err != nil {
			return nil, fmt.Errorf("operator %d of the list: want a name or {\"name\": …, \"params\": […]}: %w", i+1, err)
		}
		spec, err := e.spec(all)
		if err != nil {
			return nil, fmt.Errorf("operator %d of the list: %w", i+1, err)
		}
		if seen[e.Name] {
			return nil, fmt.Errorf("operator %d of the list: %s stands twice", i+1, e.Name)
		}
		seen[e.Name] = true
		out = append(out, spec)
	}
	if len(out) == 0 {
		return nil, errors.New("the list of operators is empty")
	}
	return out, nil
}

// decode reads one JSON value and nothing else, with no keys but those of v.
func decode(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("text follows the end of the list")
	}
	return nil
}

// at adds the line to an error of syntax.
func at(data []byte, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("line %d: %w", 1+bytes.Count(data[:syntax.Offset], []byte{'\n'}), err)
	}
	return err
}

func (e *Entry) spec(all []*operators.Spec) (*operators.Spec, error) {
	if e.Name == "" {
		return nil, errors.New("it has no name")
	}
	for _, s := range all {
		if s.Name == e.Name {
			ranges := make(map[string]operators.Range, len(e.Params))
			for _, r := range e.Params {
				if _, twice := ranges[r.Name]; twice {
					return nil, fmt.Errorf("%s: parameter %q stands twice", e.Name, r.Name)
				}
				ranges[r.Name] = operators.Range{Low: r.Low, High: r.High, Choices: r.Choices, Default: string(r.Default), Fixed: r.Fixed}
			}
			return s.Narrow(ranges)
		}
	}
	for _, s := range all {
		if strings.EqualFold(s.Name, e.Name) {
			return nil, fmt.Errorf("no operator is called %q; did you mean %s?", e.Name, s.Name)
		}
	}
	return nil, fmt.Errorf("no operator is called %q; automl operators lists them", e.Name)
}

package data

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/lren-chuv/automl/dataset"
)

// Filter selects rows: a rule, or a group of filters that all (AND) or at least one of them (OR) must hold. The form is that of
// the jQuery QueryBuilder. A comparison with a missing value is neither true nor false, as in SQL; rows are selected for which
// the whole is true.
type Filter struct {
	Condition string    `json:"condition,omitempty"` // AND or OR, of a group
	Not       bool      `json:"not,omitempty"`       // of a group
	Rules     []*Filter `json:"rules,omitempty"`

	ID       string          `json:"id,omitempty"`
	Field    string          `json:"field,omitempty"` // name of the column; ID if empty
	Type     string          `json:"type,omitempty"`
	Input    string          `json:"input,omitempty"`
	Operator string          `json:"operator,omitempty"`
	Value    json.RawMessage `json:"value,omitempty"` // a text, a number, or a list of them
}

const (
	deepest   = 32   // groups in groups
	mostRules = 2000 // and values of one rule
)

// ParseFilter reads a filter. Nothing, null, an empty text and an empty list select all rows, and give nil.
func ParseFilter(data []byte) (*Filter, error) {
	switch string(bytes.TrimSpace(data)) {
	case "", "null", `""`, "[]", "{}":
		return nil, nil
	}
	if t := bytes.TrimSpace(data); t[0] == '"' { // Woken's clients send the tree as a text
		var text string
		if err := json.Unmarshal(t, &text); err != nil {
			return nil, wrong("filters: %v", err)
		}
		if strings.HasPrefix(strings.TrimSpace(text), "{") {
			return ParseFilter([]byte(text))
		}
		return nil, wrong("filters: want a rule or a group of rules, not the text %.40q", text)
	}
	f := &Filter{}
	if err := json.Unmarshal(data, f); err != nil {
		return nil, wrong("filters: want a rule or a group of rules: %v", err)
	}
	n := 0
	return f, f.check(0, &n)
}

func (f *Filter) group() bool { return f.Condition != "" || f.Rules != nil }

// Column is the name of the column that a rule is about.
func (f *Filter) column() string {
	if f.Field != "" {
		return f.Field
	}
	return f.ID
}

func (f *Filter) check(depth int, n *int) error {
	if *n++; *n > mostRules || depth > deepest {
		return wrong("filters: more than %d rules, or groups nested deeper than %d", mostRules, deepest)
	}
	if !f.group() {
		if f.column() == "" {
			return wrong("filters: a rule names no field")
		}
		_, err := f.operands(true)
		return err
	}
	switch strings.ToUpper(f.Condition) {
	case "AND", "OR":
	default:
		return wrong("filters: condition %.20q: want AND or OR", f.Condition)
	}
	for _, r := range f.Rules {
		if r == nil {
			return wrong("filters: a rule is null")
		}
		if err := r.check(depth+1, n); err != nil {
			return err
		}
	}
	return nil
}

// Columns calls f with the name of every column that the filter is about.
func (f *Filter) Columns(visit func(name string)) {
	if f == nil {
		return
	}
	if !f.group() {
		visit(f.column())
	}
	for _, r := range f.Rules {
		r.Columns(visit)
	}
}

// Rename returns the filter with other names of columns.
func (f *Filter) Rename(to func(string) string) *Filter {
	if f == nil {
		return nil
	}
	out := *f
	if !f.group() {
		out.Field = to(f.column())
	}
	out.Rules = nil
	if f.Rules != nil {
		out.Rules = make([]*Filter, len(f.Rules))
	}
	for i, r := range f.Rules {
		out.Rules[i] = r.Rename(to)
	}
	return &out
}

// arity is how many values an operator wants; -1 for one or more.
var arity = map[string]int{
	"equal": 1, "not_equal": 1, "less": 1, "greater": 1, "less_or_equal": 1, "greater_or_equal": 1, "in": -1, "not_in": -1, "between": 2, "not_between": 2,
	"begins_with": 1, "not_begins_with": 1, "contains": 1, "not_contains": 1, "ends_with": 1, "not_ends_with": 1,
	"is_empty": 0, "is_not_empty": 0, "is_null": 0, "is_not_null": 0,
}

// operand is a value in both of its forms.
type operand struct {
	text   string
	number float64
	isNum  bool
}

// operands reads the values of a rule and checks their number.
func (f *Filter) operands(texts bool) ([]operand, error) {
	want, known := arity[f.Operator]
	if !known {
		return nil, wrong("filters: operator %.40q of field %.60q is not known", f.Operator, f.column())
	}
	if want == 0 {
		return nil, nil
	}
	var values []any
	d := json.NewDecoder(bytes.NewReader(f.Value))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil || v == nil {
		return nil, wrong("filters: field %.60q: the operator %s wants a value", f.column(), f.Operator)
	}
	values, list := v.([]any)
	if !list {
		values = []any{v}
		if text, ok := v.(string); ok && want < 0 { // a list as it is typed
			values = nil
			for part := range strings.SplitSeq(text, ",") {
				values = append(values, strings.TrimSpace(part))
			}
		}
	}
	if want > 0 && len(values) != want || want < 0 && (len(values) == 0 || len(values) > mostRules) {
		return nil, wrong("filters: field %.60q: the operator %s does not take %d values", f.column(), f.Operator, len(values))
	}
	out := make([]operand, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case string:
			out[i].text = v
		case json.Number:
			out[i].text = v.String()
		case bool:
			out[i].text = strconv.FormatBool(v)
		default:
			return nil, wrong("filters: field %.60q: a value is neither text nor number", f.column())
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(out[i].text), 64)
		out[i].number, out[i].isNum = n, err == nil && n-n == 0
		if !out[i].isNum && !texts {
			return nil, wrong("filters: field %.60q holds numbers, %.40q is none", f.column(), out[i].text)
		}
	}
	return out, nil
}

var onTexts = []string{"begins_with", "not_begins_with", "contains", "not_contains", "ends_with", "not_ends_with"}

// values are the operands for a column of numbers or of text.
func (f *Filter) values(numbers bool) ([]operand, error) {
	if numbers {
		for _, op := range onTexts {
			if f.Operator == op {
				return nil, wrong("filters: field %.60q holds numbers, to which %s does not apply", f.column(), op)
			}
		}
	}
	return f.operands(!numbers)
}

// truth is that of SQL.
type truth int8

const (
	no truth = iota - 1
	unknown
	yes
)

func when(b bool) truth {
	if b {
		return yes
	}
	return no
}

// matcher decides on one row.
type matcher func(row int) truth

// Rows returns the rows of n for which the filter is true; column finds columns by name. A nil filter selects all.
func (f *Filter) Rows(n int, column func(name string) *dataset.Column) ([]int32, error) {
	match := matcher(func(int) truth { return yes })
	if f != nil {
		var err error
		if match, err = f.matcher(column); err != nil {
			return nil, err
		}
	}
	rows := make([]int32, 0, n)
	for i := range n {
		if match(i) == yes {
			rows = append(rows, int32(i))
		}
	}
	return rows, nil
}

func (f *Filter) matcher(column func(name string) *dataset.Column) (matcher, error) {
	if !f.group() {
		c := column(f.column())
		if c == nil {
			return nil, wrong("filters: there is no column %.60q", f.column())
		}
		return f.rule(c)
	}
	var parts []matcher
	for _, r := range f.Rules {
		m, err := r.matcher(column)
		if err != nil {
			return nil, err
		}
		parts = append(parts, m)
	}
	and := strings.EqualFold(f.Condition, "AND")
	return func(row int) truth {
		out := when(and || len(parts) == 0)
		for _, m := range parts {
			if and {
				out = min(out, m(row))
			} else {
				out = max(out, m(row))
			}
		}
		if f.Not {
			return -out
		}
		return out
	}, nil
}

// rule decides by one column. For columns of text it decides level by level.
func (f *Filter) rule(c *dataset.Column) (matcher, error) {
	numbers := c.Kind == dataset.Numeric
	values, err := f.values(numbers)
	if err != nil {
		return nil, err
	}
	switch f.Operator {
	case "is_null", "is_empty":
		return func(i int) truth { return when(c.Missing(i)) }, nil
	case "is_not_null", "is_not_empty":
		return func(i int) truth { return when(!c.Missing(i)) }, nil
	}
	if numbers {
		v := make([]float64, len(values))
		for k := range v {
			v[k] = values[k].number
		}
		return func(i int) truth {
			if c.Missing(i) {
				return unknown
			}
			return when(compare(f.Operator, c.Float[i], v))
		}, nil
	}
	v := make([]string, len(values))
	for k := range v {
		v[k] = values[k].text
	}
	of := make([]truth, len(c.Levels))
	for k, level := range c.Levels {
		of[k] = when(compareText(f.Operator, level, v))
	}
	return func(i int) truth {
		if c.Code[i] < 0 {
			return unknown
		}
		return of[c.Code[i]]
	}, nil
}

func compareText(op, x string, v []string) bool {
	switch op {
	case "begins_with":
		return strings.HasPrefix(x, v[0])
	case "not_begins_with":
		return !strings.HasPrefix(x, v[0])
	case "contains":
		return strings.Contains(x, v[0])
	case "not_contains":
		return !strings.Contains(x, v[0])
	case "ends_with":
		return strings.HasSuffix(x, v[0])
	case "not_ends_with":
		return !strings.HasSuffix(x, v[0])
	}
	return compare(op, x, v)
}

func compare[T float64 | string](op string, x T, v []T) bool {
	switch op {
	case "equal":
		return x == v[0]
	case "not_equal":
		return x != v[0]
	case "less":
		return x < v[0]
	case "greater":
		return x > v[0]
	case "less_or_equal":
		return x <= v[0]
	case "greater_or_equal":
		return x >= v[0]
	case "between":
		return x >= v[0] && x <= v[1]
	case "not_between":
		return x < v[0] || x > v[1]
	case "in", "not_in":
		in := false
		for _, one := range v {
			in = in || x == one
		}
		return in == (op == "in")
	}
	panic(fmt.Sprintf("data: operator %s", op))
}

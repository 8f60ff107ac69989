// Package pfatest judges documents of PFA: a slow and plain interpreter of the part of PFA 0.8.1 that package pfa writes.
package pfatest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Engine interprets one document. What it does not know is an error, and so is a number of the wrong type.
type Engine struct {
	doc   map[string]any
	cells map[string]any
	fcns  map[string]any
	fuel  int
}

// scope is a chain of variables.
type scope struct {
	vars  map[string]any
	outer *scope
}

func (s *scope) find(name string) *scope {
	for ; s != nil; s = s.outer {
		if _, ok := s.vars[name]; ok {
			return s
		}
	}
	return nil
}

func inside(s *scope) *scope { return &scope{map[string]any{}, s} }

// function is a user function, an inline one with what it sees, or a reference.
type function struct {
	params []string
	do     []any
	sees   *scope
}

// New reads a document.
func New(data []byte) (_ *Engine, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the document cannot be read: %v", p)
		}
	}()
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	e := &Engine{cells: map[string]any{}}
	if err := d.Decode(&e.doc); err != nil {
		return nil, err
	}
	for name, c := range e.doc["cells"].(map[string]any) {
		e.cells[name] = initial(c.(map[string]any)["type"], c.(map[string]any)["init"])
	}
	e.fcns, _ = e.doc["fcns"].(map[string]any)
	return e, nil
}

// initial reads a cell's content by its type.
func initial(typ, v any) any {
	switch t := typ.(type) {
	case string:
		n, isNumber := v.(json.Number)
		switch {
		case t == "double" && isNumber:
			f, err := n.Float64()
			must(err)
			return f
		case t == "int" && isNumber:
			i, err := n.Int64()
			must(err)
			return int(i)
		case t == "string":
			return v.(string)
		}
	case map[string]any:
		switch t["type"] {
		case "array":
			out := []any{}
			for _, item := range v.([]any) {
				out = append(out, initial(t["items"], item))
			}
			return out
		case "record":
			out, fields := map[string]any{}, t["fields"].([]any)
			for _, f := range fields {
				f := f.(map[string]any)
				out[f["name"].(string)] = initial(f["type"], v.(map[string]any)[f["name"].(string)])
			}
			if len(v.(map[string]any)) != len(fields) {
				panic("a record with other fields than its type has")
			}
			return out
		}
	}
	panic(fmt.Sprintf("cell of type %v holds %v", typ, v))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// Run scores one row: a float64, int, string, bool or nil per field.
func (e *Engine) Run(row map[string]any) (out any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	e.fuel = 50_000_000
	s := &scope{map[string]any{"input": row}, nil}
	out = e.all(e.doc["action"].([]any), s)
	if i, ok := out.(int); ok && e.doc["output"] == "double" {
		out = float64(i)
	}
	return out, nil
}

func (e *Engine) all(steps []any, s *scope) (out any) {
	for _, x := range steps {
		out = e.eval(x, s)
	}
	return out
}

func (e *Engine) block(x any, s *scope) any {
	if steps, ok := x.([]any); ok {
		return e.all(steps, inside(s))
	}
	return e.eval(x, inside(s))
}

func (e *Engine) eval(x any, s *scope) any {
	if e.fuel--; e.fuel < 0 {
		panic("out of fuel")
	}
	switch x := x.(type) {
	case string:
		at := s.find(x)
		if at == nil {
			panic("unknown symbol " + x)
		}
		return at.vars[x]
	case json.Number:
		if strings.ContainsAny(x.String(), ".eE") {
			f, err := x.Float64()
			must(err)
			return f
		}
		i, err := x.Int64()
		must(err)
		return int(i)
	case bool:
		return x
	case []any:
		if len(x) == 1 {
			if text, ok := x[0].(string); ok {
				return text
			}
		}
	case map[string]any:
		return e.form(x, s)
	}
	panic(fmt.Sprintf("not an expression: %v", x))
}

// form evaluates a special form or a call.
func (e *Engine) form(x map[string]any, s *scope) any {
	has := func(k string) bool { _, ok := x[k]; return ok }
	switch {
	case has("let"):
		for name, v := range x["let"].(map[string]any) {
			if s.find(name) != nil {
				panic("declared twice: " + name)
			}
			s.vars[name] = e.eval(v, s)
		}
		return nil
	case has("set"):
		for name, v := range x["set"].(map[string]any) {
			s.find(name).vars[name] = e.eval(v, s)
		}
		return nil
	case has("if"):
		if e.eval(x["if"], s).(bool) {
			return e.block(x["then"], s)
		}
		return e.block(x["else"], s)
	case has("while"):
		for e.eval(x["while"], s).(bool) {
			e.block(x["do"], s)
		}
		return nil
	case has("ifnotnull"):
		in := inside(s)
		for name, v := range x["ifnotnull"].(map[string]any) {
			in.vars[name] = e.eval(v, s)
			if in.vars[name] == nil {
				return e.block(x["else"], s)
			}
		}
		return e.eval(x["then"], in)
	case has("attr"):
		return e.path(e.eval(x["attr"], s), x["path"], s)
	case has("cell"):
		c, ok := e.cells[x["cell"].(string)]
		if !ok {
			panic("no cell " + x["cell"].(string))
		}
		return e.path(c, x["path"], s)
	case has("new"):
		items := x["type"].(map[string]any)["items"]
		out := []any{}
		for _, item := range x["new"].([]any) {
			out = append(out, as(items, e.eval(item, s)))
		}
		return out
	case has("double"):
		return initial("double", x["double"])
	case has("fcn"):
		return e.user(x["fcn"].(string))
	case has("params"):
		return newFunction(x, s)
	}
	if len(x) != 1 {
		panic(fmt.Sprintf("not a form: %v", x))
	}
	for name, args := range x {
		list, ok := args.([]any)
		if !ok {
			list = []any{args}
		}
		values := make([]any, len(list))
		for i, a := range list {
			values[i] = e.eval(a, s)
		}
		if strings.HasPrefix(name, "u.") {
			return e.apply(e.user(name), values...)
		}
		return e.library(name, values)
	}
	return nil
}

// as promotes an int to the type wanted, which nothing else can be.
func as(typ, v any) any {
	if i, ok := v.(int); ok && typ == "double" {
		return float64(i)
	}
	if _, isFloat := v.(float64); isFloat != (typ == "double") && (typ == "int" || typ == "double") {
		panic(fmt.Sprintf("%v in an array of %v", v, typ))
	}
	return v
}

func (e *Engine) path(v, path any, s *scope) any {
	steps, _ := path.([]any)
	for _, p := range steps {
		switch at := e.eval(p, s).(type) {
		case int:
			v = v.([]any)[at]
		case string:
			f, ok := v.(map[string]any)[at]
			if !ok {
				panic("no field " + at)
			}
			v = f
		default:
			panic("a path of doubles")
		}
	}
	return v
}

func newFunction(x map[string]any, s *scope) *function {
	f := &function{sees: s}
	for _, p := range x["params"].([]any) {
		for name := range p.(map[string]any) {
			f.params = append(f.params, name)
		}
	}
	f.do, _ = x["do"].([]any)
	if f.do == nil {
		f.do = []any{x["do"]}
	}
	return f
}

func (e *Engine) user(name string) *function {
	f, ok := e.fcns[strings.TrimPrefix(name, "u.")]
	if !ok {
		panic("no function " + name)
	}
	return newFunction(f.(map[string]any), nil)
}

func (e *Engine) apply(f *function, args ...any) any {
	s := inside(f.sees)
	if len(args) != len(f.params) {
		panic("wrong number of arguments")
	}
	for i, name := range f.params {
		s.vars[name] = args[i]
	}
	return e.all(f.do, s)
}

func double(v any) float64 {
	if i, ok := v.(int); ok {
		return float64(i)
	}
	return v.(float64)
}

func doubles(v any) []float64 {
	var out []float64
	for _, item := range v.([]any) {
		out = append(out, double(item))
	}
	return out
}

func list(v []float64) any {
	out := make([]any, len(v))
	for i, f := range v {
		out[i] = f
	}
	return out
}

// library is the functions of the specification that documents call.
func (e *Engine) library(name string, a []any) any {
	if f, ok := unary[name]; ok {
		return f(double(a[0]))
	}
	switch name {
	case "+", "-", "*":
		return arithmetic(name, a[0], a[1])
	case "/":
		return double(a[0]) / double(a[1])
	case "==":
		if s, ok := a[0].(string); ok {
			return s == a[1].(string)
		}
		return double(a[0]) == double(a[1])
	case "<", "<=", ">", ">=":
		return compare(name, double(a[0]), double(a[1]))
	case "impute.isnan":
		return math.IsNaN(a[0].(float64))
	case "cast.int":
		return int(double(a[0]))
	case "cast.double":
		return double(a[0])
	case "s.rstrip":
		return strings.TrimRight(a[0].(string), a[1].(string))
	case "s.lower":
		return strings.ToLower(a[0].(string))
	}
	return e.lists(name, a)
}

var unary = map[string]func(float64) float64{
	"u-": func(v float64) float64 { return -v }, "m.exp": math.Exp, "m.expm1": math.Expm1, "m.ln": math.Log, "m.ln1p": math.Log1p,
	"m.sqrt": math.Sqrt, "m.abs": math.Abs, "m.tanh": math.Tanh, "m.cos": math.Cos,
}

func arithmetic(op string, a, b any) any {
	if x, ok := a.(int); ok {
		if y, ok := b.(int); ok {
			return map[string]int{"+": x + y, "-": x - y, "*": x * y}[op]
		}
	}
	x, y := double(a), double(b)
	return map[string]float64{"+": x + y, "-": x - y, "*": x * y}[op]
}

func compare(op string, x, y float64) bool {
	if x != x || y != y {
		panic("engines differ in comparing what is not a number")
	}
	return map[string]bool{"<": x < y, "<=": x <= y, ">": x > y, ">=": x >= y}[op]
}

func (e *Engine) lists(name string, a []any) any {
	switch name {
	case "a.index":
		return slices.Index(a[0].([]any), a[1])
	case "a.contains":
		return slices.Contains(a[0].([]any), a[1])
	case "a.sum":
		sum := 0.0
		for _, v := range doubles(a[0]) {
			sum += v
		}
		return sum
	case "a.mean":
		sum := 0.0
		for _, v := range doubles(a[0]) {
			sum += v
		}
		return sum / float64(len(a[0].([]any)))
	case "a.median":
		v := doubles(a[0])
		slices.Sort(v)
		return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
	case "a.max":
		return slices.Max(doubles(a[0]))
	case "a.argmax":
		v, best := doubles(a[0]), 0
		for k := range v {
			if v[k] > v[best] {
				best = k
			}
		}
		return best
	case "a.map":
		out := []any{}
		for _, v := range a[0].([]any) {
			out = append(out, e.apply(a[1].(*function), v))
		}
		return out
	case "a.zipmap":
		out := []any{}
		for i := range a[0].([]any) {
			var args []any
			for _, list := range a[:len(a)-1] {
				args = append(args, list.([]any)[i])
			}
			out = append(out, e.apply(a[len(a)-1].(*function), args...))
		}
		return out
	case "a.fold":
		tally := a[1]
		for _, v := range a[0].([]any) {
			tally = e.apply(a[2].(*function), tally, v)
		}
		return tally
	case "la.add":
		x, y := doubles(a[0]), doubles(a[1])
		for i := range x {
			x[i] += y[i]
		}
		return list(x)
	}
	return e.models(name, a)
}

func (e *Engine) models(name string, a []any) any {
	switch name {
	case "model.reg.linear":
		m := a[1].(map[string]any)
		return list(affine(doubles(a[0]), m["coeff"].([]any), doubles(m["const"])))
	case "metric.simpleEuclidean":
		x, y, sum := doubles(a[0]), doubles(a[1]), 0.0
		for i := range x {
			sum += (x[i] - y[i]) * (x[i] - y[i])
		}
		return math.Sqrt(sum)
	case "model.neighbor.nearestK":
		points := slices.Clone(a[2].([]any))
		far := make([]float64, len(points))
		order := make([]int, len(points))
		for i, p := range points {
			far[i], order[i] = double(e.apply(a[3].(*function), a[1], p)), i
		}
		slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(far[i], far[j]) })
		out := []any{}
		for _, i := range order[:min(a[0].(int), len(order))] {
			out = append(out, points[i])
		}
		return out
	case "model.neural.simpleLayers":
		v, layers := doubles(a[0]), a[1].([]any)
		for l, layer := range layers {
			m := layer.(map[string]any)
			v = affine(v, m["weights"].([]any), doubles(m["bias"]))
			for i := 0; i < len(v) && l+1 < len(layers); i++ {
				v[i] = double(e.apply(a[2].(*function), v[i]))
			}
		}
		return list(v)
	}
	panic("no function " + name)
}

func affine(x []float64, coeff []any, constant []float64) []float64 {
	out := make([]float64, len(constant))
	for r, row := range coeff {
		w := doubles(row)
		if len(w) != len(x) {
			panic("sizes differ")
		}
		out[r] = constant[r]
		for j, v := range x {
			out[r] += w[j] * v
		}
	}
	return out
}

// Fields returns the types of the input's fields.
func (e *Engine) Fields() map[string]any {
	out := map[string]any{}
	for _, f := range e.doc["input"].(map[string]any)["fields"].([]any) {
		out[f.(map[string]any)["name"].(string)] = f.(map[string]any)["type"]
	}
	return out
}

package pfa

import (
	"fmt"
	"math"

	"github.com/lren-chuv/automl/internal/wire"
)

// expr is a PFA expression: what JSON makes of it.
type expr any

func call(function string, args ...expr) expr { return map[string]any{function: args} }

// number is a literal double. One that JSON cannot say is computed.
func number(v float64) expr {
	switch {
	case math.IsNaN(v):
		return call("/", map[string]any{"double": 0}, map[string]any{"double": 0})
	case math.IsInf(v, 0):
		return call("/", map[string]any{"double": math.Copysign(1, v)}, map[string]any{"double": 0})
	}
	return map[string]any{"double": v}
}

func arrayOf(items any) any { return map[string]any{"type": "array", "items": items} }

func array(of []expr) expr { return map[string]any{"type": arrayOf("double"), "new": of} }

func ints(of []expr) expr { return map[string]any{"type": arrayOf("int"), "new": of} }

func when(condition, then, otherwise expr) expr {
	return map[string]any{"if": condition, "then": then, "else": otherwise}
}

func attr(of expr, path ...expr) expr { return map[string]any{"attr": of, "path": path} }

// key is a literal name in a path.
func key(name string) expr { return []string{name} }

func fromCell(name string, path ...expr) expr { return map[string]any{"cell": name, "path": path} }

func wholeCell(name string) expr { return map[string]any{"cell": name} }

func lambda(params []any, returns any, do ...expr) expr {
	return map[string]any{"params": params, "ret": returns, "do": do}
}

func param(name string, typ any) any { return map[string]any{name: typ} }

// column is one column at some point of a pipeline: of doubles, or of the codes of levels (int, -1 is missing).
type column struct {
	categorical bool
	levels      []string
	e           expr   // unless settled
	in          string // variable that holds it among others …
	at          int    // … and its place there
}

func numeric(e expr) column { return column{e: e} }

func (c column) read() expr {
	if c.in != "" {
		return attr(c.in, c.at)
	}
	return c.e
}

// builder collects the parts of a document.
type builder struct {
	actions []any
	cells   map[string]cell
	fcns    map[string]any
	used    map[string]int // how many names begin so
	sizes   map[string]int // of settled variables
}

func (b *builder) fresh(prefix string) string {
	b.used[prefix]++
	if n := b.used[prefix]; n > 1 {
		return fmt.Sprintf("%s%d", prefix, n)
	}
	return prefix
}

func (b *builder) cell(prefix string, typ, init any) string {
	name := b.fresh(prefix)
	b.cells[name] = cell{typ, init}
	return name
}

// function adds a user function once and returns the name to call it by.
func (b *builder) function(name string, params []any, returns any, do ...expr) string {
	b.fcns[name] = lambda(params, returns, do...)
	return "u." + name
}

// let computes e once.
func (b *builder) let(prefix string, e expr) string {
	name := b.fresh(prefix)
	b.actions = append(b.actions, map[string]any{"let": map[string]any{name: e}})
	return name
}

// settle computes all columns now, so that reading one again costs nothing: numbers in one array, codes in another.
func (b *builder) settle(cols []column) []column {
	out := append([]column(nil), cols...)
	var values, codes []expr
	for _, c := range cols {
		switch {
		case c.in != "":
		case c.categorical:
			codes = append(codes, c.e)
		default:
			values = append(values, c.e)
		}
	}
	place := func(categorical bool, name string) {
		at := 0
		for j := range out {
			if out[j].in == "" && out[j].categorical == categorical {
				out[j].in, out[j].at, out[j].e = name, at, nil
				at++
			}
		}
		if b.sizes == nil {
			b.sizes = map[string]int{}
		}
		b.sizes[name] = at
	}
	if len(values) > 0 {
		place(false, b.let("x", array(values)))
	}
	if len(codes) > 0 {
		place(true, b.let("c", ints(codes)))
	}
	return out
}

// vector returns a variable that holds numeric columns in their order, and nothing else.
func (b *builder) vector(cols []column) string {
	whole := len(cols) > 0 && cols[0].in != "" && b.sizes[cols[0].in] == len(cols)
	all := make([]expr, len(cols))
	for j, c := range cols {
		whole = whole && c.in == cols[0].in && c.at == j
		all[j] = c.read()
	}
	if whole {
		return cols[0].in
	}
	return b.let("x", array(all))
}

// spread returns the n elements of an array variable as columns.
func (b *builder) spread(name string, n int) []column {
	out := make([]column, n)
	for j := range out {
		out[j] = column{in: name, at: j}
	}
	if b.sizes == nil {
		b.sizes = map[string]int{}
	}
	b.sizes[name] = n
	return out
}

// table maps codes to numbers: missing first, then the value of each level.
func (b *builder) table(code expr, missing float64, values []float64) expr {
	all := append([]float64{missing}, values...)
	for _, v := range all {
		if v-v != 0 { // JSON has no NaN
			return b.choose(code, all)
		}
	}
	return fromCell(b.cell("table", arrayOf("double"), all), call("+", code, 1))
}

// choose is table with numbers that a cell cannot hold.
func (b *builder) choose(code expr, all []float64) expr {
	e := number(all[0])
	for k, v := range all[1:] {
		e = when(call("==", code, k), number(v), e)
	}
	return e
}

// recode maps codes to other codes: missing first, then that of each level.
func (b *builder) recode(code expr, missing int, codes []int) expr {
	return fromCell(b.cell("codes", arrayOf("int"), append([]int{missing}, codes...)), call("+", code, 1))
}

func isMissing(e expr) expr { return call("impute.isnan", e) }

// stored reads what an operator stores of itself into a struct of the fields that are needed.
func stored[T any](data []byte) (T, error) {
	var v T
	err := wire.Unmarshal(data, &v)
	return v, err
}

func wantColumns(got, want int) error {
	if got != want {
		return fmt.Errorf("%d columns, learned from %d", got, want)
	}
	return nil
}

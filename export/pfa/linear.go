package pfa

import (
	"fmt"

	"github.com/lren-chuv/automl/internal/wire"
)

// affine computes const + coeff·x for every row of coeff, by model.reg.linear.
func (b *builder) affine(x string, coeff [][]float64, constant []float64) []column {
	model := map[string]any{"type": "record", "name": b.fresh("Regression"), "fields": []any{
		map[string]any{"name": "const", "type": arrayOf("double")},
		map[string]any{"name": "coeff", "type": arrayOf(arrayOf("double"))},
	}}
	name := b.cell("model", model, map[string]any{"const": constant, "coeff": coeff})
	return b.spread(b.let("y", call("model.reg.linear", x, wholeCell(name))), len(constant))
}

// line is a linear regressor, or the exponential of one.
func line(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct {
		Coef      wire.Floats
		Intercept float64
		Log       bool
	}](data)
	if err != nil {
		return nil, err
	}
	if err := wantColumns(len(in), len(f.Coef)); err != nil {
		return nil, err
	}
	if len(in) == 0 {
		return []column{numeric(number(f.Intercept))}, nil
	}
	out := b.affine(b.vector(b.settle(in)), [][]float64{f.Coef}, []float64{f.Intercept})
	if f.Log {
		y := out[0].read()
		out[0] = numeric(call("m.exp", when(call(">", y, number(300)), number(300), y)))
	}
	return out, nil
}

// sigmoid is the name of the function 1/(1+exp(−v)) in a form that never overflows.
func (b *builder) sigmoid() string {
	return b.function("sigmoid", []any{param("v", "double")}, "double",
		when(call(">=", "v", number(0)), call("/", number(1), call("+", number(1), call("m.exp", call("u-", "v")))),
			call("/", call("m.exp", "v"), call("+", number(1), call("m.exp", "v")))))
}

// among spreads the columns of the classes that occur over those of all levels; the others have no chance.
func among(levels int, present []int32, p []column) []column {
	out := make([]column, levels)
	for k := range out {
		out[k] = numeric(number(0))
	}
	for r, k := range present {
		out[k] = p[r]
	}
	return out
}

// twoClasses makes the probabilities of two classes of that of the second.
func (b *builder) twoClasses(second expr) []column {
	p := b.let("s", second)
	return []column{numeric(call("-", number(1), p)), numeric(p)}
}

// softmax makes probabilities of scores, one column per class. The library's own function overflows in an engine where
// the lowest score has the largest size.
func (b *builder) softmax(scores []column) []column {
	doubles, v := arrayOf("double"), []any{param("v", "double")}
	softmax := b.function("softmax", []any{param("x", doubles)}, doubles,
		map[string]any{"let": map[string]any{"top": call("a.max", "x")}},
		map[string]any{"let": map[string]any{"e": call("a.map", "x", lambda(v, "double", call("m.exp", call("-", "v", "top"))))}},
		map[string]any{"let": map[string]any{"sum": call("a.sum", "e")}},
		call("a.map", "e", lambda(v, "double", call("/", "v", "sum"))))
	return b.spread(b.let("p", call(softmax, b.vector(b.settle(scores)))), len(scores))
}

// normalize divides columns by their sum.
func (b *builder) normalize(cols []column) []column {
	cols = b.settle(cols)
	total := b.let("t", call("a.sum", b.vector(cols)))
	out := make([]column, len(cols))
	for k, c := range cols {
		out[k] = numeric(call("/", c.read(), total))
	}
	return out
}

type storedPlanes struct {
	Levels      []string
	Present     wire.Ints
	Coef        wire.Floats
	Intercept   wire.Floats
	Features    int
	Link        uint8 // 0 softmax, 1 sigmoids, 2 clipped
	Temperature float64
}

func planes(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[storedPlanes](data)
	if err != nil {
		return nil, err
	}
	if err := wantColumns(len(in), f.Features); err != nil {
		return nil, err
	}
	if len(f.Present) == 1 {
		return among(len(f.Levels), f.Present, []column{numeric(number(1))}), nil
	}
	if f.Link > 2 {
		return nil, fmt.Errorf("unknown link %d", f.Link)
	}
	if f.Features == 0 {
		return nil, fmt.Errorf("no columns")
	}
	s := b.affine(b.vector(b.settle(in)), rowsOf(f.Coef, len(f.Intercept)), f.Intercept)
	if len(s) == 1 {
		return among(len(f.Levels), f.Present, b.twoClasses(f.squash(b, s[0].read()))), nil
	}
	scaled := make([]column, len(s))
	for k, c := range s {
		scaled[k] = numeric(call("*", number(f.Temperature), c.read()))
	}
	soft := b.softmax(scaled)
	if f.Link == 0 {
		return among(len(f.Levels), f.Present, soft), nil
	}
	squashed := make([]column, len(s))
	for k, c := range s {
		squashed[k] = numeric(f.squash(b, c.read()))
	}
	squashed = b.settle(squashed)
	total := b.let("t", call("a.sum", b.vector(squashed)))
	p := make([]column, len(s))
	for k, c := range squashed { // where all vanish, the softmax decides
		p[k] = numeric(when(call(">", total, number(1e-300)), call("/", c.read(), total), soft[k].read()))
	}
	return among(len(f.Levels), f.Present, p), nil
}

// squash is the probability that belongs to one score.
func (f *storedPlanes) squash(b *builder, s expr) expr {
	if f.Link == 2 {
		return call("/", call("+", b.clip(s, -1, 1), number(1)), number(2))
	}
	return call(b.sigmoid(), call("*", number(f.Temperature), s))
}

// storedClasses are the classes that occurred, among all.
type storedClasses struct {
	Levels  []string
	Present []int32
}

func linearRule(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct {
		Classes         storedClasses
		Coef, Intercept wire.Floats
	}](data)
	if err != nil {
		return nil, err
	}
	k := len(f.Classes.Present)
	if err := wantColumns(len(in), len(f.Coef)/max(1, k)); err != nil {
		return nil, err
	}
	scores := b.affine(b.vector(b.settle(in)), rowsOf(f.Coef, k), f.Intercept)
	return among(len(f.Classes.Levels), f.Classes.Present, b.softmax(scores)), nil
}

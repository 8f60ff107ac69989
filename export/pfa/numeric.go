package pfa

import (
	"math"

	"github.com/lren-chuv/automl/internal/wire"
)

// each makes an output column of every input column.
func (b *builder) each(in []column, learned int, f func(j int, x expr) expr) ([]column, error) {
	if err := wantColumns(len(in), learned); err != nil {
		return nil, err
	}
	in = b.settle(in)
	out := make([]column, len(in))
	for j, c := range in {
		if c.categorical {
			return nil, errKind
		}
		out[j] = numeric(f(j, c.read()))
	}
	return out, nil
}

func scaled(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct {
		Clip         bool
		Shift, Scale wire.Floats
	}](data)
	if err != nil {
		return nil, err
	}
	return b.each(in, len(f.Scale), func(j int, x expr) expr {
		e := x
		if f.Shift[j] != 0 {
			e = call("-", e, number(f.Shift[j]))
		}
		if f.Scale[j] != 1 {
			e = call("/", e, number(f.Scale[j]))
		}
		if f.Clip {
			e = b.clip(e, 0, 1)
		}
		return e
	})
}

// clip keeps a number within limits; a missing one stays.
func (b *builder) clip(e expr, low, high float64) expr {
	clip := b.function("clip", []any{param("v", "double"), param("low", "double"), param("high", "double")}, "double",
		when(call("<", "v", "low"), "low", when(call(">", "v", "high"), "high", "v")))
	return unlessMissing(e, call(clip, e, number(low), number(high)))
}

// unlessMissing computes e where x is a number: engines differ in how they compare what is none.
func unlessMissing(x, e expr) expr { return when(isMissing(x), x, e) }

func winsorized(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct{ Low, High wire.Floats }](data)
	if err != nil {
		return nil, err
	}
	return b.each(in, len(f.Low), func(j int, x expr) expr { return b.clip(x, f.Low[j], f.High[j]) })
}

func shrunk(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct {
		Function struct{ Log bool }
		Features int
	}](data)
	if err != nil {
		return nil, err
	}
	shrink := func(x expr) expr { return call("m.sqrt", x) }
	if f.Function.Log {
		shrink = func(x expr) expr { return call("m.ln1p", x) }
	}
	return b.each(in, f.Features, func(_ int, x expr) expr {
		return unlessMissing(x, when(call("<", x, number(0)), call("u-", shrink(call("u-", x))), shrink(x)))
	})
}

func binarized(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct {
		Features  int
		Threshold float64
	}](data)
	if err != nil {
		return nil, err
	}
	return b.each(in, f.Features, func(_ int, x expr) expr { return when(call(">", x, number(f.Threshold)), number(1), number(0)) })
}

func intervals(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct {
		Ordinal bool
		Edges   []wire.Floats
	}](data)
	if err != nil {
		return nil, err
	}
	if err := wantColumns(len(in), len(f.Edges)); err != nil {
		return nil, err
	}
	in = b.settle(in)
	var out []column
	for j, c := range in {
		edges := f.Edges[j]
		if f.Ordinal {
			at := number(0)
			for k, e := range edges {
				at = when(call(">=", c.read(), number(e)), number(float64(k+1)), at)
			}
			out = append(out, numeric(at))
			continue
		}
		for k := range len(edges) + 1 {
			e := number(1)
			if k < len(edges) {
				e = when(call("<", c.read(), number(edges[k])), e, number(0))
			}
			if k > 0 {
				e = when(call(">=", c.read(), number(edges[k-1])), e, number(0))
			}
			out = append(out, numeric(e))
		}
	}
	return out, nil
}

func normalized(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct {
		Features int
		Norm     string
	}](data)
	if err != nil {
		return nil, err
	}
	if err := wantColumns(len(in), f.Features); err != nil {
		return nil, err
	}
	in = b.settle(in)
	x := b.vector(in)
	of := func(do expr) expr {
		return call("a.map", x, lambda([]any{param("v", "double")}, "double", do))
	}
	var norm expr
	switch f.Norm {
	case "l1":
		norm = call("a.sum", of(call("m.abs", "v")))
	case "l2":
		norm = call("m.sqrt", call("a.sum", of(call("*", "v", "v"))))
	default:
		norm = call("a.max", of(call("m.abs", "v")))
	}
	n := b.let("n", norm)
	return b.each(in, f.Features, func(_ int, v expr) expr { return when(call("==", n, number(0)), v, call("/", v, n)) })
}

func products(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct {
		Features      int
		Factors, Ends wire.Ints
	}](data)
	if err != nil {
		return nil, err
	}
	if err := wantColumns(len(in), f.Features); err != nil {
		return nil, err
	}
	in = b.settle(in)
	out := make([]column, len(f.Ends))
	start := int32(0)
	for k, end := range f.Ends {
		switch factors := f.Factors[start:end]; len(factors) {
		case 0:
			out[k] = numeric(number(1))
		case 1:
			out[k] = in[factors[0]]
		default:
			e := in[factors[0]].read()
			for _, j := range factors[1:] {
				e = call("*", e, in[j].read())
			}
			out[k] = numeric(e)
		}
		start = end
	}
	return out, nil
}

func pairs(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct {
		Features  int
		Operation string
		A, B      wire.Ints
	}](data)
	if err != nil {
		return nil, err
	}
	if err := wantColumns(len(in), f.Features); err != nil {
		return nil, err
	}
	in = b.settle(in)
	out := append([]column(nil), in...)
	for k := range f.A {
		x, y := in[f.A[k]].read(), in[f.B[k]].read()
		switch f.Operation {
		case "difference":
			out = append(out, numeric(call("-", x, y)))
		case "product":
			out = append(out, numeric(call("*", x, y)))
		default:
			out = append(out, numeric(when(call("<", y, number(0)), call("/", x, call("-", y, number(1))), call("/", x, call("+", y, number(1))))))
		}
	}
	return out, nil
}

func powers(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct {
		BoxCox                bool
		Lambda, Shift, Factor wire.Floats
	}](data)
	if err != nil {
		return nil, err
	}
	return b.each(in, len(f.Lambda), func(j int, x expr) expr {
		raised := when(call("<", x, number(0)), call("u-", power(call("m.ln1p", call("u-", x)), 2-f.Lambda[j])), power(call("m.ln1p", x), f.Lambda[j]))
		if f.BoxCox {
			raised = power(call("m.ln", x), f.Lambda[j])
		}
		return unlessMissing(x, call("/", call("-", raised, number(f.Shift[j])), number(f.Factor[j])))
	})
}

// power is (exp(l·u)−1)/l, and u in the limit of small l.
func power(u expr, l float64) expr {
	if math.Abs(l) < 1e-12 {
		return u
	}
	return call("/", call("m.expm1", call("*", number(l), u)), number(l))
}

func zeroCount(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct{ Features int }](data)
	if err != nil {
		return nil, err
	}
	if err := wantColumns(len(in), f.Features); err != nil {
		return nil, err
	}
	in = b.settle(in)
	zeros := number(0)
	for _, c := range in {
		zeros = call("+", zeros, when(call("==", c.read(), number(0)), number(1), number(0)))
	}
	z := b.let("z", zeros)
	return append([]column{numeric(z), numeric(call("-", number(float64(len(in))), z))}, in...), nil
}

// projection multiplies the centred columns by a matrix, columns × outputs.
func projection(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct{ Mean, Axes wire.Floats }](data)
	if err != nil {
		return nil, err
	}
	if err := wantColumns(len(in), len(f.Mean)); err != nil {
		return nil, err
	}
	centred, err := b.each(in, len(f.Mean), func(j int, x expr) expr { return call("-", x, number(f.Mean[j])) })
	if err != nil {
		return nil, err
	}
	k := len(f.Axes) / len(f.Mean)
	axes := make([][]float64, k)
	for c := range axes {
		axes[c] = make([]float64, len(f.Mean))
		for j := range f.Mean {
			axes[c][j] = f.Axes[j*k+c]
		}
	}
	return b.affine(b.vector(b.settle(centred)), axes, make([]float64, k)), nil
}

func discriminants(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct {
		Count       int
		Axes, Shift wire.Floats
	}](data)
	if err != nil {
		return nil, err
	}
	if err := wantColumns(len(in), len(f.Axes)/f.Count); err != nil {
		return nil, err
	}
	return b.affine(b.vector(b.settle(in)), rowsOf(f.Axes, f.Count), f.Shift), nil
}

// rowsOf cuts a row-major matrix.
func rowsOf(v []float64, rows int) [][]float64 {
	out := make([][]float64, rows)
	for r := range out {
		out[r] = v[r*len(v)/rows : (r+1)*len(v)/rows]
	}
	return out
}

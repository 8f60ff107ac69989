package pfa

import (
	"fmt"
	"slices"

	"github.com/lren-chuv/automl/internal/wire"
)

type storedNetwork struct {
	Sizes      []int
	Activation string
	Theta      wire.Floats
	Embed      []struct {
		Column int
		Levels []string
		Dim    int
	}
}

// inputs are the numeric columns and, behind them, what is looked up for the categories.
func (n *storedNetwork) inputs(b *builder, in []column) ([]column, error) {
	if len(n.Embed) == 0 {
		return in, nil
	}
	at := 0 // the tables stand behind the weights
	for l := range len(n.Sizes) - 1 {
		at += (n.Sizes[l] + 1) * n.Sizes[l+1]
	}
	in = b.settle(in)
	var numbers, looked []column
	next := 0
	for j, c := range in {
		embedded := next < len(n.Embed) && n.Embed[next].Column == j
		switch {
		case embedded != c.categorical:
			return nil, errKind
		case !embedded:
			numbers = append(numbers, c)
			continue
		}
		e := n.Embed[next]
		next++
		table := n.Theta[at:][:(len(e.Levels)+1)*e.Dim]
		at += len(table)
		for d := range e.Dim {
			values := make([]float64, len(c.levels))
			for l, name := range c.levels {
				values[l] = table[(slices.Index(e.Levels, name)+1)*e.Dim+d] // 0 is for levels that are not known
			}
			looked = append(looked, numeric(b.table(c.read(), table[d], values)))
		}
	}
	if next < len(n.Embed) {
		return nil, errKind
	}
	return append(numbers, looked...), nil
}

// forward runs the columns through the network and returns its outputs before their own activation.
func (n *storedNetwork) forward(b *builder, in []column) ([]column, error) {
	if len(n.Sizes) < 2 {
		return nil, fmt.Errorf("no layers")
	}
	in, err := n.inputs(b, in)
	if err != nil {
		return nil, err
	}
	if err := wantColumns(len(in), n.Sizes[0]); err != nil {
		return nil, err
	}
	layer := map[string]any{"type": "record", "name": b.fresh("Layer"), "fields": []any{
		map[string]any{"name": "weights", "type": arrayOf(arrayOf("double"))},
		map[string]any{"name": "bias", "type": arrayOf("double")},
	}}
	var layers []any
	at := 0
	for l := range len(n.Sizes) - 1 {
		from, to := n.Sizes[l], n.Sizes[l+1]
		weights := make([][]float64, to)
		for o := range weights {
			weights[o] = make([]float64, from)
			for i := range from {
				weights[o][i] = n.Theta[at+i*to+o]
			}
		}
		at += from * to
		layers = append(layers, map[string]any{"weights": weights, "bias": n.Theta[at : at+to]})
		at += to
	}
	activation, err := n.activation(b)
	if err != nil {
		return nil, err
	}
	net := b.cell("network", arrayOf(layer), layers)
	out := b.let("y", call("model.neural.simpleLayers", b.vector(b.settle(in)), wholeCell(net), map[string]any{"fcn": activation}))
	return b.spread(out, n.Sizes[len(n.Sizes)-1]), nil
}

func (n *storedNetwork) activation(b *builder) (string, error) {
	v := []any{param("v", "double")}
	switch n.Activation {
	case "logistic":
		return b.sigmoid(), nil
	case "tanh":
		return b.function("hyperbolic", v, "double", call("m.tanh", "v")), nil
	case "relu":
		return b.function("relu", v, "double", when(call(">", "v", number(0)), "v", number(0))), nil
	case "identity":
		return b.function("identity", v, "double", "v"), nil
	}
	return "", fmt.Errorf("unknown activation %q", n.Activation)
}

func perceptronClasses(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct {
		Classes storedClasses
		Net     storedNetwork
	}](data)
	if err != nil {
		return nil, err
	}
	out, err := f.Net.forward(b, in)
	if err != nil {
		return nil, err
	}
	p := []column{numeric(number(1))}
	switch {
	case len(out) == 1 && len(f.Classes.Present) == 2:
		p = b.twoClasses(call(b.sigmoid(), out[0].read()))
	case len(out) > 1:
		p = b.softmax(out)
	}
	return among(len(f.Classes.Levels), f.Classes.Present, p), nil
}

func perceptronValue(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct{ Net storedNetwork }](data)
	if err != nil {
		return nil, err
	}
	return f.Net.forward(b, in)
}

package neural

import (
	"context"
	"math"

	"github.com/lren-chuv/automl/internal/linalg"
)

// norms normalises what goes into each hidden activation to mean 0 and variance 1 over the batch, then scales and shifts
// it by learned amounts (Ioffe and Szegedy 2015); the inputs are standardised once. It exists while a network is trained:
// [network.folded] turns it into weights. The amounts stand behind the weights in Theta: per hidden layer all scales, then
// all shifts.
type norms struct {
	plain int // weights before the amounts
	mean  []float64
	scale []float64 // of the inputs: their standard deviation, 1 for constants

	hat     [][]float64 // per hidden layer, rows × units: the normalised batch
	inverse [][]float64 // per hidden layer and unit, 1/√(variance + ε)
	centre  [][]float64
}

// steady keeps a unit that is constant over a batch from blowing up.
const steady = 1e-5

// normalise standardises the inputs of t and gives net the means to normalise batches.
func (n *network) normalise(t *task) {
	b := &norms{plain: len(n.Theta), mean: make([]float64, t.numeric), scale: make([]float64, t.numeric)}
	rows := t.rows()
	for i, v := range t.numbers {
		b.mean[i%t.numeric] += v / float64(rows)
	}
	for i, v := range t.numbers {
		d := v - b.mean[i%t.numeric]
		b.scale[i%t.numeric] += d * d / float64(rows)
	}
	for j, v := range b.scale {
		if b.scale[j] = math.Sqrt(v); !(b.scale[j] > 1e-12*math.Abs(b.mean[j])) {
			b.scale[j] = 1
		}
	}
	x := make([]float64, len(t.numbers))
	for i, v := range t.numbers {
		x[i] = (v - b.mean[i%t.numeric]) / b.scale[i%t.numeric]
	}
	t.numbers = x
	for _, units := range n.Sizes[1:n.layers()] {
		for range units {
			n.Theta = append(n.Theta, 1)
		}
		n.Theta = append(n.Theta, make([]float64, units)...)
		b.centre, b.inverse = append(b.centre, make([]float64, units)), append(b.inverse, make([]float64, units))
	}
	b.hat = make([][]float64, len(b.centre))
	n.norm = b
}

// amounts returns the scales and shifts of hidden layer h, counted from 0, as views of v, which is laid out as Theta.
func (n *network) amounts(v []float64, h int) (scale, shift []float64) {
	at := n.norm.plain
	for i := range h {
		at += 2 * n.Sizes[i+1]
	}
	units := n.Sizes[h+1]
	return v[at:][:units], v[at+units:][:units]
}

// forward normalises the batch z of hidden layer h in place.
func (b *norms) forward(n *network, z []float64, h int) {
	centre, inverse := b.centre[h], b.inverse[h]
	units := len(centre)
	rows := float64(len(z) / units)
	meanRows(centre, z)
	clear(inverse)
	for i := 0; i < len(z); i += units {
		for j, v := range z[i : i+units] {
			d := v - centre[j]
			inverse[j] += d * d
		}
	}
	for j, v := range inverse {
		inverse[j] = 1 / math.Sqrt(v/rows+steady)
	}
	if cap(b.hat[h]) < len(z) {
		b.hat[h] = make([]float64, len(z))
	}
	hat := b.hat[h][:len(z)]
	scale, shift := n.amounts(n.Theta, h)
	for i := 0; i < len(z); i += units {
		row, normal := z[i:i+units], hat[i:i+units]
		for j, v := range row {
			normal[j] = (v - centre[j]) * inverse[j]
			row[j] = scale[j]*normal[j] + shift[j]
		}
	}
}

// backward turns the derivative of the loss by the normalised batch of hidden layer h into that by the batch itself, in
// place, and writes the derivatives by scales and shifts to grad.
func (b *norms) backward(n *network, delta, grad []float64, h int) {
	dScale, dShift := n.amounts(grad, h)
	scale, _ := n.amounts(n.Theta, h)
	units, hat := len(scale), b.hat[h][:len(delta)]
	rows := float64(len(delta) / units)
	sumRows(dShift, delta)
	clear(dScale)
	for i := 0; i < len(delta); i += units {
		for j, d := range delta[i : i+units] {
			dScale[j] += d * hat[i+j]
		}
	}
	for i := 0; i < len(delta); i += units {
		row := delta[i : i+units]
		for j, d := range row {
			row[j] = scale[j] * b.inverse[h][j] * (d - (dShift[j]+hat[i+j]*dScale[j])/rows)
		}
	}
}

// settleRows is the number of rows from which the final means and variances are taken.
const settleRows = 1 << 13

// settle folds the norms of n into its weights.
func (n *network) settle(ctx context.Context, t *task, rows []int32) error {
	out, err := n.folded(ctx, t, rows)
	if err == nil {
		*n = *out
	}
	return err
}

// folded returns the network without norms that predicts what n does with the means and variances over the given
// training rows, of inputs that are not standardised.
func (n *network) folded(ctx context.Context, t *task, rows []int32) (*network, error) {
	b := n.norm
	rows = rows[:min(len(rows), settleRows)]
	p := n.newPass(len(rows))
	for i, r := range rows {
		n.load(p, i, &t.inputs, int(r))
	}
	n.forward(p, len(rows))
	out := &network{Sizes: n.Sizes, Activation: n.Activation, Embed: n.Embed, units: n.units, Theta: append([]float64(nil), n.Theta[:b.plain]...)}
	for h := range b.centre {
		w, bias := out.layer(out.Theta, h)
		scale, shift := n.amounts(n.Theta, h)
		for j := range bias {
			factor := scale[j] * b.inverse[h][j]
			bias[j] = (bias[j]-b.centre[h][j])*factor + shift[j]
			for i := range w.Rows {
				w.Data[i*w.Cols+j] *= factor
			}
		}
	}
	w, bias := out.layer(out.Theta, 0)
	for i, scale := range b.scale {
		row := w.Row(i)
		for j := range row {
			row[j] /= scale
		}
		linalg.AddScaled(bias, -b.mean[i], row)
	}
	return out, ctx.Err()
}

// standard returns v with mean 0 and variance 1, and the mean and the scale it had.
func standard(v []float64) (out []float64, centre, scale float64) {
	for _, x := range v {
		centre += x / float64(len(v))
	}
	for _, x := range v {
		scale += (x - centre) * (x - centre) / float64(len(v))
	}
	if scale = math.Sqrt(scale); !(scale > 1e-12*math.Abs(centre)) {
		scale = 1
	}
	out = make([]float64, len(v))
	for i, x := range v {
		out[i] = (x - centre) / scale
	}
	return out, centre, scale
}

// stretch makes the outputs of n scale times as large, and adds centre.
func (n *network) stretch(centre, scale float64) {
	w, b := n.layer(n.Theta, n.layers()-1)
	for i := range w.Data {
		w.Data[i] *= scale
	}
	for i := range b {
		b[i] = b[i]*scale + centre
	}
}

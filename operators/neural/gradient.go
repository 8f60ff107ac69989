package neural

import (
	"slices"

	"github.com/lren-chuv/automl/internal/linalg"
)

// task is what a network learns: rows of inputs and targets.
type task struct {
	inputs
	y        []float64 // row-major targets
	weight   []float64 // per row, mean 1; nil means 1
	outputs  int
	classify bool
	alpha    float64 // strength of the l2 penalty
}

func (t *task) rows() int { return len(t.y) / t.outputs }

// gradient writes to grad the derivative of the mean loss of the given rows, penalty included, and returns that loss:
// half the squared error, or the log loss. Rumelhart, Hinton and Williams (1986).
func (n *network) gradient(t *task, p *pass, rows []int32, grad []float64) float64 {
	if p.delta == nil {
		for _, v := range p.values[1:] {
			p.delta = append(p.delta, make([]float64, len(v)))
		}
	}
	if p.sleep != nil {
		return n.gradientAwake(t, p, rows, grad)
	}
	m, top := len(rows), n.layers()
	for i, r := range rows {
		n.load(p, i, &t.inputs, int(r))
	}
	out := n.forward(p, m)
	delta := matrix(p.delta[top-1], m, t.outputs)
	loss := t.loss(out, rows, delta.Data)
	for l := top - 1; l >= 0; l-- {
		w, _ := n.layer(n.Theta, l)
		dw, db := n.layer(grad, l)
		switch {
		case l == 0:
			p.work.TMul(n.affine(grad, 0), matrix(p.values[0], m, w.Rows+1), delta)
		case n.slim(l):
			p.slim.backward(&p.work, dw, db, matrix(p.values[l], m, w.Rows), delta, w.Rows)
		default:
			p.work.TMul(dw, matrix(p.values[l], m, w.Rows), delta)
			sumRows(db, delta.Data)
		}
		linalg.AddScaled(dw.Data, t.alpha/float64(m), w.Data)
		loss += t.alpha / (2 * float64(m)) * linalg.SquaredNorm(w.Data)
		if l > 0 {
			delta = n.below(p, l, delta, w)
			if n.norm != nil {
				n.norm.backward(n, delta.Data, grad, l-1)
			}
		}
	}
	loss += n.learnEmbeddings(t, p, rows, delta, grad)
	return loss
}

// below returns the derivative by what goes into the activation that layer l takes, given that by what the layer puts out.
func (n *network) below(p *pass, l int, delta, w linalg.Matrix) linalg.Matrix {
	out := matrix(p.delta[l-1], delta.Rows, w.Rows)
	if n.slim(l) {
		p.slim.outer(&p.work, out, delta, w.Rows)
	} else {
		p.work.MulT(out, delta, w)
	}
	a := p.values[l][:len(out.Data)]
	derive(n.Activation, a, out.Data)
	if p.keep < 1 {
		linalg.Silence(out.Data, a)
	}
	return out
}

// sumRows writes the column sums of v to sum.
func sumRows(sum, v []float64) {
	clear(sum)
	for i := 0; i < len(v); i += len(sum) {
		linalg.AddScaled(sum, 1, v[i:i+len(sum)])
	}
}

// meanRows writes the column means of v to mean.
func meanRows(mean, v []float64) {
	sumRows(mean, v)
	for j := range mean {
		mean[j] /= float64(len(v) / len(mean))
	}
}

// loss turns the outputs into the derivative of the mean loss by them, which it writes to delta, and returns that loss. What
// is in out afterwards is of no use.
func (t *task) loss(out []float64, rows []int32, delta []float64) float64 {
	if t.classify {
		respond(out, t.outputs)
	}
	share := 1 / float64(len(rows))
	for i, r := range rows {
		w := share
		if t.weight != nil {
			w *= t.weight[r]
		}
		y := t.y[int(r)*t.outputs:][:t.outputs]
		row := delta[i*t.outputs:][:t.outputs]
		for k, q := range out[i*t.outputs:][:t.outputs] {
			row[k] = w * (q - y[k])
		}
	}
	if t.classify {
		t.surprises(out, rows)
	} else {
		t.squares(out, rows)
	}
	if t.weight != nil {
		for i, r := range rows {
			out[i] *= t.weight[r]
		}
	}
	sum := 0.0
	for _, v := range out[:len(rows)] {
		sum += v
	}
	return sum * share
}

// surprises writes the log loss of every row to the beginning of out, which holds probabilities.
func (t *task) surprises(out []float64, rows []int32) {
	const eps = 0x1p-52
	for i, r := range rows {
		v := 1.0 // the probability of what is true
		if y := t.y[int(r)*t.outputs:][:t.outputs]; t.outputs == 1 {
			if v = out[i]; y[0] != 1 {
				v = 1 - v
			}
		} else if k := slices.Index(y, 1); k >= 0 {
			v = out[i*t.outputs+k]
		}
		out[i] = 1/max(v, eps) - 1
	}
	linalg.Log1p(out[:len(rows)])
}

// squares writes half the squared error of every row to the beginning of out.
func (t *task) squares(out []float64, rows []int32) {
	for i, r := range rows {
		sum := 0.0
		y := t.y[int(r)*t.outputs:][:t.outputs]
		for k, q := range out[i*t.outputs:][:t.outputs] {
			sum += (q - y[k]) * (q - y[k]) / 2
		}
		out[i] = sum
	}
}

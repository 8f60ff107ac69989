package neural

import (
	"math"

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
	m, top := len(rows), n.layers()
	for i, r := range rows {
		n.load(p, i, &t.inputs, int(r))
	}
	out := n.forward(p, m)
	if p.delta == nil {
		for _, v := range p.values[1:] {
			p.delta = append(p.delta, make([]float64, len(v)))
		}
	}
	delta := matrix(p.delta[top-1], m, t.outputs)
	loss := t.loss(out, rows, delta.Data)
	for l := top - 1; l >= 0; l-- {
		w, _ := n.layer(n.Theta, l)
		dw, db := n.layer(grad, l)
		p.work.TMul(dw, matrix(p.values[l], m, w.Rows), delta)
		for i, v := range w.Data {
			dw.Data[i] = (dw.Data[i] + t.alpha*v) / float64(m)
		}
		loss += t.alpha / (2 * float64(m)) * linalg.SquaredNorm(w.Data)
		meanRows(db, delta.Data)
		if l > 0 {
			below := matrix(p.delta[l-1], m, w.Rows)
			p.work.MulT(below, delta, w)
			derive(n.Activation, p.values[l][:len(below.Data)], below.Data)
			if p.keep < 1 {
				linalg.Silence(below.Data, p.values[l])
			}
			if n.norm != nil {
				n.norm.backward(n, below.Data, grad, l-1)
			}
			delta = below
		}
	}
	loss += n.learnEmbeddings(t, p, rows, delta, grad)
	return loss
}

// meanRows writes the column means of v to mean.
func meanRows(mean, v []float64) {
	clear(mean)
	for i := 0; i < len(v); i += len(mean) {
		for j, d := range v[i : i+len(mean)] {
			mean[j] += d
		}
	}
	for j := range mean {
		mean[j] /= float64(len(v) / len(mean))
	}
}

// loss turns the outputs into predictions, writes their derivative to delta and returns the mean loss.
func (t *task) loss(out []float64, rows []int32, delta []float64) float64 {
	if t.classify {
		respond(out, t.outputs)
	}
	sum := 0.0
	for i, r := range rows {
		w := 1.0
		if t.weight != nil {
			w = t.weight[r]
		}
		y := t.y[int(r)*t.outputs:][:t.outputs]
		for k, q := range out[i*t.outputs:][:t.outputs] {
			d := q - y[k]
			delta[i*t.outputs+k] = w * d
			if t.classify {
				sum += w * t.surprise(q, y[k])
			} else {
				sum += w * d * d / 2
			}
		}
	}
	return sum / float64(len(rows))
}

// surprise is the log loss of probability q of an output that is y, 0 or 1.
func (t *task) surprise(q, y float64) float64 {
	const eps = 0x1p-52
	switch {
	case y == 1:
		return -math.Log(max(q, eps))
	case t.outputs == 1:
		return -math.Log(max(1-q, eps))
	}
	return 0
}

package neural

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/internal/posterior"
	"github.com/lren-chuv/automl/internal/wire"
)

// network is a fully connected feed-forward network. All its weights and intercepts are one vector, so that a solver
// need not know about layers.
type network struct {
	Sizes      []int       // units per layer, from the inputs to the outputs
	Activation string      // of the hidden layers
	Theta      wire.Floats // per layer: weights (inputs × outputs), then intercepts; then the tables of the embeddings
	Embed      []embedding // what the last inputs are; the first ones are the numeric columns

	units []int  // Sizes without padding, if there is any
	norm  *norms // of a network in training that normalises its batches
}

// newNetwork draws weights as Glorot and Bengio (2010) do, with half the variance for the logistic activation.
func newNetwork(sizes []int, activation string, rng *rand.Rand) *network {
	n := &network{Sizes: sizes, Activation: activation}
	factor := 6.0
	if activation == "logistic" {
		factor = 2
	}
	for l := range n.layers() {
		in, out := sizes[l], sizes[l+1]
		bound := math.Sqrt(factor / float64(in+out))
		for range (in + 1) * out {
			n.Theta = append(n.Theta, bound*(2*rng.Float64()-1))
		}
	}
	return n
}

func (n *network) layers() int { return len(n.Sizes) - 1 }

func (n *network) outputs() int { return n.Sizes[len(n.Sizes)-1] }

// check reports what a decoded network cannot be.
func (n *network) check() error {
	if len(n.Sizes) < 2 {
		return errors.New("neural: no layers")
	}
	total, err := n.checkEmbeddings()
	if err != nil {
		return err
	}
	for l, size := range n.Sizes {
		if size < 1 || size > 1<<24 {
			return fmt.Errorf("neural: layer of %d units", size)
		}
		if l > 0 {
			total += (n.Sizes[l-1] + 1) * size
		}
		if total > len(n.Theta) {
			break
		}
	}
	if total != len(n.Theta) {
		return fmt.Errorf("neural: %d weights, want %d", len(n.Theta), total)
	}
	return nil
}

// layer returns the weights and intercepts of a layer as views of v, which is laid out as Theta.
func (n *network) layer(v []float64, l int) (weights linalg.Matrix, intercepts []float64) {
	at := 0
	for i := range l {
		at += (n.Sizes[i] + 1) * n.Sizes[i+1]
	}
	in, out := n.Sizes[l], n.Sizes[l+1]
	return matrix(v[at:], in, out), v[at+in*out:][:out]
}

// affine returns the weights of a layer with its intercepts as the last row, those of an input that is always 1.
func (n *network) affine(v []float64, l int) linalg.Matrix {
	w, _ := n.layer(v, l)
	return matrix(w.Data[:cap(w.Data)], w.Rows+1, w.Cols)
}

func matrix(v []float64, rows, cols int) linalg.Matrix { return linalg.Of(rows, cols, v[:rows*cols]) }

// pass is the memory for running some rows through a network.
type pass struct {
	values [][]float64 // per layer, rows × units: the input with a column of ones, then the activations
	delta  [][]float64 // per layer above the input: derivative of the loss by what goes into the activation
	inner  []float64   // rows × numbers of the embeddings: derivative of the loss by them
	work   linalg.Workspace
	slim   slim
	sleep  *sleep         // if units that give nothing are left out
	packed *linalg.Packed // the first layer's weights and intercepts, if they stay as they are
	keep   float64        // share of the hidden units kept in training; 1 is all
	rng    *rand.Rand
}

// newPass has room for up to rows rows.
func (n *network) newPass(rows int) *pass {
	p := &pass{keep: 1}
	rows = (rows + 3) &^ 3 // as slim layers take them
	for l, size := range n.Sizes {
		if l == 0 {
			size++
		}
		p.values = append(p.values, make([]float64, rows*size))
	}
	for i := n.Sizes[0]; i < len(p.values[0]); i += n.Sizes[0] + 1 {
		p.values[0][i] = 1
	}
	return p
}

// forward computes the outputs of the first rows rows of p's input, before the output's own activation.
func (n *network) forward(p *pass, rows int) []float64 {
	for l := range n.layers() {
		w, b := n.layer(n.Theta, l)
		z := p.values[l+1][:rows*len(b)]
		switch {
		case l == 0 && p.packed != nil:
			p.work.MulPacked(matrix(z, rows, len(b)), matrix(p.values[0], rows, w.Rows+1), p.packed)
		case l == 0:
			p.work.Mul(matrix(z, rows, len(b)), matrix(p.values[0], rows, w.Rows+1), n.affine(n.Theta, 0))
		case n.slim(l):
			p.slim.take(w)
			p.slim.forward(z, p.values[l], b, w.Rows)
		default:
			p.work.Mul(matrix(z, rows, len(b)), matrix(p.values[l], rows, w.Rows), w)
			for i := 0; i < len(z); i += len(b) {
				linalg.AddScaled(z[i:i+len(b)], 1, b)
			}
		}
		if l+1 < n.layers() {
			if n.norm != nil {
				n.norm.forward(n, z, l)
			}
			activate(n.Activation, z)
			n.trim(z, l+1)
			p.drop(z)
		}
	}
	return p.values[n.layers()][:rows*n.outputs()]
}

// drop silences a random share of units and makes up for it in the others (Srivastava et al. 2014).
func (p *pass) drop(z []float64) {
	if p.keep == 1 {
		return
	}
	for i := range z {
		if p.rng.Float64() < p.keep {
			z[i] /= p.keep
		} else {
			z[i] = 0
		}
	}
}

// respond replaces the outputs by class probabilities: a logistic unit for two classes, else softmax.
func respond(out []float64, width int) {
	if width == 1 {
		linalg.Logistic(out)
		return
	}
	softmax(out, width)
}

// softmax replaces the scores of rows by probabilities.
func softmax(out []float64, width int) {
	for i := 0; i < len(out); i += width {
		row := out[i : i+width]
		top := slices.Max(row)
		if math.IsInf(top, 0) || top != top {
			posterior.Softmax(row, nil) // it knows what to make of that
			for k, q := range row {
				row[k] = math.Log(q)
			}
			continue
		}
		for k := range row {
			row[k] -= top
		}
	}
	linalg.Exp(out)
	for i := 0; i < len(out); i += width {
		row, sum := out[i:i+width], 0.0
		for _, q := range row {
			sum += q
		}
		for k := range row {
			row[k] /= sum
		}
	}
}

package neural

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/operators"
)

// embedding replaces a categorical column by Dim numbers for each level that are learned like weights (Guo and Berkhahn,
// Entity Embeddings of Categorical Variables, 2016). Row 0 of its table serves missing values, levels that are not known
// and those of a single training row, from which it learns; row i+1 is that of Levels[i].
type embedding struct {
	Column int // of the table
	Levels []string
	Dim    int
}

func (e *embedding) size() int { return (len(e.Levels) + 1) * e.Dim }

// dimension is the usual rule of thumb, fastai's: numbers enough to tell the levels apart, and at most 50.
func dimension(levels int) int {
	return max(1, min(50, int(math.Round(1.6*math.Pow(float64(levels), 0.56)))))
}

// embeddings describes the categorical columns of x as the rows with a weight show them.
func embeddings(x *dataset.Frame, weight []float64) []embedding {
	var out []embedding
	for j, c := range x.Columns() {
		if c.Kind != dataset.Categorical {
			continue
		}
		rows := make([]int, len(c.Levels))
		for i, k := range c.Code {
			if k >= 0 && (weight == nil || weight[i] > 0) {
				rows[k]++
			}
		}
		e := embedding{Column: j}
		for k, n := range rows {
			if n > 1 {
				e.Levels = append(e.Levels, c.Levels[k])
			}
		}
		e.Dim = dimension(len(e.Levels) + 1)
		out = append(out, e)
	}
	return out
}

// inputs are the columns of a table as a network takes them: numbers, and places in the tables of embeddings.
type inputs struct {
	frame   *dataset.Frame // of the numeric columns
	numbers []float64      // of a training, row by row
	numeric int
	codes   [][]int32 // per embedding
}

// inputsOf reads the columns of x, whose kinds must be those of the training.
func inputsOf(x *dataset.Frame, embed []embedding) (inputs, error) {
	if len(embed) == 0 {
		for _, c := range x.Columns() {
			if c.Kind == dataset.Categorical {
				return inputs{}, fmt.Errorf("perceptron: column %q is categorical, unlike in training", c.Name)
			}
		}
		return inputs{frame: x, numeric: x.Cols()}, nil
	}
	var in inputs
	var rest []int
	at := 0
	for j, c := range x.Columns() {
		embedded := at < len(embed) && embed[at].Column == j
		if embedded != (c.Kind == dataset.Categorical) {
			return inputs{}, fmt.Errorf("perceptron: column %q is %v, unlike in training", c.Name, c.Kind)
		}
		if !embedded {
			rest = append(rest, j)
			continue
		}
		in.codes = append(in.codes, embed[at].places(c))
		at++
	}
	if at < len(embed) {
		return inputs{}, fmt.Errorf("perceptron: %d categorical columns, trained on %d", at, len(embed))
	}
	in.frame, in.numeric = x.Select(rest...), len(rest)
	return in, nil
}

// places returns for every value of c where it stands in the table.
func (e *embedding) places(c *dataset.Column) []int32 {
	known := make(map[string]int32, len(e.Levels))
	for i, level := range e.Levels {
		known[level] = int32(i + 1)
	}
	place := make([]int32, len(c.Levels))
	for k, level := range c.Levels {
		place[k] = known[level]
	}
	out := make([]int32, c.Len())
	for i, k := range c.Code {
		if k >= 0 {
			out[i] = place[k]
		}
	}
	return out
}

// embed gives a new network tables for its embeddings, behind the weights, with random numbers of variance 1.
func (n *network) embed(list []embedding, rng *rand.Rand) {
	n.Embed = list
	for _, e := range list {
		for range e.size() {
			n.Theta = append(n.Theta, spread*(2*rng.Float64()-1))
		}
	}
}

// spread is how far from 0 embeddings begin at most: they vary as much as standardised columns do.
const spread = 1.7320508075688772

// numeric is the number of inputs that are not embeddings.
func (n *network) numeric() int {
	left := n.Sizes[0]
	for _, e := range n.Embed {
		left -= e.Dim
	}
	return left
}

// tables is where the embeddings begin in Theta.
func (n *network) tables() int {
	at := 0
	for l := range n.layers() {
		at += (n.Sizes[l] + 1) * n.Sizes[l+1]
	}
	return at
}

// load writes the given row of in as the i-th row of the input of p.
func (n *network) load(p *pass, i int, in *inputs, row int) {
	to := p.values[0][i*(n.Sizes[0]+1):][:n.Sizes[0]]
	copy(to, in.numbers[row*in.numeric:][:in.numeric])
	n.lookUp(to[in.numeric:], in, row)
}

// loadRows writes rows [lo, hi) of in, whose columns these are, as the first ones of the input of p.
func (n *network) loadRows(p *pass, in *inputs, columns [][]float64, lo, hi int) {
	part := make([][]float64, len(columns))
	for j, c := range columns {
		part[j] = c[lo:hi]
	}
	width := n.Sizes[0] + 1
	to := matrix(p.values[0], hi-lo, width)
	to.FromColumns(part, nil)
	for i := range hi - lo {
		n.lookUp(to.Row(i)[in.numeric:width-1], in, lo+i)
	}
}

// lookUp writes the embeddings of the given row of in.
func (n *network) lookUp(to []float64, in *inputs, row int) {
	if len(n.Embed) == 0 {
		return
	}
	table := n.Theta[n.tables():]
	for k := range n.Embed {
		e := &n.Embed[k]
		copy(to[:e.Dim], table[int(in.codes[k][row])*e.Dim:])
		to, table = to[e.Dim:], table[e.size():]
	}
}

// learnEmbeddings writes the derivative by the tables to grad, penalty included, given that by what goes into the first
// layer's activation, and returns the penalty.
func (n *network) learnEmbeddings(t *task, p *pass, rows []int32, delta linalg.Matrix, grad []float64) float64 {
	if len(n.Embed) == 0 {
		return 0
	}
	w, _ := n.layer(n.Theta, 0)
	width := w.Rows - t.numeric
	if p.inner == nil {
		p.inner = make([]float64, len(p.values[1])/w.Cols*width)
	}
	below := matrix(p.inner, len(rows), width)
	p.work.MulT(below, delta, matrix(w.Data[t.numeric*w.Cols:], width, w.Cols))
	lo := n.tables()
	hi := lo
	for k := range n.Embed {
		hi += n.Embed[k].size()
	}
	clear(grad[lo:hi])
	from, at := 0, lo
	for k := range n.Embed {
		e := &n.Embed[k]
		for i, r := range rows {
			to := grad[at+int(t.codes[k][r])*e.Dim:][:e.Dim]
			for d, v := range below.Row(i)[from : from+e.Dim] {
				to[d] += v
			}
		}
		from, at = from+e.Dim, at+e.size()
	}
	m := float64(len(rows))
	for i, v := range n.Theta[lo:hi] {
		grad[lo+i] += t.alpha / m * v
	}
	return t.alpha / (2 * m) * linalg.SquaredNorm(n.Theta[lo:hi])
}

// checkEmbeddings reports what decoded embeddings cannot be, and how many numbers their tables hold.
func (n *network) checkEmbeddings() (total int, err error) {
	left, after := n.Sizes[0], 0
	for _, e := range n.Embed {
		if e.Dim < 1 || e.Dim > left || e.Column < after || e.Column > 1<<24 || len(e.Levels) >= 1<<24 {
			return 0, fmt.Errorf("neural: an embedding of %d numbers for column %d", e.Dim, e.Column)
		}
		left, after = left-e.Dim, e.Column+1
		total += e.size()
	}
	return total, nil
}

// lookup is the part of a network before its first layer.
type lookup struct{ net *network }

// Apply returns the numeric columns and, behind them, those of the embeddings.
func (l lookup) Apply(_ context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	in, err := inputsOf(x, l.net.Embed)
	if err != nil {
		return nil, err
	}
	p, rows, width, columns := l.net.newPass(1), x.Rows(), l.net.Sizes[0], in.frame.Floats()
	values := make([][]float64, width)
	for j := range values {
		values[j] = make([]float64, rows)
	}
	for i := range rows {
		l.net.loadRows(p, &in, columns, i, i+1)
		for j := range values {
			values[j][i] = p.values[0][j]
		}
	}
	cols := make([]*dataset.Column, width)
	for j := range cols {
		cols[j] = dataset.NewNumeric(fmt.Sprint("input", j), values[j])
	}
	return dataset.MustFrame(rows, cols...), nil
}

// lookup returns what makes a network's inputs of the columns of a table, nil if they are the same.
func (n *network) lookup() operators.Fitted {
	if len(n.Embed) == 0 {
		return nil
	}
	return lookup{n}
}

// Lookup returns what makes the network's inputs of the columns of a table, each of one column, or nil if they are the
// columns. It is for those who write the model down in another form.
func (c *classifier) Lookup() operators.Fitted { return c.Net.lookup() }

// Lookup is that of a classifier.
func (r *regressor) Lookup() operators.Fitted { return r.Net.lookup() }

package automl

import (
	"context"
	"math"
	"slices"

	"github.com/lren-chuv/automl/internal/linalg"
)

const (
	fittedRows  = 2000   // of a view, at most
	fittedCells = 16_000 // likewise, rows times classes
	newtonSteps = 20
	halvings    = 8 // of a step that overshoots
	sweeps      = 500
	settled     = 1e-5 // change of the parameters that ends a search for a minimum
)

// fit minimises the loss of the rows that are not of a fold, all if it is -1, plus the pull towards the prior, over weights
// that are not negative: Newton's method, whose quadratic problems are solved by coordinate descent. It begins at start, or
// at the prior if that is nil; the minimum is the same. Not ok if ctx ended or nothing finite was found.
func (d *stackData) fit(ctx context.Context, start []float64, without int) (theta []float64, ok bool) {
	q := newQuadratic(d, without)
	theta = slices.Clone(q.prior)
	if start != nil {
		theta = slices.Clone(start)
	}
	loss := q.loss(theta)
	for range newtonSteps {
		if q.expand(ctx, theta) != nil {
			return nil, false
		}
		step := q.descend(theta)
		next := make([]float64, len(theta))
		better, size := false, 0.0
		for h := 1.0; h > math.Pow(0.5, halvings) && !better; h /= 2 {
			size = 0
			for a := range theta {
				next[a] = theta[a] + h*step[a]
				size = max(size, math.Abs(h*step[a]))
			}
			l := q.loss(next)
			if better = l <= loss; better {
				loss = l
			}
		}
		if !better {
			break
		}
		theta = next
		if size < settled {
			break
		}
	}
	return theta, loss-loss == 0
}

// quadratic is the loss around a point. Its parameters are a weight per member and, for classes, a constant per class. Row r
// has cells r*k to r*k+k-1, one per class, or one.
type quadratic struct {
	members, k int
	inputs     [][]float64 // parameter → cell
	target     []float64   // by cell: 1 for the class of the row, or the number
	weight     []float64   // by row
	prior      []float64
	pull       []float64 // towards it, in rows

	z        []float64 // by cell: the linear predictor, then probabilities, then the residual
	scaled   [][]float64
	gradient []float64
	hessian  linalg.Matrix
}

func newQuadratic(d *stackData, without int) *quadratic {
	n := len(d.fold)
	q := &quadratic{members: len(d.prior), k: max(1, d.classes), prior: make([]float64, len(d.prior)+d.classes)}
	copy(q.prior, d.prior)
	most := min(fittedRows, fittedCells/q.k)
	stride := (n + most - 1) / most
	var rows []int
	for i := range d.weight {
		if j := i % n; d.fold[j] != without && j%stride == 0 {
			rows = append(rows, i)
			q.weight = append(q.weight, d.weight[i]*float64(stride))
		}
	}
	cells := len(rows) * q.k
	q.target, q.z, q.gradient = make([]float64, cells), make([]float64, cells), make([]float64, len(q.prior))
	for a := range q.prior {
		input := make([]float64, cells)
		q.inputs, q.scaled, q.pull = append(q.inputs, input), append(q.scaled, make([]float64, cells)), append(q.pull, attachment)
		if a >= q.members {
			q.pull[a] = evenness
			for r := range rows {
				input[r*q.k+a-q.members] = 1
			}
			continue
		}
		for k, column := range d.inputs[a] {
			for r, i := range rows {
				input[r*q.k+k] = column[i]
			}
		}
	}
	for r, i := range rows {
		if d.classes > 0 {
			q.target[r*q.k+int(d.class[i])] = 1
		} else {
			q.target[r] = d.number[i]
		}
	}
	return q
}

// predict fills z with the linear predictors.
func (q *quadratic) predict(theta []float64) {
	clear(q.z)
	for a, w := range theta {
		if w == 0 {
			continue
		}
		for c, u := range q.inputs[a] {
			q.z[c] += w * u
		}
	}
}

// loss is half the squared error, or the negative log-likelihood, plus half the squared pull.
func (q *quadratic) loss(theta []float64) float64 {
	q.predict(theta)
	sum := 0.0
	for r, w := range q.weight {
		z, y := q.z[r*q.k:(r+1)*q.k], q.target[r*q.k:(r+1)*q.k]
		if q.k == 1 {
			sum += w * (z[0] - y[0]) * (z[0] - y[0]) / 2
			continue
		}
		top, total, said := slices.Max(z), 0.0, 0.0
		for k, v := range z {
			total += math.Exp(v - top)
			said += v * y[k]
		}
		sum += w * (top + math.Log(total) - said)
	}
	for a, v := range theta {
		sum += q.pull[a] * (v - q.prior[a]) * (v - q.prior[a]) / 2
	}
	return sum
}

// expand computes gradient and Hessian at theta. For classes that is multinomial logistic regression: with inputs f and
// probabilities p, the derivative by a parameter is Σ (p - y) f, and the second derivative the covariance of two inputs
// under p.
func (q *quadratic) expand(ctx context.Context, theta []float64) error {
	q.predict(theta)
	root := make([]float64, len(q.z)) // of what a cell weighs
	for r, w := range q.weight {
		z := q.z[r*q.k : (r+1)*q.k]
		if q.k > 1 {
			softmaxRow(z)
		}
		for k := range z {
			c, p := r*q.k+k, 1.0
			if q.k > 1 {
				p = z[k]
			}
			root[c] = math.Sqrt(w * p)
			z[k] = w * (z[k] - q.target[c])
		}
	}
	for a, input := range q.inputs {
		q.gradient[a] = linalg.Dot(q.z, input) + q.pull[a]*(theta[a]-q.prior[a])
		q.centre(a, root)
	}
	h, err := linalg.GramOfColumns(ctx, q.scaled, nil)
	if err != nil {
		return err
	}
	for a, pull := range q.pull {
		h.Row(a)[a] += pull
	}
	q.hessian = h
	return nil
}

// centre makes the column of a parameter whose products with the others' are the second derivatives.
func (q *quadratic) centre(a int, root []float64) {
	input, out := q.inputs[a], q.scaled[a]
	for r, w := range q.weight {
		mean := 0.0
		if q.k > 1 && w > 0 {
			for c := r * q.k; c < (r+1)*q.k; c++ {
				mean += root[c] * root[c] / w * input[c]
			}
		}
		for c := r * q.k; c < (r+1)*q.k; c++ {
			out[c] = root[c] * (input[c] - mean)
		}
	}
}

// softmaxRow is [softmax] of one row that stands by itself.
func softmaxRow(z []float64) {
	top, sum := slices.Max(z), 0.0
	for k := range z {
		z[k] = math.Exp(z[k] - top)
		sum += z[k]
	}
	for k := range z {
		z[k] /= sum
	}
}

// descend minimises the quadratic over steps that leave the weights at zero or above.
func (q *quadratic) descend(theta []float64) []float64 {
	step, slope := make([]float64, len(theta)), slices.Clone(q.gradient)
	for range sweeps {
		size := 0.0
		for a := range step {
			row := q.hessian.Row(a)
			move := -slope[a] / row[a]
			if a < q.members {
				move = max(move, -theta[a]-step[a])
			}
			if move == 0 {
				continue
			}
			step[a] += move
			size = max(size, math.Abs(move))
			for b, h := range row {
				slope[b] += move * h
			}
		}
		if size < settled/10 {
			break
		}
	}
	return step
}

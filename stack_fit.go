package automl

import (
	"context"
	"math"
	"slices"
)

const (
	newtonSteps = 20
	halvings    = 8 // of a step that overshoots
	sweeps      = 500
	settled     = 1e-6 // change of the parameters that ends a search for a minimum
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
		if ctx.Err() != nil {
			return nil, false
		}
		q.expand(theta)
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

// quadratic is the loss around a point. Its parameters are a weight per member and, for classes, a constant per class.
type quadratic struct {
	*stackData
	rows     []int
	prior    []float64
	pull     []float64 // towards it, in rows
	gradient []float64
	hessian  [][]float64
	scratch  [][]float64 // parameter → class
	p        []float64   // by class
}

func newQuadratic(d *stackData, without int) *quadratic {
	size := len(d.prior) + d.classes
	q := &quadratic{stackData: d, prior: make([]float64, size), pull: make([]float64, size), gradient: make([]float64, size), p: make([]float64, max(1, d.classes))}
	copy(q.prior, d.prior)
	for a := range size {
		q.pull[a] = attachment
		if a >= len(d.prior) {
			q.pull[a] = evenness
		}
		q.hessian = append(q.hessian, make([]float64, size))
		q.scratch = append(q.scratch, make([]float64, max(1, d.classes)))
	}
	n := len(d.fold)
	for i := range d.weight {
		if d.fold[i%n] != without {
			q.rows = append(q.rows, i)
		}
	}
	return q
}

// scores fills p with the linear predictors of row i.
func (q *quadratic) scores(theta []float64, i int) {
	m := len(q.stackData.prior)
	for k := range q.p {
		q.p[k] = 0
		if q.classes > 0 {
			q.p[k] = theta[m+k]
		}
	}
	for a, w := range theta[:m] {
		if w == 0 {
			continue
		}
		for k, column := range q.inputs[a] {
			q.p[k] += w * column[i]
		}
	}
}

// loss is half the squared error, or the negative log-likelihood, plus half the squared pull.
func (q *quadratic) loss(theta []float64) float64 {
	sum := 0.0
	for _, i := range q.rows {
		q.scores(theta, i)
		if q.classes == 0 {
			e := q.p[0] - q.number[i]
			sum += q.weight[i] * e * e / 2
			continue
		}
		top, total := slices.Max(q.p), 0.0
		for _, z := range q.p {
			total += math.Exp(z - top)
		}
		sum += q.weight[i] * (top + math.Log(total) - q.p[q.class[i]])
	}
	for a, v := range theta {
		sum += q.pull[a] * (v - q.prior[a]) * (v - q.prior[a]) / 2
	}
	return sum
}

// expand computes gradient and Hessian at theta.
func (q *quadratic) expand(theta []float64) {
	clear(q.gradient)
	for a := range q.hessian {
		clear(q.hessian[a])
	}
	for _, i := range q.rows {
		q.scores(theta, i)
		if q.classes == 0 {
			q.addNumber(i)
		} else {
			q.addClass(i)
		}
	}
	for a := range q.gradient {
		q.gradient[a] += q.pull[a] * (theta[a] - q.prior[a])
		q.hessian[a][a] += q.pull[a]
		for b := range a {
			q.hessian[b][a] = q.hessian[a][b]
		}
	}
}

func (q *quadratic) addNumber(i int) {
	w, e := q.weight[i], q.p[0]-q.number[i]
	for a, one := range q.inputs {
		u := w * one[0][i]
		q.gradient[a] += u * e
		row := q.hessian[a]
		for b, other := range q.inputs[:a+1] {
			row[b] += u * other[0][i]
		}
	}
}

// addClass adds a row of multinomial logistic regression: with inputs f and probabilities p, the derivative by a weight is
// Σ_k (p_k - y_k) f_k, and the second derivative the covariance of two inputs under p.
func (q *quadratic) addClass(i int) {
	single(q.p)
	w, y, m := q.weight[i], q.class[i], len(q.inputs)
	for a := range q.gradient {
		centred, mean := q.scratch[a], 0.0
		for k, p := range q.p {
			centred[k] = 0
			switch {
			case a < m:
				centred[k] = q.inputs[a][k][i]
			case a-m == k:
				centred[k] = 1
			}
			mean += p * centred[k]
		}
		for k := range centred {
			centred[k] -= mean
		}
		q.gradient[a] -= w * centred[y]
		for b := range a + 1 {
			sum := 0.0
			if b < m || a < m {
				other := q.scratch[b]
				for k, p := range q.p {
					sum += p * centred[k] * other[k]
				}
			} else { // two constants
				sum = -q.p[a-m] * q.p[b-m]
				if a == b {
					sum += q.p[a-m]
				}
			}
			q.hessian[a][b] += w * sum
		}
	}
}

// single turns one row's logarithms into probabilities.
func single(z []float64) {
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
	m := len(q.stackData.prior)
	step, slope := make([]float64, len(theta)), slices.Clone(q.gradient)
	for range sweeps {
		size := 0.0
		for a, row := range q.hessian {
			move := -slope[a] / row[a]
			if a < m {
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

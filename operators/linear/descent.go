package linear

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"

	"github.com/lren-chuv/automl/internal/linalg"
)

// rate says how long the steps of stochastic gradient descent are.
type rate uint8

const (
	constantRate rate = iota // eta0
	optimalRate              // 1/(alpha·(t₀ + t)) with Bottou's t₀
	invscaling               // eta0/t^power_t
	adaptive                 // eta0, divided by 5 whenever an epoch does not help
	passive1                 // just far enough to satisfy the row, at most C (PA-I: Crammer et al., JMLR 7, 2006)
	passive2                 // nearly as far, with a squared penalty (PA-II)
)

// descent is stochastic gradient descent as scikit-learn does it: one row at a time, l2 by shrinking, l1 by cumulative
// truncation (Tsuruoka, Tsujii, Ananiadou, ACL 2009), until the epoch's sum of losses stops falling.
type descent struct {
	loss           sgdLoss
	l1, l2         float64 // shares of alpha
	alpha          float64
	rate           rate
	eta0, power    float64
	c              float64 // of the passive-aggressive rates
	intercept      bool
	average        bool
	shuffle        bool
	epochs         int
	tol            float64 // −Inf: run all epochs
	patience       int
	classification bool
}

// sgdLoss is the loss of predicting p for target y and its derivative by p.
type sgdLoss func(y, p float64) (value, slope float64)

// run is the state of one descent. The weights are scale·w, so that shrinking all of them costs nothing.
type run struct {
	*descent
	w, mean             []float64
	scale               float64
	constant, meanConst float64
	owed                float64   // l1 penalty that every weight should have had by now
	paid                []float64 // what each has had
	t                   float64
	first               float64 // t₀ of the optimal rate
	eta                 float64
}

var errDiverged = errors.New("the steps diverge: scale the columns or lower the learning rate")

// fit runs over the rows of x with targets y and weights w and returns weights and intercept.
func (d *descent) fit(ctx context.Context, rng *rand.Rand, x linalg.Matrix, y, w []float64) ([]float64, float64, error) {
	r := &run{descent: d, w: make([]float64, x.Cols), scale: 1, t: 1, eta: d.eta0}
	if d.average {
		r.mean = make([]float64, x.Cols)
	}
	if d.l1 > 0 {
		r.paid = make([]float64, x.Cols)
	}
	if d.rate == optimalRate {
		width := math.Sqrt(1 / math.Sqrt(d.alpha))
		_, slope := d.loss(1, -width)
		r.first = max(1, slope) / (width * d.alpha)
	}
	order := make([]int32, x.Rows)
	for i := range order {
		order[i] = int32(i)
	}
	best, idle := math.Inf(1), 0
	for range d.epochs {
		if d.shuffle {
			shuffle(rng, order)
		}
		total := 0.0
		for k, i := range order {
			if k%512 == 0 {
				if err := ctx.Err(); err != nil {
					return nil, 0, err
				}
			}
			ahead := order[min(k+2, len(order)-1)]
			total += r.step(x.Row(int(i)), x.Row(int(ahead)), y[i], w[i])
		}
		if !linalg.Finite(r.w) || !linalg.Finite([]float64{r.constant, r.scale}) {
			return nil, 0, errDiverged
		}
		if idle++; !(total > best-d.tol*float64(x.Rows)) || math.IsInf(d.tol, -1) {
			idle = 0
		}
		best = min(best, total)
		if idle < d.patience {
			continue
		}
		if d.rate != adaptive || r.eta <= 1e-6 {
			break
		}
		r.eta, idle = r.eta/5, 0
	}
	return r.result()
}

// shuffle puts the rows in random order. It takes two numbers from each draw, twice as fast as rand.Shuffle; of n places
// some are then likelier than others, by n parts in 2³² at most.
func shuffle(rng *rand.Rand, order []int32) {
	for i := len(order) - 1; i > 0; i -= 2 {
		draw := rng.Uint64()
		j := draw >> 32 * uint64(i+1) >> 32
		order[i], order[j] = order[j], order[i]
		if i > 1 {
			j = draw & math.MaxUint32 * uint64(i) >> 32
			order[i-1], order[j] = order[j], order[i-1]
		}
	}
}

func (r *run) result() ([]float64, float64, error) {
	if r.average {
		return r.mean, r.meanConst, nil
	}
	for j := range r.w {
		r.w[j] *= r.scale
	}
	return r.w, r.constant, nil
}

// step learns from one row and returns its loss before; another row will follow soon.
func (r *run) step(x, ahead []float64, y, weight float64) float64 {
	p := r.scale*linalg.DotAhead(r.w, x, ahead) + r.constant
	switch r.rate {
	case optimalRate:
		r.eta = 1 / (r.alpha * (r.first + r.t - 1))
	case invscaling:
		r.eta = r.eta0 / root(r.t, r.power)
	}
	value, slope := r.loss(y, p)
	update, ok := r.update(x, y, p, value, slope)
	if !ok {
		return value
	}
	update *= weight
	if r.l2 > 0 {
		r.shrink(max(0, 1-r.l2*r.eta*r.alpha))
	}
	if update != 0 {
		linalg.AddFused(r.w, update/r.scale, x)
		if r.intercept {
			r.constant += update
		}
	}
	if r.average {
		for j, v := range r.w {
			r.mean[j] += (r.scale*v - r.mean[j]) / r.t
		}
		r.meanConst += (r.constant - r.meanConst) / r.t
	}
	if r.l1 > 0 {
		r.owed += r.l1 * r.eta * r.alpha
		linalg.Truncate(r.w, r.paid, r.owed, 1/r.scale, r.scale)
	}
	r.t++
	return value
}

// root is t^power; that of the defaults is cheap.
func root(t, power float64) float64 {
	switch power {
	case 0.25:
		return math.Sqrt(math.Sqrt(t))
	case 0.5:
		return math.Sqrt(t)
	}
	return math.Pow(t, power)
}

// update is how much of the row is added to the weights.
func (r *run) update(x []float64, y, p, value, slope float64) (float64, bool) {
	const steepest = 1e12
	size := 0.0
	switch r.rate {
	case passive1:
		norm := linalg.SquaredNorm(x)
		if norm == 0 {
			return 0, false
		}
		size = min(r.c, value/norm)
	case passive2:
		size = value / (linalg.SquaredNorm(x) + 0.5/r.c)
	default:
		return -r.eta * min(max(slope, -steepest), steepest), true
	}
	if r.classification {
		return size * y, true
	}
	if y < p {
		size = -size
	}
	return size, true
}

// shrink multiplies all weights.
func (r *run) shrink(by float64) {
	r.scale *= by
	if r.scale < 1e-9 {
		for j := range r.w {
			r.w[j] *= r.scale
		}
		r.scale = 1
	}
}

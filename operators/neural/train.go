package neural

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// train fits the network's weights. Which solver, schedule and stopping rule is scikit-learn's choice.
func (m mlp) train(ctx context.Context, net *network, t *task, rng *rand.Rand) (err error) {
	rows := make([]int32, t.rows())
	for i := range rows {
		rows[i] = int32(i)
	}
	if m.batchNorm {
		net.normalise(t)
		fold := rows
		defer func() {
			if err == nil {
				err = net.settle(ctx, t, fold)
			}
		}()
		rows = slices.Clone(rows)
	}
	if m.solver == "lbfgs" {
		return m.descend(ctx, net, t, rows)
	}
	l := &loop{mlp: m, net: net, task: t, best: math.Inf(1), rng: rng}
	if m.earlyStopping && len(rows) >= 10 {
		rows, l.held = l.holdOut(rows)
	}
	l.batch = min(m.batchSize, len(rows))
	l.pass = net.newPass(l.batch)
	if m.dropout > 0 {
		l.pass.keep, l.pass.rng = 1-m.dropout, rng
	}
	l.pass.sleep = net.newSleep(m, t)
	l.solver = &adam{rate: m.rate}
	if m.solver == "sgd" {
		l.descent = &momentum{rate: m.rate}
		l.solver = l.descent
	}
	return l.run(ctx, rows)
}

// loop is the state of training by batches.
type loop struct {
	mlp
	net     *network
	task    *task
	solver  solver
	descent *momentum // the solver, if its rate follows a schedule
	pass    *pass
	trial   *pass // of the rows of held
	batch   int
	held    []int32   // rows that tell when to stop
	kept    []float64 // weights that did best on them
	places  []int32   // the order of the units then, if it changes
	best    float64   // smallest loss, or negative score on held, so far
	idle    int       // epochs without improvement
	seen    int       // rows seen
	rng     *rand.Rand
}

func (l *loop) run(ctx context.Context, rows []int32) error {
	grad := make([]float64, len(l.net.Theta))
	for range l.maxIter {
		l.rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		loss := 0.0
		for lo := 0; lo < len(rows); lo += l.batch {
			if err := ctx.Err(); err != nil {
				return err
			}
			part := rows[lo:min(lo+l.batch, len(rows))]
			loss += l.net.gradient(l.task, l.pass, part, grad) * float64(len(part)) / float64(len(rows))
			l.solver.step(l.net.Theta, grad)
		}
		if l.pass.sleep != nil {
			l.pass.sleep.turn(l.net, l.solver)
		}
		l.seen += len(rows)
		if math.IsNaN(loss) || l.stop(loss) {
			break
		}
	}
	if l.kept != nil {
		copy(l.net.Theta, l.kept)
	}
	if l.pass.sleep != nil {
		l.pass.sleep.restore(l.net, l.places)
	}
	return nil
}

// stop ends an epoch of the given training loss; it reports whether it was the last.
func (l *loop) stop(loss float64) bool {
	if l.held != nil {
		loss = -l.score(l.held)
	}
	l.idle++
	if loss < l.best-l.tol || math.IsInf(l.best, 1) {
		l.idle = 0
	}
	if loss < l.best {
		l.best = loss
		if l.held != nil {
			l.kept = append(l.kept[:0], l.net.Theta...)
			if l.pass.sleep != nil {
				l.places = append(l.places[:0], l.pass.sleep.order...)
			}
		}
	}
	if l.descent != nil && l.schedule == "invscaling" {
		l.descent.rate = l.rate / math.Pow(float64(l.seen+1), l.powerT)
	}
	if l.idle <= l.patience {
		return false
	}
	if l.descent != nil && l.schedule == "adaptive" && l.descent.rate > 1e-6 {
		l.descent.rate /= 5
		l.idle = 0
		return false
	}
	return true
}

// holdOut splits off a share of the rows, evenly over the classes or the range of the target.
func (l *loop) holdOut(rows []int32) (train, held []int32) {
	l.rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	k := l.task.outputs
	slices.SortStableFunc(rows, func(a, b int32) int {
		return slices.CompareFunc(l.task.y[int(a)*k:][:k], l.task.y[int(b)*k:][:k], cmp.Compare[float64])
	})
	take := int(math.Ceil(l.validation * float64(len(rows))))
	next := l.rng.IntN(max(1, len(rows)/take))
	for i, r := range rows {
		if len(held) < take && i == next+len(held)*len(rows)/take {
			held = append(held, r)
		} else {
			train = append(train, r)
		}
	}
	return train, held
}

// score is the accuracy or the r² on the given rows. With norms these make a batch of their own.
func (l *loop) score(rows []int32) float64 {
	t := l.task
	hits, rest, sum, squares := 0.0, 0.0, 0.0, 0.0
	if l.trial == nil {
		l.trial = l.net.newPass(len(rows))
	}
	p := l.trial
	for i, r := range rows {
		l.net.load(p, i, &t.inputs, int(r))
	}
	out := l.net.forward(p, len(rows))
	for i, r := range rows {
		q, y := out[i*t.outputs:][:t.outputs], t.y[int(r)*t.outputs:][:t.outputs]
		if t.classify && (t.outputs == 1 && (q[0] > 0) == (y[0] == 1) || t.outputs > 1 && y[argmax(q)] == 1) {
			hits++
		}
		rest += (q[0] - y[0]) * (q[0] - y[0])
		sum += y[0]
		squares += y[0] * y[0]
	}
	if t.classify {
		return hits / float64(len(rows))
	}
	return 1 - rest/(squares-sum*sum/float64(len(rows)))
}

func argmax(v []float64) int {
	best := 0
	for k := range v {
		if v[k] > v[best] {
			best = k
		}
	}
	return best
}

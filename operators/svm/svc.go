package svm

import (
	"context"
	"errors"
	"fmt"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/internal/posterior"
	"github.com/lren-chuv/automl/operators"
)

// SVC separates each pair of classes by a wide margin; points within it or beyond cost C per unit of weight, times the
// inverse of the class's frequency if class_weight=balanced. gamma=scale is one over the number of columns and the
// variance of all values, auto one over the number of columns. max_iter=-1 means a million steps, or a hundred per row. Cortes and Vapnik (1995).
//
// Probabilities are always given: the decisions on rows held out in three inner folds are calibrated by Platt's method
// and the pairs coupled (Wu, Lin and Weng 2004), as in LIBSVM, but without random numbers.
var SVC = &operators.Spec{
	Name: "SVC", Doc: "support vector machine", Role: operators.Classifier, Traits: operators.Weights | operators.Instances,
	Params: append(params[:len(params):len(params)],
		operators.Param{Name: "class_weight", Scale: operators.Choice, Choices: []string{"None", "balanced"}}),
	Ignored: []string{"cache_size", "verbose", "probability", "decision_function_shape", "break_ties", "random_state"},
	New: func(v []float64) (operators.Operator, error) {
		m, err := newMachine(v)
		return svc{m, v[len(params)] == 1}, err
	},
	Decode: operators.Decode[margins],
	Memory: memory,
}

type svc struct {
	machine
	balanced bool
}

// Fit finds the support vectors of each pair of classes.
func (c svc) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f, err := c.fit(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("support vectors: %w", err)
	}
	return f, nil
}

func (c svc) fit(ctx context.Context, s dataset.Sample) (*margins, error) {
	classes, codes, err := posterior.Of(s.Y, s.W)
	if err != nil {
		return nil, err
	}
	x, kept, k, err := c.prepare(s)
	if err != nil {
		return nil, err
	}
	g, err := newGram(k, x)
	if err != nil {
		return nil, err
	}
	members := make([][]int32, classes.Len())
	for i, r := range kept {
		members[codes[r]] = append(members[codes[r]], int32(i))
	}
	bounds := make([]float64, len(kept))
	for i, r := range kept {
		bounds[i] = c.c
		if s.W != nil {
			bounds[i] *= s.W[r]
		}
		if c.balanced {
			bounds[i] *= float64(len(kept)) / float64(classes.Len()*len(members[codes[r]]))
		}
	}
	var pairs []decision
	for a := range members {
		for b := a + 1; b < len(members); b++ {
			d, err := c.separate(ctx, g, members[a], members[b], bounds)
			if err != nil {
				return nil, err
			}
			pairs = append(pairs, d)
		}
	}
	return &margins{Classes: classes, Vectors: gather(k, x, pairs)}, nil
}

// separate trains the decision between two classes, positive for the first, and calibrates it.
func (c svc) separate(ctx context.Context, g *gram, first, second []int32, bounds []float64) (decision, error) {
	const folds = 3
	all := append(first[:len(first):len(first)], second...)
	p := pair{svc: c, gram: g.sub(all), count: len(first)}
	for _, r := range all {
		p.bounds = append(p.bounds, bounds[r])
	}
	every := make([]int32, len(all))
	for i := range every {
		every[i] = int32(i)
	}
	whole, err := p.train(ctx, every)
	if err != nil {
		return decision{}, err
	}
	p.hard = whole.hard
	values := make([]float64, len(all))
	if min(len(first), len(second)) < folds {
		p.decide(whole, every, every, values)
	} else if err := p.crossDecide(ctx, folds, values); err != nil {
		return decision{}, err
	}
	positive := make([]bool, len(all))
	for i := range first {
		positive[i] = true
	}
	d := keep(whole, all)
	d.Curve = posterior.Platt(values, positive, nil)
	return d, nil
}

// pair is the problem of two classes, of which the first has count rows.
type pair struct {
	svc
	gram   *gram
	count  int
	bounds []float64
	hard   bool // for steps on pairs
}

// train solves the problem for some of the rows.
func (p pair) train(ctx context.Context, rows []int32) (solution, error) {
	d := p.dual(p.gram)
	if len(rows) < len(p.bounds) {
		d = p.dual(p.gram.sub(rows))
	}
	if p.hard {
		d.stages[0] = stage{0, maxRank}
	}
	for _, r := range rows {
		sign := -1.0
		if int(r) < p.count {
			sign = 1
		}
		d.sign, d.target, d.bound = append(d.sign, sign), append(d.target, sign), append(d.bound, p.bounds[r])
	}
	return d.solve(ctx)
}

// decide writes the decisions on the rows test of a solution for the rows train.
func (p pair) decide(s solution, train, test []int32, values []float64) {
	for _, t := range test {
		values[t] = s.bias
	}
	for i, b := range s.beta {
		if b == 0 {
			continue
		}
		row := p.gram.row(int(train[i]))
		for _, t := range test {
			values[t] += b * row[t]
		}
	}
}

// crossDecide decides on each row by a solution for the rows of the other folds; the rows of each class take turns.
func (p pair) crossDecide(ctx context.Context, folds int, values []float64) error {
	for fold := range folds {
		var train, test []int32
		for i := range values {
			turn := i
			if i >= p.count {
				turn -= p.count
			}
			if turn%folds == fold {
				test = append(test, int32(i))
			} else {
				train = append(train, int32(i))
			}
		}
		s, err := p.train(ctx, train)
		if err != nil {
			return err
		}
		p.decide(s, train, test, values)
	}
	return ctx.Err()
}

// margins is a fitted SVC: one decision per pair of classes, (0,1), (0,2) … (1,2) ….
type margins struct {
	Classes posterior.Classes
	Vectors vectors
}

// Check reports what a decoded value cannot be.
func (m *margins) Check() error {
	if err := m.Classes.Check(); err != nil {
		return err
	}
	if k := m.Classes.Len(); len(m.Vectors.Decisions) != k*(k-1)/2 {
		return fmt.Errorf("svm: %d decisions on %d classes", len(m.Vectors.Decisions), k)
	}
	if m.Classes.Len() == 1 {
		return nil
	}
	for _, d := range m.Vectors.Decisions {
		if v := d.Curve.A + d.Curve.B; v-v != 0 {
			return errors.New("svm: a calibration is not finite")
		}
	}
	return m.Vectors.check()
}

// Apply returns the probability of each class.
func (m *margins) Apply(ctx context.Context, env *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	k := m.Classes.Len()
	p := make([]float64, x.Rows()*k)
	if k == 1 {
		for i := range p {
			p[i] = 1
		}
		return m.Classes.Frame(x.Rows(), p), nil
	}
	err := m.Vectors.each(ctx, env, x, func(i int, values []float64) {
		r := linalg.NewMatrix(k, k)
		at := 0
		for a := range k {
			for b := a + 1; b < k; b++ {
				q := m.Vectors.Decisions[at].Curve.At(values[at])
				q = min(max(q, 1e-7), 1-1e-7)
				r.Set(a, b, q)
				r.Set(b, a, 1-q)
				at++
			}
		}
		if k == 2 {
			p[2*i], p[2*i+1] = r.At(0, 1), r.At(1, 0)
			return
		}
		posterior.Couple(r.Data, p[i*k:][:k])
	})
	if err != nil {
		return nil, err
	}
	return m.Classes.Frame(x.Rows(), p), nil
}

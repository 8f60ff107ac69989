package tree

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/lren-chuv/automl/operators"
)

// dart is boosting with dropped trees (Rashmi and Gilad-Bachrach, DART: dropouts meet multiple additive regression trees,
// 2015), with LightGBM's weights. Before a round, some of the rounds before it are left out of the scores; its trees learn
// what is then missing. With k rounds left out, the new trees count learning_rate/(k+1), and those left out k/(k+1) of
// what they did. The start is never left out; in LightGBM it is, as a part of the first tree. max_drop also bounds how many
// rounds are left out on average, so that where it binds they are not always the oldest, as they are in LightGBM.
type dart struct {
	share float64 // of the rounds that are left out on average; each in proportion to its weight
	most  int     // rounds that are left out at once
	skip  float64 // probability of leaving out none
}

// dartParams are LightGBM's.
func dartParams() []operators.Param {
	when := &operators.Condition{Param: "boosting_type", Is: []string{"dart"}}
	return []operators.Param{
		{Name: "drop_rate", Scale: operators.Linear, Hi: 1, Default: 0.1, Fixed: true, When: when},
		{Name: "max_drop", Scale: operators.Int, Lo: 1, Hi: 100, Default: 50, Fixed: true, When: when},
		{Name: "skip_drop", Scale: operators.Linear, Hi: 1, Default: 0.5, Fixed: true, When: when},
	}
}

// mostPlaces is how many leaves a tree may have whose rows' leaves are noted in 16 bits, fewPlaces in 8.
const mostPlaces, fewPlaces = 1 << 16, 1 << 8

// dart reads the parameters.
func (s settings) dart() (*dart, error) {
	d := &dart{s.get("drop_rate"), s.limit("max_drop"), s.get("skip_drop")}
	switch {
	case !s.within(0, 1, "drop_rate", "skip_drop"):
		return nil, fmt.Errorf("lightgbm: drop_rate and skip_drop are probabilities in [0, 1]")
	case s.limit("num_leaves") > mostPlaces:
		return nil, fmt.Errorf("lightgbm: num_leaves %d: up to %d with boosting_type=dart", s.limit("num_leaves"), mostPlaces)
	}
	if d.most == 0 { // as in LightGBM
		d.most = math.MaxInt
	}
	return d, nil
}

// dartBytes is what it takes to note the leaf of every row in every tree.
func dartBytes(shape operators.Shape, s settings) int64 {
	perRow := float64(s.limit("n_estimators"))
	if shape.Classes > 2 {
		perRow *= float64(shape.Classes)
	}
	if s.limit("num_leaves") > fewPlaces {
		perRow *= 2
	}
	return int64(min(perRow*float64(shape.Rows), math.MaxInt64/4))
}

// dropout is the state of such a run. Trees that were there before it are never left out, nor is the start.
type dropout struct {
	dart
	rate  float64   // learning_rate
	turns []turn    // the rounds so far
	trees []planted // theirs, all outputs of a round together
	out   []int     // rounds that are left out at present
}

// turn is what the trees of a round count: the rate that they were grown with, and what is left of it.
type turn struct{ rate, left float64 }

// planted is what has to be known of a tree to take it out of the scores.
type planted struct {
	values []float64 // of its leaves, as they were grown
	few    []uint8   // leaf of each row
	many   []uint16  // the same where there are too many leaves
}

// choose draws the rounds to leave out.
func (d *dropout) choose(rng *rand.Rand) {
	d.out = d.out[:0]
	if rng.Float64() < d.skip || len(d.turns) == 0 {
		return
	}
	mean := 0.0
	for _, t := range d.turns {
		mean += t.rate * t.left / float64(len(d.turns))
	}
	share := min(d.share, float64(d.most)/float64(len(d.turns)))
	for i, t := range d.turns {
		if rng.Float64() < share*(t.rate*t.left/mean) && len(d.out) < d.most {
			d.out = append(d.out, i)
		}
	}
}

// drop takes rounds out of the scores and sets the rate of the next one.
func (r *run) drop(ctx context.Context, rng *rand.Rand) error {
	d := r.dropout
	if d == nil {
		return nil
	}
	d.choose(rng)
	r.rate = d.rate / float64(len(d.out)+1)
	return r.count(ctx, -1)
}

// restore puts them back, weakened, when the next one has been grown.
func (r *run) restore(ctx context.Context) error {
	d := r.dropout
	if d == nil {
		return nil
	}
	for _, i := range d.out {
		d.turns[i].left *= float64(len(d.out)) / float64(len(d.out)+1)
	}
	d.turns = append(d.turns, turn{r.rate, 1})
	return r.count(ctx, 1)
}

// count adds the rounds that are left out to the scores of all rows, sign times.
func (r *run) count(ctx context.Context, sign float64) error {
	d, outputs := r.dropout, r.loss.outputs
	if len(d.out) == 0 {
		return nil
	}
	return r.stretches(ctx, len(r.rows), 2*outputs*len(d.out), func(_, lo, hi int) {
		for _, i := range d.out {
			for k, score := range r.score {
				d.trees[i*outputs+k].count(score, r.rows[lo:hi], sign*d.turns[i].left)
			}
		}
	})
}

func (p *planted) count(score []float64, rows []int32, times float64) {
	if p.many == nil {
		for _, i := range rows {
			score[i] += float64(times * p.values[p.few[i]]) // the same bits on all processors: not fused
		}
		return
	}
	for _, i := range rows {
		score[i] += float64(times * p.values[p.many[i]])
	}
}

// noting makes move, which is given the rows of each leaf of the tree just grown, note the leaf of every row as well.
func (r *run) noting(values []float64, move func(leaf int, rows []int32)) func(leaf int, rows []int32) {
	d := r.dropout
	if d == nil {
		return move
	}
	number := make([]int, len(values)) // of a leaf among the nodes
	p := planted{values: make([]float64, len(r.ends))}
	for i, leaf := range r.ends {
		number[leaf], p.values[i] = i, values[leaf]
	}
	if n := len(r.weight); len(r.ends) <= fewPlaces {
		p.few = make([]uint8, n)
	} else {
		p.many = make([]uint16, n)
	}
	d.trees = append(d.trees, p)
	return func(leaf int, rows []int32) {
		at := number[leaf]
		for _, i := range rows {
			if p.many == nil {
				p.few[i] = uint8(at)
			} else {
				p.many[i] = uint16(at)
			}
		}
		move(leaf, rows)
	}
}

// settle multiplies the leaves of e, whose last trees are those of the run, by what is left of them.
func (r *run) settle(e *Ensemble) {
	d := r.dropout
	if d == nil {
		return
	}
	before := e.trees() - len(d.trees)
	for t := range d.trees {
		lo, hi := e.span(before + t)
		for i := lo; i < hi; i++ {
			if x := &e.Nodes[i]; x.Left == 0 {
				x.Threshold *= d.turns[t/r.loss.outputs].left
			}
		}
	}
}

package neural

import (
	"cmp"
	"math"
	"slices"

	"github.com/lren-chuv/automl/internal/linalg"
)

// sleep keeps the rectifiers of a network's only hidden layer that give zero for every row behind the others. They learn
// nothing from the rows, and where columns are not scaled or steps are large they are many: only the first part of the layer
// then has to be computed. They may wake up, as the penalty moves them.
type sleep struct {
	centre, reach []float64 // of every input, the constant too: the middle of its range and how far it goes from there
	order         []int32   // for every place, which unit of the network as it was stands there
	awake         int       // units before that are taken to be awake, a multiple of lanes
	busy          []bool    // by place: the unit learned something in this epoch
	most          []float64 // by place: no more goes into the unit
	moved         []float64
}

// newSleep returns nil where all units have to be computed.
func (n *network) newSleep(m mlp, t *task) *sleep {
	if len(t.numbers) == 0 || n.layers() != 2 || !n.slim(1) || n.Activation != "relu" || n.norm != nil || len(n.Embed) > 0 || m.dropout > 0 {
		return nil
	}
	units, inputs := n.Sizes[1], t.numeric
	s := &sleep{awake: units, busy: make([]bool, units), most: make([]float64, units), moved: make([]float64, units)}
	for u := range units {
		s.order = append(s.order, int32(u))
	}
	s.centre, s.reach = make([]float64, inputs+1), make([]float64, inputs+1)
	for j := range s.centre {
		low, high := 1.0, 1.0
		if j < inputs {
			low, high = t.numbers[j], t.numbers[j]
			for i := j; i < len(t.numbers); i += inputs {
				low, high = min(low, t.numbers[i]), max(high, t.numbers[i])
			}
		}
		const slack = 1e-9 // more than sums are ever rounded by
		s.centre[j] = low/2 + high/2
		s.reach[j] = (high/2-low/2)*(1+slack) + math.Abs(s.centre[j])*slack
	}
	return s
}

// limit writes what at most goes into the units from the given one on to most.
func (s *sleep) limit(n *network, from int) {
	w, most := n.affine(n.Theta, 0), s.most[from:]
	clear(most)
	for j, c := range s.centre {
		r := s.reach[j]
		row := w.Row(j)[from:]
		most := most[:len(row)]
		for u, v := range row {
			most[u] += float64(v*c) + float64(math.Abs(v)*r) // rounded alike on all processors
		}
	}
}

// possible returns the number of units after which none can be awake, whatever the row; a multiple of lanes.
func (s *sleep) possible(n *network) int {
	to := len(s.most)
	if s.awake < to {
		s.limit(n, s.awake)
	}
	for to > s.awake && s.most[to-1] <= 0 {
		to--
	}
	return (to + lanes - 1) / lanes * lanes
}

// active returns the place after which none of units [from, to), in the columns of a, gives anything; both are multiples of lanes.
func active(a linalg.Matrix, from, to int) int {
	for ; to > from; to -= lanes {
		var some uint64
		for i := to - lanes; i < len(a.Data); i += a.Cols {
			for _, v := range (*[lanes]float64)(a.Data[i:]) {
				some |= math.Float64bits(v)
			}
		}
		if some<<1 != 0 {
			break
		}
	}
	return to
}

// turn ends an epoch: units that learned nothing in it go behind the others.
func (s *sleep) turn(n *network, solve solver) {
	defer clear(s.busy)
	awake, late := 0, false
	for place, busy := range s.busy {
		if busy {
			awake++
			late = late || place >= s.awake
		}
	}
	if awake = (awake + lanes - 1) / lanes * lanes; awake >= s.awake && !late {
		return
	}
	s.limit(n, 0)
	padding := func(place int32) bool { return n.units != nil && int(s.order[place]) >= n.units[1] }
	from := make([]int32, len(s.order))
	for i := range from {
		from[i] = int32(i)
	}
	slices.SortStableFunc(from, func(a, b int32) int {
		switch {
		case s.busy[a] || s.busy[b]:
			return rank(!s.busy[a]) - rank(!s.busy[b])
		case padding(a) || padding(b):
			return rank(padding(a)) - rank(padding(b))
		}
		return cmp.Compare(s.most[b], s.most[a]) // the deeper asleep, the further behind
	})
	s.awake = awake
	s.move(n, n.Theta, from)
	solve.each(func(v []float64) { s.move(n, v, from) })
	order := make([]int32, len(from))
	for i, place := range from {
		order[i] = s.order[place]
	}
	s.order = order
}

func rank(last bool) int {
	if last {
		return 1
	}
	return 0
}

// restore puts all units back, which are in the given order, or, if that is nil, in that of s.
func (s *sleep) restore(n *network, order []int32) {
	if order == nil {
		order = s.order
	}
	from := make([]int32, len(order))
	for i, unit := range order {
		from[unit] = int32(i)
	}
	s.move(n, n.Theta, from)
}

// move puts to every place of v, which is laid out as Theta, the unit from the given one.
func (s *sleep) move(n *network, v []float64, from []int32) {
	w := n.affine(v, 0)
	for i := range w.Rows {
		row := w.Row(i)
		for u, place := range from {
			s.moved[u] = row[place]
		}
		copy(row, s.moved)
	}
	out, _ := n.layer(v, 1)
	for o := range out.Cols {
		for u, place := range from {
			s.moved[u] = out.Data[int(place)*out.Cols+o]
		}
		for u, x := range s.moved {
			out.Data[u*out.Cols+o] = x
		}
	}
}

// awakeBlock is the number of rows that go through the layers together: they stay in the first-level cache.
const awakeBlock = 24

// gradientAwake is gradient for p with a sleep.
func (n *network) gradientAwake(t *task, p *pass, rows []int32, grad []float64) float64 {
	m, units, width := len(rows), n.Sizes[1], t.numeric+1
	x := matrix(p.values[0], m, width)
	for i, r := range rows {
		copy(x.Data[i*width:], t.numbers[int(r)*t.numeric:][:t.numeric])
	}
	hidden, below := matrix(p.values[1], m, units), matrix(p.delta[0], m, units)
	out, delta := matrix(p.values[2], m, t.outputs), matrix(p.delta[1], m, t.outputs)
	live := n.forwardAwake(p, x, hidden, out)
	loss := t.loss(out.Data, rows, delta.Data)
	dw, db := n.layer(grad, 1)
	p.slim.backward(&p.work, dw, db, hidden, delta, live)
	for lo := 0; lo < m && live > 0; lo += awakeBlock {
		hi := min(lo+awakeBlock, m)
		a, part := between(hidden, lo, hi), between(below, lo, hi)
		p.slim.outer(&p.work, part, between(delta, lo, hi), live)
		if 2*live >= units {
			linalg.Silence(part.Data, a.Data)
			continue
		}
		for i := range a.Rows {
			linalg.Silence(part.Row(i)[:live], a.Row(i))
		}
	}
	first := n.affine(grad, 0)
	p.work.TMulUpTo(first, live, x, below)
	for i := range first.Rows {
		clear(first.Row(i)[live:])
	}
	for u, d := range first.Row(width - 1)[:live] {
		p.sleep.busy[u] = p.sleep.busy[u] || d != 0
	}
	for l := 1; l >= 0; l-- {
		w, _ := n.layer(n.Theta, l)
		dw, _ := n.layer(grad, l)
		linalg.AddScaled(dw.Data, t.alpha/float64(m), w.Data)
		loss += t.alpha / (2 * float64(m)) * linalg.SquaredNorm(w.Data)
	}
	return loss
}

// forwardAwake computes the hidden layer and the outputs of x and returns the number of units after which none is awake.
func (n *network) forwardAwake(p *pass, x, hidden, out linalg.Matrix) (live int) {
	w, b := n.layer(n.Theta, 1)
	p.slim.take(w)
	live = p.sleep.awake
	possible := p.sleep.possible(n)
	for lo := 0; lo < x.Rows; lo += awakeBlock {
		hi := min(lo+awakeBlock, x.Rows)
		a := between(hidden, lo, hi)
		p.work.MulUpTo(a, possible, between(x, lo, hi), n.affine(n.Theta, 0))
		if 2*possible >= hidden.Cols {
			linalg.Rectify(a.Data) // what is not looked at does no harm
		} else {
			for i := range a.Rows {
				linalg.Rectify(a.Row(i)[:possible])
			}
		}
		reach := active(a, p.sleep.awake, possible)
		p.slim.forward(between(out, lo, hi).Data, p.values[1][lo*hidden.Cols:], b, reach)
		live = max(live, reach)
	}
	return live
}

// between returns rows [lo, hi) of m.
func between(m linalg.Matrix, lo, hi int) linalg.Matrix {
	return linalg.Of(hi-lo, m.Cols, m.Data[lo*m.Cols:hi*m.Cols])
}

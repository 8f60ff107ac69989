package tree

import "github.com/lren-chuv/automl/internal/kernel"

// visit is a node with the rows that go there.
type visit struct {
	k, lo, hi int32
	members   kernel.Members // the rows as a set, if there are many and the tree was grown on sets
}

// manyVisit is the number of rows from which dividing a set pays.
const manyVisit = 24

// route sends other rows, which it permutes, down the tree and calls f for every leaf with those that end there.
func (b *grower) route(rows []int32, f func(leaf int, rows []int32)) {
	if len(b.spare) < len(rows) {
		b.spare = make([]int32, len(rows))
	}
	b.visits = append(b.visits[:0], visit{hi: int32(len(rows))})
	if b.lined {
		b.visits[0].members.Fill(rows)
	}
	for len(b.visits) > 0 {
		top := len(b.visits) - 1
		v := &b.visits[top]
		x := &b.nodes[v.k]
		if x.left == 0 {
			k, part := int(v.k), rows[v.lo:v.hi]
			b.visits = b.visits[:top]
			f(k, part)
			continue
		}
		b.visits = append(b.visits, visit{})
		l, r := &b.visits[top+1], &b.visits[top] // of one memory, both after the one that is divided
		part, mid := rows[r.lo:r.hi], r.lo
		if b.lined && len(part) >= manyVisit {
			whole := r.members
			whole.Split(b.ranked(x.column).code, x.cut, &l.members, &r.members)
			mid += int32(l.members.Part(part, b.spare))
		} else {
			mid += int32(b.part(x.column, part, b.spare, x.cut, x.threshold))
		}
		l.k, l.lo, l.hi = x.left, r.lo, mid
		r.k, r.lo = x.left+1, mid
	}
}

package tree

// lanes is the number of rows that walk down a tree side by side: while one waits for its node the others move.
const lanes = 4

// descend writes to at the leaf of tree root in which each of the rows ends, p numbers a row. It gives what
// [Ensemble.leaf] gives.
func (e *Ensemble) descend(root int32, rows []float64, p int, at []int32) {
	n := len(at)
	i := 0
	for ; i+lanes <= n && len(e.Sets) == 0; i += lanes {
		e.four(root, rows[i*p:(i+lanes)*p], p, (*[lanes]int32)(at[i:]))
	}
	for ; i < n; i++ {
		at[i] = e.leaf(root, rows[i*p:(i+1)*p])
	}
}

// four is descend for four rows, without categorical splits. To which side a row goes is computed, not branched on: the
// processor would guess half of all sides wrong.
func (e *Ensemble) four(root int32, rows []float64, p int, at *[lanes]int32) {
	nodes := e.Nodes
	a, b, c, d := root, root, root, root
	ra, rb, rc, rd := rows[:p], rows[p:2*p], rows[2*p:3*p], rows[3*p:4*p]
	for {
		na, nb, nc, nd := &nodes[a], &nodes[b], &nodes[c], &nodes[d]
		if na.Left|nb.Left|nc.Left|nd.Left == 0 {
			break
		}
		a = step(na, a, ra)
		b = step(nb, b, rb)
		c = step(nc, c, rc)
		d = step(nd, d, rd)
	}
	*at = [lanes]int32{a, b, c, d}
}

// step returns the child of node x, which has number i, on the row's side, or i if x is a leaf.
func step(x *node, i int32, row []float64) int32 {
	if x.Left == 0 {
		return i // of the four rows most are under way still, or have arrived together
	}
	v := row[x.Feature&column]
	right := int32(0)
	if v > x.Threshold { // in this form no branch
		right = 1
	}
	if v != v && x.Feature&missingLeft == 0 {
		return x.Left + 1
	}
	return x.Left + right
}

package tree

// A Shapley value is an integral (Owen, Multilinear extensions of games, 1972): if every other column is known with
// probability t, what knowing column j changes, averaged over t from 0 to 1. In a tree, where an unknown column is
// averaged over by the cover of the branches (Lundberg et al., From local explanations to global understanding with
// explainable AI for trees, 2020, algorithm 1), a row reaches a leaf with the product over the columns on its path of
//
//	o t + z (1-t),   o = 1 if the row takes all of the path's branches at that column, else 0; z = their share of the cover
//
// so that the integrand is a polynomial, which a Gauss rule integrates exactly. Going down, every node gets that product
// at the nodes of the rule; going up, the leaves' products times their values are added, and every branch contributes
// its part of the sum. One row costs (nodes of the tree) × (columns on its longest path) / 2, instead of the leaves ×
// depth² of algorithm 2 there, and nothing is ever divided by a share, so that shares of zero need no care.

// lane is four nodes of the rule.
type lane [4]float64

// branchAt is what a tree says about the branch that leads to one of its nodes, whatever the row. The vectors have one
// lane for every four nodes of the rule.
type branchAt struct {
	before int32   // where the path branched at the same column the last time, as the node behind that branch; -1: nowhere
	share  float64 // of the cover of the node above
	z      float64 // product of the shares of all branches at this column
}

// explainer computes the Shapley values of one tree at a time.
type explainer struct {
	e      *Ensemble
	lo, hi int32 // nodes of the tree
	lanes  int
	rule   map[int]*gauss
	now    *gauss
	branch []branchAt
	depth  []int32 // columns on the path to a node
	taken  []bool  // the row takes all branches at this column so far
	// By node, lanes each:
	stay, leave []lane // factor of the product if the row takes the branch, and if it takes the other one
	here, there []lane // what a branch contributes per unit of the sum, in the same cases
	product     []lane
	sum         []lane
}

// gauss is a rule on (0, 1).
type gauss struct {
	t, weight []lane
	cold      []lane // weight / (1-t)
}

func newGauss(lanes int) *gauss {
	t, w := gaussLegendre(4 * lanes)
	g := &gauss{make([]lane, lanes), make([]lane, lanes), make([]lane, lanes)}
	for i := range t {
		g.t[i/4][i%4], g.weight[i/4][i%4], g.cold[i/4][i%4] = t[i], w[i], w[i]/(1-t[i])
	}
	return g
}

func newExplainer(e *Ensemble) *explainer { return &explainer{e: e, rule: map[int]*gauss{}} }

// open turns to tree t.
func (x *explainer) open(t int) {
	x.lo, x.hi = x.e.span(t)
	n := int(x.hi - x.lo)
	x.branch, x.depth, x.taken = resized(x.branch, n), resized(x.depth, n), resized(x.taken, n)
	x.branch[0], x.depth[0] = branchAt{before: -1, share: 1, z: 1}, 0
	longest := int32(0)
	above := make([]int32, n) // node above
	above[0] = -1
	for i := range int32(n) {
		node := x.e.Nodes[x.lo+i]
		if node.Left == 0 {
			longest = max(longest, x.depth[i])
			continue
		}
		l := node.Left - x.lo
		above[l], above[l+1] = i, i
		before := x.last(above, i, node.Feature&column)
		share := x.e.leftShare(node)
		x.follow(i, l, before, share)
		x.follow(i, l+1, before, 1-share)
	}
	x.lanes = max(1, int(longest+7)/8)
	if x.rule[x.lanes] == nil {
		x.rule[x.lanes] = newGauss(x.lanes)
	}
	x.now = x.rule[x.lanes]
	size := n * x.lanes
	x.stay, x.leave, x.here, x.there = resized(x.stay, size), resized(x.leave, size), resized(x.here, size), resized(x.there, size)
	x.product, x.sum = resized(x.product, size), resized(x.sum, size)
	for i := range x.product[:x.lanes] {
		x.product[i] = lane{1, 1, 1, 1}
	}
	for i := 1; i < n; i++ {
		x.factors(i)
	}
}

// last finds the last branch at a column on the path to node i, as the node behind it.
func (x *explainer) last(above []int32, i, feature int32) int32 {
	for i > 0 {
		up := above[i]
		if x.e.Nodes[x.lo+up].Feature&column == feature {
			return i
		}
		i = up
	}
	return -1
}

// follow describes the branch from node i to node c.
func (x *explainer) follow(i, c, before int32, share float64) {
	b := branchAt{before: before, share: share, z: share}
	x.depth[c] = x.depth[i]
	if before < 0 {
		x.depth[c]++
	} else {
		b.z *= x.branch[before].z
	}
	x.branch[c] = b
}

// factors computes the vectors of node c.
func (x *explainer) factors(c int) {
	b := &x.branch[c]
	old := 1.0
	if b.before >= 0 {
		old = x.branch[b.before].z
	}
	at := c * x.lanes
	for v := range x.lanes {
		for k := range 4 {
			t, w := x.now.t[v][k], x.now.weight[v][k]
			was := t + old*(1-t) // 1 if this is the first branch at its column
			is := t + b.z*(1-t)
			x.stay[at+v][k] = is / was
			x.leave[at+v][k] = b.z * (1 - t) / was
			x.here[at+v][k] = w*(1-b.z)/is - w*(1-old)/was
			x.there[at+v][k] = -x.now.cold[v][k] - w*(1-old)/was
		}
	}
}

// leftShare is the left child's part of the cover of an inner node, half where there is none.
func (e *Ensemble) leftShare(x node) float64 {
	left, right := e.Cover[x.Left], e.Cover[x.Left+1]
	if !(left+right > 0) {
		return 0.5
	}
	return left / (left + right)
}

// value is output c of a leaf.
func (e *Ensemble) value(leaf node, c int) float64 {
	if e.Outputs == 1 {
		return leaf.Threshold
	}
	return e.Values[int(leaf.Feature)*e.Outputs+c]
}

// down computes the products of all nodes for a row.
func (x *explainer) down(row []float64) {
	n := x.lanes
	for i, node := range x.e.Nodes[x.lo:x.hi] {
		if node.Left == 0 {
			continue
		}
		c := int(node.Left - x.lo)
		left := x.e.goesLeft(node, row)
		from, to := x.product[i*n:(i+1)*n], x.product[c*n:(c+2)*n]
		if before := x.branch[c].before; before >= 0 && !x.taken[before] { // the same for both children
			x.taken[c], x.taken[c+1] = false, false
			scale(to[:n], from, x.branch[c].share)
			scale(to[n:], from, x.branch[c+1].share)
			continue
		}
		x.taken[c], x.taken[c+1] = left, !left
		if left {
			multiply(to[:n], from, x.stay[c*n:(c+1)*n])
			multiply(to[n:], from, x.leave[(c+1)*n:(c+2)*n])
		} else {
			multiply(to[:n], from, x.leave[c*n:(c+1)*n])
			multiply(to[n:], from, x.stay[(c+1)*n:(c+2)*n])
		}
	}
}

// up adds the contributions of every column to output c of the tree to phi; down must precede it.
func (x *explainer) up(c int, phi []float64) {
	n := x.lanes
	nodes := x.e.Nodes[x.lo:x.hi]
	for i := len(nodes) - 1; i >= 0; i-- {
		node := &nodes[i]
		sum := x.sum[i*n : (i+1)*n]
		if node.Left == 0 {
			scale(sum, x.product[i*n:(i+1)*n], x.e.value(*node, c))
			continue
		}
		l := int(node.Left - x.lo)
		both := x.sum[l*n : (l+2)*n]
		add(sum, both[:n], both[n:])
		switch before := x.branch[l].before; {
		case before >= 0 && !x.taken[before]: // the path was left before
		case x.taken[l]:
			phi[node.Feature&column] += dot(both[:n], x.here[l*n:(l+1)*n]) + dot(both[n:], x.there[(l+1)*n:(l+2)*n])
		default:
			phi[node.Feature&column] += dot(both[:n], x.there[l*n:(l+1)*n]) + dot(both[n:], x.here[(l+1)*n:(l+2)*n])
		}
	}
}

func scale(to, from []lane, by float64) {
	for v := range to {
		o, f := &to[v], &from[v]
		o[0], o[1], o[2], o[3] = f[0]*by, f[1]*by, f[2]*by, f[3]*by
	}
}

func multiply(to, from, by []lane) {
	from, by = from[:len(to)], by[:len(to)]
	for v := range to {
		o, f, m := &to[v], &from[v], &by[v]
		o[0], o[1], o[2], o[3] = f[0]*m[0], f[1]*m[1], f[2]*m[2], f[3]*m[3]
	}
}

func add(to, a, b []lane) {
	a, b = a[:len(to)], b[:len(to)]
	for v := range to {
		o, f, g := &to[v], &a[v], &b[v]
		o[0], o[1], o[2], o[3] = f[0]+g[0], f[1]+g[1], f[2]+g[2], f[3]+g[3]
	}
}

func dot(a, b []lane) float64 {
	b = b[:len(a)]
	sum := 0.0
	for v := range a {
		f, g := &a[v], &b[v]
		sum += (f[0]*g[0] + f[1]*g[1]) + (f[2]*g[2] + f[3]*g[3])
	}
	return sum
}

// resized is a slice of n elements, in the memory of s if they fit there.
func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

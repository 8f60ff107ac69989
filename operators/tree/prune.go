package tree

// prune turns the weakest subtrees into leaves until the next would cost more than alpha per leaf saved: minimal
// cost-complexity pruning (Breiman, Friedman, Olshen and Stone, Classification and Regression Trees, 1984, chapter 3).
func (b *grower) prune(alpha float64) {
	for {
		weakest, g := b.weakest()
		if weakest < 0 || g > alpha {
			return
		}
		b.nodes[weakest].left = 0
		b.strike()
	}
}

// strike sets aside what can no longer be reached.
func (b *grower) strike() {
	for k, in := range b.reachable() {
		b.nodes[k].spare = !in
	}
}

// weakest returns the inner node whose subtree lowers the cost the least per leaf, and by how much, or -1.
func (b *grower) weakest() (int32, float64) {
	cost, leaves := make([]float64, len(b.nodes)), make([]int, len(b.nodes))
	best, least := int32(-1), 0.0
	for k := int32(len(b.nodes)) - 1; k >= 0; k-- { // children stand behind their parents
		x := &b.nodes[k]
		own := x.impurity * x.weight / b.total
		if x.left == 0 {
			cost[k], leaves[k] = own, 1
			continue
		}
		cost[k] = cost[x.left] + cost[x.left+1]
		leaves[k] = leaves[x.left] + leaves[x.left+1]
	}
	reachable := b.reachable()
	for k := range b.nodes {
		x := &b.nodes[k]
		if x.left == 0 || !reachable[k] {
			continue
		}
		g := (x.impurity*x.weight/b.total - cost[k]) / float64(leaves[k]-1)
		if best < 0 || g < least {
			best, least = int32(k), g
		}
	}
	return best, least
}

// reachable tells which nodes can be reached from the root.
func (b *grower) reachable() []bool {
	in := make([]bool, len(b.nodes))
	in[0] = true
	for k := range b.nodes {
		if x := &b.nodes[k]; in[k] && x.left != 0 {
			in[x.left], in[x.left+1] = true, true
		}
	}
	return in
}

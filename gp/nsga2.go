package gp

import (
	"cmp"
	"math"
	"slices"
)

// ranked is an individual with its place in the population (Deb et al. 2002, "A fast and elitist multiobjective genetic
// algorithm: NSGA-II").
type ranked struct {
	*Individual
	front    int     // 0 is the Pareto front
	crowding float64 // larger is lonelier, hence better
}

// better is the crowded comparison; ties go to the older individual, so that the order is total.
func better(a, b ranked) int {
	if c := cmp.Compare(a.front, b.front); c != 0 {
		return c
	}
	if c := cmp.Compare(b.crowding, a.crowding); c != 0 {
		return c
	}
	return cmp.Compare(a.ID, b.ID)
}

// survivors returns the best n individuals, best first. Failures never survive; of individuals with equal costs only the
// oldest counts as such, the others crowd it and go first.
func survivors(all []*Individual, n int) []ranked {
	pool := make([]ranked, 0, len(all))
	for _, ind := range all {
		if !math.IsInf(ind.Cost[0], 1) {
			pool = append(pool, ranked{Individual: ind})
		}
	}
	for _, front := range fronts(pool) {
		crowd(pool, front)
	}
	slices.SortFunc(pool, better)
	return pool[:min(n, len(pool))]
}

// dominates reports whether a is nowhere worse than b and somewhere better.
func dominates(a, b []float64) bool {
	strictly := false
	for i := range a {
		if a[i] > b[i] {
			return false
		}
		strictly = strictly || a[i] < b[i]
	}
	return strictly
}

// fronts sorts the pool into non-dominated fronts and returns the positions in each.
func fronts(pool []ranked) [][]int {
	beaten := make([]int, len(pool)) // by how many
	beats := make([][]int, len(pool))
	var current []int
	for i := range pool {
		for j := range pool {
			switch {
			case dominates(pool[i].Cost, pool[j].Cost):
				beats[i] = append(beats[i], j)
			case dominates(pool[j].Cost, pool[i].Cost):
				beaten[i]++
			}
		}
		if beaten[i] == 0 {
			current = append(current, i)
		}
	}
	var out [][]int
	for len(current) > 0 {
		var next []int
		for _, i := range current {
			pool[i].front = len(out)
			for _, j := range beats[i] {
				if beaten[j]--; beaten[j] == 0 {
					next = append(next, j)
				}
			}
		}
		out = append(out, current)
		current = next
	}
	return out
}

// crowd sets the crowding distance of the members of one front: the sum over objectives of the distance between its two
// neighbours, over the range of the front; the ends are infinitely lonely. Exact copies in cost space get nothing.
func crowd(pool []ranked, front []int) {
	order := slices.Clone(front)
	for k := range pool[front[0]].Cost {
		slices.SortFunc(order, func(a, b int) int {
			if c := cmp.Compare(pool[a].Cost[k], pool[b].Cost[k]); c != 0 {
				return c
			}
			return cmp.Compare(pool[a].ID, pool[b].ID)
		})
		first, last := pool[order[0]].Cost[k], pool[order[len(order)-1]].Cost[k]
		pool[order[0]].crowding = math.Inf(1)
		pool[order[len(order)-1]].crowding = math.Inf(1)
		if last == first {
			continue
		}
		for i := 1; i < len(order)-1; i++ {
			pool[order[i]].crowding += (pool[order[i+1]].Cost[k] - pool[order[i-1]].Cost[k]) / (last - first)
		}
	}
	seen := map[[2]float64]bool{}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(pool[a].ID, pool[b].ID) })
	for _, i := range order {
		key := [2]float64{pool[i].Cost[0], pool[i].Cost[len(pool[i].Cost)-1]}
		if seen[key] {
			pool[i].crowding = 0
		}
		seen[key] = true
	}
}

package tree

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// oneSided keeps the rows with the largest gradients and a sample of the others, which stand for all of them by a larger
// weight. The first 1/rate rounds use all rows, as LightGBM's do.
func (r *run) oneSided(round int, rng *rand.Rand) {
	r.sample, r.rest = append(r.sample[:0], r.train...), append(r.rest[:0], r.held...)
	if round < int(1/r.rate) {
		return
	}
	size := func(i int32) float64 {
		sum := 0.0
		for k := range r.slope {
			x := &r.slope[k][i]
			sum += abs(x.G * x.H)
		}
		return sum
	}
	slices.SortFunc(r.sample, func(a, b int32) int {
		if c := cmp.Compare(size(b), size(a)); c != 0 {
			return c
		}
		return int(a - b)
	})
	n := len(r.sample)
	top := max(1, int(r.goss[0]*float64(n)))
	other := min(n-top, max(1, int(r.goss[1]*float64(n))))
	for i := range other {
		j := top + i + rng.IntN(n-top-i)
		r.sample[top+i], r.sample[j] = r.sample[j], r.sample[top+i]
	}
	r.rest = append(r.rest, r.sample[top+other:]...)
	r.sample = r.sample[:top+other]
	for _, i := range r.sample[top:] {
		for k := range r.slope {
			x := &r.slope[k][i]
			x.G *= float64(n-top) / float64(other)
			x.H *= float64(n-top) / float64(other)
		}
	}
	slices.Sort(r.sample)
}

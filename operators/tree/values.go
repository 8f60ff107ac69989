package tree

import (
	"context"

	"github.com/lren-chuv/automl/internal/kernel"
)

// leafValues finds the values of the leaves of the tree that has been grown for output k. Every thread sums up its part of
// the rows of each leaf.
func (r *run) leafValues(ctx context.Context, k int, out []float64) error {
	s := r.grown
	r.ends = s.leaves(r.ends[:0])
	clip := func(leaf int, v float64) {
		x := &s.buds[leaf]
		out[leaf] = r.rate * max(x.clip.lo, min(v, x.clip.hi))
	}
	if r.loss.renew > 0 {
		rest := func(i int32) float64 { return r.y[i] - r.score[k][i] }
		return r.over(ctx, len(r.ends), 100*len(r.sample), func(i int) {
			clip(r.ends[i], quantileOf(s.rowsOf(r.ends[i]), r.loss.renew, rest, r.weight))
		})
	}
	threads := s.threads()
	for len(r.sums) < threads {
		r.sums = append(r.sums, nil)
	}
	err := r.over(ctx, threads, 2*len(r.sample), func(i int) {
		sums := r.sums[i][:0]
		for _, leaf := range r.ends {
			rows := s.rowsOf(leaf)
			g, h := r.ruler.Sum(rows[i*len(rows)/threads:(i+1)*len(rows)/threads], r.slope[k])
			sums = append(sums, [2]int64{g, h})
		}
		r.sums[i] = sums
	})
	if err != nil {
		return err
	}
	for at, leaf := range r.ends {
		g, h := int64(0), int64(0)
		for i := range threads {
			g += r.sums[i][at][0]
			h += r.sums[i][at][1]
		}
		clip(leaf, r.newton(r.ruler.Slope(g, h)))
	}
	return nil
}

// newton is the value of a leaf before shrinkage.
func (r *run) newton(sum kernel.Slope) float64 {
	if sum.H+r.l2 <= 0 {
		return 0
	}
	return -kernel.Shrink(sum.G, r.l1) / (sum.H + r.l2)
}

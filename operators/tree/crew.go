package tree

import (
	"context"
	"math/rand/v2"

	"github.com/lren-chuv/automl/internal/kernel"
	"github.com/lren-chuv/automl/operators"
)

// crew shares out the work on one tree. The parts do not depend on the number of threads, nor does what they compute.
type crew struct{ env *operators.Env }

// newCrew makes one that leaves the random stream of env alone.
func newCrew(env *operators.Env) crew {
	return crew{&operators.Env{Rand: rand.New(rand.NewPCG(1, 1)), Threads: env.Threads}}
}

// worthwhile is the amount of work, in nanoseconds or so, from which waking another thread pays.
const worthwhile = 1 << 16

// over calls f(0) … f(n-1), in parallel if the work of all is worth it.
func (c crew) over(ctx context.Context, n, work int, f func(i int)) error {
	if c.env == nil || c.env.Threads <= 1 || work < worthwhile {
		for i := range n {
			f(i)
		}
		return nil
	}
	return c.env.Each(ctx, n, func(i int, _ *rand.Rand) error {
		f(i)
		return nil
	})
}

// stretch is the number of rows that are worked on as one part.
const stretch = 1 << 14

// stretches calls f for consecutive parts of n rows; each row takes the given work.
func (c crew) stretches(ctx context.Context, n, work int, f func(part, lo, hi int)) error {
	parts := (n + stretch - 1) / stretch
	return c.over(ctx, parts, n*work, func(i int) { f(i, i*stretch, min(n, (i+1)*stretch)) })
}

// gather copies the words of the rows to local, in the order of the rows, and returns their sum.
func (s *sprouter) gather(ctx context.Context, rows []int32) (int64, error) {
	if len(rows) <= stretch {
		return gatherWords(s.words, rows, s.local), nil
	}
	parts := make([]int64, (len(rows)+stretch-1)/stretch)
	err := s.stretches(ctx, len(rows), 2, func(part, lo, hi int) {
		parts[part] = gatherWords(s.words, rows[lo:hi], s.local[lo:])
	})
	total := int64(0)
	for _, v := range parts {
		total += v
	}
	return total, err
}

func gatherWords(words []int64, rows []int32, dst []int64) int64 {
	total := int64(0)
	dst = dst[:len(rows)]
	for i, r := range rows {
		w := words[r]
		dst[i] = w
		total += w
	}
	return total
}

// divide moves the rows whose bin goes left to the front, keeping the order on both sides, and returns their number.
func (s *sprouter) divide(ctx context.Context, bins []uint8, rows []int32) (int, error) {
	if len(rows) <= stretch {
		return kernel.Divide(bins, rows, s.spare, &s.goes), nil
	}
	counts := make([]int, (len(rows)+stretch-1)/stretch)
	err := s.stretches(ctx, len(rows), 2, func(i, lo, hi int) {
		counts[i] = kernel.Divide(bins, rows[lo:hi], s.spare[lo:hi], &s.goes)
	})
	n := 0
	for i, k := range counts { // those on the right wait in spare
		lo, hi := i*stretch, min(len(rows), (i+1)*stretch)
		copy(s.spare[lo-n:], rows[lo+k:hi])
		copy(rows[n:], rows[lo:lo+k])
		n += k
	}
	copy(rows[n:], s.spare)
	return n, err
}

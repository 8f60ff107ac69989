package tree

import (
	"context"
	"math/rand/v2"
	"runtime"

	"github.com/lren-chuv/automl/operators"
)

// crew shares out the work on one tree. What it computes does not depend on the number of threads.
type crew struct {
	env  *operators.Env
	team *team // nil: one thread
}

// newCrew makes one that leaves the random stream of env alone.
func newCrew(env *operators.Env) crew {
	return crew{env: &operators.Env{Rand: rand.New(rand.NewPCG(1, 1)), Threads: env.Threads}}
}

// threads is how many there are.
func (c *crew) threads() int {
	if c.team == nil {
		return 1
	}
	return c.team.threads
}

// enlist calls f with a team to share out its work, for as long as f takes.
func (c *crew) enlist(f func() error) error {
	threads := min(c.env.Threads, runtime.GOMAXPROCS(0), mostParts)
	if threads <= 1 {
		return f()
	}
	t := newTeam(threads)
	c.team = t
	defer func() { c.team = nil }()
	return c.env.Each(context.Background(), threads, func(i int, _ *rand.Rand) error { // f looks at its context
		if i > 0 {
			t.follow(i)
			return nil
		}
		defer t.dismiss()
		return f()
	})
}

// Work is counted in nanoseconds or so: offered is how much pays to be shared with threads that are looking for it,
// worthwhile how much pays to wake one, and long how much must not be done without looking at the context now and then.
const offered, worthwhile, long = 1 << 12, 1 << 15, 1 << 20

// over calls f(0) … f(n-1), in parallel if the work of all is worth it.
func (c *crew) over(ctx context.Context, n, work int, f func(i int)) error {
	looks := work >= long
	if c.team == nil || n <= 1 || work < offered {
		for i := range n {
			if looks && ctx.Err() != nil {
				return ctx.Err()
			}
			f(i)
		}
		return nil
	}
	parts := min(n, mostParts)
	c.team.do(parts, work >= worthwhile, func(part int) {
		for i := part * n / parts; i < (part+1)*n/parts; i++ {
			if looks && ctx.Err() != nil {
				return
			}
			f(i)
		}
	})
	if looks {
		return ctx.Err()
	}
	return nil
}

// pieces is into how many consecutive parts n rows are divided: all of the same size, so that they can be dealt out evenly
// without being dealt out one by one.
func pieces(n int) int {
	if n < 2048 {
		return 1
	}
	return min(mostParts, 2*((n+4095)/4096))
}

// piece is the range of the i-th of these.
func piece(n, i int) (lo, hi int) {
	k := pieces(n)
	return i * n / k, (i + 1) * n / k
}

// stretches calls f for the pieces of n rows; each row takes the given work.
func (c *crew) stretches(ctx context.Context, n, work int, f func(i, lo, hi int)) error {
	return c.over(ctx, pieces(n), n*work, func(i int) {
		lo, hi := piece(n, i)
		f(i, lo, hi)
	})
}

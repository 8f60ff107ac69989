package tree

import (
	"context"
	"math/rand/v2"
	"runtime"

	"github.com/lren-chuv/automl/internal/kernel"
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
func pieces(n int) int { return max(1, min(mostParts, 2*((n+4095)/4096))) }

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

// sifted is what a thread has done to its part of a node's rows when the node is divided.
type sifted struct {
	left  int   // rows that go left
	ahead int   // those before the part
	total int64 // of the words gathered
	_     [40]byte
}

// divide moves the rows whose bin goes left to the front, keeping the order on both sides, and returns their number. The
// words of the smaller side, whose histogram comes next, are copied to local in the order of its rows; it returns their
// sum too.
func (s *sprouter) divide(ctx context.Context, bins []uint8, rows []int32) (mid int, total int64, err error) {
	n := len(rows)
	if s.team == nil || n*siftWork < offered {
		mid = kernel.Divide(bins, rows, s.spare, &s.goes)
		return mid, gatherWords(s.words, smaller(rows, mid), s.local), nil
	}
	parts := s.sifted[:pieces(n)]
	err = s.stretches(ctx, n, siftWork, func(i, lo, hi int) {
		parts[i].left = kernel.Sift(bins, rows[lo:hi], s.spare[lo:hi], &s.goes)
	})
	if err != nil {
		return 0, 0, err
	}
	for i := range parts {
		lo, _ := piece(n, i)
		parts[i].ahead = mid
		copy(rows[mid:], rows[lo:lo+parts[i].left])
		mid += parts[i].left
	}
	err = s.stretches(ctx, n, siftWork, func(i, lo, hi int) { // those on the right wait in spare
		p := &parts[i]
		at := lo - p.ahead // rows on the right before these
		right := rows[mid+at:][:hi-lo-p.left]
		copy(right, s.spare[lo:])
		if 2*mid > n {
			p.total = gatherWords(s.words, right, s.local[at:])
		} else {
			p.total = gatherWords(s.words, rows[p.ahead:p.ahead+p.left], s.local[p.ahead:])
		}
	})
	for i := range parts {
		total += parts[i].total
	}
	return mid, total, err
}

// siftWork is the work of dividing, for one row.
const siftWork = 1

// smaller is the smaller of the two sides of divided rows.
func smaller(rows []int32, mid int) []int32 {
	if 2*mid > len(rows) {
		return rows[mid:]
	}
	return rows[:mid]
}

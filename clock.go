package automl

import (
	"cmp"
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/lren-chuv/automl/gp"
)

// clock divides the time budget: the search stops while there is still time to fit what it found on all rows.
type clock struct {
	start    time.Time
	deadline time.Time // zero without a budget
	kept     atomic.Int64
}

func newClock(start time.Time, budget time.Duration) *clock {
	c := &clock{start: start}
	if budget > 0 {
		c.deadline = start.Add(budget)
	}
	c.reserve(0)
	return c
}

const (
	minReserve = 50 * time.Millisecond
	minShare   = 0.05 // of the budget that is kept for ensemble selection and refit
	maxShare   = 0.35 // of the budget that may be kept
	safety     = 2    // evaluations shared prefixes that a refit has to fit anew
)

// reserve says how long the refit is expected to take.
func (c *clock) reserve(d time.Duration) {
	if c.deadline.IsZero() {
		return
	}
	budget := float64(c.deadline.Sub(c.start))
	keep := max(minShare*budget+safety*float64(d), float64(minReserve))
	c.kept.Store(int64(min(keep, maxShare*budget)))
}

// searchContext is done when only the reserve is left, however it changes meanwhile.
func (c *clock) searchContext(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if c.deadline.IsZero() {
		return ctx, cancel
	}
	go func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case now := <-tick.C:
				if now.Add(time.Duration(c.kept.Load())).After(c.deadline) {
					cancel()
					return
				}
			}
		}
	}()
	return ctx, cancel
}

// refitContext ends at the deadline, even when the search was cancelled by its caller.
func (c *clock) refitContext(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx = context.WithoutCancel(ctx)
	if c.deadline.IsZero() {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, c.deadline)
}

// topTimes remembers how long the best individuals took: those that may have to be fitted again.
type topTimes struct{ best []*gp.Individual }

const refitCandidates = 8

func (t *topTimes) add(ind *gp.Individual) {
	if ind.Result.Failed() || ind.Result.Pruned {
		return
	}
	i, _ := slices.BinarySearchFunc(t.best, ind, func(a, b *gp.Individual) int { return cmp.Compare(a.Cost[0], b.Cost[0]) })
	if i < refitCandidates {
		t.best = slices.Insert(t.best, i, ind)
		t.best = t.best[:min(len(t.best), refitCandidates)]
	}
}

// refit estimates the wall time to fit the candidates on all rows: each about as long as one fold and a quarter took.
func (t *topTimes) refit(folds int, opt Options) time.Duration {
	var sum, longest time.Duration
	for _, ind := range t.best {
		one := ind.Result.Took / time.Duration(max(1, folds)) * 3 / 2
		sum += one
		longest = max(longest, one)
	}
	if opt.Single || opt.Ensemble <= 1 {
		sum = longest
	}
	return max(longest, sum/time.Duration(opt.Workers)) + minReserve
}

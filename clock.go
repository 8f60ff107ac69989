package automl

import (
	"context"
	"sync/atomic"
	"time"
)

// clock divides the time budget: the search stops while there is still time to fit what it found on all rows.
type clock struct {
	start    time.Time
	deadline time.Time     // zero without a budget
	explain  time.Duration // for what follows the refit
	kept     atomic.Int64  // for everything that follows the search
	refit    atomic.Int64  // for what follows the rescoring: selection and refit
}

func newClock(start time.Time, budget time.Duration, explain bool) *clock {
	c := &clock{start: start}
	if budget > 0 {
		c.deadline = start.Add(budget)
		if explain {
			c.explain = min(time.Duration(explainShare*float64(budget)), maxExplain)
		}
	}
	c.reserve(0, 0)
	return c
}

const (
	minReserve   = 50 * time.Millisecond
	minShare     = 0.04 // of the budget that is kept for ensemble selection
	maxShare     = 0.45 // of the budget that may be kept in all
	explainShare = 0.03 // of the budget that no refit may take from the explanations
	maxExplain   = 3 * time.Second
	safety       = 1.1 // evaluations shared prefixes that a refit has to fit anew
)

// reserve says how long the rescoring of finalists and the refit are expected to take.
func (c *clock) reserve(rescoring, refit time.Duration) {
	if c.deadline.IsZero() {
		return
	}
	budget := float64(c.deadline.Sub(c.start))
	last := float64(c.explain) + max(minShare*budget+safety*float64(refit), float64(minReserve))
	last = min(last, maxShare*budget)
	c.refit.Store(int64(last))
	c.kept.Store(int64(min(last+float64(rescoring), maxShare*budget)))
}

// rescoreContext ends when only the time for selecting an ensemble and the refit is left.
func (c *clock) rescoreContext(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.deadline.IsZero() {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, c.deadline.Add(-time.Duration(c.refit.Load())))
}

// selectContext ends when only the time for the refit is left.
func (c *clock) selectContext(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.deadline.IsZero() {
		return context.WithCancel(ctx)
	}
	selection := time.Duration(minShare * float64(c.deadline.Sub(c.start)))
	return context.WithDeadline(ctx, c.deadline.Add(selection-time.Duration(c.refit.Load())))
}

// searchContext is done when only the reserve is left, however it changes meanwhile.
func (c *clock) searchContext(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if c.deadline.IsZero() {
		return ctx, cancel
	}
	deadline := c.deadline
	go func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case now := <-tick.C:
				if now.Add(time.Duration(c.kept.Load())).After(deadline) {
					cancel()
					return
				}
			}
		}
	}()
	return ctx, cancel
}

// shorten brings the deadline forward after a search that was ended early: what follows has twice the time that it is expected to
// take, and a second more, for now there is enough of it.
func (c *clock) shorten(rescoring, refit time.Duration) {
	if c.deadline.IsZero() {
		return
	}
	const generous = 2
	now := time.Now()
	last := c.explain + time.Duration(minShare*float64(now.Sub(c.start))) + generous*refit + time.Second
	if sooner := now.Add(last + generous*rescoring); sooner.Before(c.deadline) {
		c.deadline = sooner
		c.refit.Store(int64(last))
	}
}

// left is the time until a refit has to be done, none without a deadline.
func (c *clock) left() time.Duration {
	if c.deadline.IsZero() {
		return 0
	}
	return time.Until(c.deadline.Add(-c.explain))
}

// refitContext ends when only the time for explanations is left, even when the search was cancelled by its caller.
func (c *clock) refitContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return c.until(ctx, c.explain)
}

// lastContext ends at the deadline, likewise.
func (c *clock) lastContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return c.until(ctx, 0)
}

func (c *clock) until(ctx context.Context, left time.Duration) (context.Context, context.CancelFunc) {
	ctx = context.WithoutCancel(ctx)
	if c.deadline.IsZero() {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, c.deadline.Add(-left))
}

// usual is how many members an ensemble has, more or less.
const usual = 5

// refitting estimates the wall time to fit the best finalists on all rows. The heaviest go first and what does not get done is left out, so it need not be the worst case.
func (r *run) refitting() time.Duration {
	var sum, longest time.Duration
	best := r.library.finalists(finalists)
	for _, ind := range best[:min(usual, len(best))] {
		one := r.expected(ind.Result.Took, len(ind.Result.Folds))
		sum += one
		longest = max(longest, one)
	}
	if r.opt.Single || r.opt.Ensemble <= 1 {
		sum = longest
	}
	return max(longest, sum/time.Duration(r.opt.Workers)) + minReserve
}

// patience is how long somebody may take to notice that the time is up.
const patience = 100 * time.Millisecond

// within returns what f returns, or ctx's error when f does not notice that ctx is done: the deadline is a promise, so
// an operator that breaks the rule is left behind and its result is dropped.
func within[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		v, err := f()
		done <- answer{v, err}
	}()
	select {
	case a := <-done:
		return a.value, a.err
	case <-ctx.Done():
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case a := <-done:
		return a.value, a.err
	case <-late.C:
		var none T
		return none, ctx.Err()
	}
}

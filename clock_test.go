package automl

import (
	"context"
	"testing"
	"time"
)

// TestTimeForExplanations: what follows the refit has its share of the budget, however long the refit takes, and of small
// and large budgets no more than it can use.
func TestTimeForExplanations(t *testing.T) {
	for budget, want := range map[time.Duration]time.Duration{10 * time.Second: 300 * time.Millisecond, time.Hour: maxExplain} {
		c := newClock(time.Now(), budget, true)
		for _, refit := range []time.Duration{0, budget / 10, budget} {
			c.reserve(0, refit)
			if kept := time.Duration(c.refit.Load()); kept < want {
				t.Errorf("%v: a refit of %v leaves %v", budget, refit, kept)
			}
		}
		refit, cancel := c.refitContext(context.Background())
		defer cancel()
		last, cancel := c.lastContext(context.Background())
		defer cancel()
		a, _ := refit.Deadline()
		b, _ := last.Deadline()
		if b.Sub(a) != want {
			t.Errorf("%v: %v from the end of the refit to the deadline, want %v", budget, b.Sub(a), want)
		}
	}
	c := newClock(time.Now(), time.Minute, false)
	if c.explain != 0 {
		t.Errorf("%v are kept for nothing", c.explain)
	}
}

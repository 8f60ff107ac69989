package operatortest

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// checkCancel: a Fit of 20,000 × 50 gives up within cancelLimit. What counts is the least of three attempts, each of them
// the wall time or the processor time of the process, whichever is less, so that a busy machine does not matter. AUTOML_CANCEL
// asks for more moments than one.
func checkCancel(t *testing.T, spec *operators.Spec, task dataset.Task) {
	if testing.Short() {
		t.Skip("slow")
	}
	moments := []time.Duration{20}
	if os.Getenv("AUTOML_CANCEL") != "" {
		moments = []time.Duration{5, 20, 50, 100, 200, 400, 800, 1600, 3200}
	}
	for _, m := range moments {
		least := time.Hour
		for range 3 {
			s := Table(spec, task, 20_000, 50, 13) // a new one: what was derived from the last would be there at once
			late, ended := cancelAfter(t, build(t, spec, spec.Defaults()), s, m*time.Millisecond)
			if ended {
				return // faster than the cancellation
			}
			if least = min(least, late); least <= cancelLimit {
				break
			}
		}
		if least > cancelLimit {
			t.Errorf("Fit returned %v after its cancellation at %v", least, m*time.Millisecond)
		}
	}
}

// cancelAfter cancels a Fit at a moment and tells how long it goes on, or that it had ended before.
func cancelAfter(t *testing.T, op operators.Operator, s dataset.Sample, moment time.Duration) (late time.Duration, ended bool) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	type end struct {
		at, used time.Duration
	}
	start, done := time.Now(), make(chan end, 1)
	go func() {
		_, _ = op.Fit(ctx, operators.NewEnv(1, 1), s)
		done <- end{time.Since(start), processorTime()}
	}()
	select {
	case <-done:
		return 0, true
	case <-time.After(moment):
	}
	at, used := time.Since(start), processorTime()
	cancel()
	select {
	case e := <-done:
		return min(e.at-at, e.used-used), false
	case <-time.After(30 * time.Second):
		t.Fatal("Fit ignores its context")
	}
	return 0, true
}

package tree

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/lren-chuv/automl/operators"
)

// TestCancelLarge gives up fits of 100,000 x 30 and expects them to return at once. The bound leaves room for a machine
// that is busy otherwise; what it took is logged, and should be below 50 ms.
func TestCancelLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: cancellation of large fits is not timed with -short")
	}
	const bound = time.Second
	two, number := benchTable(100_000, 30, 2, 0), benchTable(100_000, 30, 0, 0)
	for _, c := range []struct {
		spec    *operators.Spec
		threads int
	}{
		{HistGradientBoostingClassifier, 1}, {HistGradientBoostingClassifier, 2}, {LGBMClassifier, 1}, {XGBRegressor, 1},
		{RandomForestClassifier, 1}, {RandomForestClassifier, 2}, {RandomForestRegressor, 1}, {ExtraTreesClassifier, 1}, {ExtraTreesRegressor, 1},
		{GradientBoostingClassifier, 1}, {AdaBoostClassifier, 1}, {BaggingRegressor, 1}, {DecisionTreeClassifier, 1},
	} {
		s := two
		if c.spec.Role == operators.Regressor {
			s = number
		}
		op := build(t, c.spec, nil)
		for _, after := range []time.Duration{0, 30 * time.Millisecond, 200 * time.Millisecond} {
			ctx, cancel := context.WithCancel(context.Background())
			env := operators.NewEnv(1, 1)
			env.Threads = c.threads
			done := make(chan error)
			go func() {
				_, err := op.Fit(ctx, env, s)
				done <- err
			}()
			time.Sleep(after)
			start := time.Now()
			cancel()
			err := <-done
			took := time.Since(start)
			t.Logf("%s, %d threads, cancelled after %v: returned after %v", c.spec.Name, c.threads, after, took)
			if err == nil {
				t.Logf("%s: the fit was faster", c.spec.Name)
			} else if !errors.Is(err, context.Canceled) || took > bound {
				t.Errorf("%s: %v after %v", c.spec.Name, err, took)
			}
		}
	}
}

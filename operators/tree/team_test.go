package tree

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// enlisted calls f with a crew of so many threads, even if there are fewer processors.
func enlisted(t *testing.T, threads int, f func(c *crew) error) error {
	t.Helper()
	if n := runtime.GOMAXPROCS(0); n < threads {
		runtime.GOMAXPROCS(threads)
		defer runtime.GOMAXPROCS(n)
	}
	env := operators.NewEnv(1, 1)
	env.Threads = threads
	c := newCrew(env)
	return c.enlist(func() error { return f(&c) })
}

// TestThreads fits tables that are large enough for their work to be shared out, in all ways that there are: the trees have
// the same bits for any number of threads.
func TestThreads(t *testing.T) {
	if n := runtime.GOMAXPROCS(0); n < 3 {
		runtime.GOMAXPROCS(3)
		defer runtime.GOMAXPROCS(n)
	}
	two, five, number := benchTable(40_000, 20, 2, 0.05), benchTable(10_000, 70, 5, 0), benchTable(20_000, 9, 0, 0)
	const never, always, absolute = 1, 2, 1 // of early_stopping and loss
	for name, c := range map[string]struct {
		spec *operators.Spec
		set  map[string]float64
		s    dataset.Sample
	}{
		"sampled rows":    {HistGradientBoostingClassifier, map[string]float64{"max_iter": 4, "early_stopping": never, "subsample": 0.8}, two},
		"early stopping":  {HistGradientBoostingClassifier, map[string]float64{"max_iter": 4, "early_stopping": always, "max_features": 0.5}, two},
		"sampled columns": {HistGradientBoostingClassifier, map[string]float64{"max_iter": 3, "early_stopping": never, "colsample_bytree": 0.3}, two},
		"classes":         {HistGradientBoostingClassifier, map[string]float64{"max_iter": 2, "early_stopping": never}, five},
		"medians":         {HistGradientBoostingRegressor, map[string]float64{"max_iter": 4, "loss": absolute}, number},
		"many leaves":     {HistGradientBoostingRegressor, map[string]float64{"max_iter": 4, "early_stopping": never, "max_leaf_nodes": 200}, number},
		"dropped trees":   {LGBMClassifier, map[string]float64{"n_estimators": 4, "boosting_type": 2, "drop_rate": 1, "skip_drop": 0}, five},
		"dropped leaves":  {LGBMRegressor, map[string]float64{"n_estimators": 5, "boosting_type": 2, "drop_rate": 1, "skip_drop": 0, "num_leaves": 300}, number},
	} {
		op, s := build(t, c.spec, c.set), c.s
		var want *Ensemble
		for _, threads := range []int{1, 2, 3} {
			env := operators.NewEnv(1, 1)
			env.Threads = threads
			f, err := op.Fit(context.Background(), env, s)
			if err != nil {
				t.Fatal(err)
			}
			got := &f.(*boosted).Trees
			if want == nil {
				want = got
				continue
			}
			if !slices.Equal(got.Nodes, want.Nodes) {
				t.Errorf("%s: %d threads grow other trees than one", name, threads)
			}
		}
	}
}

// TestTeam does thousands of jobs with pauses of all lengths between them: every part is done once, and nothing of a job
// is left when the next one begins.
func TestTeam(t *testing.T) {
	for _, threads := range []int{1, 2, 3, 8} {
		err := enlisted(t, threads, func(c *crew) error {
			var done [100]int
			for job := range 3000 {
				n := job%len(done) + 1
				var count atomic.Int32
				if err := c.over(context.Background(), n, 1<<(job%18), func(i int) {
					done[i]++
					count.Add(1)
				}); err != nil {
					return err
				}
				if int(count.Load()) != n {
					t.Fatalf("%d threads: job %d: %d of %d parts done", threads, job, count.Load(), n)
				}
				if job%500 == 0 {
					time.Sleep(time.Millisecond) // all fall asleep
				}
			}
			for i, k := range done {
				if want := (3000 / len(done)) * (len(done) - i); k != want {
					t.Errorf("%d threads: part %d was done %d times, want %d", threads, i, k, want)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestTeamPanics expects what goes wrong in a part to reach the caller, whoever did the part, and nobody to be left
// behind.
func TestTeamPanics(t *testing.T) {
	for part := range 4 {
		func() {
			defer func() {
				if p := recover(); p == nil || !strings.Contains(p.(string), "out of order") {
					t.Errorf("part %d: got %v", part, p)
				}
			}()
			_ = enlisted(t, 3, func(c *crew) error {
				return c.over(context.Background(), 4, worthwhile, func(i int) {
					if i == part {
						panic("out of order")
					}
					time.Sleep(time.Millisecond)
				})
			})
		}()
	}
}

// TestTeamLooksAtItsContext stops long work.
func TestTeamLooksAtItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, threads := range []int{1, 2} {
		var begun atomic.Int32
		err := enlisted(t, threads, func(c *crew) error {
			return c.over(ctx, 1000, long, func(int) {
				begun.Add(1)
				cancel()
			})
		})
		if err != context.Canceled || begun.Load() > 2 {
			t.Errorf("%d threads: %v after %d parts", threads, err, begun.Load())
		}
	}
}

// TestPieces covers all rows once.
func TestPieces(t *testing.T) {
	for _, n := range []int{1, 2, 100, 4095, 4096, 4097, 100_000, 10_000_000} {
		at := 0
		for i := range pieces(n) {
			lo, hi := piece(n, i)
			if lo != at || hi < lo {
				t.Errorf("%d rows: piece %d is [%d, %d) behind %d", n, i, lo, hi, at)
			}
			at = hi
		}
		if at != n {
			t.Errorf("%d rows: %d are in pieces", n, at)
		}
	}
}

// BenchmarkJob is what it costs to share out a job of nothing.
func BenchmarkJob(b *testing.B) {
	env := operators.NewEnv(1, 1)
	env.Threads = 2
	c := newCrew(env)
	_ = c.enlist(func() error {
		for b.Loop() {
			_ = c.over(context.Background(), 2, offered, func(int) {})
		}
		return nil
	})
}

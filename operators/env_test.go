package operators

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestEachIsTheSameForAnyNumberOfThreads(t *testing.T) {
	draw := func(threads int) []uint64 {
		env := NewEnv(3, 4)
		env.Threads = threads
		out := make([]uint64, 50)
		if err := env.Each(context.Background(), len(out), func(i int, rng *rand.Rand) error {
			out[i] = rng.Uint64()
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return append(out, env.Rand.Uint64())
	}
	want := draw(1)
	for _, threads := range []int{0, 2, 7, 100} {
		for i, v := range draw(threads) {
			if v != want[i] {
				t.Fatalf("%d threads: draw %d differs", threads, i)
			}
		}
	}
}

func TestEachReportsTheFirstErrorAndPanics(t *testing.T) {
	boom := errors.New("boom")
	for _, threads := range []int{1, 4} {
		env := NewEnv(1, 1)
		env.Threads = threads
		err := env.Each(context.Background(), 10, func(i int, _ *rand.Rand) error {
			if i >= 3 {
				return boom
			}
			return nil
		})
		if !errors.Is(err, boom) {
			t.Errorf("%d threads: %v", threads, err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := env.Each(ctx, 10, func(int, *rand.Rand) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("%d threads: cancelled run returned %v", threads, err)
		}
		func() {
			defer func() {
				p := recover()
				if s, _ := p.(string); p == nil || threads > 1 && !strings.Contains(s, "kaboom") {
					t.Errorf("%d threads: recovered %v", threads, p)
				}
			}()
			_ = env.Each(context.Background(), 4, func(i int, _ *rand.Rand) error { panic("kaboom") })
		}()
	}
}

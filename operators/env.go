package operators

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// Env is lent to one call of Fit or Apply: its source of randomness and the number of goroutines it may use.
type Env struct {
	Rand    *rand.Rand // the only source of randomness of the call
	Threads int        // 0 and 1 both mean the caller's own goroutine
}

// NewEnv returns a single-threaded Env whose random stream depends on the seeds alone.
func NewEnv(seed, stream uint64) *Env {
	return &Env{Rand: rand.New(rand.NewPCG(seed, stream)), Threads: 1}
}

// Each calls f(0) … f(n-1), on up to Threads goroutines, each call with a random stream of its own that depends on the
// Env's stream and on i, not on who runs it. It stops at the first error or when ctx is done and returns the error of the
// smallest i that failed. f must write only to places that belong to its i. A panic in f reaches the caller.
func (e *Env) Each(ctx context.Context, n int, f func(i int, rng *rand.Rand) error) error {
	base := e.Rand.Uint64()
	call := func(i int) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return f(i, rand.New(rand.NewPCG(base, uint64(i))))
	}
	if e.Threads <= 1 || n <= 1 {
		for i := range n {
			if err := call(i); err != nil {
				return err
			}
		}
		return nil
	}
	return spread(min(e.Threads, n), n, call)
}

// spread runs call(0) … call(n-1) on the given number of goroutines.
func spread(threads, n int, call func(int) error) error {
	var (
		next   atomic.Int64
		mu     sync.Mutex
		failed = n
		first  error
		caught any
		wg     sync.WaitGroup
	)
	fail := func(i int, err error, p any) {
		mu.Lock()
		defer mu.Unlock()
		if i < failed {
			failed, first, caught = i, err, p
		}
		next.Store(int64(n))
	}
	for range threads {
		wg.Add(1)
		go func() {
			defer wg.Done()
			i := 0
			defer func() {
				if p := recover(); p != nil {
					fail(i, nil, fmt.Sprintf("%v\n%s", p, debug.Stack()))
				}
			}()
			for {
				i = int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := call(i); err != nil {
					fail(i, err, nil)
					return
				}
			}
		}()
	}
	wg.Wait()
	if caught != nil {
		panic(caught)
	}
	return first
}

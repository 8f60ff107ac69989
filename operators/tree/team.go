package tree

import (
	"fmt"
	"math/bits"
	"runtime/debug"
	"sync/atomic"

	"github.com/lren-chuv/automl/internal/kernel"
)

// A team is the threads of one fit. One of them leads: it hands out one job after the other, works on it like the rest,
// and goes on when all of its parts are done. The others look for the next job in a tight loop for a while before they
// sleep, and so does the leader for the last part. A tree has some hundred jobs, most of them of ten microseconds or so:
// to put a thread to sleep and to wake it takes as long. Nobody waits for a thread that has not begun a part, so a thread
// that the system has stopped keeps nobody.
type team struct {
	threads  int
	job      func(part int)
	wake     chan struct{} // for those asleep
	finished chan struct{} // for the leader
	failed   atomic.Pointer[string]
	_        [64]byte      // what follows is written by all threads: it has lines of the cache for itself
	open     atomic.Uint64 // a bit for each part of the job that nobody has begun, and above these the number of parts
	_        [56]byte
	left     atomic.Int32 // parts that are not done
	asleep   atomic.Int32
	idle     atomic.Bool // the leader sleeps
	_        [52]byte
}

// mostParts is into how many parts a job may be divided.
const mostParts = 32

// dismissed is what open holds when there will be no more jobs.
const dismissed = 1 << 63

// patience is how often a thread looks for work before it sleeps: for some 140 microseconds. Between two trees there may
// be nothing to share for thirty, and a thread that has slept is back so late that the leader has done its part, whose
// rows then are in the cache of the wrong processor.
const patience = 5000

func newTeam(threads int) *team {
	return &team{threads: threads, wake: make(chan struct{}, threads), finished: make(chan struct{}, 1)}
}

// do calls job(0) … job(n-1), n ≤ mostParts, and returns when all are done. Threads that sleep are woken only if rouse.
// Only the leader may call it.
func (t *team) do(n int, rouse bool, job func(part int)) {
	t.job = job
	t.left.Store(int32(n))
	t.open.Store(uint64(n)<<mostParts | (1<<n - 1))
	if rouse {
		t.rouse(n - 1)
	}
	t.work(0)
	t.wait()
	if p := t.failed.Load(); p != nil {
		panic(*p)
	}
}

// dismiss ends the work of all others.
func (t *team) dismiss() {
	t.open.Store(dismissed)
	t.rouse(t.threads)
}

// follow does the work of thread i > 0, until there will be no more.
func (t *team) follow(i int) {
	defer func() {
		if p := recover(); p != nil { // the leader waits for this part
			s := fmt.Sprintf("%v\n%s", p, debug.Stack())
			t.failed.Store(&s)
			t.done()
		}
	}()
	for t.await() {
		t.work(i)
	}
}

// work does parts of the job until all are begun.
func (t *team) work(i int) {
	for part := t.claim(i); part >= 0; part = t.claim(i) {
		t.job(part)
		t.done()
	}
}

// claim begins a part of the job, -1 if there is none. Every thread has parts that it takes first: the same of every job,
// since these have to do with the same rows or columns, which may be in its cache.
func (t *team) claim(i int) int {
	for {
		s := t.open.Load()
		mask := uint32(s)
		if mask == 0 {
			return -1
		}
		home := i * int(s>>mostParts) / t.threads
		part := bits.TrailingZeros32(mask)
		if own := mask >> home << home; own != 0 {
			part = bits.TrailingZeros32(own)
		}
		if t.open.CompareAndSwap(s, s&^(1<<part)) { // the bits say all of a job: it may be the next one by now
			return part
		}
	}
}

// done notes that a part is.
func (t *team) done() {
	if t.left.Add(-1) == 0 && t.idle.CompareAndSwap(true, false) {
		t.finished <- struct{}{}
	}
}

// wait returns when all parts are done.
func (t *team) wait() {
	for range patience {
		if t.left.Load() == 0 {
			return
		}
		kernel.Pause()
	}
	for t.left.Load() != 0 {
		t.idle.Store(true)
		if t.left.Load() == 0 && t.idle.CompareAndSwap(true, false) {
			return
		}
		<-t.finished // sent by whoever reset idle
	}
}

// await returns when there may be work, false if there will be none any more.
func (t *team) await() bool {
	for {
		for range patience {
			if s := t.open.Load(); s == dismissed || uint32(s) != 0 {
				return s != dismissed
			}
			kernel.Pause()
		}
		t.asleep.Add(1)
		if s := t.open.Load(); s != dismissed && uint32(s) == 0 || !t.withdraw() {
			<-t.wake // sent by whoever counted this thread out
		}
	}
}

// withdraw counts one thread less as asleep and reports whether there was one.
func (t *team) withdraw() bool {
	for {
		n := t.asleep.Load()
		if n == 0 {
			return false
		}
		if t.asleep.CompareAndSwap(n, n-1) {
			return true
		}
	}
}

// rouse wakes up to n threads.
func (t *team) rouse(n int) {
	for ; n > 0 && t.withdraw(); n-- {
		t.wake <- struct{}{}
	}
}

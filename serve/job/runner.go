package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

// Runner works on the jobs of a queue, a bounded number at a time.
type Runner struct {
	Queue *Queue
	Slots int // jobs at a time
	Log   *slog.Logger
	// Do brings a job from the state it is in to Done. It returns when its context ends. Beside Enter, Fail and Release,
	// which the runner calls, changes of the lease go through the Holder.
	Do func(ctx context.Context, h *Holder) error
	// Poll is how often to look for jobs that other processes submitted or left behind; default 1 s.
	Poll time.Duration
}

// Holder lets the goroutines of one job share its lease.
type Holder struct {
	mu sync.Mutex
	l  *Lease
}

// Job is the job as it was last written.
func (h *Holder) Job() Job {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.l.Job
}

// With calls f with the lease, which nobody else uses meanwhile.
func (h *Holder) With(f func(l *Lease) error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return f(h.l)
}

// Run works until ctx ends and what it was working on has been given back.
func (r *Runner) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for range max(1, r.Slots) {
		wg.Go(func() { r.work(ctx) })
	}
	wg.Wait()
}

func (r *Runner) work(ctx context.Context) {
	poll := r.Poll
	if poll <= 0 {
		poll = time.Second
	}
	for ctx.Err() == nil {
		changed := r.Queue.Changed()
		l, err := r.Queue.Claim(ctx)
		if err != nil && ctx.Err() == nil {
			r.Log.Error("no job can be claimed", "reason", err.Error())
		}
		if l != nil {
			r.one(ctx, l)
			continue
		}
		select {
		case <-ctx.Done():
		case <-changed:
		case <-time.After(poll):
		}
	}
}

// one works on a job while its lease is kept alive.
func (r *Runner) one(ctx context.Context, l *Lease) {
	log := r.Log.With("job", l.Job.ID)
	log.Info("claimed", "state", string(l.Job.State), "claims", l.Job.Claims)
	h := &Holder{l: l}
	work, cancel := context.WithCancelCause(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { r.renew(work, h, cancel) })
	err := r.guarded(work, h)
	cause := context.Cause(work)
	cancel(nil)
	wg.Wait()
	// Whatever ended it, its end has to be written.
	writing, stop := context.WithTimeout(context.WithoutCancel(ctx), r.Queue.opt.Lease)
	defer stop()
	switch {
	case err == nil:
		log.Info("ended", "state", string(h.Job().State), "spent", h.Job().Spent)
	case errors.Is(err, ErrLost) || errors.Is(cause, ErrLost):
		log.Warn("lost", "reason", ErrLost.Error())
	case errors.Is(cause, ErrCancelled):
		log.Info("cancelled")
		err = h.With(func(l *Lease) error { return l.Fail(writing, "cancelled") })
	case ctx.Err() != nil:
		log.Info("given back", "state", string(h.Job().State))
		err = h.With(func(l *Lease) error { return l.Release(writing) })
	default:
		log.Warn("failed", "reason", err.Error())
		err = h.With(func(l *Lease) error { return l.Fail(writing, err.Error()) })
	}
	if err != nil && !errors.Is(err, ErrLost) {
		log.Error("the end cannot be written; the job will be claimed again", "reason", err.Error())
	}
}

// guarded turns a panic into an error.
func (r *Runner) guarded(ctx context.Context, h *Holder) (err error) {
	defer func() {
		if p := recover(); p != nil {
			r.Log.Error("panic", "job", h.Job().ID, "value", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = errors.New("internal error")
		}
	}()
	return r.Do(ctx, h)
}

// renew keeps the lease; when that fails for as long as it lasts, the work stops before another process can begin.
func (r *Runner) renew(ctx context.Context, h *Holder, cancel context.CancelCauseFunc) {
	lease := r.Queue.opt.Lease
	tick := time.NewTicker(min(lease/4, time.Second))
	defer tick.Stop()
	sure := r.Queue.opt.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		began := r.Queue.opt.Now()
		try, stop := context.WithTimeout(ctx, lease/4)
		err := h.With(func(l *Lease) error {
			if l.Job.State.Ended() {
				return nil
			}
			return l.Renew(try)
		})
		stop()
		switch {
		case err == nil:
			sure = began
		case errors.Is(err, ErrLost) || errors.Is(err, ErrCancelled):
			cancel(err)
			return
		case r.Queue.opt.Now().Sub(sure) > lease*2/3:
			cancel(ErrLost)
			return
		}
	}
}

package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/lren-chuv/automl/serve/store"
)

// Reasons for which the context of a job ends.
var (
	ErrLost      = errors.New("the lease has ended, another process may have the job")
	ErrCancelled = errors.New("cancelled")
)

// Lease is the right to work on a job. Whoever holds it is the only one whose changes are written.
type Lease struct {
	q   *Queue
	Job Job // as it was last written
}

// Claim takes a job that nobody works on, nil if there is none.
func (q *Queue) Claim(ctx context.Context) (*Lease, error) {
	some := false
	err := q.store.Read(ctx, func(tx store.Tx) error {
		j, err := q.candidate(tx)
		some = j != nil
		return err
	})
	if err != nil || !some {
		return nil, err
	}
	var l *Lease
	err = q.write(ctx, func(tx store.Tx) error {
		for l = nil; ; {
			j, err := q.candidate(tx)
			if err != nil || j == nil {
				return err
			}
			switch {
			case j.Cancelled:
				err = q.fail(tx, j, "cancelled")
			case j.Retries >= q.opt.Retries:
				err = q.fail(tx, j, fmt.Sprintf("the service stopped %d times while the job was %s", j.Retries, j.State))
			default:
				j.Owner, j.Until = q.opt.Owner, q.opt.Now().Add(q.opt.Lease)
				j.Claims++
				j.Retries++
				l = &Lease{q, *j}
				return put(tx, j)
			}
			if err != nil {
				return err
			}
		}
	})
	return l, err
}

// candidate is the job to claim next: the oldest that nobody works on, but those last whose processes did not live to see their end, so
// that a job that ends processes keeps no other waiting.
func (q *Queue) candidate(tx store.Tx) (*Job, error) {
	ids, err := alive(tx)
	if err != nil {
		return nil, err
	}
	var best *Job
	for _, id := range ids {
		j, err := get(tx, id)
		if err != nil {
			return nil, err
		}
		if !q.free(j) {
			continue
		}
		if j.Retries == 0 || j.Cancelled {
			return j, nil
		}
		if best == nil || j.Retries < best.Retries {
			best = j
		}
	}
	return best, nil
}

// change writes a change of the job if the lease still holds.
func (l *Lease) change(ctx context.Context, f func(tx store.Tx, j *Job) error) error {
	var now Job
	err := l.q.write(ctx, func(tx store.Tx) error {
		j, err := get(tx, l.Job.ID)
		if err != nil {
			return err
		}
		if j.Owner != l.q.opt.Owner || j.Claims != l.Job.Claims {
			return ErrLost
		}
		if err := f(tx, j); err != nil {
			return err
		}
		if !j.State.Ended() && j.Owner != "" {
			j.Until = l.q.opt.Now().Add(l.q.opt.Lease)
		}
		now = *j
		return put(tx, j)
	})
	if errors.Is(err, ErrUnknown) {
		err = ErrLost
	}
	if err == nil {
		l.Job = now
	}
	return err
}

// Renew extends the lease. The job's owner learns here whether someone asked for its end.
func (l *Lease) Renew(ctx context.Context) error {
	cancelled := false
	err := l.change(ctx, func(_ store.Tx, j *Job) error {
		cancelled = j.Cancelled
		return nil
	})
	if err == nil && cancelled {
		return ErrCancelled
	}
	return err
}

// Enter writes the job's next state and, if it is not nil, what is known of the result.
func (l *Lease) Enter(ctx context.Context, s State, result json.RawMessage) error {
	return l.change(ctx, func(tx store.Tx, j *Job) error {
		if err := j.enter(s, l.q.opt.Now()); err != nil {
			return err
		}
		if result != nil {
			j.Result = result
		}
		if s.Ended() {
			j.Owner, j.Until = "", time.Time{}
		}
		return addEvents(tx, j, stateEvent(j))
	})
}

// Fail ends the job.
func (l *Lease) Fail(ctx context.Context, why string) error {
	return l.change(ctx, func(tx store.Tx, j *Job) error {
		return l.q.fail(tx, j, why)
	})
}

// Release gives the job back so that another process can go on with it.
func (l *Lease) Release(ctx context.Context) error {
	return l.change(ctx, func(_ store.Tx, j *Job) error {
		j.Owner, j.Until = "", time.Time{}
		j.Retries = max(0, j.Retries-1)
		return nil
	})
}

// Tell writes events, and the seconds spent on training so far.
func (l *Lease) Tell(ctx context.Context, spent float64, events ...Event) error {
	return l.change(ctx, func(tx store.Tx, j *Job) error {
		j.Spent = max(j.Spent, spent)
		return addEvents(tx, j, events...)
	})
}

// Events returns what has been told of the job.
func (l *Lease) Events(ctx context.Context) ([]Event, error) {
	events, _, err := l.q.Events(ctx, l.Job.ID, 0)
	return events, err
}

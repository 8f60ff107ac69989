package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/lren-chuv/automl/serve/store"
)

// Errors of a queue.
var (
	ErrFull     = errors.New("the queue is full")
	ErrUnknown  = errors.New("there is no such job")
	ErrRunning  = errors.New("the job has not ended")
	ErrEnded    = errors.New("the job has ended")
	ErrEarly    = errors.New("the job has not begun")
	ErrOtherKey = errors.New("another job was submitted with this key")
)

// Queue holds jobs in a store. Any number of processes may have a queue over the same store.
type Queue struct {
	store store.Store
	opt   Options
	ids   ids

	mu      sync.Mutex
	changed chan struct{}
}

// Options say how a queue works. Zero values are replaced by the defaults named.
type Options struct {
	Owner   string           // name of this process, unlike that of any other, of earlier ones too
	Alone   bool             // no other living process has this store: leases of others have ended
	Lease   time.Duration    // how long a process may be silent; default 15 s
	Most    int              // jobs that have not ended; default 1000
	Retries int              // how often a state is tried by processes that do not live to its end; default 10
	Now     func() time.Time // default time.Now
}

// NewQueue returns the queue over a store.
func NewQueue(s store.Store, opt Options) *Queue {
	if opt.Lease <= 0 {
		opt.Lease = 15 * time.Second
	}
	if opt.Most <= 0 {
		opt.Most = 1000
	}
	if opt.Retries <= 0 {
		opt.Retries = 10
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	q := &Queue{store: s, opt: opt, changed: make(chan struct{})}
	if q.opt.Owner == "" {
		q.opt.Owner = q.ids.make(time.Now())
	}
	return q
}

// Keys of the store: the job, that it has not ended, its events, and which job has a key of a submission.
func jobKey(id string) string          { return "job/" + id }
func liveKey(id string) string         { return "live/" + id }
func eventKey(id string, n int) string { return fmt.Sprintf("event/%s/%09d", id, n) }
func submissionKey(key string) string  { return "key/" + key }

// Changed is closed at the next change that this process makes to any job.
func (q *Queue) Changed() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.changed
}

func (q *Queue) announce() {
	q.mu.Lock()
	close(q.changed)
	q.changed = make(chan struct{})
	q.mu.Unlock()
}

// write changes the store and tells those who wait.
func (q *Queue) write(ctx context.Context, f func(tx store.Tx) error) error {
	if err := q.store.Write(ctx, f); err != nil {
		return err
	}
	q.announce()
	return nil
}

func get(tx store.Tx, id string) (*Job, error) {
	data, err := store.Get(tx, jobKey(id))
	if err != nil {
		return nil, err
	}
	if data == nil {
		return nil, ErrUnknown
	}
	j := &Job{}
	return j, json.Unmarshal(data, j)
}

// put writes the job and keeps the list of those that have not ended.
func put(tx store.Tx, j *Job) error {
	data, err := json.Marshal(j)
	if err != nil {
		return err
	}
	live := []byte{}
	if j.State.Ended() {
		live = nil
	}
	return errors.Join(tx.Put(jobKey(j.ID), data), tx.Put(liveKey(j.ID), live))
}

// alive lists the jobs that have not ended, the oldest first.
func alive(tx store.Tx) (ids []string, err error) {
	err = tx.Scan("live/", func(key string, _ []byte) bool {
		ids = append(ids, key[len("live/"):])
		return true
	})
	return ids, err
}

// Submit writes a job down. One with the key of an earlier one, unless that is empty, is that one; earlier says so. A key with
// another spec is [ErrOtherKey].
func (q *Queue) Submit(ctx context.Context, spec json.RawMessage, key string) (j *Job, earlier bool, err error) {
	err = q.write(ctx, func(tx store.Tx) error {
		j, earlier = nil, false
		if key != "" {
			id, err := store.Get(tx, submissionKey(key))
			if err != nil {
				return err
			}
			if id != nil {
				earlier = true
				if j, err = get(tx, string(id)); err == nil && string(j.Spec) != string(spec) {
					err = ErrOtherKey
				}
				return err
			}
		}
		live, err := alive(tx)
		if err != nil {
			return err
		}
		if len(live) >= q.opt.Most {
			return ErrFull
		}
		now := q.opt.Now()
		j = &Job{ID: q.ids.make(now), Key: key, Spec: spec, State: Submitted, Changes: []Change{{Submitted, now.UTC()}}}
		if key != "" {
			if err := tx.Put(submissionKey(key), []byte(j.ID)); err != nil {
				return err
			}
		}
		if err := addEvents(tx, j, stateEvent(j)); err != nil {
			return err
		}
		return put(tx, j)
	})
	return j, earlier, err
}

// Get returns a job.
func (q *Queue) Get(ctx context.Context, id string) (j *Job, err error) {
	err = q.store.Read(ctx, func(tx store.Tx) error {
		j, err = get(tx, id)
		return err
	})
	return j, err
}

// List returns up to n jobs before the one named, all if it is empty, the newest first, and whether there are more.
func (q *Queue) List(ctx context.Context, before string, n int) (jobs []*Job, more bool, err error) {
	var bad error
	err = q.store.Read(ctx, func(tx store.Tx) error {
		jobs, more = nil, false
		return tx.Scan("job/", func(key string, data []byte) bool {
			if before != "" && key >= jobKey(before) {
				return false
			}
			j := &Job{}
			if bad = json.Unmarshal(data, j); bad != nil {
				return false
			}
			if jobs = append(jobs, j); len(jobs) > n {
				jobs, more = jobs[1:], true
			}
			return true
		})
	})
	slices.Reverse(jobs)
	return jobs, more, errors.Join(err, bad)
}

// Counts returns how many jobs that have not ended are in each state.
func (q *Queue) Counts(ctx context.Context) (n map[State]int, err error) {
	err = q.store.Read(ctx, func(tx store.Tx) error {
		n = map[State]int{}
		ids, err := alive(tx)
		for _, id := range ids {
			j, err := get(tx, id)
			if err != nil {
				return err
			}
			n[j.State]++
		}
		return err
	})
	return n, err
}

// Cancel asks for the end of a job. One that nobody works on ends at once.
func (q *Queue) Cancel(ctx context.Context, id string) (j *Job, err error) {
	err = q.write(ctx, func(tx store.Tx) error {
		if j, err = get(tx, id); err != nil {
			return err
		}
		if j.State.Ended() {
			return ErrEnded
		}
		j.Cancelled = true
		if q.free(j) {
			return q.fail(tx, j, "cancelled")
		}
		return put(tx, j)
	})
	return j, err
}

// Finish asks for the end of a job's training, with what it has found so far. Its owner learns of it by its lease, and whoever takes the
// job up later finds it written. To ask again, or when the training has just ended, changes nothing.
func (q *Queue) Finish(ctx context.Context, id string) (j *Job, err error) {
	err = q.write(ctx, func(tx store.Tx) error {
		if j, err = get(tx, id); err != nil {
			return err
		}
		switch {
		case j.State.Ended():
			return ErrEnded
		case j.State == Submitted:
			return ErrEarly
		case j.State != Training || j.Finish || j.Cancelled:
			return nil
		}
		j.Finish = true
		data, _ := json.Marshal(map[string]any{"at": q.opt.Now().UTC()})
		return errors.Join(addEvents(tx, j, Event{Type: "finish", Data: data}), put(tx, j))
	})
	return j, err
}

// fail ends a job that did not succeed.
func (q *Queue) fail(tx store.Tx, j *Job, why string) error {
	if err := j.enter(Failed, q.opt.Now()); err != nil {
		return err
	}
	j.Error, j.Owner, j.Until = why, "", time.Time{}
	return errors.Join(addEvents(tx, j, stateEvent(j)), put(tx, j))
}

// free reports whether nobody works on the job.
func (q *Queue) free(j *Job) bool {
	return j.Owner == "" || q.opt.Alone && j.Owner != q.opt.Owner || q.opt.Now().After(j.Until)
}

// Delete forgets a job that has ended.
func (q *Queue) Delete(ctx context.Context, id string) error {
	return q.write(ctx, func(tx store.Tx) error {
		j, err := get(tx, id)
		if err != nil {
			return err
		}
		if !j.State.Ended() {
			return ErrRunning
		}
		if j.Key != "" {
			if err := tx.Put(submissionKey(j.Key), nil); err != nil {
				return err
			}
		}
		for n := 1; n <= j.Events; n++ {
			if err := tx.Put(eventKey(id, n), nil); err != nil {
				return err
			}
		}
		return errors.Join(tx.Put(jobKey(id), nil), tx.Put(liveKey(id), nil))
	})
}

// Events returns the events of a job after number n, and the job as it was then.
func (q *Queue) Events(ctx context.Context, id string, n int) (events []Event, j *Job, err error) {
	err = q.store.Read(ctx, func(tx store.Tx) error {
		events = nil
		if j, err = get(tx, id); err != nil || j.Events <= n {
			return err
		}
		var bad error
		err := tx.Scan("event/"+id+"/", func(key string, data []byte) bool {
			if key <= eventKey(id, n) {
				return true
			}
			var e Event
			bad = json.Unmarshal(data, &e)
			events = append(events, e)
			return bad == nil
		})
		return errors.Join(err, bad)
	})
	return events, j, err
}

// stateEvent tells of the state that the job has just entered.
func stateEvent(j *Job) Event {
	data, _ := json.Marshal(map[string]any{"state": j.State, "at": j.Changes[len(j.Changes)-1].At, "error": j.Error, "cancelled": j.Cancelled})
	return Event{Type: "state", Data: data}
}

// maxEvents bounds what is kept of one job.
const maxEvents = 5000

// addEvents numbers events and writes them; j must be put afterwards. Beyond a bound only changes of state are kept.
func addEvents(tx store.Tx, j *Job, events ...Event) error {
	for _, e := range events {
		if j.Events >= maxEvents && e.Type != "state" {
			continue
		}
		j.Events++
		e.Number = j.Events
		data, err := json.Marshal(e)
		if err != nil {
			return err
		}
		if err := tx.Put(eventKey(j.ID, e.Number), data); err != nil {
			return err
		}
	}
	return nil
}

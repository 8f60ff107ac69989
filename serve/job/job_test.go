package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lren-chuv/automl/serve/store"
)

func bolt(t *testing.T) store.Store {
	t.Helper()
	s, err := store.OpenBolt(filepath.Join(t.TempDir(), "jobs.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// clock is a time that tests move.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time { return time.Unix(1_800_000_000, c.at.Load()) }

func (c *clock) pass(d time.Duration) { c.at.Add(int64(d)) }

var spec = json.RawMessage(`{"what":"ever"}`)

func TestIDsAreInOrder(t *testing.T) {
	var g ids
	var made []string
	for range 5000 {
		made = append(made, g.make(time.Now()))
	}
	if !slices.IsSorted(made) || len(slices.Compact(made)) != 5000 || len(made[0]) != 36 || made[0][14] != '7' {
		t.Errorf("such as %s", made[0])
	}
}

// Every way that is not in the table is refused.
func TestStates(t *testing.T) {
	all := []State{Submitted, Training, Waiting, Testing, Formatting, Done, Failed}
	for i, from := range all {
		for k, to := range all {
			j := &Job{State: from}
			err := j.enter(to, time.Now())
			want := i < 5 && (k == i+1 || to == Failed)
			if (err == nil) != want {
				t.Errorf("%s to %s: %v", from, to, err)
			}
		}
	}
}

func TestLeases(t *testing.T) {
	ctx, s, c := context.Background(), bolt(t), &clock{}
	options := func(owner string) Options {
		return Options{Owner: owner, Lease: 10 * time.Second, Now: c.now, Retries: 3}
	}
	a, b := NewQueue(s, options("a")), NewQueue(s, options("b"))
	j, _, err := a.Submit(ctx, spec, "")
	if err != nil {
		t.Fatal(err)
	}
	l, err := a.Claim(ctx)
	if err != nil || l.Job.ID != j.ID || l.Job.Claims != 1 {
		t.Fatalf("%v %v", l, err)
	}
	if other, err := b.Claim(ctx); other != nil || err != nil {
		t.Fatalf("claimed twice: %v", err)
	}
	c.pass(8 * time.Second)
	if err := l.Renew(ctx); err != nil {
		t.Fatal(err)
	}
	c.pass(8 * time.Second)
	if other, _ := b.Claim(ctx); other != nil {
		t.Fatal("claimed though renewed")
	}
	if err := l.Enter(ctx, Training, nil); err != nil {
		t.Fatal(err)
	}
	c.pass(11 * time.Second)
	second, err := b.Claim(ctx)
	if err != nil || second == nil || second.Job.State != Training || second.Job.Claims != 2 {
		t.Fatalf("%+v %v", second, err)
	}
	// The first owner is refused everything, even if it is the same process again.
	for what, err := range map[string]error{"renew": l.Renew(ctx), "enter": l.Enter(ctx, Waiting, nil), "tell": l.Tell(ctx, 1, Event{Type: "x"}), "fail": l.Fail(ctx, "x"), "release": l.Release(ctx)} {
		if !errors.Is(err, ErrLost) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := second.Release(ctx); err != nil {
		t.Fatal(err)
	}
	third, err := a.Claim(ctx)
	if err != nil || third == nil {
		t.Fatal(err)
	}
	if err := second.Enter(ctx, Waiting, nil); !errors.Is(err, ErrLost) {
		t.Errorf("after the release: %v", err)
	}
	for _, state := range []State{Waiting, Testing, Formatting} {
		if err := third.Enter(ctx, state, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := third.Enter(ctx, Done, json.RawMessage(`[1]`)); err != nil {
		t.Fatal(err)
	}
	if err := third.Enter(ctx, Done, nil); err == nil {
		t.Error("done twice")
	}
	if got, err := a.Get(ctx, j.ID); err != nil || got.State != Done || string(got.Result) != "[1]" || len(got.Changes) != 6 || got.Owner != "" {
		t.Errorf("%+v %v", got, err)
	}
	if l, _ := b.Claim(ctx); l != nil {
		t.Error("what is done is claimed")
	}
}

// The wish for an early end is there for whoever works on the job, or takes it up, and for no state but the training.
func TestFinish(t *testing.T) {
	ctx, s, c := context.Background(), bolt(t), &clock{}
	q := NewQueue(s, Options{Lease: 10 * time.Second, Now: c.now})
	j, _, err := q.Submit(ctx, spec, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.Finish(ctx, j.ID); !errors.Is(err, ErrEarly) {
		t.Errorf("submitted: %v", err)
	}
	l, err := q.Claim(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Enter(ctx, Training, nil); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if j, err := q.Finish(ctx, j.ID); err != nil || !j.Finish {
			t.Errorf("%+v %v", j, err)
		}
	}
	if err := l.Renew(ctx); err != nil || !l.Job.Finish {
		t.Errorf("the owner does not learn of it: %v", err)
	}
	c.pass(time.Minute)
	other, err := NewQueue(s, Options{Owner: "other", Now: c.now}).Claim(ctx)
	if err != nil || !other.Job.Finish {
		t.Fatalf("%+v %v", other, err)
	}
	for _, state := range []State{Waiting, Testing, Formatting} {
		if err := other.Enter(ctx, state, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := q.Finish(ctx, j.ID); err != nil {
			t.Errorf("%s: %v", state, err)
		}
	}
	if err := other.Enter(ctx, Done, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := q.Finish(ctx, j.ID); !errors.Is(err, ErrEnded) {
		t.Errorf("done: %v", err)
	}
	events, _, err := q.Events(ctx, j.ID, 0)
	if err != nil || len(events) != 7 || events[2].Type != "finish" {
		t.Errorf("%v %v", events, err)
	}
}

// A job that ends its process again and again fails at last; states that were passed count anew.
func TestJobsThatKill(t *testing.T) {
	ctx, s := context.Background(), bolt(t)
	if _, _, err := NewQueue(s, Options{}).Submit(ctx, spec, ""); err != nil {
		t.Fatal(err)
	}
	for i := range 3 { // every queue is that of a new process, alone
		l, err := NewQueue(s, Options{Alone: true, Retries: 3}).Claim(ctx)
		if err != nil || l == nil {
			t.Fatalf("%d: %v", i, err)
		}
	}
	q := NewQueue(s, Options{Alone: true, Retries: 3})
	if l, err := q.Claim(ctx); l != nil || err != nil {
		t.Errorf("%v %v", l, err)
	}
	if jobs, _, _ := q.List(ctx, "", 9); len(jobs) != 1 || jobs[0].State != Failed || jobs[0].Error == "" {
		t.Errorf("%+v", jobs[0])
	}
}

func TestSubmissions(t *testing.T) {
	ctx := context.Background()
	q := NewQueue(bolt(t), Options{Most: 3})
	first, earlier, err := q.Submit(ctx, spec, "k")
	if err != nil || earlier {
		t.Fatal(err)
	}
	if again, earlier, err := q.Submit(ctx, spec, "k"); err != nil || !earlier || again.ID != first.ID {
		t.Errorf("%v %v", again, err)
	}
	if _, _, err := q.Submit(ctx, json.RawMessage(`{}`), "k"); !errors.Is(err, ErrOtherKey) {
		t.Errorf("%v", err)
	}
	for range 2 {
		if _, _, err := q.Submit(ctx, spec, ""); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := q.Submit(ctx, spec, ""); !errors.Is(err, ErrFull) {
		t.Errorf("%v", err)
	}
	jobs, more, err := q.List(ctx, "", 2)
	if err != nil || !more || len(jobs) != 2 || jobs[0].ID < jobs[1].ID {
		t.Errorf("%v %v", jobs, err)
	}
	older, more, err := q.List(ctx, jobs[1].ID, 2)
	if err != nil || more || len(older) != 1 || older[0].ID != first.ID {
		t.Errorf("%v %v %v", older, more, err)
	}
	if err := q.Delete(ctx, first.ID); !errors.Is(err, ErrRunning) {
		t.Errorf("%v", err)
	}
	if j, err := q.Cancel(ctx, first.ID); err != nil || j.State != Failed || !j.Cancelled {
		t.Errorf("%v %v", j, err)
	}
	if err := q.Delete(ctx, first.ID); err != nil {
		t.Error(err)
	}
	if _, _, err := q.Events(ctx, first.ID, 0); !errors.Is(err, ErrUnknown) {
		t.Errorf("%v", err)
	}
	if j, earlier, err := q.Submit(ctx, spec, "k"); err != nil || earlier || j.ID == first.ID {
		t.Errorf("the key of a deleted job: %v %v", j, err)
	}
}

// Processes that are killed at any moment, several at a time, on a time that passes quickly: every job is done once, every state is
// passed once, and no two hold the same job.
func TestKillsAtAnyMoment(t *testing.T) {
	ctx, s, c := context.Background(), bolt(t), &clock{}
	const jobs = 30
	front := NewQueue(s, Options{Now: c.now})
	for range jobs {
		if _, _, err := front.Submit(ctx, spec, ""); err != nil {
			t.Fatal(err)
		}
	}
	var mu sync.Mutex
	passed := map[string]int{}
	process := func(seed uint64) { // claims and works until it is killed
		rng := rand.New(rand.NewPCG(seed, 1))
		q := NewQueue(s, Options{Now: c.now, Lease: time.Second, Retries: 1000})
		for steps := 1 + rng.IntN(8); steps > 0; {
			l, err := q.Claim(ctx)
			if err != nil {
				t.Error(err)
			}
			if l == nil {
				c.pass(300 * time.Millisecond)
				steps--
				continue
			}
			for ; steps > 0 && !l.Job.State.Ended(); steps-- {
				c.pass(time.Duration(rng.IntN(300)) * time.Millisecond)
				to := next[l.Job.State][0]
				if err := l.Enter(ctx, to, nil); errors.Is(err, ErrLost) {
					break
				} else if err != nil {
					t.Error(err)
				}
				mu.Lock()
				passed[fmt.Sprintf("%s %s", l.Job.ID, to)]++
				mu.Unlock()
			}
		}
	}
	for round := range uint64(200) {
		var wg sync.WaitGroup
		for p := range uint64(3) {
			wg.Go(func() { process(round*3 + p) })
		}
		wg.Wait()
		if n, _ := front.Counts(ctx); len(n) == 0 {
			break
		}
	}
	all, _, err := front.List(ctx, "", 1000)
	if err != nil || len(all) != jobs {
		t.Fatalf("%d jobs, %v", len(all), err)
	}
	for _, j := range all {
		if j.State != Done || len(j.Changes) != 6 {
			t.Errorf("%s: %s, %d changes", j.ID, j.State, len(j.Changes))
		}
		events, _, err := front.Events(ctx, j.ID, 0)
		if err != nil || len(events) != 6 {
			t.Errorf("%s: %d events, %v", j.ID, len(events), err)
		}
	}
	for what, n := range passed {
		if n != 1 {
			t.Errorf("%s: %d times", what, n)
		}
	}
	if len(passed) != 5*jobs {
		t.Errorf("%d states were passed", len(passed))
	}
}

func TestRunner(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	q := NewQueue(bolt(t), Options{Lease: 2 * time.Second})
	var running, most atomic.Int32
	do := func(ctx context.Context, h *Holder) error {
		n := running.Add(1)
		defer running.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		var what struct{ What string }
		if err := json.Unmarshal(h.Job().Spec, &what); err != nil {
			return err
		}
		switch what.What {
		case "panics":
			panic("at the disco")
		case "fails":
			return errors.New("no luck")
		case "forever":
			<-ctx.Done()
			return context.Cause(ctx)
		}
		for !h.Job().State.Ended() {
			if err := h.With(func(l *Lease) error { return l.Enter(ctx, next[l.Job.State][0], nil) }); err != nil {
				return err
			}
		}
		return nil
	}
	ids := map[string]string{}
	for _, what := range []string{"works", "panics", "fails", "forever", "waits"} {
		if what == "waits" {
			what = "forever"
		}
		j, _, err := q.Submit(ctx, json.RawMessage(`{"what":"`+what+`"}`), "")
		if err != nil {
			t.Fatal(err)
		}
		ids[what] += j.ID
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		(&Runner{Queue: q, Slots: 2, Log: slog.New(slog.DiscardHandler), Do: do, Poll: 20 * time.Millisecond}).Run(ctx)
	})
	until := func(id string, want func(*Job) bool) {
		t.Helper()
		for range 500 {
			j, err := q.Get(ctx, id)
			if err == nil && want(j) {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		j, _ := q.Get(ctx, id)
		t.Fatalf("%+v", j)
	}
	until(ids["works"], func(j *Job) bool { return j.State == Done })
	until(ids["panics"], func(j *Job) bool { return j.State == Failed && j.Error == "internal error" })
	until(ids["fails"], func(j *Job) bool { return j.State == Failed && j.Error == "no luck" })
	one, two := ids["forever"][:36], ids["forever"][36:]
	until(one, func(j *Job) bool { return j.Owner != "" })
	if _, err := q.Cancel(ctx, one); err != nil {
		t.Fatal(err)
	}
	until(one, func(j *Job) bool { return j.State == Failed && j.Cancelled })
	until(two, func(j *Job) bool { return j.Owner != "" })
	time.Sleep(2500 * time.Millisecond) // longer than the lease: it is renewed
	stop()
	wg.Wait()
	if j, err := q.Get(context.Background(), two); err != nil || j.State.Ended() || j.Owner != "" {
		t.Errorf("not given back: %+v %v", j, err)
	}
	if most.Load() > 2 {
		t.Errorf("%d at a time", most.Load())
	}
}

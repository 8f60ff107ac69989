package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/pipeline"
)

// Worker evaluates trees for searches of the same program. The zero value of an optional field works.
type Worker struct {
	Access   Access
	Identity Identity
	Slots    int           // trees evaluated at once, default 1
	Memory   int64         // bytes for cached prefixes of pipelines, shared by the problems at hand; default 256 MiB
	Grace    time.Duration // that evaluations under way may still take once ctx is done; they go back to the queue after it
	Idle     time.Duration // without a task or a server, after which Run returns; 0 is never
	Once     bool          // Run returns when the search that was served has ended
	Log      *slog.Logger  // default none

	Stats Stats // what was done so far; read by anyone

	link       *link
	name       string
	room       chan struct{} // one token per result on its way
	delivering sync.WaitGroup
	seen       watch
	library    library
	// evaluate is replaced in tests of the machinery.
	evaluate func(ctx context.Context, run *problem, t pipeline.Tree, bar []float64) (pipeline.Result, error)
}

// ErrRefused is returned when all searches that there are run another program.
var ErrRefused = errors.New("this worker runs another program than the search")

// most is how often a task may have been given to workers that fell silent before it is blamed for it.
const most = 25

// Run works until ctx is done, or until there is nothing left to do if Idle or Once is set.
func (w *Worker) Run(ctx context.Context) error {
	w.setDefaults()
	var err error
	dial, cancelDial := ctx, context.CancelFunc(func() {})
	if p := w.patience(); p > 0 {
		dial, cancelDial = context.WithTimeout(ctx, p)
	}
	w.link, err = w.Access.dial(dial, "automl worker", func(text string) { w.Log.Warn(text) })
	if cancelDial(); err != nil {
		return err
	}
	defer w.link.nc.Close()
	w.Stats.Connected.Store(true)
	w.link.nc.SetDisconnectErrHandler(func(*nats.Conn, error) { w.Stats.Connected.Store(false) })
	w.link.nc.SetReconnectHandler(func(*nats.Conn) { w.Stats.Connected.Store(true) })
	work, leave := context.WithCancelCause(ctx) // no new task once it is done
	w.link.nc.SetClosedHandler(func(nc *nats.Conn) { leave(errors.Join(errShut, nc.LastError())) })
	defer leave(nil)
	w.seen.start(w, leave)
	if _, err := w.link.nc.Subscribe(searchSubject, w.seen.hear); err != nil {
		return err
	}
	w.library = library{worker: w}
	w.Log.Info("ready", "worker", w.name, "slots", w.Slots, "program", w.Identity.String(), "nats", Redact(w.Access.URL))
	evaluations, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	done := w.slots(work, evaluations)
	go w.seen.run(work)
	<-work.Done()
	w.seen.hello(true)
	w.finish(done, cancel)
	_ = w.link.nc.FlushTimeout(time.Second)
	w.Log.Info("done", "worker", w.name, "evaluated", w.Stats.Evaluated.Load(), "cause", context.Cause(work).Error())
	if err := context.Cause(work); errors.Is(err, ErrRefused) || errors.Is(err, errShut) {
		return err
	}
	return nil
}

// onceSearched is how long a worker for a single search looks for its server: a search that is over has taken it along.
const onceSearched = 5 * time.Minute

// patience is how long to try to reach the server, 0 for ever.
func (w *Worker) patience() time.Duration {
	if w.Idle == 0 && w.Once {
		return onceSearched
	}
	return w.Idle
}

func (w *Worker) setDefaults() {
	w.name = newName()
	w.Slots = max(1, w.Slots)
	w.room = make(chan struct{}, 2*w.Slots)
	if w.Memory == 0 {
		w.Memory = 256 << 20
	}
	if w.Log == nil {
		w.Log = slog.New(slog.DiscardHandler)
	}
	if w.evaluate == nil {
		w.evaluate = func(ctx context.Context, p *problem, t pipeline.Tree, bar []float64) (pipeline.Result, error) {
			return p.cv.Evaluate(ctx, t, bar)
		}
	}
}

// slots starts the goroutines that fetch and evaluate.
func (w *Worker) slots(work, evaluations context.Context) (done chan struct{}) {
	var running sync.WaitGroup
	for range w.Slots {
		running.Add(1)
		go func() {
			defer running.Done()
			w.slot(work, evaluations)
		}()
	}
	done = make(chan struct{})
	go func() {
		running.Wait()
		w.delivering.Wait()
		close(done)
	}()
	return done
}

// finish gives evaluations under way their time and then stops them.
func (w *Worker) finish(done <-chan struct{}, cancel func()) {
	late := time.NewTimer(w.Grace)
	defer late.Stop()
	select {
	case <-done:
		return
	case <-late.C:
		cancel()
	}
	select {
	case <-done:
	case <-time.After(poll + time.Second): // an operator that does not look at its context is left behind
	}
}

// slot evaluates one task after the other.
func (w *Worker) slot(work, evaluations context.Context) {
	for work.Err() == nil {
		c, err := w.link.consumer(work, tasksStream, jetstream.ConsumerConfig{Durable: "workers-" + w.Identity.kind(),
			FilterSubject: "automl.task." + w.Identity.kind() + ".>", AckPolicy: jetstream.AckExplicitPolicy, AckWait: ackWait, MaxDeliver: -1,
			MaxAckPending: -1, InactiveThreshold: keptFor, MaxWaiting: 10000})
		if err != nil {
			if errors.Is(err, jetstream.ErrStreamNotFound) {
				_ = w.link.ensure(work)
			}
			pause(work)
			continue
		}
		for work.Err() == nil {
			// Not with work: a task that comes while the worker leaves is to be handed back at once.
			if err := fetch(evaluations, c, 1, func(m jetstream.Msg) { w.task(work, evaluations, m) }); err != nil {
				pause(work)
				break
			}
		}
	}
}

// task evaluates the trees of a message.
func (w *Worker) task(work, evaluations context.Context, msg jetstream.Msg) {
	if work.Err() != nil {
		_ = msg.Nak()
		return
	}
	var m taskMessage
	if err := wire.Unmarshal(msg.Data(), &m); err != nil {
		w.Log.Error("a task cannot be read", "error", err.Error())
		_ = msg.Term()
		return
	}
	if !w.seen.wanted(m.Run) {
		w.Log.Info("a task of a search that is gone", "run", m.Run)
		_ = msg.Term()
		return
	}
	ctx, stop := w.seen.begin(evaluations, m.Run)
	answer, err := w.answer(ctx, msg, &m)
	if err == nil { // the next task need not wait until this one is stored, but only so many may be on their way
		w.room <- struct{}{}
		w.delivering.Add(1)
		go func() {
			defer func() {
				stop()
				<-w.room
				w.delivering.Done()
			}()
			w.deliver(ctx, msg, &m, answer)
		}()
		return
	}
	defer stop()
	switch {
	case errors.Is(context.Cause(ctx), errOver):
		_ = msg.Term() // nobody wants to know
	case evaluations.Err() == nil:
		w.Log.Warn("a task goes back to the queue", "run", m.Run, "error", err.Error())
		_ = msg.NakWithDelay(time.Second)
	default:
		_ = msg.Nak()
	}
}

// answer evaluates while it tells the server that somebody is at work.
func (w *Worker) answer(ctx context.Context, msg jetstream.Msg, m *taskMessage) (*resultMessage, error) {
	quiet := make(chan struct{})
	defer close(quiet)
	go func() {
		tick := time.NewTicker(ackWait / 3)
		defer tick.Stop()
		for {
			select {
			case <-quiet:
				return
			case <-tick.C:
				_ = msg.InProgress()
			}
		}
	}()
	w.Stats.Busy.Add(1)
	defer w.Stats.Busy.Add(-1)
	answer := &resultMessage{Worker: w.name}
	p, err := w.library.problem(ctx, m.Problem)
	if errors.Is(err, errStrange) {
		return answer.hopeless(m, err), nil
	}
	if err != nil {
		return nil, err
	}
	delivered := uint64(1)
	if meta, err := msg.Metadata(); err == nil {
		delivered = meta.NumDelivered
	}
	for i := range m.Trees {
		d, err := w.tree(ctx, p, &m.Trees[i], delivered)
		if errors.Is(err, errStrange) {
			return answer.hopeless(m, err), nil
		}
		if err != nil {
			return nil, err
		}
		answer.Results = append(answer.Results, d)
	}
	return answer, nil
}

// tree evaluates one tree. A task that took so many workers with it that it must be to blame is a failure of its tree.
func (w *Worker) tree(ctx context.Context, p *problem, d *treeData, delivered uint64) (resultData, error) {
	t, err := d.tree(p.specs)
	if err != nil {
		return resultData{}, err
	}
	k := d.key()
	if delivered > most {
		w.Stats.Failed.Add(1)
		return encodeResult(k[:], &pipeline.Result{Score: nan, Err: fmt.Sprintf("%d workers fell silent while they evaluated it", delivered-1)}), nil
	}
	r, err := w.evaluate(ctx, p, t, d.Bar)
	if err != nil {
		return resultData{}, err
	}
	w.Stats.count(&r)
	return encodeResult(k[:], &r), nil
}

// deliver stores the results and acknowledges the task, in that order.
func (w *Worker) deliver(ctx context.Context, msg jetstream.Msg, m *taskMessage, answer *resultMessage) {
	if err := w.lighten(ctx, m.Run, answer); err != nil {
		_ = msg.Nak()
		return
	}
	id := msg.Headers().Get(jetstream.MsgIDHeader)
	if _, err := w.link.publish(ctx, "automl.result."+m.Run, "r."+id, answer); errors.Is(context.Cause(ctx), errOver) {
		_ = msg.Term()
		return
	} else if err != nil {
		w.Log.Warn("a result cannot be sent", "run", m.Run, "error", err.Error())
		_ = msg.Nak()
		return
	}
	_ = msg.Ack()
}

// lighten moves predictions that are too large for a message to the object store.
func (w *Worker) lighten(ctx context.Context, run string, answer *resultMessage) error {
	limit := int(w.link.nc.MaxPayload())/2/max(1, len(answer.Results)) - 1024
	for i := range answer.Results {
		d := &answer.Results[i]
		if len(d.OOF) <= limit {
			continue
		}
		data, err := pack(d)
		if err != nil {
			return err
		}
		name := fmt.Sprintf("%s.%x", run, d.Key)
		if _, err := w.link.data.PutBytes(ctx, name, data); err != nil {
			return err
		}
		*d = resultData{Key: d.Key, Large: name}
	}
	return nil
}

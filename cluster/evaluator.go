package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/pipeline"
)

// evaluator evaluates the trees of one run elsewhere.
type evaluator struct {
	search  *Search
	link    *link
	run     string
	problem string // object that describes it
	tasks   string // subject
	results string // subject
	specs   []*operators.Spec
	upload  func(context.Context) error
	ended   context.Context
	queue   chan *pending

	mu      sync.Mutex
	waiting map[key]*pending
	mean    time.Duration // that a tree takes, the last ones counting most
	batches int           // so far
	failed  error
	broken  chan struct{} // closed once failed is set
}

// key identifies what is asked for: the tree and how soon it may be given up.
type key [16]byte

// pending is a tree whose result is being waited for.
type pending struct {
	key    key
	tree   treeData
	done   chan struct{} // closed once result is set
	result pipeline.Result
	users  int
	batch  *batch
}

// batch is a message under way.
type batch struct {
	trees   []*pending
	id      string
	seq     uint64 // in the stream, 0 until it is stored
	stored  time.Time
	missing bool // when last looked for
}

const queued = 1024 // trees that wait to be published, before those who bring more wait themselves

func newEvaluator(s *Search, run string, specs []*operators.Spec) *evaluator {
	return &evaluator{search: s, link: s.link, run: run, problem: run, tasks: "automl.task." + s.id.kind() + "." + run, results: "automl.result." + run,
		specs: specs, queue: make(chan *pending, queued), waiting: map[key]*pending{}, broken: make(chan struct{})}
}

// start stores the problem and runs what publishes, collects and looks after the run until ctx is done.
func (e *evaluator) start(ctx context.Context) error {
	if err := e.insist(ctx, e.upload); err != nil {
		return err
	}
	ended, end := context.WithCancel(ctx)
	e.ended = ended
	var working sync.WaitGroup
	for _, work := range []func(context.Context){e.dispatch, e.collect, e.audit} {
		working.Add(1)
		go func() {
			defer working.Done()
			work(ended)
		}()
	}
	e.search.cleaning.Add(1)
	go func() {
		defer e.search.cleaning.Done()
		defer end()
		<-ended.Done()
		working.Wait()
		e.clean()
	}()
	return nil
}

// insist calls f until it succeeds, the connection being there or not.
func (e *evaluator) insist(ctx context.Context, f func(context.Context) error) error {
	for {
		one, cancel := context.WithTimeout(ctx, 5*time.Minute)
		err := f(one)
		cancel()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, nats.ErrMaxPayload) || errors.Is(err, nats.ErrPermissionViolation):
			return err
		case e.link.nc.IsClosed():
			return errors.Join(errShut, e.link.nc.LastError())
		}
		if errors.Is(err, jetstream.ErrStreamNotFound) || errors.Is(err, jetstream.ErrNoStreamResponse) {
			_ = e.link.ensure(ctx)
		}
		pause(ctx)
	}
}

// Evaluate returns what the local evaluator would. The error is ctx's, or that of a task nobody can evaluate.
func (e *evaluator) Evaluate(ctx context.Context, t pipeline.Tree, bar []float64) (pipeline.Result, error) {
	tree, err := encodeTree(t, e.specs)
	if err != nil {
		return pipeline.Result{}, fmt.Errorf("%w: %s", err, t)
	}
	tree.Bar = bar
	p, err := e.enter(ctx, tree.key(), tree)
	if err != nil {
		return pipeline.Result{}, err
	}
	select {
	case <-p.done:
		return p.result, nil
	case <-ctx.Done():
		e.leave(p)
		return pipeline.Result{}, ctx.Err()
	case <-e.ended.Done():
		return pipeline.Result{}, e.ended.Err()
	case <-e.broken:
		return pipeline.Result{}, e.failed
	}
}

// enter queues a tree, or joins those who wait for the same.
func (e *evaluator) enter(ctx context.Context, k key, tree treeData) (*pending, error) {
	e.mu.Lock()
	if p := e.waiting[k]; p != nil {
		p.users++
		e.mu.Unlock()
		return p, nil
	}
	p := &pending{key: k, tree: tree, done: make(chan struct{}), users: 1}
	e.waiting[k] = p
	e.mu.Unlock()
	select {
	case e.queue <- p:
		return p, nil
	case <-ctx.Done():
		e.leave(p)
		return nil, ctx.Err()
	}
}

func (e *evaluator) leave(p *pending) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if p.users--; p.users == 0 && e.waiting[p.key] == p {
		delete(e.waiting, p.key)
	}
}

const (
	shortTask    = 20 * time.Millisecond // tasks below it go in batches that take about as long
	largestBatch = 32
	publishers   = 256 // messages on their way to the server at once: a busy one takes its time to answer
)

// dispatch publishes what is queued.
func (e *evaluator) dispatch(ctx context.Context) {
	busy := make(chan struct{}, publishers)
	for {
		b := e.gather(ctx)
		if b == nil {
			return
		}
		busy <- struct{}{}
		go func() {
			defer func() { <-busy }()
			e.send(ctx, b)
		}()
	}
}

// gather makes a batch of what is queued. Short tasks are waited for a moment.
func (e *evaluator) gather(ctx context.Context) *batch {
	b := &batch{}
	var late <-chan time.Time
	for n := 1; len(b.trees) < n; n = e.size() {
		select {
		case p := <-e.queue:
			b.trees = append(b.trees, p)
			if late == nil {
				late = time.After(2 * time.Millisecond)
			}
		case <-late:
			return b
		case <-ctx.Done():
			return nil
		}
	}
	return b
}

// size is how many trees the next batch should have: so many that they take a worker a while, but not so many that some
// workers have nothing to do.
func (e *evaluator) size() int {
	e.mu.Lock()
	mean, waiting := e.mean, len(e.waiting)
	e.mu.Unlock()
	if mean == 0 || mean >= shortTask {
		return 1
	}
	fair := waiting / (2 * max(1, e.search.Slots()))
	return max(1, min(largestBatch, int(shortTask/max(mean, time.Microsecond)), fair))
}

func (e *evaluator) send(ctx context.Context, b *batch) {
	m := taskMessage{Run: e.run, Problem: e.problem}
	e.mu.Lock()
	e.batches++
	b.id = fmt.Sprintf("%s.%d", e.run, e.batches)
	for _, p := range b.trees {
		m.Trees = append(m.Trees, p.tree)
	}
	e.mu.Unlock()
	seq, err := e.link.publish(ctx, e.tasks, b.id, &m)
	if err != nil {
		if ctx.Err() == nil {
			e.fail(fmt.Errorf("cluster: a task cannot be sent: %w", err))
		}
		return
	}
	e.mu.Lock()
	b.seq, b.stored = seq, time.Now()
	for _, p := range b.trees {
		p.batch = b
	}
	e.mu.Unlock()
}

// fail ends the search.
func (e *evaluator) fail(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.failed == nil {
		e.failed = err
		close(e.broken)
	}
}

// collect takes results from the stream until ctx is done.
func (e *evaluator) collect(ctx context.Context) {
	for ctx.Err() == nil {
		if e.link.nc.IsClosed() {
			e.fail(errors.Join(errShut, e.link.nc.LastError()))
			return
		}
		c, err := e.link.consumer(ctx, resultsStream, jetstream.ConsumerConfig{Durable: e.run, FilterSubject: e.results,
			AckPolicy: jetstream.AckExplicitPolicy, AckWait: 30 * time.Second, MaxAckPending: 10000, InactiveThreshold: keptFor})
		if err != nil {
			if errors.Is(err, jetstream.ErrStreamNotFound) {
				_ = e.link.ensure(ctx)
			}
			pause(ctx)
			continue
		}
		for ctx.Err() == nil {
			if err := fetch(ctx, c, 1024, func(m jetstream.Msg) { e.take(ctx, m) }); err != nil {
				pause(ctx)
				break // perhaps the consumer went with its server
			}
		}
	}
}

// take hands the results of a message to those who wait for them.
func (e *evaluator) take(ctx context.Context, msg jetstream.Msg) {
	var m resultMessage
	err := wire.Unmarshal(msg.Data(), &m)
	for i := range m.Results {
		if err == nil {
			err = e.accept(ctx, &m.Results[i])
		}
	}
	if err != nil { // damaged; the audit will find that the task is gone and send it again
		e.search.say("a result of worker " + m.Worker + " cannot be read: " + err.Error())
	}
	_ = msg.Ack()
}

func (e *evaluator) accept(ctx context.Context, d *resultData) error {
	if len(d.Key) != len(key{}) {
		return errors.New("it belongs to no tree")
	}
	e.mu.Lock()
	p := e.waiting[key(d.Key)]
	e.mu.Unlock()
	if p == nil {
		return nil // known already, or nobody wants to know any more
	}
	if d.Fatal != "" {
		e.fail(errors.New(d.Fatal))
		return nil
	}
	if d.Large != "" {
		data, err := e.link.data.GetBytes(ctx, d.Large)
		if err != nil {
			return err
		}
		_ = e.link.data.Delete(ctx, d.Large)
		if err := unpack(data, d); err != nil {
			return err
		}
	}
	r, err := d.result()
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.waiting[p.key] == p {
		delete(e.waiting, p.key)
		p.result = r
		close(p.done)
		if e.mean += (r.Took - e.mean) / 16; e.mean == 0 {
			e.mean = r.Took
		}
	}
	return nil
}

const auditEvery = 5 * time.Second

// audit looks for tasks that are neither in the stream nor answered, which happens when a server was replaced or lost
// part of its store, and sends them again.
func (e *evaluator) audit(ctx context.Context) {
	tick := time.NewTicker(auditEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, b := range e.overdue() {
			if !e.lost(ctx, b) {
				b.missing = false
				continue
			}
			if !b.missing { // its result may be on its way
				b.missing = true
				continue
			}
			if err := e.insist(ctx, e.upload); err != nil {
				return
			}
			again := &batch{}
			e.mu.Lock()
			for _, p := range b.trees {
				if e.waiting[p.key] == p {
					again.trees = append(again.trees, p)
				}
			}
			e.mu.Unlock()
			if len(again.trees) > 0 {
				e.send(ctx, again)
			}
		}
	}
}

// overdue lists the batches that were stored a while ago and have trees without results.
func (e *evaluator) overdue() []*batch {
	e.mu.Lock()
	defer e.mu.Unlock()
	seen := map[*batch]bool{}
	var out []*batch
	for _, p := range e.waiting {
		if b := p.batch; b != nil && !seen[b] && time.Since(b.stored) > auditEvery {
			seen[b] = true
			out = append(out, b)
		}
	}
	return out
}

// lost reports whether the stream certainly has the message no more.
func (e *evaluator) lost(ctx context.Context, b *batch) bool {
	one, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	stream, err := e.link.js.Stream(one, tasksStream)
	if err != nil {
		return errors.Is(err, jetstream.ErrStreamNotFound)
	}
	m, err := stream.GetMsg(one, b.seq)
	if err != nil {
		return errors.Is(err, jetstream.ErrMsgNotFound)
	}
	return m.Header.Get(jetstream.MsgIDHeader) != b.id
}

// clean removes what is left of the run.
func (e *evaluator) clean() {
	e.search.over(e.run)
	if !e.link.nc.IsConnected() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if s, err := e.link.js.Stream(ctx, tasksStream); err == nil {
		_ = s.Purge(ctx, jetstream.WithPurgeSubject(e.tasks))
	}
	_ = e.link.js.DeleteConsumer(ctx, resultsStream, e.run)
	if s, err := e.link.js.Stream(ctx, resultsStream); err == nil {
		_ = s.Purge(ctx, jetstream.WithPurgeSubject(e.results))
	}
}

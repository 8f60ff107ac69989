package cluster

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/pipeline"
)

// Search is a search's end of a cluster: it publishes what is to be evaluated and takes what comes back. Make one with
// Join, and Close it.
type Search struct {
	name  string // of this search, in the names of runs and objects
	id    Identity
	sets  []catalog.FeatureSet
	link  *link
	say   func(string)
	fixed int // slots, 0 for those that are there

	mu       sync.Mutex
	peers    map[string]*peer // workers by name
	runs     map[string]bool
	sent     map[string]bool // objects in the store
	served   int             // runs so far
	greeted  time.Time       // when workers were last told of this search
	cleaning sync.WaitGroup
	stop     context.CancelFunc
}

// SearchConfig says how a search takes part.
type SearchConfig struct {
	Access   Access
	Identity Identity
	Sets     []catalog.FeatureSet // that operators of the search know
	Slots    int                  // evaluations under way at once; 0 for as many as the workers have that are there
	Say      func(string)         // what a user should know; may be called by any goroutine
}

// peer is a worker or a search that somebody has heard of.
type peer struct {
	helloMessage
	heard time.Time
}

// helloMessage is what workers and searches say of themselves.
type helloMessage struct {
	Name     string
	Identity Identity
	Slots    int      // of a worker
	Runs     []string // of a search: those that are under way
	Leaving  bool
}

const (
	searchSubject = "automl.search"
	workerSubject = "automl.worker"
)

// Join connects a search to a cluster.
func Join(ctx context.Context, cfg SearchConfig) (*Search, error) {
	s := &Search{name: newName(), id: cfg.Identity, sets: cfg.Sets, say: cfg.Say, fixed: cfg.Slots,
		peers: map[string]*peer{}, runs: map[string]bool{}, sent: map[string]bool{}}
	if s.say == nil {
		s.say = func(string) {}
	}
	var err error
	if s.link, err = cfg.Access.dial(ctx, "automl search", s.say); err != nil {
		return nil, err
	}
	if _, err := s.link.nc.Subscribe(workerSubject, s.meet); err != nil {
		s.link.nc.Close()
		return nil, err
	}
	live, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	go s.greet(live)
	return s, nil
}

// newName is the machine's name and some random letters.
func newName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	b := []byte(host)
	for i, c := range b {
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-') {
			b[i] = '-'
		}
	}
	var r [6]byte
	_, _ = rand.Read(r[:])
	return string(b) + "-" + hex.EncodeToString(r[:])
}

// greet tells the workers that there is work, now and then.
func (s *Search) greet(ctx context.Context) {
	tick := time.NewTicker(hello)
	defer tick.Stop()
	for {
		s.announce()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *Search) announce() {
	m := helloMessage{Name: s.name, Identity: s.id}
	s.mu.Lock()
	for run := range s.runs {
		m.Runs = append(m.Runs, run)
	}
	s.greeted = time.Now()
	s.mu.Unlock()
	s.tell(m)
}

func (s *Search) tell(m helloMessage) {
	if data, err := wire.Marshal(&m); err == nil {
		_ = s.link.nc.Publish(searchSubject, data) // the next one comes soon
	}
}

// meet takes note of a worker.
func (s *Search) meet(msg *nats.Msg) {
	var m helloMessage
	if err := wire.Unmarshal(msg.Data, &m); err != nil {
		return
	}
	s.mu.Lock()
	known, due := s.peers[m.Name], time.Since(s.greeted) > hello/10 // a thousand that come at once are greeted together
	if m.Leaving {
		delete(s.peers, m.Name)
	} else {
		s.peers[m.Name] = &peer{m, time.Now()}
	}
	s.mu.Unlock()
	if known == nil && !m.Leaving {
		if m.Identity != s.id {
			s.say(fmt.Sprintf("worker %s is left out: it runs %v, this is %v; use the same program everywhere", m.Name, m.Identity, s.id))
		}
		if due {
			s.announce()
		}
	}
}

// Slots is how many evaluations can be under way at once.
func (s *Search) Slots() int {
	if s.fixed > 0 {
		return s.fixed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for name, p := range s.peers {
		switch {
		case time.Since(p.heard) > gone:
			delete(s.peers, name)
		case p.Identity == s.id:
			n += p.Slots
		}
	}
	return n
}

// Await waits for the first workers, and then a moment for those that come with them.
func (s *Search) Await(ctx context.Context) error {
	const moment = 300 * time.Millisecond
	for waited := time.Duration(0); s.fixed == 0 && s.Slots() == 0; waited += 50 * time.Millisecond {
		if waited == 3*time.Second {
			s.say("no worker is there yet; waiting for the first (automl worker --nats …)")
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no worker came: %w", context.Cause(ctx))
		case <-time.After(50 * time.Millisecond):
		}
	}
	if s.fixed == 0 {
		select {
		case <-ctx.Done():
		case <-time.After(moment):
		}
	}
	return nil
}

// Evaluator returns an evaluator that gives what cv would, until ctx is done. Sample is the one that cv's folds are made
// of, and specs are the operators of all its trees.
func (s *Search) Evaluator(ctx context.Context, cv *pipeline.CrossVal, sample dataset.Sample, specs []*operators.Spec) (gp.Evaluator, error) {
	d, err := describe(cv, sample, specs, s.sets)
	if err != nil {
		return nil, err
	}
	d.Data = s.name + "." + d.Data
	s.mu.Lock()
	s.served++
	run := fmt.Sprintf("%s-%d", s.name, s.served)
	s.runs[run] = true
	s.mu.Unlock()
	e := newEvaluator(s, run, specs)
	e.upload = func(ctx context.Context) error {
		if err := s.put(ctx, d.Data, func() ([]byte, error) { return encodeSample(sample) }); err != nil {
			return err
		}
		return s.put(ctx, e.problem, func() ([]byte, error) { return pack(&d) })
	}
	if err := e.start(ctx); err != nil {
		return nil, err
	}
	s.announce()
	return e, nil
}

// put stores an object if it is not there.
func (s *Search) put(ctx context.Context, name string, make func() ([]byte, error)) error {
	if _, err := s.link.data.GetInfo(ctx, name); err == nil {
		return nil
	}
	data, err := make()
	if err != nil {
		return err
	}
	if _, err = s.link.data.PutBytes(ctx, name, data); err != nil {
		return fmt.Errorf("cluster: %d bytes cannot be stored: %w", len(data), err)
	}
	s.mu.Lock()
	s.sent[name] = true
	s.mu.Unlock()
	return nil
}

// over forgets a run that has ended.
func (s *Search) over(run string) {
	s.mu.Lock()
	delete(s.runs, run)
	s.mu.Unlock()
	s.announce()
}

// Close says goodbye, removes what was stored for this search and disconnects; it takes no longer than a second if the
// server does not answer.
func (s *Search) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	s.stop()
	done := make(chan struct{})
	go func() {
		s.cleaning.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
	if s.link.nc.IsConnected() {
		s.mu.Lock()
		for name := range s.sent {
			_ = s.link.data.Delete(ctx, name) // what stays behind goes by itself in a week
		}
		s.mu.Unlock()
		s.tell(helloMessage{Name: s.name, Identity: s.id, Leaving: true})
		_ = s.link.nc.FlushWithContext(ctx)
	}
	s.link.nc.Close()
}

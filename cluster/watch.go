package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/lren-chuv/automl/internal/wire"
)

// watch is what a worker knows about the searches: which there are and which runs are over.
type watch struct {
	worker *Worker
	leave  context.CancelCauseFunc
	since  time.Time // of listening

	mu       sync.Mutex
	searches map[string]*peer
	runs     map[string]bool      // whether a run goes on
	strange  map[string]time.Time // when a task of a run came that nobody has told of
	active   map[string]map[*context.CancelCauseFunc]bool
	lastTask time.Time
	served   bool // a search of the same program
}

var (
	errOver     = errors.New("the run is over")
	errIdle     = errors.New("there was nothing to do")
	errFinished = errors.New("the search has ended")
)

const silence = time.Minute // after which a search that nobody hears of is taken for dead

func (s *watch) start(w *Worker, leave context.CancelCauseFunc) {
	s.worker, s.leave, s.since, s.lastTask = w, leave, time.Now(), time.Now()
	s.searches, s.runs, s.active = map[string]*peer{}, map[string]bool{}, map[string]map[*context.CancelCauseFunc]bool{}
	s.strange = map[string]time.Time{}
}

// run says hello, and looks at the clock, now and then.
func (s *watch) run(ctx context.Context) {
	tick := time.NewTicker(hello)
	defer tick.Stop()
	for {
		s.hello(false)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.consider()
		}
	}
}

func (s *watch) hello(leaving bool) {
	w := s.worker
	if data, err := wire.Marshal(&helloMessage{Name: w.name, Identity: w.Identity, Slots: w.Slots, Leaving: leaving}); err == nil {
		_ = w.link.nc.Publish(workerSubject, data)
	}
}

// hear takes note of what a search says of itself. The tasks of runs that it no longer names are given up.
func (s *watch) hear(msg *nats.Msg) {
	var m helloMessage
	if err := wire.Unmarshal(msg.Data, &m); err != nil {
		return
	}
	s.mu.Lock()
	old := s.searches[m.Name]
	if old != nil {
		for _, run := range old.Runs {
			s.end(run, m.Runs)
		}
	}
	for _, run := range m.Runs {
		s.runs[run] = true
		delete(s.strange, run)
	}
	s.searches[m.Name] = &peer{m, time.Now()}
	if m.Leaving {
		delete(s.searches, m.Name)
	}
	s.mu.Unlock()
	if old == nil && !m.Leaving {
		s.hello(false)
		s.welcome(m)
	}
	if m.Leaving {
		s.consider()
	}
}

// welcome looks at the program of a new search.
func (s *watch) welcome(m helloMessage) {
	w := s.worker
	if m.Identity == w.Identity {
		s.mu.Lock()
		s.served = true
		s.mu.Unlock()
		w.Log.Info("serving", "search", m.Name)
		return
	}
	text := fmt.Sprintf("search %s runs %v, this worker %v", m.Name, m.Identity, w.Identity)
	w.Log.Error("refused: " + text)
	s.mu.Lock()
	alone := true
	for _, p := range s.searches {
		alone = alone && p.Identity != w.Identity
	}
	s.mu.Unlock()
	if alone {
		s.leave(fmt.Errorf("%w: %s; use the same program everywhere", ErrRefused, text))
	}
}

// end cancels what is under way for a run that is not among those which go on. The caller holds the lock.
func (s *watch) end(run string, goOn []string) {
	for _, r := range goOn {
		if r == run {
			return
		}
	}
	s.runs[run] = false
	for cancel := range s.active[run] {
		(*cancel)(errOver)
	}
}

// consider ends the work when nothing more is to be expected, and gives up searches that have fallen silent.
func (s *watch) consider() {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.worker
	connected := w.link.nc.IsConnected()
	for name, p := range s.searches {
		if connected && time.Since(p.heard) > silence && time.Since(s.since) > silence {
			for _, run := range p.Runs {
				s.end(run, nil)
			}
			delete(s.searches, name)
		}
	}
	if !connected {
		s.since = time.Now() // one cannot hear without a connection
	}
	mine := 0
	for _, p := range s.searches {
		if p.Identity == w.Identity {
			mine++
		}
	}
	switch {
	case w.Once && s.served && mine == 0:
		s.leave(errFinished)
	case w.Idle > 0 && w.Stats.Busy.Load() == 0 && time.Since(s.lastTask) > w.Idle:
		s.leave(errIdle)
	}
}

// wanted reports whether a run's results may still be of use to somebody.
func (s *watch) wanted(run string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	goesOn, known := s.runs[run]
	if known {
		return goesOn
	}
	if s.strange[run].IsZero() { // its search will say hello soon
		s.strange[run] = time.Now()
	}
	return time.Since(s.strange[run]) < silence || time.Since(s.since) < silence
}

// begin returns a context that ends with the run; stop must be called when the task is done.
func (s *watch) begin(parent context.Context, run string) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.active[run] == nil {
		s.active[run] = map[*context.CancelCauseFunc]bool{}
	}
	s.active[run][&cancel] = true
	s.lastTask = time.Now()
	return ctx, func() {
		cancel(nil)
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.active[run], &cancel)
		if len(s.active[run]) == 0 {
			delete(s.active, run)
		}
		s.lastTask = time.Now()
	}
}

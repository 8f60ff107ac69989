package work

import (
	"context"
	"encoding/json"
	"math"
	"sync"
	"time"

	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/serve/job"
)

// Point is a pipeline on the Pareto front of score against number of operators.
type Point struct {
	Score    float64 `json:"score"`
	Steps    int     `json:"steps"`
	Pipeline string  `json:"pipeline"`
}

// Tried is a pipeline whose result has just come in.
type Tried struct {
	Pipeline string   `json:"pipeline"`
	Score    *float64 `json:"score"` // nil after a failure
	Origin   string   `json:"origin"`
}

// Progress is how far a search is. It is not written down.
type Progress struct {
	Algorithm  int      `json:"algorithm"`
	Fold       int      `json:"fold"` // -1 for the final model
	Metric     string   `json:"metric"`
	Seconds    float64  `json:"seconds"` // of training, of all processes that worked on the job
	Budget     float64  `json:"budget,omitempty"`
	Evaluated  int      `json:"evaluated"`
	Failed     int      `json:"failed"`
	Generation int      `json:"generation"`
	PerSecond  float64  `json:"per_second"`
	Best       *float64 `json:"best"`
	Trying     []Tried  `json:"trying"` // the last few, the newest first
}

// best is a new best score.
type best struct {
	Algorithm int     `json:"algorithm"`
	Seconds   float64 `json:"seconds"`
	Score     float64 `json:"score"`
	Metric    string  `json:"metric"`
	Evaluated int     `json:"evaluated"`
	Pipeline  string  `json:"pipeline"`
	Steps     int     `json:"steps"`
}

type front struct {
	Algorithm int     `json:"algorithm"`
	Metric    string  `json:"metric"`
	Points    []Point `json:"points"`
}

// tracker watches one search and tells of it. Observe is called by the search, tell by a goroutine beside it.
type tracker struct {
	mu      sync.Mutex
	metric  metrics.Metric
	started time.Time
	before  float64 // seconds of training before this search
	now     Progress
	front   []Point
	lowest  float64 // best loss told of
	pending []job.Event
	moved   bool // the front
}

const tried = 6

func (t *tracker) seconds() float64 { return t.before + time.Since(t.started).Seconds() }

// observe takes in one result.
func (t *tracker) observe(e gp.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := &t.now
	n.Evaluated, n.Failed, n.Generation, n.Seconds = e.Evaluated, e.Failed, e.Generation, t.seconds()
	n.PerSecond = float64(e.Evaluated) / max(time.Since(t.started).Seconds(), 1e-3)
	ind := e.Individual
	one := Tried{Pipeline: ind.Tree.String(), Origin: ind.Origin}
	ok := !ind.Result.Failed() && !ind.Result.Pruned && !math.IsNaN(ind.Result.Score)
	if !ind.Result.Failed() && !math.IsNaN(ind.Result.Score) {
		score := ind.Result.Score
		one.Score = &score
	}
	n.Trying = append([]Tried{one}, n.Trying[:min(len(n.Trying), tried-1)]...)
	if !ok {
		return
	}
	p := Point{ind.Result.Score, ind.Tree.Steps(), one.Pipeline}
	if t.enters(p) {
		t.moved = true
	}
	if loss := t.metric.Loss(p.Score); loss < t.lowest {
		t.lowest = loss
		score := p.Score
		n.Best = &score
		t.add("score", best{n.Algorithm, n.Seconds, p.Score, n.Metric, e.Evaluated, p.Pipeline, p.Steps})
	}
}

// enters puts a point on the front if no other is as good and as short.
func (t *tracker) enters(p Point) bool {
	loss := t.metric.Loss(p.Score)
	var kept []Point
	for _, o := range t.front {
		other := t.metric.Loss(o.Score)
		if other <= loss && o.Steps <= p.Steps {
			return false
		}
		if !(loss <= other && p.Steps <= o.Steps) {
			kept = append(kept, o)
		}
	}
	t.front = append(kept, p)
	return true
}

func (t *tracker) add(kind string, v any) {
	if data, err := json.Marshal(v); err == nil {
		t.pending = append(t.pending, job.Event{Type: kind, Data: data})
	}
}

// taken returns what has to be told and how far the search is.
func (t *tracker) taken() (events []job.Event, now Progress) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.moved {
		t.moved = false
		t.add("front", front{t.now.Algorithm, t.now.Metric, append([]Point(nil), t.front...)})
	}
	events, t.pending = t.pending, nil
	t.now.Seconds = t.seconds()
	now = t.now
	now.Trying = append([]Tried{}, now.Trying...)
	return events, now
}

// tellEvery is how often the store and those who watch hear of a search.
const tellEvery = 500 * time.Millisecond

// telling writes down what the tracker saw until ctx ends, and once more then.
func (w *Worker) telling(ctx context.Context, h *job.Holder, t *tracker) {
	tick := time.NewTicker(tellEvery)
	defer tick.Stop()
	id := h.Job().ID
	last := time.Now()
	for ended := false; !ended; {
		select {
		case <-ctx.Done():
			ended = true
		case <-tick.C:
		}
		events, now := t.taken()
		w.progress.set(id, now)
		if len(events) == 0 && !ended && time.Since(last) < 3*time.Second {
			continue
		}
		last = time.Now()
		try, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		err := h.With(func(l *job.Lease) error { return l.Tell(try, now.Seconds, events...) })
		stop()
		if err != nil {
			w.Log.Warn("progress is not written", "job", id, "reason", err.Error())
		}
	}
}

// finishing closes asked when someone has asked for the end of the training.
func (r *run) finishing(ctx context.Context, asked chan<- struct{}) {
	tick := time.NewTicker(tellEvery / 4)
	defer tick.Stop()
	for !r.h.Job().Finish {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
	close(asked)
}

// board holds the progress of the jobs that this process works on.
type board struct {
	mu sync.Mutex
	of map[string]Progress
}

func (b *board) set(id string, p Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.of == nil {
		b.of = map[string]Progress{}
	}
	b.of[id] = p
}

func (b *board) remove(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.of, id)
}

// Progress is how far the search of a job is that this process works on.
func (w *Worker) Progress(id string) (Progress, bool) {
	w.progress.mu.Lock()
	defer w.progress.mu.Unlock()
	p, ok := w.progress.of[id]
	return p, ok
}

package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/metrics"
)

// mode is how a search is shown.
type mode uint8

const (
	silent   mode = iota
	plain         // a line now and then: output that is no terminal, or one that cannot move its cursor
	one           // one line that is redrawn: a terminal too small for more
	live          // several lines that are redrawn
	minWidth = 60 // columns and rows of a terminal that shows several lines
	minRows  = 14
)

// modeFor chooses by what the output can do.
func modeFor(out *os.File, quiet bool) mode {
	t := os.Getenv("TERM")
	switch width, height, err := term.GetSize(int(out.Fd())); {
	case quiet:
		return silent
	case !term.IsTerminal(int(out.Fd())), t == "dumb", t == "" && runtime.GOOS != "windows":
		return plain
	case err != nil, width < minWidth, height < minRows:
		return one
	}
	return live
}

// progress shows the search on a file, usually standard error.
type progress struct {
	out     *os.File
	mode    mode
	started time.Time
	budget  time.Duration

	mu      sync.Mutex
	now     state
	stop    chan struct{}
	stopped sync.WaitGroup
}

// state is what there is to show.
type state struct {
	gp.Event
	metric      metrics.Metric
	budget      time.Duration // 0 is none
	evaluations int           // limits, 0 is none
	generations int
	memory      int64           // limit in bytes, 0 is none
	rises       []rise          // of the best score
	recent      []time.Duration // when the last few results came
}

// rise is a new best loss.
type rise struct {
	at   time.Duration
	loss float64
}

// lately is the number of results that the current speed is taken from.
const lately = 100

func newProgress(out *os.File, quiet bool, started time.Time, budget time.Duration) *progress {
	return &progress{out: out, mode: modeFor(out, quiet), started: started, budget: budget, stop: make(chan struct{})}
}

// announce says what is about to happen.
func (p *progress) announce(path string, s dataset.Sample, opt *automl.Options, memory int64) {
	name := opt.Metric
	if name == "" {
		name = metrics.Default(s.Task()).Name
	}
	metric, err := metrics.ByName(name)
	if err != nil { // Train says what is wrong with it
		metric = metrics.Default(s.Task())
	}
	p.now = state{metric: metric, budget: p.budget, evaluations: opt.Evaluations, generations: opt.Generations, memory: memory}
	if p.mode == silent {
		return
	}
	limits := []string{}
	if p.budget > 0 {
		limits = append(limits, p.budget.String())
	}
	for _, l := range []struct {
		n    int
		unit string
	}{{opt.Evaluations, "evaluations"}, {opt.Generations, "generations"}} {
		if l.n > 0 {
			limits = append(limits, fmt.Sprintf("%d %s", l.n, l.unit))
		}
	}
	fmt.Fprintf(p.out, "%s: %d rows, %d columns, %s target %q; searching for the best %s within %s with %d workers, Ctrl-C keeps the best so far\n",
		path, s.Rows(), s.X.Cols(), s.Task(), s.Y.Name, name, strings.Join(limits, " or "), opt.Workers)
}

func (p *progress) observe(e gp.Event) {
	if p.mode == silent {
		return
	}
	at := time.Since(p.started)
	p.mu.Lock()
	defer p.mu.Unlock()
	s := &p.now
	if e.Best != nil && e.Best != s.Best {
		s.rises = append(s.rises, rise{at, s.metric.Loss(e.Best.Result.Score)})
	}
	s.Event = e
	s.Individual = nil // its predictions are large
	if s.recent = append(s.recent, at); len(s.recent) > 2*lately {
		s.recent = append([]time.Duration(nil), s.recent[lately:]...)
	}
}

// look returns what there is to show and how long the search has taken. Later results only add to its slices.
func (p *progress) look() (state, time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now, time.Since(p.started)
}

// begin shows the search until end is called. When ctx is cancelled the picture gives way to a line: what follows is the
// fit of the best so far, and a second interrupt ends the program on the spot.
func (p *progress) begin(ctx context.Context) {
	show := func() {}
	switch p.mode {
	case silent:
		return
	case plain:
		show = func() { p.lines(ctx, 5*time.Second, func(line string) { fmt.Fprintln(p.out, line) }) }
	case one:
		show = func() {
			p.lines(ctx, 200*time.Millisecond, p.redraw)
			fmt.Fprintln(p.out)
		}
	case live:
		show = func() { p.picture(ctx) }
	}
	p.stopped.Add(1)
	go func() {
		defer p.stopped.Done()
		show()
		if ctx.Err() != nil {
			fmt.Fprintln(p.out, "interrupted: fitting the best so far; Ctrl-C again gives up")
			<-p.stop
		}
	}()
}

func (p *progress) end() {
	if p.mode == silent {
		return
	}
	close(p.stop)
	p.stopped.Wait()
}

// lines prints the state in one line every now and then, and at the end.
func (p *progress) lines(ctx context.Context, every time.Duration, put func(line string)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			put(oneLineOf(p.look()))
			return
		case <-ctx.Done():
			put(oneLineOf(p.look()))
			return
		case <-tick.C:
			put(oneLineOf(p.look()))
		}
	}
}

// redraw replaces the line that the cursor is on.
func (p *progress) redraw(line string) {
	width, _, err := term.GetSize(int(p.out.Fd()))
	if err != nil || width < 20 {
		width = 80
	}
	fmt.Fprint(p.out, "\r\x1b[K"+cut(line, width-1))
}

// oneLineOf is the state in one line.
func oneLineOf(s state, elapsed time.Duration) string {
	line := fmt.Sprintf("%5.1fs", elapsed.Seconds())
	if s.budget > 0 {
		line += fmt.Sprintf(" %s %3.0f%%", bar(s.share(elapsed), 20), 100*s.share(elapsed))
	}
	if s.Evaluated == 0 {
		return line
	}
	line += fmt.Sprintf("  %d evaluated (%.1f/s), %d failed, generation %d", s.Evaluated, float64(s.Evaluated)/elapsed.Seconds(), s.Failed, s.Generation)
	if s.Best != nil {
		line += fmt.Sprintf("  best %.5g  %s", s.Best.Result.Score, s.Best.Tree)
	}
	return line
}

// share is how much of the limit that will be reached first is used up.
func (s *state) share(elapsed time.Duration) float64 {
	share := 0.0
	if s.budget > 0 {
		share = elapsed.Seconds() / s.budget.Seconds()
	}
	if s.evaluations > 0 {
		share = max(share, float64(s.Evaluated)/float64(s.evaluations))
	}
	if s.generations > 0 {
		share = max(share, float64(s.Generation)/float64(s.generations))
	}
	return min(1, share)
}

package main

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/metrics"
)

// progress shows the search: one line that is redrawn on a terminal, a line now and then elsewhere, nothing if quiet.
type progress struct {
	out      *os.File
	quiet    bool
	terminal bool
	started  time.Time
	budget   time.Duration

	mu   sync.Mutex
	last gp.Event
	seen bool
	stop chan struct{}
	done sync.WaitGroup
}

func newProgress(out *os.File, quiet bool, started time.Time, budget time.Duration) *progress {
	return &progress{out: out, quiet: quiet, terminal: term.IsTerminal(int(out.Fd())), started: started, budget: budget, stop: make(chan struct{})}
}

// announce says what is about to happen.
func (p *progress) announce(path string, s dataset.Sample, opt *automl.Options) {
	if p.quiet {
		return
	}
	metric := opt.Metric
	if metric == "" {
		metric = metrics.Default(s.Task()).Name
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
		path, s.Rows(), s.X.Cols(), s.Task(), s.Y.Name, metric, strings.Join(limits, " or "), opt.Workers)
}

func (p *progress) observe(e gp.Event) {
	p.mu.Lock()
	p.last, p.seen = e, true
	p.mu.Unlock()
}

func (p *progress) begin() {
	if p.quiet {
		return
	}
	every := 5 * time.Second
	if p.terminal {
		every = 200 * time.Millisecond
	}
	p.done.Add(1)
	go func() {
		defer p.done.Done()
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-p.stop:
				return
			case <-tick.C:
				p.draw()
			}
		}
	}()
}

func (p *progress) end() {
	if p.quiet {
		return
	}
	close(p.stop)
	p.done.Wait()
	p.draw()
	if p.terminal {
		fmt.Fprintln(p.out)
	}
}

func (p *progress) draw() {
	p.mu.Lock()
	e, seen := p.last, p.seen
	p.mu.Unlock()
	elapsed := time.Since(p.started)
	line := fmt.Sprintf("%5.1fs", elapsed.Seconds())
	if p.budget > 0 {
		share := min(1, elapsed.Seconds()/p.budget.Seconds())
		line += fmt.Sprintf(" %s %3.0f%%", bar(share, 20), 100*share)
	}
	if seen {
		line += fmt.Sprintf("  %d evaluated (%.1f/s), %d failed, generation %d", e.Evaluated, float64(e.Evaluated)/elapsed.Seconds(), e.Failed, e.Generation)
		if e.Best != nil {
			line += fmt.Sprintf("  best %.5g  %s", e.Best.Result.Score, e.Best.Tree)
		}
	}
	if !p.terminal {
		fmt.Fprintln(p.out, line)
		return
	}
	width, _, err := term.GetSize(int(p.out.Fd()))
	if err != nil || width < 20 {
		width = 80
	}
	if r := []rune(line); len(r) >= width {
		line = string(r[:width-2]) + "…"
	}
	fmt.Fprint(p.out, "\r\x1b[K"+line)
}

func bar(share float64, width int) string {
	full := int(share * float64(width))
	return "[" + strings.Repeat("█", full) + strings.Repeat("░", width-full) + "]"
}

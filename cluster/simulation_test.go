//go:build unix

package cluster

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/pipeline"
)

// times are quantiles of what the first 200 pipelines of a search on a table of 600 rows took, as multiples of their mean;
// one in two hundred took sixty times the mean.
var times = []float64{0.001, 0.002, 0.002, 0.003, 0.004, 0.005, 0.007, 0.012, 0.022, 0.025, 0.027, 0.038, 0.058, 0.071, 0.076, 0.103, 0.126,
	0.155, 0.175, 0.228, 0.242, 0.26, 0.28, 0.381, 0.463, 0.489, 0.531, 0.632, 0.697, 0.74, 0.857, 0.918, 1.098, 1.215, 1.358, 1.732, 2.442, 2.772, 3.749, 7.494}

// duration is how long the evaluation of a tree takes if the mean is one second.
func duration(t pipeline.Tree) time.Duration {
	h := t.Hash()
	n := binary.LittleEndian.Uint32(h[:4])
	if n%200 == 0 {
		return 60 * time.Second
	}
	return time.Duration(times[n/200%uint32(len(times))] * float64(time.Second))
}

// TestMain lets the test binary be many workers: AUTOML_TEST_WORKERS says how many and for which server. They end with
// the search, and say how many seconds they slept in evaluations.
func TestMain(m *testing.M) {
	if text := os.Getenv("AUTOML_TEST_WORKERS"); text != "" {
		count, url, _ := strings.Cut(text, " ")
		n, _ := strconv.Atoi(count)
		sleepers(n, url)
		os.Exit(0)
	}
	if text := os.Getenv("AUTOML_TEST_SLEEP"); text != "" {
		oneSleeper(text)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func sleepers(n int, url string) {
	var asleep, evaluated atomic.Int64
	var running sync.WaitGroup
	workers := make([]*Worker, n)
	for i := range n {
		w := &Worker{Access: Access{URL: url}, Identity: here, Once: true}
		workers[i] = w
		w.evaluate = func(ctx context.Context, _ *problem, t pipeline.Tree, _ []float64) (pipeline.Result, error) {
			asleep.Add(1)
			defer asleep.Add(-1)
			select {
			case <-time.After(duration(t)):
				evaluated.Add(1)
				return pipeline.Result{Score: scoreOf(t), Folds: []float64{scoreOf(t)}, Took: duration(t)}, nil
			case <-ctx.Done():
				return pipeline.Result{}, ctx.Err()
			}
		}
		running.Add(1)
		go func() {
			defer running.Done()
			if err := w.Run(context.Background()); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		}()
	}
	done := make(chan struct{})
	go func() {
		running.Wait()
		close(done)
	}()
	fmt.Println(sample(workers, &asleep, &evaluated, done))
}

// sample looks every 20 ms at how many workers are asleep in an evaluation and returns their mean share, from when all of
// them have the table until the search has ended.
func sample(workers []*Worker, asleep, evaluated *atomic.Int64, done <-chan struct{}) float64 {
	verbose := os.Getenv("AUTOML_TEST_VERBOSE") != ""
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var seen, upToLast, count, countLast int64
	for n := 0; ; n++ {
		select {
		case <-done:
			return float64(upToLast) / float64(max(1, countLast)) / float64(len(workers))
		case <-tick.C:
		}
		now, ready := asleep.Load(), 0
		for _, w := range workers {
			if w.Stats.Received.Load() > 0 {
				ready++
			}
		}
		if verbose && n%50 == 0 {
			fmt.Fprintf(os.Stderr, "%3ds  %d asleep, %d have the table, %d evaluated\n", n/50, now, ready, evaluated.Load())
		}
		if ready < len(workers) {
			continue
		}
		seen, count = seen+now, count+1
		if now > 0 { // what comes after the last one is the end
			upToLast, countLast = seen, count
		}
	}
}

// TestSimulatedCluster searches with so many workers that sleep instead of working: AUTOML_CLUSTER holds their numbers, separated by
// commas, and perhaps the seconds to search. With -v there is a line for each number.
func TestSimulatedCluster(t *testing.T) {
	fields := strings.Fields(os.Getenv("AUTOML_CLUSTER"))
	if len(fields) == 0 {
		t.Skip("AUTOML_CLUSTER is not set: no cluster is simulated")
	}
	seconds := 20
	if len(fields) > 1 {
		seconds, _ = strconv.Atoi(fields[1])
	}
	alone := simulate(t, 1, 3)
	for text := range strings.SplitSeq(fields[0], ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			t.Fatalf("AUTOML_CLUSTER: %q is no number of workers", text)
		}
		s := simulate(t, n, seconds)
		each := float64(s.memory-alone.memory) / float64(n) / (1 << 20)
		t.Logf("%d workers: utilisation %.3f, %.0f evaluations per second, the search and its server %.2f MiB per worker and %.2f s of CPU per 1,000 evaluations, of %.1f s that all took with the workers; %v until all were there",
			n, s.used, s.rate(), each, 1000*s.cpu.Seconds()/float64(s.evaluated), 1000*(s.cpu+s.theirs).Seconds()/float64(s.evaluated), s.gathered.Round(100*time.Millisecond))
		if s.used < 0.9 || each > 1 {
			t.Errorf("%d workers: want a utilisation of at least 0.9 and less than 1 MiB per worker", n)
		}
	}
}

// simulated is what a search with sleeping workers came to.
type simulated struct {
	used      float64       // share of the workers' time that they slept in evaluations
	memory    int64         // bytes of this process, which is that of search and server
	evaluated int           // pipelines
	elapsed   time.Duration // of the search
	gathered  time.Duration // until all workers were there
	cpu       time.Duration // of this process, while it searched
	theirs    time.Duration // of the process of all workers, in all
}

func (s *simulated) rate() float64 { return float64(s.evaluated) / s.elapsed.Seconds() }

// simulate searches for so many seconds on n workers in another process.
func simulate(t *testing.T, n, seconds int) (out simulated) {
	t.Helper()
	s := table(60)
	cv, g, specs := evaluatorOf(t, s)
	server, a := serve(t, "", 0, Access{})
	inside := a
	inside.Server = server
	search := join(t, inside, nil)
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), fmt.Sprintf("AUTOML_TEST_WORKERS=%d %s", n, a.URL))
	c.Stderr = os.Stderr
	pipe, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Process.Kill() }()
	begun := time.Now()
	for search.Slots() < n {
		if time.Since(begun) > 2*time.Minute {
			t.Fatalf("%d of %d workers came in two minutes", search.Slots(), n)
		}
		time.Sleep(50 * time.Millisecond)
	}
	out.gathered = time.Since(begun)
	ctx := within(t, time.Duration(seconds)*time.Second)
	ev, err := search.Evaluator(ctx, cv, s, specs)
	if err != nil {
		t.Fatal(err)
	}
	loss := gp.Objective{Name: "loss", Of: func(_ pipeline.Tree, r pipeline.Result) float64 { return r.Score }}
	begun, spent := time.Now(), cpu()
	o, err := gp.Search(ctx, ev, gp.Config{Grammar: g, Objectives: []gp.Objective{loss, gp.Complexity()}, Seed: 1, Workers: n + max(1, n/4), NoPace: true,
		Observe: func(e gp.Event) {
			if e.Evaluated%64 == 0 {
				out.memory = max(out.memory, inUse())
			}
		}})
	out.elapsed, out.cpu = time.Since(begun), cpu()-spent
	if err != nil {
		t.Fatal(err)
	}
	out.memory, out.evaluated = max(out.memory, inUse()), len(o.History)
	search.Close()
	in := bufio.NewScanner(pipe)
	in.Scan()
	if out.used, err = strconv.ParseFloat(in.Text(), 64); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	out.theirs = c.ProcessState.UserTime() + c.ProcessState.SystemTime()
	runtime.KeepAlive(ev)
	return out
}

// inUse is what the process has from the system and has not given back.
func inUse() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

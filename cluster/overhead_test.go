//go:build unix

package cluster

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/pipeline"
)

// cpu is the processor time that this process has used.
func cpu() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

type sleeper time.Duration

func (d sleeper) Evaluate(ctx context.Context, t pipeline.Tree, _ []float64) (pipeline.Result, error) {
	return slow(time.Duration(d))(ctx, nil, t, nil)
}

// oneSleeper is a worker in a process of its own; it prints the processor time it used from its first evaluation on.
func oneSleeper(text string) {
	fields := strings.Fields(text)
	each, _ := time.ParseDuration(fields[0])
	w := &Worker{Access: Access{URL: fields[1]}, Identity: here, Once: true}
	begun := sync.OnceValue(cpu)
	w.evaluate = func(ctx context.Context, _ *problem, t pipeline.Tree, _ []float64) (pipeline.Result, error) {
		begun()
		return slow(each)(ctx, nil, t, nil)
	}
	if err := w.Run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	fmt.Println(int64(cpu() - begun()))
}

// TestOverhead searches here and on four worker processes, where an evaluation sleeps for AUTOML_OVERHEAD (such as 50ms),
// so that all processor time is that of the machinery: of the workers, the server and the search, from the first
// evaluation on, less what the search takes by itself.
func TestOverhead(t *testing.T) {
	each, err := time.ParseDuration(os.Getenv("AUTOML_OVERHEAD"))
	if err != nil {
		t.Skip("AUTOML_OVERHEAD is not set: the overhead is not measured")
	}
	const workers, n = 4, 600
	s := table(60)
	cv, g, specs := evaluatorOf(t, s)
	loss := gp.Objective{Name: "loss", Of: func(_ pipeline.Tree, r pipeline.Result) float64 { return r.Score }}
	search := func(ev gp.Evaluator, workers int) (used, took time.Duration) {
		before, begun := cpu(), time.Now()
		if _, err := gp.Search(within(t, 5*time.Minute), ev, gp.Config{Grammar: g, Objectives: []gp.Objective{loss, gp.Complexity()}, Seed: 1,
			Workers: workers, Ordered: true, Evaluations: n}); err != nil {
			t.Fatal(err)
		}
		return cpu() - before, time.Since(begun)
	}
	alone, tookAlone := search(sleeper(each), workers)
	_, a := serve(t, "", 0, Access{})
	var outs []*bufio.Scanner
	for range workers {
		c := exec.Command(os.Args[0])
		c.Env, c.Stderr = append(os.Environ(), fmt.Sprintf("AUTOML_TEST_SLEEP=%v %s", each, a.URL)), os.Stderr
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = c.Process.Kill()
			_ = c.Wait()
		})
		outs = append(outs, bufio.NewScanner(out))
	}
	j := join(t, a, nil)
	for j.Slots() < workers {
		time.Sleep(20 * time.Millisecond)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ev, err := j.Evaluator(ctx, cv, s, specs)
	if err != nil {
		t.Fatal(err)
	}
	used, took := search(ev, gp.Window)
	cancel()
	j.Close()
	there := time.Duration(0)
	for _, out := range outs {
		out.Scan()
		v, err := strconv.ParseInt(out.Text(), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		there += time.Duration(v)
	}
	more := used - alone + there
	share := float64(more) / float64(n) / float64(each)
	t.Logf("%d evaluations of %v on %d workers: processor time of search and server %v more than the search alone (%v), of the workers %v: %.1f%% of the evaluations' time; wall time %v, alone %v",
		n, each, workers, used-alone, alone, there, 100*share, took, tookAlone)
	if share > 0.05 {
		t.Error("want at most 5%")
	}
}

//go:build unix

package cluster

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/pipeline"
)

// toil does a fixed amount of work for a tree.
func toil(rounds int, t pipeline.Tree) pipeline.Result {
	begun := time.Now()
	var block [4096]byte
	for range rounds {
		sum := sha256.Sum256(block[:])
		copy(block[:], sum[:])
	}
	return pipeline.Result{Score: scoreOf(t) + 0*float64(block[0]), Folds: []float64{scoreOf(t)}, Took: time.Since(begun)}
}

type toiler int

func (n toiler) Evaluate(_ context.Context, t pipeline.Tree, _ []float64) (pipeline.Result, error) {
	return toil(int(n), t), nil
}

// toilers runs n workers of one slot that toil, in this process.
func toilers(text string) {
	fields := strings.Fields(text)
	rounds, _ := strconv.Atoi(fields[0])
	w := &Worker{Access: Access{URL: fields[1]}, Identity: here, Once: true}
	w.evaluate = func(_ context.Context, _ *problem, t pipeline.Tree, _ []float64) (pipeline.Result, error) {
		return toil(rounds, t), nil
	}
	if err := w.Run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

func cpu(who int) time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(who, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// TestOverhead compares the processor time of searches here and on four worker processes with a server, where an
// evaluation takes AUTOML_OVERHEAD of processor time on average (such as 50ms).
func TestOverhead(t *testing.T) {
	each, err := time.ParseDuration(os.Getenv("AUTOML_OVERHEAD"))
	if err != nil {
		t.Skip("AUTOML_OVERHEAD is not set: the overhead is not measured")
	}
	cv, g, specs := evaluatorOf(t, table(60))
	tree := trees(g, 1)[0]
	before := cpu(syscall.RUSAGE_SELF)
	toil(20000, tree)
	rounds := int(20000 * float64(each) / float64(cpu(syscall.RUSAGE_SELF)-before))
	loss := gp.Objective{Name: "loss", Of: func(_ pipeline.Tree, r pipeline.Result) float64 { return r.Score }}
	n := int(8 * time.Second / each)
	search := func(ev gp.Evaluator, workers int) {
		if _, err := gp.Search(within(t, 5*time.Minute), ev, gp.Config{Grammar: g, Objectives: []gp.Objective{loss, gp.Complexity()}, Seed: 1,
			Workers: workers, Ordered: true, Evaluations: n}); err != nil {
			t.Fatal(err)
		}
	}
	var ratios []float64
	for range 3 {
		before = cpu(syscall.RUSAGE_SELF)
		search(toiler(rounds), 4)
		local := cpu(syscall.RUSAGE_SELF) - before
		before = cpu(syscall.RUSAGE_SELF) + cpu(syscall.RUSAGE_CHILDREN)
		_, a := serve(t, "", 0, Access{})
		var running sync.WaitGroup
		for range 4 {
			c := exec.Command(os.Args[0])
			c.Env = append(os.Environ(), fmt.Sprintf("AUTOML_TEST_TOIL=%d %s", rounds, a.URL))
			running.Add(1)
			go func() {
				defer running.Done()
				if out, err := c.CombinedOutput(); err != nil {
					t.Errorf("%v: %s", err, out)
				}
			}()
		}
		s := join(t, a, nil)
		ctx, cancel := context.WithCancel(context.Background())
		ev, err := s.Evaluator(ctx, cv, table(60), specs)
		if err != nil {
			t.Fatal(err)
		}
		search(ev, gp.Window)
		cancel()
		s.Close()
		running.Wait()
		remote := cpu(syscall.RUSAGE_SELF) + cpu(syscall.RUSAGE_CHILDREN) - before
		t.Logf("%d evaluations of %v: %v here, %v on four workers, with their start and the server's", n, each, local, remote)
		ratios = append(ratios, float64(remote)/float64(local))
	}
	slices.Sort(ratios)
	t.Logf("median overhead %.1f%%", 100*(ratios[1]-1))
	if ratios[0] > 1.05 {
		t.Errorf("the overhead is above 5%% each time")
	}
}

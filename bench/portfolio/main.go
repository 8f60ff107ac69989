// Command portfolio learns what a search should try first: pipelines that together do well on many tables.
//
//	go run ./bench/portfolio -data DIR -task binary -candidates FILE -scores FILE -size 16
//
// Every candidate (a line of the file, and -random drawn ones) is cross-validated on every table of the task; then
// pipelines are chosen one by one, each the one that lowers the mean regret of the best chosen so far most (a greedy
// portfolio, as in auto-sklearn 2: Feurer et al. 2022). Scores are kept in a file, so that an interrupted run goes on where
// it stopped. The report says what the portfolio is worth on tables that it was not learned from; -each writes, for every
// table, the portfolio learned without it, for `bench/suite -recipes`.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/pipeline"
)

// plan is what the flags ask for.
type plan struct {
	dir, candidates, scores string
	each                    string
	task                    dataset.Task
	random, size, workers   int
	maxRows                 int
	limit                   time.Duration
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	p, err := parse(os.Args[1:])
	if err == nil {
		err = p.run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "portfolio:", err)
		os.Exit(1)
	}
}

func parse(args []string) (plan, error) {
	f := flag.NewFlagSet("portfolio", flag.ExitOnError)
	var p plan
	f.StringVar(&p.dir, "data", "", "folder of tables (required)")
	f.StringVar(&p.candidates, "candidates", "", "file of pipelines, one per line")
	f.StringVar(&p.scores, "scores", "portfolio.csv", "file of scores, appended to")
	f.StringVar(&p.each, "each", "", "write TABLE.txt, the portfolio learned without the table, into this folder")
	f.IntVar(&p.random, "random", 0, "candidates drawn from the search space besides")
	f.IntVar(&p.size, "size", 16, "pipelines to choose")
	f.IntVar(&p.workers, "workers", runtime.GOMAXPROCS(0), "concurrent evaluations")
	f.IntVar(&p.maxRows, "rows", 3000, "rows of a table at most")
	f.DurationVar(&p.limit, "limit", 5*time.Second, "time for one pipeline on one table")
	task := f.String("task", "binary", "binary, multiclass or regression")
	if err := f.Parse(args); err != nil {
		return p, err
	}
	if p.dir == "" {
		return p, fmt.Errorf("-data is required: a folder of tables whose target column is called target")
	}
	for _, t := range []dataset.Task{dataset.Binary, dataset.Multiclass, dataset.Regression} {
		if t.String() == *task {
			p.task = t
			return p, nil
		}
	}
	return p, fmt.Errorf("-task %s: want binary, multiclass or regression", *task)
}

func (p plan) run(ctx context.Context) error {
	trees, err := p.trees()
	if err != nil {
		return err
	}
	board, err := readBoard(p.scores)
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(p.dir, "*.folds.csv"))
	if err != nil {
		return err
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".folds.csv")
		if err := p.fill(ctx, board, name, trees); err != nil {
			return err
		}
	}
	texts := make([]string, len(trees))
	for i, t := range trees {
		texts[i] = t.String()
	}
	r := board.regrets(texts)
	report(os.Stdout, r, p.size)
	if p.each == "" {
		return nil
	}
	return r.writeEach(p.each, p.size)
}

// trees lists the candidates.
func (p plan) trees() ([]pipeline.Tree, error) {
	g := pipeline.NewGrammar(p.task, catalog.All())
	var trees []pipeline.Tree
	seen := map[pipeline.Hash]bool{}
	add := func(t pipeline.Tree) {
		if !seen[t.Hash()] {
			seen[t.Hash()] = true
			trees = append(trees, t)
		}
	}
	if p.candidates != "" {
		file, err := os.Open(p.candidates)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		sc := bufio.NewScanner(file)
		for n := 1; sc.Scan(); n++ {
			text := strings.TrimSpace(sc.Text())
			if text == "" || strings.HasPrefix(text, "#") {
				continue
			}
			t, err := pipeline.Parse(text, catalog.All())
			if err != nil {
				return nil, fmt.Errorf("%s: line %d: %w", p.candidates, n, err)
			}
			if g.Check(t) == nil { // a file may hold the candidates of all tasks
				add(t)
			}
		}
		if err := sc.Err(); err != nil {
			return nil, err
		}
	}
	rng := rand.New(rand.NewPCG(1, 0x907f))
	for range p.random {
		add(g.Draw(rng, 1+rng.IntN(2)))
	}
	if len(trees) == 0 {
		return nil, fmt.Errorf("no candidates for a %s target: give -candidates or -random", p.task)
	}
	return trees, nil
}

// Command suite trains on a folder of tables with fixed outer folds and reports how well the models predict the folds
// they have not seen.
//
//	go run ./bench/suite -data DIR -folds 0,1,2 -budget 30s -out scores.csv
//
// A table is NAME.csv, with the target last in a column called target, and NAME.folds.csv with the columns row and fold
// (the outer test fold of each 0-based data row). For every table and fold one line is appended to the file of scores,
// so an interrupted run goes on where it stopped. Recorded scores of others, DIR/baseline_scores.csv and
// DIR/automl_scores.csv, are ranked beside ours.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lren-chuv/automl"
)

// plan is what the flags ask for.
type plan struct {
	dir         string
	tables      []string
	folds       []int
	budget      time.Duration
	evaluations int
	workers     int
	seed        uint64
	label       string
	without     automl.Lever
	recipes     string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	p, out, err := parse(os.Args[1:])
	if err == nil {
		err = p.run(ctx, out)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "suite:", err)
		os.Exit(1)
	}
}

func parse(args []string) (plan, string, error) {
	f := flag.NewFlagSet("suite", flag.ExitOnError)
	var p plan
	f.StringVar(&p.dir, "data", "", "folder of tables (required)")
	tables := f.String("tables", "", "names of tables, joined by commas; default all")
	folds := f.String("folds", "0,1,2", "outer folds")
	f.DurationVar(&p.budget, "budget", 30*time.Second, "time for each table and fold")
	f.IntVar(&p.evaluations, "evaluations", 0, "evaluated pipelines instead of time")
	f.IntVar(&p.workers, "workers", 0, "concurrent evaluations; default the number of CPUs")
	f.Uint64Var(&p.seed, "seed", 1, "seed of the search")
	f.StringVar(&p.label, "label", "automl", "name of this program in the file of scores")
	without := f.String("without", "", "parts of the search to leave out, joined by commas: "+strings.Join(automl.Levers(), ", "))
	f.StringVar(&p.recipes, "recipes", "", "folder of TABLE.txt, pipelines to begin with on that table instead of the built-in ones (see bench/portfolio -each)")
	out := f.String("out", "scores.csv", "file of scores, appended to")
	if err := f.Parse(args); err != nil {
		return p, "", err
	}
	var err error
	if p.without, err = automl.ParseLevers(*without); err != nil {
		return p, "", fmt.Errorf("-without: %w", err)
	}
	if p.dir == "" {
		return p, "", fmt.Errorf("-data is required: a folder of NAME.csv and NAME.folds.csv")
	}
	for _, s := range strings.Split(*folds, ",") {
		k, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil {
			return p, "", fmt.Errorf("-folds %q: want numbers joined by commas", *folds)
		}
		p.folds = append(p.folds, k)
	}
	if *tables != "" {
		p.tables = strings.Split(*tables, ",")
		return p, *out, nil
	}
	files, err := filepath.Glob(filepath.Join(p.dir, "*.folds.csv"))
	if err != nil || len(files) == 0 {
		return p, "", fmt.Errorf("no NAME.folds.csv in %s", p.dir)
	}
	for _, file := range files {
		p.tables = append(p.tables, strings.TrimSuffix(filepath.Base(file), ".folds.csv"))
	}
	return p, *out, nil
}

// run goes fold by fold through all tables, so that an early look at the scores sees every table.
func (p plan) run(ctx context.Context, out string) error {
	done, err := readRecords(out)
	if err != nil {
		return err
	}
	for _, fold := range p.folds {
		for _, name := range p.tables {
			same := func(r record) bool { return r.Tool == p.label && r.Table == name && r.Fold == fold }
			if slices.ContainsFunc(done, same) {
				continue
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			r := p.measure(ctx, name, fold)
			if ctx.Err() != nil { // what was cut short is no measurement
				return ctx.Err()
			}
			if err := appendRecord(out, r); err != nil {
				return err
			}
			done = append(done, r)
			fmt.Fprintf(os.Stderr, "%-20s fold %d  %s %.5g (cv %.5g)  %d evaluated, %.1f s, %.1f CPU s %s\n",
				name, fold, r.Metric, r.Score, r.CV, r.Evaluated, r.Seconds, r.CPU, r.Err)
		}
	}
	return summarise(os.Stdout, p, done)
}

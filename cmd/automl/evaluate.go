package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/pipeline"
)

type evaluateFlags struct {
	data                     dataFlags
	pipelines, folds, metric string
	sets                     string
	seed                     uint64
	workers                  int
	limit                    time.Duration
	json                     bool
	specs                    []*operators.Spec
}

func evaluateCommand() *cobra.Command {
	f := &evaluateFlags{}
	cmd := &cobra.Command{
		Use:   "evaluate DATA --target COL --pipelines FILE",
		Short: "Cross-validate given pipelines without searching",
		Args:  exactly("DATA"),
		RunE:  func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	f.data.learning(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.pipelines, "pipelines", "", "file of pipelines in text form, one per line (required)")
	fl.StringVar(&f.folds, "folds-file", "", "CSV with columns row and fold (default 5 folds by the seed)")
	fl.StringVar(&f.sets, "feature-sets", "", "CSV of column sets for FeatureSetSelector: Subset,Size,Features (a;b;c)")
	fl.StringVar(&f.metric, "metric", "", "metric (default roc_auc, log_loss or rmse by task)")
	fl.Uint64Var(&f.seed, "seed", 1, "seed of all randomness")
	fl.IntVar(&f.workers, "workers", runtime.GOMAXPROCS(0), "concurrent evaluations")
	fl.DurationVar(&f.limit, "eval-time", 0, "limit for one pipeline (default none)")
	fl.BoolVar(&f.json, "json", false, "print one JSON object per line")
	return cmd
}

func (f *evaluateFlags) run(cmd *cobra.Command, path string) error {
	if f.pipelines == "" {
		return usagef("--pipelines is required: a file of pipelines, one per line")
	}
	if f.workers < 1 {
		return usagef("--workers %d: want at least 1", f.workers)
	}
	if cmd.Flags().Changed("eval-time") && f.limit <= 0 {
		return usagef("--eval-time %v: want a positive duration such as 30s", f.limit)
	}
	if err := f.data.check(); err != nil {
		return err
	}
	lines, err := readPipelines(f.pipelines)
	if err != nil {
		return err
	}
	sets, err := readFeatureSets(f.sets)
	if err != nil {
		return err
	}
	t, err := f.data.table(cmd.Context(), path)
	if err != nil {
		return err
	}
	s, schema, err := t.Sample(f.data.sample())
	if err != nil {
		return err
	}
	for _, w := range append(t.Warnings, schema.Warnings...) {
		warn(w)
	}
	cv, err := f.crossVal(t, s)
	if err != nil {
		return err
	}
	f.specs = catalog.ForTable(s.X.Cols(), sets)
	return f.all(cmd, cv, lines)
}

func (f *evaluateFlags) crossVal(t *dataset.Table, s dataset.Sample) (*pipeline.CrossVal, error) {
	m := metrics.Default(s.Task())
	if f.metric != "" {
		if err := allServe([]string{f.metric}, s.Task()); err != nil {
			return nil, err
		}
		m, _ = metrics.ByName(f.metric) // it exists
	}
	rng := rand.New(rand.NewPCG(f.seed, 0xf01d))
	assignment, err := f.assignment(t, s, rng)
	if err != nil {
		return nil, err
	}
	folds, err := dataset.NewFolds(s, rng, assignment)
	if err != nil {
		return nil, err
	}
	return &pipeline.CrossVal{Folds: folds, Rows: s.Rows(), Metric: m, Seed: f.seed, Limit: f.limit, Threads: 1,
		Cache: pipeline.NewCache(1 << 30), NoOOF: true}, nil
}

func (f *evaluateFlags) assignment(t *dataset.Table, s dataset.Sample, rng *rand.Rand) ([]int32, error) {
	if f.folds == "" {
		return dataset.Split(s, 5, rng)
	}
	all, err := readFolds(f.folds, t.Rows())
	if err != nil {
		return nil, err
	}
	known := t.Labelled(f.data.target)
	a := make([]int32, len(known))
	for i, row := range known {
		a[i] = all[row]
	}
	if slices.Min(a) == slices.Max(a) {
		return nil, &dataset.DataError{File: f.folds, Column: "fold", Msg: "all rows with a target are in one fold: at least two folds are needed"}
	}
	return a, nil
}

// evaluated is one line of the result.
type evaluated struct {
	Pipeline string     `json:"pipeline"`
	Score    *float64   `json:"score"`
	Folds    []*float64 `json:"folds"`
	Seconds  float64    `json:"seconds"`
	CPU      float64    `json:"cpu_seconds"`
	Error    string     `json:"error"`
}

// all evaluates the pipelines on several goroutines and prints in input order, each as soon as those before it are done.
func (f *evaluateFlags) all(cmd *cobra.Command, cv *pipeline.CrossVal, texts []line) error {
	results := make([]chan evaluated, len(texts))
	for i := range results {
		results[i] = make(chan evaluated, 1)
	}
	next := make(chan int)
	var wg sync.WaitGroup
	for range f.workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range next {
				results[i] <- f.one(cmd.Context(), cv, texts[i].text)
			}
		}()
	}
	go func() {
		defer close(next)
		for i := range texts {
			next <- i
		}
	}()
	failed := 0
	for _, r := range results {
		e := <-r
		if err := cmd.Context().Err(); err != nil { // what is under way ends with the program
			return err
		}
		if e.Error != "" {
			failed++
		}
		if err := f.print(cmd.OutOrStdout(), e); err != nil {
			return err
		}
	}
	wg.Wait()
	if len(texts) > 0 && failed == len(texts) {
		return fmt.Errorf("none of the %d pipelines could be evaluated", failed)
	}
	return cmd.Context().Err()
}

func (f *evaluateFlags) one(ctx context.Context, cv *pipeline.CrossVal, text string) evaluated {
	e := evaluated{Pipeline: text, Folds: []*float64{}}
	t, err := pipeline.Parse(text, f.specs)
	if err != nil {
		e.Error = err.Error()
		return e
	}
	runtime.LockOSThread() // so that the thread's CPU time is this evaluation's
	defer runtime.UnlockOSThread()
	start, cpu := time.Now(), threadCPU()
	r, err := cv.Evaluate(ctx, t, nil)
	e.Seconds, e.CPU = time.Since(start).Seconds(), (threadCPU() - cpu).Seconds()
	if err != nil {
		e.Error = err.Error()
		return e
	}
	e.Score, e.Error = jsonNumber(r.Score), r.Err
	for _, v := range r.Folds {
		e.Folds = append(e.Folds, jsonNumber(v))
	}
	return e
}

func (f *evaluateFlags) print(w io.Writer, e evaluated) error {
	if f.json {
		return json.NewEncoder(w).Encode(e)
	}
	score := math.NaN()
	if e.Score != nil {
		score = *e.Score
	}
	if e.Error != "" {
		_, err := fmt.Fprintf(w, "%-12s %7.3fs  %s  # %s\n", "failed", e.Seconds, e.Pipeline, oneLine(e.Error))
		return err
	}
	_, err := fmt.Fprintf(w, "%-12.6g %7.3fs  %s\n", score, e.Seconds, e.Pipeline)
	return err
}

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/operators/catalog"
)

// trainFlags are the flags of automl train.
type trainFlags struct {
	data                     dataFlags
	opt                      automl.Options
	ensemble                 int
	memory, out, seeds, sets string
	config, report           string
	log                      string
	json, quiet              bool
}

func trainCommand(started time.Time) *cobra.Command {
	f := &trainFlags{}
	cmd := &cobra.Command{
		Use:     "train DATA --target COL",
		Short:   "Search for the best pipeline and write the model file",
		Example: "  automl train patients.csv --target diagnosis --time 5m",
		Args:    exactly("DATA"),
		RunE:    func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0], started) },
	}
	f.data.learning(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.opt.Metric, "metric", "", "metric to optimise (default roc_auc, log_loss or rmse by task)")
	fl.DurationVar(&f.opt.Time, "time", 5*time.Minute, "hard wall-clock budget for everything")
	fl.IntVar(&f.opt.Evaluations, "evaluations", 0, "stop after that many pipelines; alone: no time limit, same result for any --workers")
	fl.IntVar(&f.opt.Generations, "generations", 0, "stop after that many generations; alone: likewise")
	fl.IntVar(&f.opt.Population, "population", 100, "size of the population")
	fl.IntVar(&f.opt.Folds, "folds", 5, "folds of the cross-validation")
	fl.IntVar(&f.opt.Repeats, "repeats", 1, "repetitions of the cross-validation")
	fl.Float64Var(&f.opt.Holdout, "holdout", 0, "share of the rows kept for a final, honest score")
	fl.Uint64Var(&f.opt.Seed, "seed", 1, "seed of all randomness")
	fl.IntVar(&f.opt.Workers, "workers", runtime.GOMAXPROCS(0), "concurrent evaluations")
	fl.StringVar(&f.memory, "memory", "", "soft memory limit, such as 2GB (default 80% of the machine's or cgroup's)")
	fl.DurationVar(&f.opt.EvalTime, "eval-time", 0, "limit for one pipeline (default a tenth of the budget)")
	fl.IntVar(&f.ensemble, "ensemble", 25, "rounds of ensemble selection; 0 keeps the single best pipeline")
	fl.StringVar(&f.config, "config", "default", "search space: default, light, fast, mdr or a JSON file")
	fl.StringVar(&f.opt.Template, "template", "", "shape of the pipelines, such as Selector-Transformer-Classifier")
	fl.StringVar(&f.seeds, "seed-pipelines", "", "file of pipelines to start from, one per line")
	fl.StringVar(&f.sets, "feature-sets", "", "CSV of column sets for FeatureSetSelector: Subset,Size,Features (a;b;c)")
	fl.IntVar(&f.opt.EarlyStop, "early-stop", 0, "stop after that many generations without progress")
	fl.BoolVar(&f.opt.NoInstances, "no-instances", false, "forbid operators whose fitted form holds training rows")
	fl.StringVarP(&f.out, "out", "o", "model.automl", "model file to write")
	fl.BoolVar(&f.json, "json", false, "print one JSON object instead of the summary")
	fl.BoolVar(&f.quiet, "quiet", false, "no progress and no warnings")
	fl.StringVar(&f.opt.Checkpoint, "checkpoint", "", "file to log every result to, so that a killed search can go on")
	fl.BoolVar(&f.opt.Resume, "resume", false, "go on with the search that --checkpoint logs, if the file exists")
	fl.StringVar(&f.report, "report", "", "also write a report: one HTML file")
	fl.StringVar(&f.log, "log", "", "file to append to what the search does, as one JSON object per line")
	return cmd
}

// check refuses what cannot work before a byte is read.
func (f *trainFlags) check(cmd *cobra.Command) error {
	if err := f.data.check(); err != nil {
		return err
	}
	if err := readSpace(f.config, &f.opt); err != nil {
		return err
	}
	for _, name := range []string{"evaluations", "generations", "population", "folds", "repeats", "workers", "early-stop"} {
		if v, _ := cmd.Flags().GetInt(name); cmd.Flags().Changed(name) && v < 1 {
			return usagef("--%s %d: want at least 1", name, v)
		}
	}
	for _, name := range []string{"time", "eval-time"} {
		if v, _ := cmd.Flags().GetDuration(name); cmd.Flags().Changed(name) && v <= 0 {
			return usagef("--%s %v: want a positive duration such as 30s or 5m", name, v)
		}
	}
	if f.opt.Resume && f.opt.Checkpoint == "" {
		return usagef("--resume: name the log to go on with by --checkpoint FILE")
	}
	if f.opt.Folds < 2 {
		return usagef("--folds %d: want at least 2", f.opt.Folds)
	}
	if f.ensemble < 0 {
		return usagef("--ensemble %d: want at least 0", f.ensemble)
	}
	if !(f.opt.Holdout >= 0 && f.opt.Holdout < 0.9) {
		return usagef("--holdout %g: want a share in [0, 0.9)", f.opt.Holdout)
	}
	if f.opt.Metric != "" {
		if _, err := metrics.ByName(f.opt.Metric); err != nil {
			return usageError{"--metric: " + err.Error()}
		}
	}
	f.opt.Ensemble, f.opt.Single = f.ensemble, f.ensemble == 0
	limit, err := memoryLimit(f.memory)
	if err != nil {
		return err
	}
	debug.SetMemoryLimit(limit)
	f.opt.Memory = min(limit/8, 512<<20)   // of cached prefixes: what they are made into takes as much again
	f.opt.FitMemory = max(limit/4, 64<<20) // whatever the number of workers, so that the outcome does not depend on it
	if f.report != "" {
		if err := writable(f.report); err != nil {
			return err
		}
	}
	return writable(f.out)
}

// writable reports early that a file cannot be written in the end.
func writable(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s: not a file that can be replaced: give another name", path)
	}
	dir := filepath.Dir(path)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return fmt.Errorf("%s: there is no folder %s to write to: make it or give another name", path, dir)
	}
	probe, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("%s: cannot be written (%v): give another name", path, reason(err))
	}
	_ = probe.Close()
	return os.Remove(probe.Name())
}

func (f *trainFlags) run(cmd *cobra.Command, path string, started time.Time) error {
	if err := f.check(cmd); err != nil {
		return err
	}
	start, err := readPipelines(f.seeds)
	if err != nil {
		return err
	}
	if f.opt.FeatureSets, err = readFeatureSets(f.sets); err != nil {
		return err
	}
	if err := checkStart(f.seeds, start, &f.opt); err != nil {
		return err
	}
	log, err := openJournal(f.log)
	if err != nil {
		return fmt.Errorf("--log %s: cannot be written (%v): give another name", f.log, reason(err))
	}
	defer log.close()
	log.Info("start", "version", automl.Version, "arguments", os.Args[1:])
	m, err := f.train(cmd, path, log, started)
	if err != nil {
		log.Error("end", "error", oneLine(err.Error()))
		return err
	}
	log.done(m, f.out, started)
	return printTraining(cmd.OutOrStdout(), m, summary{seconds: time.Since(started).Seconds(), workers: f.opt.Workers, out: f.out, json: f.json})
}

// train reads the table, searches and writes the model.
func (f *trainFlags) train(cmd *cobra.Command, path string, log *journal, started time.Time) (*automl.Model, error) {
	if !cmd.Flags().Changed("time") && (f.opt.Evaluations > 0 || f.opt.Generations > 0) {
		f.opt.Time = 0
	}
	budget, ctx := f.opt.Time, cmd.Context()
	note := func(text string) {
		log.Warn("warning", "text", text)
		if !f.quiet {
			warn(text)
		}
	}
	reading, stop := ctx, context.CancelFunc(func() {})
	if budget > 0 {
		reading, stop = context.WithDeadline(ctx, started.Add(budget))
	}
	s, schema, err := f.data.read(reading, path, note)
	stop()
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("%s: reading takes longer than the budget of %v: give more --time", path, budget)
	}
	if err != nil {
		return nil, err
	}
	if err := fits(&f.opt, s, note); err != nil {
		return nil, err
	}
	f.opt.Schema = schema
	f.opt.Command = again(cmd, path)
	if budget > 0 {
		if f.opt.Time = budget - time.Since(started) - writeReserve(budget); f.opt.Time <= 0 {
			return nil, fmt.Errorf("%s: reading took %.1fs of the budget of %v: give more --time", path, time.Since(started).Seconds(), budget)
		}
	}
	log.table(path, s, &f.opt)
	p := newProgress(os.Stderr, f.quiet, started, budget)
	f.opt.Observe = func(e gp.Event) {
		p.observe(e)
		log.observe(e)
	}
	p.announce(path, s, &f.opt)
	p.begin()
	m, err := automl.Train(ctx, s, f.opt)
	p.end()
	if err != nil {
		if ctx.Err() != nil && errors.Is(err, automl.ErrNothingWorked) {
			return nil, errInterrupted
		}
		return nil, err
	}
	if err := m.Save(f.out); err != nil {
		return nil, err
	}
	if f.report != "" {
		return m, writeReport(f.report, m)
	}
	return m, nil
}

// writeReserve is kept for writing the model and printing.
func writeReserve(budget time.Duration) time.Duration {
	return min(budget/20, 150*time.Millisecond)
}

// readFeatureSets reads a file of column sets, none if no file is named.
func readFeatureSets(path string) ([]catalog.FeatureSet, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer func() { _ = file.Close() }()
	sets, err := catalog.ReadFeatureSets(file)
	if err != nil {
		return nil, usageError{fmt.Sprintf("--feature-sets %s: %v", path, err)}
	}
	return sets, nil
}

// line is a line of a text file.
type line struct {
	number int
	text   string
}

// readPipelines reads a file of pipelines in text form, one per line; empty lines and # comments are skipped.
func readPipelines(path string) ([]line, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer file.Close()
	var out []line
	sc := bufio.NewScanner(file)
	sc.Buffer(nil, 1<<20)
	number := 0
	for sc.Scan() {
		number++
		if text := strings.TrimSpace(sc.Text()); text != "" && !strings.HasPrefix(text, "#") {
			out = append(out, line{number, text})
		}
	}
	if err := sc.Err(); err != nil {
		return nil, &dataset.DataError{File: path, Row: number + 1, Msg: fmt.Sprintf("not a file of pipelines, one per line (%v)", reason(err))}
	}
	if len(out) == 0 {
		return nil, &dataset.DataError{File: path, Msg: "holds no pipelines: write one per line, such as GaussianNB(input)"}
	}
	return out, nil
}

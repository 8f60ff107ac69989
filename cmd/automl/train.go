package main

import (
	"bufio"
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
	"github.com/lren-chuv/automl/metrics"
)

// trainFlags are the flags of automl train.
type trainFlags struct {
	data                       dataFlags
	opt                        automl.Options
	ensemble                   int
	memory, out, seeds         string
	config, checkpoint, report string
	log                        string
	json, quiet, resume        bool
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
	fl.IntVar(&f.opt.EarlyStop, "early-stop", 0, "stop after that many generations without progress")
	fl.BoolVar(&f.opt.NoInstances, "no-instances", false, "forbid operators whose fitted form holds training rows")
	fl.StringVarP(&f.out, "out", "o", "model.automl", "model file to write")
	fl.BoolVar(&f.json, "json", false, "print one JSON object instead of the summary")
	fl.BoolVar(&f.quiet, "quiet", false, "no progress and no warnings")
	fl.StringVar(&f.checkpoint, "checkpoint", "", "not available yet")
	fl.BoolVar(&f.resume, "resume", false, "not available yet")
	fl.StringVar(&f.report, "report", "", "also write a report: one HTML file")
	fl.StringVar(&f.log, "log", "", "not available yet")
	return cmd
}

// check refuses what cannot work before a byte is read.
func (f *trainFlags) check(cmd *cobra.Command) error {
	for _, later := range []string{"checkpoint", "resume", "log"} {
		if cmd.Flags().Changed(later) {
			return usagef("--%s is not available yet", later)
		}
	}
	switch f.config {
	case "default", "light", "fast":
		f.opt.Config = f.config
	default:
		return usagef("--config %s is not available yet: want default, light or fast", f.config)
	}
	for _, name := range []string{"evaluations", "generations", "population", "folds", "repeats", "workers", "early-stop"} {
		if v, _ := cmd.Flags().GetInt(name); cmd.Flags().Changed(name) && v < 1 {
			return usagef("--%s %d: want at least 1", name, v)
		}
	}
	if f.opt.Time <= 0 || f.opt.EvalTime < 0 {
		return usagef("--time and --eval-time must be positive")
	}
	if f.opt.Folds < 2 {
		return usagef("--folds %d: want at least 2", f.opt.Folds)
	}
	if f.opt.Holdout < 0 || f.opt.Holdout >= 0.9 {
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
	f.opt.Memory = min(limit/4, 2<<30)
	return f.writable()
}

// writable reports early that the model file or the report cannot be written.
func (f *trainFlags) writable() error {
	for _, file := range []string{f.out, f.report} {
		dir := filepath.Dir(file)
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return fmt.Errorf("%s: there is no folder %s to write it to", file, dir)
		}
	}
	return nil
}

func (f *trainFlags) run(cmd *cobra.Command, path string, started time.Time) error {
	if err := f.check(cmd); err != nil {
		return err
	}
	if !cmd.Flags().Changed("time") && (f.opt.Evaluations > 0 || f.opt.Generations > 0) {
		f.opt.Time = 0
	}
	budget := f.opt.Time
	start, err := readPipelines(f.seeds)
	if err != nil {
		return err
	}
	f.opt.Start = start
	ctx := cmd.Context()
	s, schema, err := f.data.read(ctx, path, f.quiet)
	if err != nil {
		return err
	}
	f.opt.Schema = schema
	f.opt.Command = again(cmd, path)
	if budget > 0 {
		if f.opt.Time = budget - time.Since(started) - writeReserve(budget); f.opt.Time <= 0 {
			return fmt.Errorf("reading took %.1fs, the budget is %v: give more --time", time.Since(started).Seconds(), budget)
		}
	}
	p := newProgress(os.Stderr, f.quiet, started, budget)
	f.opt.Observe = p.observe
	p.begin()
	m, err := automl.Train(ctx, s, f.opt)
	p.end()
	if err != nil {
		if ctx.Err() != nil && errors.Is(err, automl.ErrNothingWorked) {
			return errInterrupted
		}
		return err
	}
	if err := m.Save(f.out); err != nil {
		return err
	}
	if f.report != "" {
		if err := writeReport(f.report, m); err != nil {
			return err
		}
	}
	return printTraining(cmd.OutOrStdout(), m, summary{seconds: time.Since(started).Seconds(), workers: f.opt.Workers, out: f.out, json: f.json})
}

// writeReserve is kept for writing the model and printing.
func writeReserve(budget time.Duration) time.Duration {
	return min(budget/20, 150*time.Millisecond)
}

// readPipelines reads a file of pipelines in text form, one per line; empty lines and # comments are skipped.
func readPipelines(path string) ([]string, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var out []string
	sc := bufio.NewScanner(file)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		if line := strings.TrimSpace(sc.Text()); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out, sc.Err()
}

package main

import (
	"context"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/metrics"
)

//go:embed systems.py
var systemsScript string

// others are the systems of the script, those that take as long as they are given last.
var others = []string{"random_forest", "hist_gb", "xgboost", "lightgbm", "tpot", "flaml"}

// league lets whole systems learn the same folds of the tables in a folder, see bench/suite for its format.
type league struct {
	dir, python, csv string
	tables           []string // names, nil for all
	fold             int
	budget           time.Duration
}

// outcome is what a system reached on a table.
type outcome struct {
	Score   float64
	Seconds float64
	Absent  string // why it did not take part
	Error   string
}

// run lets the systems compete and writes a Markdown table, and every result to the CSV file.
func (c league) run(ctx context.Context, w io.Writer) error {
	tables, err := c.names()
	if err != nil {
		return err
	}
	missing := map[string]bool{}
	records := [][]string{{"table", "fold", "metric", "system", "score", "seconds", "error"}}
	fmt.Fprintf(w, "Fold %d, %v and %d threads each, one after the other.\n\n| table | metric | automl | %s |\n|---|---|--:|%s\n",
		c.fold, c.budget, runtime.GOMAXPROCS(0), strings.Join(others, " | "), strings.Repeat("--:|", len(others)))
	for _, name := range tables {
		scores, metric, err := c.table(ctx, name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		line := "| " + name + " | " + metric
		for _, system := range append([]string{"automl"}, others...) {
			o := scores[system]
			switch {
			case o.Absent != "":
				line += " | "
				if !missing[system] {
					fmt.Fprintf(os.Stderr, "peers: %s is LEFT OUT: %s\n", system, o.Absent)
				}
				missing[system] = true
				continue
			case o.Error != "":
				fmt.Fprintf(os.Stderr, "peers: %s on %s: %s\n", system, name, o.Error)
				line += " | failed"
			default:
				line += " | " + strconv.FormatFloat(o.Score, 'g', 4, 64)
			}
			records = append(records, []string{name, strconv.Itoa(c.fold), metric, system, strconv.FormatFloat(o.Score, 'g', 8, 64), strconv.FormatFloat(o.Seconds, 'f', 2, 64), o.Error})
		}
		fmt.Fprintln(w, line+" |")
	}
	return write(c.csv, records)
}

// names are those of the tables to run.
func (c league) names() ([]string, error) {
	files, err := filepath.Glob(filepath.Join(c.dir, "*.folds.csv"))
	if err != nil {
		return nil, err
	}
	var out []string
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".folds.csv")
		if c.tables == nil || slices.Contains(c.tables, name) {
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: no table with a file of folds (NAME.csv, NAME.folds.csv)", c.dir)
	}
	return out, nil
}

// table lets every system learn one table.
func (c league) table(ctx context.Context, name string) (map[string]outcome, string, error) {
	dir, err := os.MkdirTemp("", "peers")
	if err != nil {
		return nil, "", err
	}
	defer os.RemoveAll(dir)
	train, test := filepath.Join(dir, "train.csv"), filepath.Join(dir, "test.csv")
	if err := divide(filepath.Join(c.dir, name+".csv"), filepath.Join(c.dir, name+".folds.csv"), c.fold, train, test); err != nil {
		return nil, "", err
	}
	table, err := dataset.Read(ctx, train, dataset.ReadOptions{})
	if err != nil {
		return nil, "", err
	}
	s, schema, err := table.Sample(dataset.SampleOptions{Target: "target"})
	if err != nil {
		return nil, "", err
	}
	metric := metrics.Default(s.Task())
	scores := map[string]outcome{"automl": c.ours(ctx, s, schema, metric, test)}
	for _, system := range others {
		if ctx.Err() != nil {
			return nil, "", ctx.Err()
		}
		scores[system] = c.ask(ctx, system, train, test, s.Task().String(), metric.Name)
	}
	return scores, metric.Name, nil
}

// ours trains on the sample and scores on the test file.
func (c league) ours(ctx context.Context, s dataset.Sample, schema *dataset.Schema, metric metrics.Metric, test string) outcome {
	start := time.Now()
	m, err := automl.Train(ctx, s, automl.Options{Time: c.budget, Schema: schema, Metric: metric.Name})
	if err != nil {
		return outcome{Error: err.Error()}
	}
	took := time.Since(start).Seconds()
	x, y, err := dataset.ReadAs(ctx, test, m.Schema, dataset.ReadOptions{})
	if err != nil {
		return outcome{Error: err.Error()}
	}
	score, err := m.Evaluate(ctx, x, y, metric.Name)
	if err != nil {
		return outcome{Error: err.Error()}
	}
	return outcome{Score: score, Seconds: took}
}

// ask runs one of the others. A system that is given a budget may take twice of it and a minute before it is ended, as in
// the public benchmark.
func (c league) ask(ctx context.Context, system, train, test, task, metric string) outcome {
	ctx, cancel := context.WithTimeout(ctx, 2*c.budget+time.Minute)
	defer cancel()
	threads := strconv.Itoa(runtime.GOMAXPROCS(0))
	cmd := exec.CommandContext(ctx, c.python, "-c", systemsScript, system, train, test, task, metric, strconv.FormatFloat(c.budget.Seconds(), 'f', 0, 64), threads)
	cmd.Env = append(os.Environ(), "OMP_NUM_THREADS="+threads, "OMP_WAIT_POLICY=passive")
	out, err := cmd.Output()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	var o outcome
	if wrong := json.Unmarshal([]byte(lines[len(lines)-1]), &o); wrong != nil {
		return outcome{Error: fmt.Sprintf("no answer from %s: %v", c.python, errors.Join(err, ctx.Err(), wrong))}
	}
	return o
}

// divide writes the rows of a table that are not in an outer fold to train, the others to test.
func divide(table, folds string, fold int, train, test string) error {
	rows, err := lines(table)
	if err != nil {
		return err
	}
	of, err := lines(folds)
	if err != nil {
		return err
	}
	if len(rows) != len(of) {
		return fmt.Errorf("%s: %d rows for the %d of the table", folds, len(of)-1, len(rows)-1)
	}
	in, out := [][]string{rows[0]}, [][]string{rows[0]}
	for i, f := range of[1:] {
		row, err := strconv.Atoi(f[0])
		if err != nil || row < 0 || row+1 >= len(rows) {
			return fmt.Errorf("%s: line %d names no row", folds, i+2)
		}
		if f[1] == strconv.Itoa(fold) {
			out = append(out, rows[row+1])
		} else {
			in = append(in, rows[row+1])
		}
	}
	if len(in) == 1 || len(out) == 1 {
		return fmt.Errorf("%s: no rows in fold %d, or no others", folds, fold)
	}
	return errors.Join(write(train, in), write(test, out))
}

func lines(path string) ([][]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return out, nil
}

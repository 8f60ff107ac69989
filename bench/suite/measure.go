package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
)

// measure trains on the other folds of a table and scores the model on one.
func (p plan) measure(ctx context.Context, name string, fold int) record {
	r := record{Tool: p.label, Table: name, Fold: fold, Score: math.NaN(), CV: math.NaN()}
	train, test, err := p.split(ctx, name, fold)
	if err != nil {
		r.Err = err.Error()
		return r
	}
	opt, err := p.options(name)
	if err != nil {
		r.Err = err.Error()
		return r
	}
	debug.FreeOSMemory() // what the last table left behind
	start, before := time.Now(), cpuSeconds()
	m, err := automl.Train(ctx, train, opt)
	r.Seconds, r.CPU = time.Since(start).Seconds(), cpuSeconds()-before
	if err != nil {
		r.Err = err.Error()
		return r
	}
	r.Metric, r.CV, r.Pipeline, r.Members = m.Metric, m.Score.CV, m.Best.Pipeline, len(m.Members)
	r.Evaluated, r.Pruned, r.Failed = m.Search.Evaluated, m.Search.Pruned, m.Search.Failed
	if r.Score, err = m.Evaluate(ctx, test.X, test.Y, m.Metric); err != nil {
		r.Err = err.Error()
	}
	return r
}

// options of the search on a table.
func (p plan) options(name string) (automl.Options, error) {
	opt := automl.Options{Time: p.budget, Workers: p.workers, Seed: p.seed, Without: p.without}
	if p.evaluations > 0 {
		opt.Time, opt.Evaluations = 0, p.evaluations
	}
	if p.recipes == "" {
		return opt, nil
	}
	text, err := os.ReadFile(filepath.Join(p.recipes, name+".txt"))
	opt.Start = strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' || r == '\r' })
	opt.Without |= automl.Recipes
	return opt, err
}

// split reads a table and its folds.
func (p plan) split(ctx context.Context, name string, fold int) (train, test dataset.Sample, err error) {
	table, err := dataset.Read(ctx, filepath.Join(p.dir, name+".csv"), dataset.ReadOptions{})
	if err != nil {
		return train, test, err
	}
	all, _, err := table.Sample(dataset.SampleOptions{Target: "target"})
	if err != nil {
		return train, test, err
	}
	folds, err := readFolds(filepath.Join(p.dir, name+".folds.csv"), all.Rows())
	if err != nil {
		return train, test, err
	}
	var in, out []int32
	for i, k := range folds {
		if k == fold {
			out = append(out, int32(i))
		} else {
			in = append(in, int32(i))
		}
	}
	if len(in) == 0 || len(out) == 0 {
		return train, test, fmt.Errorf("%s: no rows in fold %d", name, fold)
	}
	return all.Gather(in), all.Gather(out), nil
}

// readFolds reads the outer fold of each of n rows.
func readFolds(path string, n int) ([]int, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(lines) != n+1 {
		return nil, fmt.Errorf("%s: %d rows for the %d of the table", path, len(lines)-1, n)
	}
	folds := make([]int, n)
	for i, line := range lines[1:] {
		row, err := strconv.Atoi(line[0])
		if err == nil && (row < 0 || row >= n) {
			err = fmt.Errorf("no such row")
		}
		if err == nil {
			folds[row], err = strconv.Atoi(line[1])
		}
		if err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", path, i+2, err)
		}
	}
	return folds, nil
}

// cpuSeconds is the processor time that this process has used.
func cpuSeconds() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return math.NaN()
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

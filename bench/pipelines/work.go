package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/pipeline"
)

// done is what became of one pipeline.
type done struct {
	recorded
	table    string
	ours     float64 // score with the first seed
	mean     float64 // over our seeds
	spread   float64 // standard deviation over our seeds
	cpuOurs  float64 // seconds with the first seed
	err      string
	unparsed bool
}

func (o options) run(ctx context.Context, w io.Writer) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // as the recorded figures
	var all []done
	for _, name := range o.tables {
		list, err := readRecorded(filepath.Join(o.pipelines, name+suffix))
		if err != nil {
			return err
		}
		s, folds, err := readTable(ctx, o.data, name)
		if err != nil {
			return err
		}
		specs := catalog.ForTable(s.X.Cols(), nil)
		one := newWork(s, folds, 1)
		for _, r := range list {
			if !o.only.MatchString(r.text) {
				continue
			}
			d := done{recorded: r, table: name}
			one.evaluate(ctx, specs, &d)
			if d.random && d.err == "" {
				if err := d.average(ctx, specs, s, folds, o.seeds); err != nil {
					return err
				}
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			all = append(all, d)
		}
	}
	summarise(w, o.tables, all)
	if o.csv == "" {
		return nil
	}
	return writeAll(o.csv, all)
}

// newWork prepares what `automl evaluate` would.
func newWork(s dataset.Sample, folds *dataset.Folds, seed uint64) *work {
	return &work{pipeline.CrossVal{Folds: folds, Rows: s.Rows(), Metric: metrics.Default(s.Task()), Seed: seed, Threads: 1,
		Cache: pipeline.NewCache(1 << 30), NoOOF: true}}
}

type work struct{ pipeline.CrossVal }

func (v *work) evaluate(ctx context.Context, specs []*operators.Spec, d *done) {
	d.ours, d.mean = math.NaN(), math.NaN()
	t, err := pipeline.Parse(d.text, specs)
	if err != nil {
		d.err, d.unparsed = err.Error(), true
		return
	}
	began := cpu()
	r, err := v.Evaluate(ctx, t, nil)
	d.cpuOurs = cpu() - began
	if d.err = r.Err; err != nil {
		d.err = err.Error()
	}
	d.ours, d.mean = r.Score, r.Score
}

// average scores a random pipeline with more seeds, outside the account of time.
func (d *done) average(ctx context.Context, specs []*operators.Spec, s dataset.Sample, folds *dataset.Folds, seeds int) error {
	if seeds < 2 {
		return nil
	}
	sum, squares := 0.0, 0.0
	for seed := 2; seed <= seeds; seed++ {
		again := *d
		newWork(s, folds, uint64(seed)).evaluate(ctx, specs, &again)
		if again.err != "" {
			return fmt.Errorf("%s with seed %d: %s", d.text, seed, again.err)
		}
		delta := again.ours - d.ours
		sum, squares = sum+delta, squares+delta*delta
	}
	n := float64(seeds)
	d.mean = d.ours + sum/n
	d.spread = math.Sqrt(max(0, squares-sum*sum/n) / (n - 1))
	debug.FreeOSMemory()
	return nil
}

func writeAll(path string, all []done) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	w := csv.NewWriter(file)
	w.Write([]string{"table", "id", "verdict", "reason", "ours", "ours_mean", "ours_std", "recorded", "std", "cpu_ours", "cpu_recorded", "pipeline", "error"})
	for _, d := range all {
		verdict, reason := d.judge()
		w.Write([]string{d.table, d.id, verdict, reason, number(d.ours), number(d.mean), number(d.spread), number(d.score), number(d.std), number(d.cpuOurs), number(d.cpu), d.text, d.err})
	}
	w.Flush()
	if err := w.Error(); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', 10, 64) }

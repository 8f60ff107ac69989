package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/operators/operatortest"
	"github.com/lren-chuv/automl/pipeline"
)

// moments are the CPU times after which fits are cancelled: while the data are prepared, and in the thick of it.
var moments = []time.Duration{20 * time.Millisecond, 150 * time.Millisecond, 700 * time.Millisecond}

// cancelled fits every operator to 20,000 × 50 numbers, with its defaults and with drawn settings, cancels at several
// moments and tells how much longer the fit went on, in CPU time, where that is more than show.
func cancelled(only *regexp.Regexp, draws int, show time.Duration) {
	tables := map[string]dataset.Sample{}
	for _, spec := range catalog.All() {
		if !only.MatchString(spec.Name) {
			continue
		}
		task := dataset.Multiclass
		for _, t := range []dataset.Task{dataset.Regression, dataset.Binary} {
			if spec.Serves(t) {
				task = t
			}
		}
		key := fmt.Sprint(task, spec.Has(operators.NonNegative), spec.Has(operators.Categories), spec.Has(operators.Missing))
		s, ok := tables[key]
		if !ok {
			s = operatortest.Table(spec, task, 20_000, 50, 13)
			tables[key] = s
		}
		rng := rand.New(rand.NewPCG(uint64(len(spec.Name)), 7))
		worst, text := time.Duration(0), ""
		for d := range 1 + draws {
			values := spec.Defaults()
			if d > 0 {
				values = spec.Canonical(pipeline.DrawValues(rng, spec))
			}
			for _, at := range moments {
				late, ended := lateness(spec, values, s, at)
				if late > worst {
					worst, text = late, fmt.Sprintf("after %v: %s", at, pipeline.Apply(spec, values, pipeline.Leaf()))
				}
				if ended {
					break
				}
			}
		}
		if worst > show {
			fmt.Printf("%-32s %8.1f ms  %s\n", spec.Name, ms(worst), text)
		}
	}
}

// lateness cancels a fit after so much CPU time and returns what it used until it returned; ended says that it was done
// before.
func lateness(spec *operators.Spec, values []float64, s dataset.Sample, at time.Duration) (late time.Duration, ended bool) {
	op, err := spec.New(values)
	if err != nil {
		return 0, true
	}
	fresh := dataset.Sample{X: s.X.Gather(identity(s.Rows())), Y: s.Y.Gather(identity(s.Rows())), W: s.W} // nothing is known of it yet
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan struct{})
	began := cpu()
	go func() {
		defer close(done)
		_, _ = op.Fit(ctx, operators.NewEnv(1, 1), fresh)
	}()
	for cpu()-began < at {
		select {
		case <-done:
			return 0, true
		case <-time.After(2 * time.Millisecond):
		}
	}
	began = cpu()
	cancel()
	<-done
	return cpu() - began, false
}

func identity(n int) []int32 {
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}

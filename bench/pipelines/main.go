// Command pipelines does the same work as scikit-learn: it cross-validates pipelines from TPOT's space whose scores and CPU
// seconds were recorded with scikit-learn on the same folds, and tells how many it can read, how many it can evaluate, which
// scores differ, and how the CPU time compares.
//
//	go run ./bench/pipelines -data DIR -pipelines DIR
//
// DIR of -data holds NAME.csv, with the target in a column called target, and NAME.folds.csv with the columns row and
// fold; DIR of -pipelines holds NAME.pipelines.csv with the columns pipeline, cv_score, cpu_seconds, random and
// score_std_over_seeds. draw.py draws and records more of them:
//
//	python3 bench/pipelines/draw.py -data DIR -table diabetes -count 60 -seed 7 > OUT/diabetes.pipelines.csv
//
// Deterministic scores have to agree to 1e-6, or to 1e-3 where scikit-learn's solver stops at a loose tolerance of its own;
// random ones to three standard deviations over scikit-learn's seeds. A stacked pipeline is for its time only: TPOT's stack
// predicts the rows it was fitted on, ours does not.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
)

type options struct {
	data, pipelines string
	tables          []string
	only            *regexp.Regexp
	seeds           int
	csv             string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var o options
	flag.StringVar(&o.data, "data", "", "`folder` of tables and folds (required)")
	flag.StringVar(&o.pipelines, "pipelines", "", "`folder` of recorded pipelines (required)")
	tables := flag.String("tables", "", "`names` of tables, joined by commas; default all that have pipelines")
	only := flag.String("only", "", "look at pipelines that match this `expression`")
	flag.IntVar(&o.seeds, "seeds", 3, "our seeds for random pipelines; the first alone is judged, the mean is shown")
	flag.StringVar(&o.csv, "csv", "", "write every pipeline's figures to this `file`")
	flag.Parse()
	err := o.check(*tables, *only)
	if err == nil {
		err = o.run(ctx, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pipelines:", err)
		os.Exit(1)
	}
}

func (o *options) check(tables, only string) (err error) {
	if o.data == "" || o.pipelines == "" {
		return fmt.Errorf("-data and -pipelines are required")
	}
	if o.only, err = regexp.Compile(only); err != nil {
		return err
	}
	if tables != "" {
		o.tables = strings.Split(tables, ",")
		return nil
	}
	files, err := filepath.Glob(filepath.Join(o.pipelines, "*"+suffix))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("no NAME%s in %s", suffix, o.pipelines)
	}
	for _, f := range files {
		o.tables = append(o.tables, strings.TrimSuffix(filepath.Base(f), suffix))
	}
	return nil
}

const suffix = ".pipelines.csv"

package main

import (
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"
)

func main() {
	var o options
	only := flag.String("only", "", "measure cases whose text matches this `expression`")
	flag.IntVar(&o.rows, "rows", 10000, "rows of the full size")
	flag.IntVar(&o.cols, "cols", 50, "columns of the full size")
	flag.IntVar(&o.repeat, "repeat", 5, "repetitions at most; the best counts")
	flag.StringVar(&o.python, "python", "/usr/bin/python3", "Python with scikit-learn")
	flag.BoolVar(&o.trees, "trees", false, "the table of tree ensembles instead")
	flag.StringVar(&o.rivals, "rivals", strings.Join(packages, ","), "packages that -trees measures")
	flag.IntVar(&o.growth, "growth", 0, "fit a booster on 10,000 rows and more, up to so many, instead")
	grows := flag.Int("grow", 0, "one fit of -growth")
	flag.StringVar(&o.quality, "quality", "", "compare default boosters with the scores recorded in this `folder` instead")
	flag.StringVar(&o.csv, "csv", "", "write the figures to this `file`")
	var c league
	flag.StringVar(&c.dir, "folds", "", "let whole systems compete on the tables of this `folder` instead, see bench/suite")
	tables := flag.String("tables", "", "with -folds: names of tables, joined by commas; default all")
	flag.IntVar(&c.fold, "fold", 0, "with -folds: outer fold to predict")
	flag.DurationVar(&c.budget, "budget", 30*time.Second, "with -folds: time for each system that takes a limit")
	flag.Parse()
	if c.dir != "" {
		c.python, c.csv = o.python, o.csv
		if *tables != "" {
			c.tables = strings.Split(*tables, ",")
		}
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		exit(c.run(ctx, os.Stdout))
		return
	}
	var err error
	if o.only, err = regexp.Compile(*only); err == nil {
		switch {
		case *grows > 0:
			err = grow(*grows, os.Stdout)
		case o.growth > 0:
			err = runGrowth(o.growth, os.Stdout)
		case o.quality != "":
			err = runQuality(o.quality, o, os.Stdout)
		case o.trees:
			err = runTrees(o, os.Stdout)
		default:
			err = run(o, os.Stdout)
		}
	}
	exit(err)
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

type options struct {
	only               *regexp.Regexp
	rows, cols, repeat int
	python, csv        string
	trees              bool
	growth             int
	quality, rivals    string
}

// enough is the CPU time in seconds after which a case is not repeated.
const enough = 3

func run(o options, w io.Writer) error {
	dir, err := os.MkdirTemp("", "peers")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	peer, err := start(o.python)
	if err != nil {
		return err
	}
	// A search holds tables and models, so that Go keeps the memory that fits give back, as the peers' allocator does here.
	// A process that holds nothing returns it to the system between two cases, and is given it anew page by page.
	held := make([]byte, 256<<20)
	defer runtime.KeepAlive(held)
	records := [][]string{{"operator", "rows", "cols", "fit", "peer_fit", "predict", "peer_predict", "score", "peer_score"}}
	fmt.Fprintf(w, "CPU seconds, one thread, best of up to %d; beside %v\n\n", o.repeat, peer.Versions)
	fmt.Fprintln(w, "| operator | size | ours fit | peer fit | ratio | ours predict | peer predict | ratio | score ours / peer |")
	fmt.Fprintln(w, "|---|---|--:|--:|--:|--:|--:|--:|--:|")
	var failed []error
	for _, c := range cases {
		if !o.only.MatchString(c.text) {
			continue
		}
		if c.needs != "" && peer.Versions[c.needs] == "" {
			fmt.Fprintf(os.Stderr, "peers: %s is LEFT OUT: %s is not installed\n", c.text, c.needs)
			continue
		}
		t, ours, theirs, err := compare(c, o, dir, peer)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", c.text, err))
			fmt.Fprintf(os.Stderr, "peers: %v\n", failed[len(failed)-1])
			continue
		}
		fmt.Fprintf(w, "| %s | %d x %d | %.4f | %.4f | %s | %.4f | %.4f | %s | %s / %s |\n", c.text, t.rows, t.cols, ours.Fit, theirs.Fit,
			ratio(ours.Fit, theirs.Fit), ours.Predict, theirs.Predict, ratio(ours.Predict, theirs.Predict), number(ours.Score, 3), number(theirs.Score, 3))
		records = append(records, []string{c.text, strconv.Itoa(t.rows), strconv.Itoa(t.cols), number(&ours.Fit, 6), number(&theirs.Fit, 6),
			number(&ours.Predict, 6), number(&theirs.Predict, 6), number(ours.Score, 6), number(theirs.Score, 6)})
	}
	failed = append(failed, peer.stop(), write(o.csv, records))
	return errors.Join(failed...)
}

// compare repeats a case on both sides, in turn.
func compare(c entry, o options, dir string, peer *child) (t *table, ours, theirs measured, err error) {
	op, spec, err := operator(c.text)
	if err != nil {
		return
	}
	rows, cols := o.rows, o.cols
	if c.rows > 0 {
		rows = min(rows, c.rows)
	}
	if c.cols > 0 {
		cols = min(cols, c.cols)
	}
	if t, err = generate(c.data, rows, cols); err != nil {
		return
	}
	path, err := t.write(dir)
	if err != nil {
		return
	}
	defer os.Remove(path)
	ask := request{c.peer, path, t.kind, t.rows, t.cols, t.classes(), spec.Predicts(), c.data == "line"}
	spent := 0.0
	for i := 0; i < o.repeat && spent < enough; i++ {
		var m, p measured
		if m, err = measure(op, spec, t); err != nil {
			return
		}
		if p, err = peer.ask(ask); err != nil {
			return
		}
		if i == 0 {
			ours, theirs = m, p
		}
		ours, theirs = ours.better(m), theirs.better(p)
		spent += m.Fit + m.Predict + p.Fit + p.Predict
	}
	return
}

// ratio of ours to theirs; below 1 ours is faster.
func ratio(ours, theirs float64) string {
	if theirs <= 0 {
		return "-"
	}
	return strconv.FormatFloat(ours/theirs, 'f', 2, 64)
}

func number(v *float64, digits int) string {
	if v == nil {
		return "-"
	}
	return strconv.FormatFloat(*v, 'f', digits, 64)
}

func write(path string, records [][]string) error {
	if path == "" {
		return nil
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := csv.NewWriter(f).WriteAll(records); err != nil {
		return err
	}
	return f.Close()
}

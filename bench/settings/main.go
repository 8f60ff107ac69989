// Command settings fits every operator with settings drawn as the search draws them and tells which take long: a search
// meets them all, and one that takes a hundred times as long as the rest costs it a hundred evaluations.
//
//	go run ./bench/settings -only 'SVC|MLP' -draws 100
//
// Times are CPU seconds of one fit on one thread, on a table like a fold of testdata/breast_cancer.csv (455 x 30,
// unscaled), for regressors with a numeric target made of it. A fit that fails in time counts like one that succeeds.
//
//	go run ./bench/settings -cancel -draws 2 -show 100ms
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"runtime"
	"slices"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/pipeline"
)

func main() {
	only := flag.String("only", "", "look at operators whose name matches this `expression`")
	draws := flag.Int("draws", 30, "settings per operator")
	table := flag.String("table", "testdata/breast_cancer.csv", "CSV `file` with a column called target of two classes")
	show := flag.Duration("show", 50*time.Millisecond, "list the settings that take longer")
	most := flag.Duration("most", 5*time.Second, "give a fit up after so long")
	cancel := flag.Bool("cancel", false, "tell instead which fits of 20,000 x 50 go on for longer than -show after they are cancelled")
	flag.Parse()
	match, err := regexp.Compile(*only)
	switch {
	case err != nil:
	case *cancel:
		cancelled(match, *draws, *show)
	default:
		err = run(match, *draws, *table, *show, *most)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "settings:", err)
		os.Exit(1)
	}
}

const foldRows = 455

func run(only *regexp.Regexp, draws int, path string, show, most time.Duration) error {
	classes, err := read(path)
	if err != nil {
		return err
	}
	numbers := numeric(classes)
	for _, spec := range catalog.All() {
		if !only.MatchString(spec.Name) {
			continue
		}
		s := classes
		if !spec.Serves(dataset.Binary) {
			s = numbers
		}
		found := fits(spec, s, draws, most)
		slices.SortStableFunc(found, func(a, b timed) int { return int(b.took - a.took) })
		var sum time.Duration
		for _, f := range found {
			sum += f.took
		}
		fmt.Printf("%-32s mean %8.1f ms  worst %8.1f ms\n", spec.Name, ms(sum)/float64(len(found)), ms(found[0].took))
		for _, f := range found {
			if f.took > show {
				fmt.Printf("    %8.1f ms  %s  %s\n", ms(f.took), f.text, f.err)
			}
		}
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d) / 1e6 }

type timed struct {
	text, err string
	took      time.Duration
}

// fits times one fit of each drawn setting; the draws depend on the operator's name alone.
func fits(spec *operators.Spec, s dataset.Sample, draws int, most time.Duration) []timed {
	seed := uint64(0)
	for _, c := range spec.Name {
		seed = seed*31 + uint64(c)
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	out := make([]timed, 0, draws)
	for range draws {
		values := spec.Canonical(pipeline.DrawValues(rng, spec))
		f := timed{text: pipeline.Apply(spec, values, pipeline.Leaf()).String()}
		op, err := spec.New(values)
		if err == nil {
			ctx, cancel := context.WithTimeout(context.Background(), most)
			runtime.GC()
			began := cpu()
			_, err = op.Fit(ctx, operators.NewEnv(1, 1), s)
			f.took = cpu() - began
			cancel()
		}
		if err != nil {
			f.err = "failed: " + err.Error()
		}
		out = append(out, f)
	}
	return out
}

func read(path string) (dataset.Sample, error) {
	table, err := dataset.Read(context.Background(), path, dataset.ReadOptions{})
	if err != nil {
		return dataset.Sample{}, err
	}
	s, _, err := table.Sample(dataset.SampleOptions{Target: "target"})
	if err != nil {
		return s, err
	}
	if s.Y.Kind != dataset.Categorical {
		return s, errors.New("the target of " + path + " is not a class")
	}
	rng := rand.New(rand.NewPCG(1, 1))
	rows := make([]int32, min(foldRows, s.Rows()))
	for i, r := range rng.Perm(s.Rows())[:len(rows)] {
		rows[i] = int32(r)
	}
	return dataset.Sample{X: s.X.Gather(rows), Y: s.Y.Gather(rows)}, nil
}

// numeric replaces the target by a noisy positive function of the classes and the first column.
func numeric(s dataset.Sample) dataset.Sample {
	rng := rand.New(rand.NewPCG(2, 1))
	y := make([]float64, s.Rows())
	for i := range y {
		y[i] = 1 + 3*float64(s.Y.Code[i]) + 0.1*s.X.Col(0).Float[i] + rng.Float64()
	}
	return dataset.Sample{X: s.X, Y: dataset.NewNumeric("y", y)}
}

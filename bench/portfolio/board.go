package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/pipeline"
)

// board holds the losses of pipelines on tables.
type board struct {
	path   string
	losses map[string]map[string]float64 // table → pipeline → loss, +Inf after a failure
}

func readBoard(path string) (*board, error) {
	b := &board{path, map[string]map[string]float64{}}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for i, l := range lines {
		loss, err := strconv.ParseFloat(l[len(l)-1], 64)
		if err != nil || len(l) != 3 {
			return nil, fmt.Errorf("%s: line %d: want table, pipeline, loss", path, i+1)
		}
		b.put(l[0], l[1], loss)
	}
	return b, nil
}

func (b *board) put(table, text string, loss float64) {
	if b.losses[table] == nil {
		b.losses[table] = map[string]float64{}
	}
	b.losses[table][text] = loss
}

// fill evaluates the trees that have no loss on a table of the right task yet.
func (p plan) fill(ctx context.Context, b *board, name string, trees []pipeline.Tree) error {
	todo := slices.DeleteFunc(slices.Clone(trees), func(t pipeline.Tree) bool {
		_, known := b.losses[name][t.String()]
		return known
	})
	if len(todo) == 0 {
		return nil
	}
	cv, err := p.crossVal(ctx, name)
	if cv == nil || err != nil {
		return err
	}
	losses := make([]float64, len(todo))
	env := operators.NewEnv(1, 1)
	env.Threads = p.workers
	err = env.Each(ctx, len(todo), func(i int, _ *rand.Rand) error {
		r, err := cv.Evaluate(ctx, todo[i], nil)
		losses[i] = math.Inf(1)
		if err == nil && !r.Failed() {
			losses[i] = cv.Metric.Loss(r.Score)
		}
		return err
	})
	if err != nil {
		return err
	}
	f, err := os.OpenFile(b.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	for i, t := range todo {
		b.put(name, t.String(), losses[i])
		if err := w.Write([]string{name, t.String(), strconv.FormatFloat(losses[i], 'g', 8, 64)}); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	w.Flush()
	fmt.Fprintf(os.Stderr, "%s: %d pipelines\n", name, len(todo))
	return errors.Join(w.Error(), f.Close())
}

// crossVal prepares a table; nil if it poses another task.
func (p plan) crossVal(ctx context.Context, name string) (*pipeline.CrossVal, error) {
	table, err := dataset.Read(ctx, filepath.Join(p.dir, name+".csv"), dataset.ReadOptions{})
	if err != nil {
		return nil, err
	}
	s, _, err := table.Sample(dataset.SampleOptions{Target: "target"})
	if err != nil || s.Task() != p.task {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(1, 2))
	if s.Rows() > p.maxRows {
		rows := make([]int32, p.maxRows)
		for i, r := range rng.Perm(s.Rows())[:p.maxRows] {
			rows[i] = int32(r)
		}
		s = s.Gather(rows)
	}
	a, err := dataset.Split(s, 4, rng)
	if err != nil {
		return nil, err
	}
	folds, err := dataset.NewFolds(s, rng, a)
	if err != nil {
		return nil, err
	}
	return &pipeline.CrossVal{Folds: folds, Rows: s.Rows(), Metric: metrics.Default(p.task), Seed: 1, Limit: p.limit, Threads: 1,
		Cache: pipeline.NewCache(256 << 20), NoOOF: true, Humble: true}, nil
}

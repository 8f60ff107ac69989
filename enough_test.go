package automl_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/gp"
)

// A search that is ended early is finished like any other, unlike one that is interrupted: it is scored on fresh folds, and explained.
func TestEnoughIsAsGoodAsTheEnd(t *testing.T) {
	s, schema := table(t, "testdata/iris.csv")
	for name, limit := range map[string]automl.Options{"time": {Time: time.Hour}, "evaluations": {Evaluations: 100_000}} {
		asked := make(chan struct{})
		limit.Schema, limit.Config, limit.Workers, limit.Enough = schema, "fast", 2, asked
		limit.Observe = func(e gp.Event) {
			if e.Evaluated == 12 {
				close(asked)
			}
		}
		start := time.Now()
		m, err := automl.Train(context.Background(), s, limit)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if took := time.Since(start); m.Search.Evaluated < 12 || took > time.Minute {
			t.Errorf("%s: %d evaluations, %v", name, m.Search.Evaluated, took)
		}
		if m.Score.CV == m.Score.Search {
			t.Errorf("%s: the score %g is that of the search's own folds", name, m.Score.CV)
		}
		if len(m.Record.Reasons.Importance) == 0 {
			t.Errorf("%s: nothing is explained", name)
		}
	}
}

// Asked for before it begins, a search goes on until there is something to keep, and takes in all that an earlier run has found.
func TestEnoughBeforeTheStart(t *testing.T) {
	s, schema := table(t, "testdata/iris.csv")
	path := filepath.Join(t.TempDir(), "search.log")
	train := func(evaluations int, asked <-chan struct{}) *automl.Model {
		m, err := automl.Train(context.Background(), s, automl.Options{Time: time.Hour, Evaluations: evaluations, Workers: 2, Population: 15, Schema: schema, Config: "fast", NoExplain: true,
			Checkpoint: path, Resume: true, Enough: asked})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	asked := make(chan struct{})
	close(asked)
	if m := train(0, asked); m.Search.Evaluated < 1 {
		t.Errorf("%d evaluations", m.Search.Evaluated)
	}
	before := train(40, nil)
	after := train(0, asked)
	if len(after.Record.History) < 40 {
		t.Fatalf("%d of 40 results were taken in", len(after.Record.History))
	}
	for i, e := range before.Record.History {
		if after.Record.History[i].Pipeline != e.Pipeline {
			t.Errorf("result %d is of %s, was of %s", i, after.Record.History[i].Pipeline, e.Pipeline)
		}
	}
}

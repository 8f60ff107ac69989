package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"

	"github.com/lren-chuv/automl"
)

// summary is what train knows beside the model.
type summary struct {
	seconds float64
	workers int
	out     string
	json    bool
}

// trained is the JSON object of automl train --json.
type trained struct {
	Task        string           `json:"task"`
	Target      string           `json:"target"`
	Metric      string           `json:"metric"`
	CV          *float64         `json:"cv_score"`
	Std         *float64         `json:"cv_std"`
	Holdout     *float64         `json:"holdout_score"`
	Pipeline    string           `json:"pipeline"`
	Nodes       int              `json:"nodes"`
	Ensemble    []weightedMember `json:"ensemble"`
	Stack       *stacked         `json:"stack,omitempty"`
	Evaluated   int              `json:"evaluated"`
	Failed      int              `json:"failed"`
	Pruned      int              `json:"pruned"`
	CacheHits   int              `json:"cache_hits"`
	Generations int              `json:"generations"`
	Seconds     float64          `json:"seconds,omitempty"`
	PerSecond   float64          `json:"evaluations_per_second,omitempty"`
	Rows        int              `json:"rows"`
	Columns     int              `json:"columns"`
	Seed        uint64           `json:"seed"`
	Workers     int              `json:"workers,omitempty"`
	Model       string           `json:"model"`
}

// stacked tells of a second-level model that weighs the ensemble.
type stacked struct {
	Geometric bool    `json:"geometric_mean"`
	Score     float64 `json:"score"`
	Greedy    float64 `json:"greedy_score"`
}

type weightedMember struct {
	Weight   float64 `json:"weight"`
	Pipeline string  `json:"pipeline"`
}

func describe(m *automl.Model) trained {
	t := trained{
		Task: m.Task, Target: m.Target, Metric: m.Metric, CV: jsonNumber(m.Score.CV), Std: jsonNumber(m.Score.Std),
		Holdout: m.Score.Holdout, Pipeline: m.Best.Pipeline, Nodes: m.Best.Steps,
		Evaluated: m.Search.Evaluated, Failed: m.Search.Failed, Pruned: m.Search.Pruned, CacheHits: m.Search.Duplicates,
		Generations: m.Search.Generations, Rows: m.Search.Rows, Columns: m.Search.Columns, Seed: m.Search.Seed,
	}
	for _, member := range m.Members {
		t.Ensemble = append(t.Ensemble, weightedMember{member.Weight, member.Pipeline})
	}
	if s := m.Stack; s != nil {
		t.Stack = &stacked{s.Geometric, s.Score, s.Greedy}
	}
	return t
}

// jsonNumber is nil for what JSON cannot say.
func jsonNumber(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

func printTraining(w io.Writer, m *automl.Model, s summary) error {
	if s.json {
		t := describe(m)
		t.Seconds, t.PerSecond = s.seconds, float64(t.Evaluated)/s.seconds
		t.Workers, t.Model = s.workers, s.out
		return json.NewEncoder(w).Encode(t)
	}
	fmt.Fprintf(w, "%s: %s of %s, %d rows, %d columns\n", s.out, m.Task, m.Target, m.Search.Rows, m.Search.Columns)
	printScores(w, m)
	fmt.Fprintf(w, "  %d pipelines in %.1fs (%.1f/s), %d failed\n", m.Search.Evaluated, s.seconds, float64(m.Search.Evaluated)/s.seconds, m.Search.Failed)
	fmt.Fprintf(w, "  best pipeline  %.5g (%.5g on the folds of the search)  %s\n", m.Best.Score, m.Score.Search, m.Best.Pipeline)
	if len(m.Members) > 1 {
		fmt.Fprintln(w, "  ensemble")
		for _, member := range m.Members {
			fmt.Fprintf(w, "    %4.0f%%  %s\n", 100*member.Weight, member.Pipeline)
		}
	}
	return nil
}

func printScores(w io.Writer, m *automl.Model) {
	fmt.Fprintf(w, "  %s %.5g ± %.2g in cross-validation", m.Metric, m.Score.CV, m.Score.Std)
	if m.Score.Holdout != nil {
		fmt.Fprintf(w, ", %.5g on the holdout", *m.Score.Holdout)
	}
	fmt.Fprintln(w)
	if s := m.Stack; s != nil {
		mean := ""
		if s.Geometric {
			mean = " and their geometric mean taken"
		}
		fmt.Fprintf(w, "  pipelines weighed by a second-level model%s: %.5g on rows it had not seen, greedy selection %.5g\n", mean, s.Score, s.Greedy)
	}
	if m.Odds != nil {
		fmt.Fprint(w, "  classes are favoured:")
		for k, o := range m.Odds {
			fmt.Fprintf(w, " %s × %.3g", m.Levels[k], o)
		}
		fmt.Fprintln(w)
	}
}

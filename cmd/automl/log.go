package main

import (
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/gp"
)

// journal writes down what a search does, one JSON object per line, for those who want to know afterwards.
type journal struct {
	*slog.Logger
	file io.Closer
	best *gp.Individual
}

// openJournal appends to the file called path; without one nothing is written down.
func openJournal(path string) (*journal, error) {
	if path == "" {
		return &journal{Logger: slog.New(slog.DiscardHandler)}, nil
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	return &journal{Logger: slog.New(slog.NewJSONHandler(f, nil)), file: f}, nil
}

func (j *journal) close() {
	if j.file != nil {
		_ = j.file.Close()
	}
}

func (j *journal) table(path string, s dataset.Sample, opt *automl.Options) {
	j.Info("table", "data", path, "task", s.Task().String(), "target", s.Y.Name, "rows", s.Rows(), "columns", s.X.Cols(),
		"seed", opt.Seed, "workers", opt.Workers, "seconds_left", opt.Time.Seconds())
}

// observe writes down an evaluated pipeline, in the order in which the search took note of them.
func (j *journal) observe(e gp.Event) {
	ind := e.Individual
	r := &ind.Result
	at := []any{"id", ind.ID, "origin", ind.Origin, "parents", ind.Parents, "generation", e.Generation,
		"seconds", r.Took.Seconds(), "pipeline", ind.Tree.String()}
	if r.Failed() {
		j.Warn("failed", append(at, "error", oneLine(r.Err))...)
		return
	}
	folds := make([]*float64, len(r.Folds))
	for i, v := range r.Folds {
		folds[i] = jsonNumber(v)
	}
	j.Info("evaluated", append(at, "score", jsonNumber(r.Score), "folds", folds, "pruned", r.Pruned)...)
	if e.Best != j.best {
		j.best = e.Best
		j.Info("best", "id", e.Best.ID, "score", jsonNumber(e.Best.Result.Score), "evaluated", e.Evaluated)
	}
}

func (j *journal) done(m *automl.Model, out string, started time.Time) {
	j.Info("done", "model", out, "metric", m.Metric, "cv_score", jsonNumber(m.Score.CV), "holdout_score", m.Score.Holdout,
		"pipelines", len(m.Members), "evaluated", m.Search.Evaluated, "failed", m.Search.Failed,
		"generations", m.Search.Generations, "seconds", time.Since(started).Seconds())
}

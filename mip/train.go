package mip

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/lren-chuv/automl"
)

// Trained is what training.json and pipeline.json say.
type Trained struct {
	Task      string       `json:"task"`
	Target    string       `json:"target"`
	Metric    string       `json:"metric"`
	CV        *float64     `json:"cv_score"`
	Std       *float64     `json:"cv_std"`
	Holdout   *float64     `json:"holdout_score"`
	Pipeline  string       `json:"pipeline"`
	Ensemble  []weighted   `json:"ensemble"`
	Front     []frontPoint `json:"front"`
	Rows      int          `json:"rows"`
	Columns   int          `json:"columns"`
	Folds     int          `json:"folds"`
	Evaluated int          `json:"evaluated"`
	Failed    int          `json:"failed"`
	Seed      uint64       `json:"seed"`
	Seconds   float64      `json:"seconds"`
	MinCount  int          `json:"min_count"` // no category, class or leaf is about fewer rows, whatever a pipeline's text says
	LeftOut   []string     `json:"left_out,omitempty"`

	Importance map[string]float64 `json:"importance,omitempty"` // by how much the metric worsens when a column is shuffled
	Classes    []string           `json:"classes,omitempty"`
}

type weighted struct {
	Weight   float64 `json:"weight"`
	Pipeline string  `json:"pipeline"`
}

type frontPoint struct {
	Score    *float64 `json:"score"`
	Steps    int      `json:"steps"`
	Pipeline string   `json:"pipeline"`
}

func (j *Job) describe(m *automl.Model, data *prepared) Trained {
	t := Trained{Task: m.Task, Target: m.Target, Metric: m.Metric, CV: finite(m.Score.CV), Std: finite(m.Score.Std), Holdout: m.Score.Holdout,
		Pipeline: m.Best.Pipeline, Rows: m.Search.Rows, Columns: m.Search.Columns, Folds: m.Search.Folds, Evaluated: m.Search.Evaluated,
		Failed: m.Search.Failed, Seed: m.Search.Seed, Seconds: j.seconds(), MinCount: data.minCount, LeftOut: data.dropped, Classes: m.Levels}
	for _, member := range m.Members {
		t.Ensemble = append(t.Ensemble, weighted{member.Weight, member.Pipeline})
	}
	for _, f := range m.Front {
		t.Front = append(t.Front, frontPoint{finite(f.Score), f.Steps, f.Pipeline})
	}
	return t
}

// finite is nil for what JSON cannot say.
func finite(v float64) *float64 {
	if v-v != 0 {
		return nil
	}
	return &v
}

// Train searches for the best model for the rows that input_training.json, or else the environment, names, and leaves
// it in the job's folder (and, with the parameter store=database, in the database) with what the next step needs.
func (j *Job) Train(ctx context.Context) error {
	r, err := j.request(trainingFile)
	if err != nil {
		return err
	}
	if j.MetaError != nil {
		return dataError{j.MetaError.Error()}
	}
	r.complete(j.Settings)
	p := params{j.Params, j.Log}
	opt := j.options(p, p.bool("pfa", false))
	where := p.text("store", "volume")
	switch where {
	case "volume", "database", "both":
	default:
		return badData("The parameter store is %q: want volume, database or both.", where)
	}
	if err := writeFile(filepath.Join(j.folder(), ".writable"), nil); where != "database" && err != nil {
		return fmt.Errorf("the volume cannot be written: %w", err)
	}
	removeFile(filepath.Join(j.folder(), ".writable"))
	t, err := j.rows(ctx, r, p)
	if err != nil {
		return err
	}
	t.sort()
	l := learning{target: r.Target, features: r.Features, meta: j.Meta, minCount: p.int("min_count", DefaultMinCount, 1), task: p.text("task", ""), dates: true, log: j.Log}
	data, err := l.prepare(t)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	opt.Enough = j.enough(ctx)
	m, err := j.search(ctx, data, opt)
	if err != nil {
		return err
	}
	if err := j.keep(context.WithoutCancel(ctx), r, m, data, where); err != nil {
		return err
	}
	removeFile(filepath.Join(j.folder(), EnoughFile)) // it was about this run
	return nil
}

// EnoughFile ends the search when it appears in the job's folder: what was found so far is then the result.
const EnoughFile = "enough"

// enough is closed when the file appears.
func (j *Job) enough(ctx context.Context) <-chan struct{} {
	asked := make(chan struct{})
	go func() {
		tick := time.NewTicker(time.Second / 2)
		defer tick.Stop()
		for ctx.Err() == nil {
			if _, err := os.Stat(filepath.Join(j.folder(), EnoughFile)); err == nil {
				close(asked)
				return
			}
			select {
			case <-ctx.Done():
			case <-tick.C:
			}
		}
	}()
	return asked
}

// keep stores the model and what describes it; what the next step looks for comes last.
func (j *Job) keep(ctx context.Context, r *Request, m *automl.Model, data *prepared, where string) error {
	model, err := m.Encode()
	if err != nil {
		return err
	}
	about := j.describe(m, data)
	about.Importance = importance(ctx, m, data.sample)
	training, err := indented(about)
	if err != nil {
		return err
	}
	next := *r
	next.Parameters, next.Pipeline, next.Trained = nil, m.Best.Pipeline, training
	if where != "volume" {
		if err := j.storeModel(ctx, model); err != nil {
			return err
		}
		next.ModelJobID = j.JobID
	}
	if where == "database" {
		j.Log.Info("stored", "where", "database", "bytes", len(model), "seconds", j.seconds())
		return nil
	}
	next.Model = modelFile
	test, err := indented(next)
	if err != nil {
		return err
	}
	err = j.writeAll([]file{{modelFile, model}, {"training.json", training}, {"pipeline.txt", []byte(pipelineText(m))}, {"pipeline.json", training}, {testFile, test}})
	if err != nil {
		return err
	}
	j.Log.Info("stored", "where", where, "bytes", len(model), "seconds", j.seconds())
	return nil
}

// pipelineText lists the pipelines of the model, one per line, the best single one of the search first.
func pipelineText(m *automl.Model) string {
	lines := []string{m.Best.Pipeline}
	for _, member := range m.Members {
		if member.Pipeline != m.Best.Pipeline {
			lines = append(lines, member.Pipeline)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// file is one that a step leaves in the job's folder.
type file struct {
	name string
	data []byte
}

// writeAll writes all files, or leaves none of them: a step must not find the half of what the one before it meant.
func (j *Job) writeAll(files []file) error {
	for i, f := range files {
		err := writeFile(filepath.Join(j.folder(), f.name), f.data)
		if err == nil {
			continue
		}
		for _, written := range files[:i] {
			removeFile(filepath.Join(j.folder(), written.name))
		}
		return fmt.Errorf("%s cannot be written: %w", f.name, err)
	}
	return nil
}

package mip

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Names of the files in a job's folder.
const (
	trainingFile = "input_training.json"
	testFile     = "input_test.json"
	modelFile    = "model.automl"
)

// Request is what one step is asked to do: the content of input_training.json and input_test.json. Whatever is missing
// comes from the environment.
type Request struct {
	QueryFeatures string            `json:"query_features,omitempty"`
	QueryTargets  string            `json:"query_targets,omitempty"`
	Query         string            `json:"query,omitempty"`        // instead of the two
	Target        string            `json:"target,omitempty"`       // column to predict, of Query
	Features      []string          `json:"features,omitempty"`     // columns to predict from; all others if empty
	Parameters    map[string]string `json:"parameters,omitempty"`   // of the algorithm
	Rows          []map[string]any  `json:"rows,omitempty"`         // of input_test.json: rows to predict instead of a query
	Model         string            `json:"model,omitempty"`        // of input_test.json: the model's file, beside it
	ModelJobID    string            `json:"model_job_id,omitempty"` // of input_test.json: the job whose model is in the database
	Pipeline      string            `json:"pipeline,omitempty"`     // of input_test.json: the best pipeline, for people
	Trained       json.RawMessage   `json:"training,omitempty"`     // of input_test.json: scores, for people
}

// folder is the job's own folder in the volume.
func (j *Job) folder() string {
	if j.JobID == "" {
		return j.Volume
	}
	return filepath.Join(j.Volume, strings.Map(func(r rune) rune {
		if r == '/' || r == '\\' || r == 0 {
			return '_'
		}
		return r
	}, strings.TrimLeft(j.JobID, ".")))
}

// request reads the step's file from the job's folder, or from the volume itself; without a file the environment says
// all.
func (j *Job) request(name string) (*Request, error) {
	for _, dir := range []string{j.folder(), j.Volume} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s cannot be read: %w", name, err)
		}
		r := &Request{}
		if err := json.Unmarshal(data, r); err != nil {
			return nil, badData("%s is not what it should be: %v", name, err)
		}
		for k, v := range r.Parameters {
			if _, given := j.Params[strings.ToLower(k)]; !given {
				j.Params[strings.ToLower(k)] = v
			}
		}
		return r, nil
	}
	return &Request{}, nil
}

// complete takes from the environment what the file does not say.
func (r *Request) complete(s *Settings) {
	if r.Query == "" && r.QueryFeatures == "" {
		r.Query = s.Query
	}
	if r.Target == "" {
		r.Target = s.target()
	}
	if len(r.Features) == 0 {
		r.Features = s.features()
	}
}

// rows reads what the request asks for and says what is the target and what are the features.
func (j *Job) rows(ctx context.Context, r *Request, p params) (t *table, err error) {
	if r.QueryFeatures == "" || r.QueryTargets == "" {
		if r.Query == "" {
			r.Query = r.QueryFeatures
		}
		j.Query = r.Query
		t, err = j.read(ctx, p)
		if err != nil {
			return nil, err
		}
	} else {
		lim := limits{rows: p.int("max_rows", 2_000_000, 1), bytes: containerMemory() / 4}
		err = j.reading(ctx, func(tx pgx.Tx) error {
			var n int
			if t, n, err = pair(ctx, tx, r.QueryFeatures, r.QueryTargets, lim); err != nil {
				return err
			}
			if n >= len(t.cols) {
				return badData("The query of targets returns no column.")
			}
			r.Target = t.cols[n].name
			r.Features = nil
			for _, c := range t.cols[:n] {
				if c.name != r.Target {
					r.Features = append(r.Features, c.name)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		j.Log.Info("read", "rows", t.rows, "columns", len(t.cols))
	}
	if len(r.Features) == 0 {
		for _, c := range t.cols {
			if !strings.EqualFold(c.name, r.Target) {
				r.Features = append(r.Features, c.name)
			}
		}
	}
	return t, nil
}

// Package backend runs the searches of jobs elsewhere: in containers, and on clusters of Chronos, Kubernetes and Slurm. What is
// handed over is a table and a request in a folder that this machine shares with the others; what comes back is the model beside them.
// Neither passwords nor statements leave the service.
package backend

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"time"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/whole"
	"github.com/lren-chuv/automl/mip"
	"github.com/lren-chuv/automl/serve/method"
	"github.com/lren-chuv/automl/serve/work"
)

// Launcher starts one run of the container's train and waits for it.
type Launcher interface {
	// Await starts the run of that name, unless it was started before, and returns when it has ended: nil if it ended well.
	Await(ctx context.Context, name string, env []string) error
	// Stop ends the run, if there is one, and removes what is left of it.
	Stop(ctx context.Context, name string) error
}

// Shared runs searches by a launcher, through a folder. Everything that takes no time is done here.
type Shared struct {
	Launcher
	Folder string // as this machine sees it
	Inside string // as the runs see it, such as /docker-volume
}

const (
	dataFile    = "data.csv"
	requestFile = "input_training.json"
	modelFile   = "model.automl"
)

// Run implements [work.Backend].
func (b *Shared) Run(ctx context.Context, s *work.Step) (*method.Output, error) {
	if s.Algorithm.Code != "automl" {
		return work.Local{}.Run(ctx, s)
	}
	dir := filepath.Join(b.Folder, s.ID)
	env, err := b.hand(dir, s)
	if err != nil {
		return nil, err
	}
	running, ended := context.WithCancel(ctx)
	defer ended()
	go passOn(running, s.Input.Options.Enough, dir)
	if err := b.Await(ctx, s.ID, env); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx) // it runs on, and will be found again
		}
		err = errors.Join(err, b.remove(s.ID))
		return nil, method.Unsuitable{Msg: "the search ended without a model: " + err.Error()}
	}
	encoded, err := os.ReadFile(filepath.Join(dir, modelFile))
	if errors.Is(err, fs.ErrNotExist) {
		_ = b.remove(s.ID)
		return nil, method.Unsuitable{Msg: "the search ended without a model"}
	}
	if err != nil {
		return nil, err
	}
	m, err := automl.Decode(encoded)
	if err != nil {
		return nil, err
	}
	return &method.Output{Model: m, Derived: true}, b.remove(s.ID)
}

// passOn tells the run, by a file in its folder, that its search shall end with what it has found.
func passOn(ctx context.Context, asked <-chan struct{}, dir string) {
	select {
	case <-ctx.Done():
	case <-asked:
		_ = whole.Write(filepath.Join(dir, mip.EnoughFile), 0o644, whole.Data(nil)) // if not, the search ends with its time
	}
}

// remove removes the folder of a step: it holds the table.
func (b *Shared) remove(id string) error { return os.RemoveAll(filepath.Join(b.Folder, id)) }

// Stop implements [work.Backend].
func (b *Shared) Stop(ctx context.Context, id string) error {
	return errors.Join(b.Launcher.Stop(ctx, id), b.remove(id))
}

// hand writes table and request, unless they are there, and returns the run's environment.
func (b *Shared) hand(dir string, s *work.Step) ([]string, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o777); err != nil && !errors.Is(err, fs.ErrPermission) { // runs have users of their own
		return nil, err
	}
	meta := map[string]any{}
	request := mip.Request{Target: s.Input.Sample.Y.Name, Parameters: parameters(s)}
	cols := append([]*dataset.Column{s.Input.Sample.Y}, s.Input.Sample.X.Columns()...)
	for j, c := range cols {
		kind := "real"
		if c.Kind == dataset.Categorical {
			kind = "polynominal"
		}
		meta[c.Name] = map[string]string{"code": c.Name, "type": kind}
		if j > 0 {
			request.Features = append(request.Features, c.Name)
		}
	}
	described, err := json.Marshal(meta)
	if err != nil {
		return nil, err
	}
	env := []string{"JOB_ID=" + s.ID, "INPUT_FILE=" + path.Join(b.Inside, s.ID, dataFile), "AUTOML_VOLUME=" + b.Inside, "PARAM_meta=" + string(described)}
	if _, err := os.Stat(filepath.Join(dir, requestFile)); err == nil { // the last one to be written
		return env, nil
	}
	if err := whole.Write(filepath.Join(dir, dataFile), 0o644, whole.Data(table(cols))); err != nil {
		return nil, err
	}
	encoded, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	return env, whole.Write(filepath.Join(dir, requestFile), 0o644, whole.Data(encoded))
}

// parameters says to the container what the service grants and the user asks for.
func parameters(s *work.Step) map[string]string {
	o, v := s.Input.Options, s.Input.Parameters
	out := map[string]string{"metric": v.Text("metric", o.Metric), "seed": strconv.FormatUint(max(1, o.Seed), 10), "min_count": strconv.Itoa(max(1, s.Input.MinCount)),
		"no_instances": strconv.FormatBool(s.Input.Private), "pfa": v.Text("portable", "false"), "task": "regression"}
	if s.Input.Sample.Y.Kind == dataset.Categorical {
		out["task"] = "classification"
	}
	for code, value := range v {
		switch code {
		case "folds", "ensemble", "holdout", "seed", "evaluations", "time":
			out[code] = value
		}
	}
	if o.Evaluations > 0 && out["evaluations"] == "" {
		out["evaluations"] = strconv.Itoa(o.Evaluations)
	}
	if o.Time > 0 {
		out["time"] = fmt.Sprintf("%gs", o.Time.Round(time.Second/10).Seconds())
	}
	return out
}

// table writes columns as CSV.
func table(cols []*dataset.Column) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	row := make([]string, len(cols))
	for j, c := range cols {
		row[j] = c.Name
	}
	_ = w.Write(row) // a buffer takes all
	for i := range cols[0].Len() {
		for j, c := range cols {
			switch {
			case c.Missing(i):
				row[j] = ""
			case c.Kind == dataset.Numeric:
				row[j] = strconv.FormatFloat(c.Float[i], 'g', -1, 64)
			default:
				row[j] = c.Levels[c.Code[i]]
			}
		}
		_ = w.Write(row)
	}
	w.Flush()
	return b.Bytes()
}

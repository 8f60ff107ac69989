package mip

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/metrics"
)

// Predictions is what predictions.json says: one entry per row, in the order of the query.
type Predictions struct {
	Target        string               `json:"target"`
	Task          string               `json:"task"`
	Pipeline      string               `json:"pipeline"`
	Predictions   any                  `json:"predictions"` // numbers, or names of classes
	Probabilities map[string][]float64 `json:"probabilities,omitempty"`
	Scores        map[string]*float64  `json:"scores,omitempty"` // where the query returns the target too
}

// Test predicts the rows that input_test.json names by the model that Train left in the job's folder or in the database.
// It does not fit anything.
func (j *Job) Test(ctx context.Context) error {
	r, err := j.request(testFile)
	if err != nil {
		return err
	}
	r.complete(j.Settings)
	m, err := j.model(ctx, r)
	if err != nil {
		return err
	}
	t, err := j.toPredict(ctx, r, m)
	if err != nil {
		return err
	}
	out, table, err := predict(ctx, m, t)
	if err != nil {
		return err
	}
	encoded, err := indented(out)
	if err != nil {
		return err
	}
	files := []file{{"predictions.csv", table}, {"predictions.json", encoded}}
	if out.Scores != nil {
		scores, err := indented(out.Scores)
		if err != nil {
			return err
		}
		files = append([]file{{"scores.json", scores}}, files...)
	}
	if err := j.writeAll(files); err != nil {
		return err
	}
	j.Log.Info("predicted", "rows", t.rows, "seconds", j.seconds())
	return nil
}

// model reads the model that Train wrote.
func (j *Job) model(ctx context.Context, r *Request) (*automl.Model, error) {
	name := filepath.Base(r.Model)
	if r.Model == "" {
		name = modelFile
	}
	data, err := os.ReadFile(filepath.Join(j.folder(), name))
	if errors.Is(err, fs.ErrNotExist) {
		id := r.ModelJobID
		if id == "" {
			id = params{j.Params, j.Log}.text("model_job_id", j.JobID)
		}
		if !j.Out.Set() || id == "" {
			return nil, badData("There is no %s in the job's folder %s: has train been run on this machine, with the same volume and JOB_ID?", name, j.folder())
		}
		data, err = j.loadModel(ctx, id)
	}
	if err != nil {
		return nil, err
	}
	m, err := automl.Decode(data)
	if err != nil {
		return nil, badData("The model cannot be used: %v", err)
	}
	return m, nil
}

// toPredict reads the rows to predict.
func (j *Job) toPredict(ctx context.Context, r *Request, m *automl.Model) (*table, error) {
	if r.Rows == nil {
		r.Target = m.Target
		return j.rows(ctx, r, params{j.Params, j.Log})
	}
	t := &table{rows: len(r.Rows)}
	var names []string
	for _, row := range r.Rows {
		for name := range row {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	for _, name := range names {
		c := &values{name: name, kind: text, index: map[string]int32{}}
		for _, row := range r.Rows {
			v, given := row[name]
			c.addText(codeText(v), !given || v == nil)
		}
		t.cols = append(t.cols, c)
	}
	return t, nil
}

// predict applies the model to a table, whose target, if it has one, is scored against.
func predict(ctx context.Context, m *automl.Model, t *table) (*Predictions, []byte, error) {
	dt, err := t.raw()
	if err != nil {
		return nil, nil, err
	}
	x, err := m.Schema.Features(dt)
	if err != nil {
		return nil, nil, unusable(err)
	}
	p, err := m.Predict(ctx, x)
	if err != nil {
		return nil, nil, err
	}
	out := &Predictions{Target: m.Target, Task: m.Task, Pipeline: m.Best.Pipeline}
	if m.Levels == nil {
		out.Predictions = p.Col(0).Float
	} else {
		out.Predictions, out.Probabilities = m.Labels(p), map[string][]float64{}
		for k, level := range m.Levels {
			out.Probabilities[level] = p.Col(k).Float
		}
	}
	y, err := m.Schema.TargetIn(dt)
	if err != nil { // labels that the model never saw cannot be scored against, but the rows are predicted
		y = nil
	}
	if y != nil {
		out.Scores = score(y, p)
	}
	table, err := predictionsCSV(m, p)
	return out, table, err
}

func unusable(err error) error {
	var bad *dataset.DataError
	switch {
	case errors.As(err, &bad) && bad.Row > 0: // the message would show the value
		return badData("Row %d of the query does not fit: column %q holds what the model does not take.", bad.Row, bad.Column)
	case errors.As(err, &bad):
		return dataError{bad.Error()}
	}
	return err
}

// raw is the table as package dataset knows raw tables.
func (t *table) raw() (*dataset.Table, error) {
	var cols []*dataset.Column
	for _, c := range t.cols {
		if c.code != nil || c.number == nil {
			cols = append(cols, dataset.NewCategorical(c.name, c.code, c.levels))
		} else {
			cols = append(cols, dataset.NewNumeric(c.name, c.number))
		}
	}
	return dataset.NewTable(cols...)
}

// score computes all metrics of the task over the rows whose target is known.
func score(y *dataset.Column, p *dataset.Frame) map[string]*float64 {
	var known []int32
	for i := range y.Len() {
		if !y.Missing(i) {
			known = append(known, int32(i))
		}
	}
	y, p = y.Gather(known), p.Gather(known)
	out := map[string]*float64{}
	for _, metric := range metrics.All() {
		if !metric.Serves(dataset.TaskOf(y)) {
			continue
		}
		if v, err := metric.Score(y, p, nil); err == nil {
			out[metric.Name] = finite(v)
		}
	}
	return out
}

func predictionsCSV(m *automl.Model, p *dataset.Frame) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	head := []string{"prediction"}
	for _, level := range m.Levels {
		head = append(head, "proba_"+level)
	}
	if err := w.Write(head); err != nil {
		return nil, err
	}
	var labels []string
	if m.Levels != nil {
		labels = m.Labels(p)
	}
	for i := range p.Rows() {
		var row []string
		if labels != nil {
			row = append(row, labels[i])
		}
		for k := range p.Cols() {
			row = append(row, strconv.FormatFloat(p.Col(k).Float[i], 'g', -1, 64))
		}
		if err := w.Write(row); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

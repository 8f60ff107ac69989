package work

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/mip"
	"github.com/lren-chuv/automl/serve/job"
	"github.com/lren-chuv/automl/serve/method"
)

// Types of the platform's answers.
const (
	typePFA        = "application/pfa+json"
	typeExperiment = "application/vnd.hbp.mip.experiment.pfa+json"
	typeError      = "text/plain+error"
)

const validationFile = "validation.json"

// predicted collects what models said of rows that they had not seen.
type predicted struct {
	levels       []string
	truth, said  []int32
	numbers, est []float64
}

func (p *predicted) add(s dataset.Sample, labels []string, out *dataset.Frame) error {
	if s.Y.Kind == dataset.Numeric {
		p.numbers = append(p.numbers, s.Y.Float...)
		p.est = append(p.est, out.Col(0).Float...)
		return nil
	}
	p.levels = s.Y.Levels
	at := map[string]int32{}
	for k, level := range s.Y.Levels {
		at[level] = int32(k)
	}
	for i, label := range labels {
		k, ok := at[label]
		if !ok {
			return fmt.Errorf("the model predicts the class %q, which the data do not have", label)
		}
		p.truth, p.said = append(p.truth, s.Y.Code[i]), append(p.said, k)
	}
	return nil
}

func (p *predicted) score(g mip.Generation) map[string]any {
	if p.levels == nil {
		return mip.ScoreNumbers(p.numbers, p.est)
	}
	return mip.ScoreClasses(p.levels, p.truth, p.said, g)
}

// validate scores the models of the folds of algorithm a, each on the rows that it has not seen, and all of them together.
func (r *run) validate(ctx context.Context, a int) error {
	if r.files.Has(a, validationFile) {
		return nil
	}
	s, err := r.rows(ctx)
	if err != nil {
		return err
	}
	all := &predicted{}
	folds := map[string]any{}
	for k := range r.spec.Folds {
		m, err := r.model(a, part{a, k}.model())
		if err != nil || m == nil {
			return err
		}
		_, test, err := r.fold(s.Sample, k)
		if err != nil {
			return err
		}
		x, err := r.frame(a, m, test.X)
		if err != nil {
			return err
		}
		out, err := m.Predict(ctx, x)
		if err != nil {
			return err
		}
		var labels []string
		if m.Levels != nil {
			labels = m.Labels(out)
		}
		one := &predicted{}
		for _, p := range []*predicted{all, one} {
			if err := p.add(test, labels, out); err != nil {
				return err
			}
		}
		first := 1
		if r.spec.Generation == mip.Gen2017 {
			first = 0
		}
		folds[fmt.Sprint(k+first)] = one.score(r.spec.Generation)
	}
	kind := "KFoldCrossValidationScore"
	if r.spec.Generation == mip.Gen2017 {
		kind += "s"
	}
	return r.files.writeJSON(a, validationFile, map[string]any{"type": kind, "average": all.score(r.spec.Generation), "folds": folds})
}

// QueryResult is the platform's answer, of both generations: fields that a reader does not know are ignored by it.
type QueryResult struct {
	JobID      string            `json:"jobId"`
	Node       string            `json:"node"`
	Provenance []Code            `json:"dataProvenance"`
	Feedback   []Feedback        `json:"feedback"`
	Timestamp  int64             `json:"timestamp"` // seconds since 1970
	Type       string            `json:"type"`
	Algorithm  string            `json:"algorithm,omitempty"`
	Data       json.RawMessage   `json:"data,omitempty"`
	Error      string            `json:"error,omitempty"`
	Query      json.RawMessage   `json:"query,omitempty"`
	Spec       *QueriedAlgorithm `json:"algorithmSpec,omitempty"` // of the parts of an experiment

	Shape    string `json:"shape,omitempty"`    // 2017
	Function string `json:"function,omitempty"` // 2017
	Code     string `json:"code,omitempty"`     // 2017, of the parts of an experiment
	Name     string `json:"name,omitempty"`     // likewise
}

// Code names something by its code.
type Code struct {
	Code string `json:"code"`
}

// Feedback tells the user something.
type Feedback struct {
	Msg      string `json:"msg"`
	Severity string `json:"severity"` // info or warning
}

// QueriedAlgorithm is an algorithm as the platform asks for it.
type QueriedAlgorithm struct {
	Code       string           `json:"code"`
	Name       string           `json:"name,omitempty"`
	Parameters []QueriedSetting `json:"parameters"`
	Step       string           `json:"step,omitempty"`
}

// QueriedSetting is a parameter with its value.
type QueriedSetting struct {
	Code  string `json:"code"`
	Value any    `json:"value"`
}

// Answer makes the platform's answer of a job that has ended.
func (w *Worker) Answer(j *job.Job, node string) (*QueryResult, error) {
	var spec Spec
	if err := json.Unmarshal(j.Spec, &spec); err != nil {
		return nil, err
	}
	files, err := FilesOf(w.Dir, j.ID)
	if err != nil {
		return nil, err
	}
	r := &run{Worker: w, spec: &spec, id: j.ID, files: files}
	out := r.result(node, j.Changes[len(j.Changes)-1].At)
	out.Query = spec.Query
	if j.State == job.Failed {
		out.failed(j.Error, spec.Generation)
		if len(spec.Algorithms) == 1 {
			out.algorithm(spec.Algorithms[0].Code, spec.Generation)
		}
		return out, nil
	}
	if spec.Origin == "job" {
		return out, r.fill(out, 0)
	}
	parts := make([]*QueryResult, len(spec.Algorithms))
	for a, alg := range spec.Algorithms {
		p := r.result(node, time.Unix(out.Timestamp, 0))
		p.Feedback = []Feedback{}
		if err := r.fill(p, a); err != nil {
			return nil, err
		}
		p.Spec = &QueriedAlgorithm{Code: alg.Code, Name: alg.Name, Parameters: append([]QueriedSetting{}, alg.Asked...), Step: alg.Step}
		if spec.Generation == mip.Gen2017 {
			p.Code, p.Name = alg.Code, alg.Name
		}
		parts[a] = p
	}
	out.Type = typeExperiment
	if spec.Generation == mip.Gen2017 {
		out.Shape = "pfa_experiment_json"
	}
	out.Data, err = json.Marshal(parts)
	return out, err
}

// result is an answer without its content.
func (r *run) result(node string, at time.Time) *QueryResult {
	out := &QueryResult{JobID: r.id, Node: node, Provenance: []Code{}, Feedback: []Feedback{}, Timestamp: at.Unix()}
	for _, d := range r.spec.Datasets {
		out.Provenance = append(out.Provenance, Code{d})
	}
	out.Feedback = append(out.Feedback, r.spec.Feedback...)
	return out
}

func (q *QueryResult) failed(why string, g mip.Generation) {
	q.Type, q.Error, q.Data = typeError, why, nil
	if why == "" {
		q.Error = "the job failed"
	}
	if g == mip.Gen2017 {
		q.Shape = "error"
	}
}

func (q *QueryResult) algorithm(code string, g mip.Generation) {
	q.Algorithm = code
	if g == mip.Gen2017 {
		q.Function = code
	}
}

// fill puts in what algorithm a has found.
func (r *run) fill(q *QueryResult, a int) error {
	g := r.spec.Generation
	q.algorithm(r.spec.Algorithms[a].Code, g)
	if text, err := r.files.Read(a, errorFile); err != nil || text != nil {
		q.failed(string(text), g)
		return err
	}
	if output, err := r.files.Read(a, OutputFile); err != nil {
		return err
	} else if output != nil && r.spec.Folds == 0 || output != nil && !r.files.Has(a, PFAFile) {
		var o method.Output
		if err := json.Unmarshal(output, &o); err != nil {
			return err
		}
		q.Type, q.Data = o.Shape, o.Data
		if g == mip.Gen2017 {
			q.Shape = map[string]string{"application/json": "json", "application/vnd.dataresource+json": "tabular_data_resource_json"}[o.Shape]
		}
		return nil
	}
	doc, err := r.files.Read(a, PFAFile)
	if err != nil {
		return err
	}
	if doc == nil {
		q.failed("the model cannot be written as PFA", g)
		return nil
	}
	scores, err := r.files.Read(a, validationFile)
	if err != nil {
		return err
	}
	q.Type = typePFA
	if g == mip.Gen2017 {
		q.Shape = "pfa_json"
	}
	q.Data, err = r.validated(doc, scores, q.Node)
	return err
}

// validated puts the scores of the validation where the platform's readers look for them: among the cells of the document, in 2019 as
// a cell with a type, before that as a plain list.
func (r *run) validated(doc, scores []byte, node string) (json.RawMessage, error) {
	if scores == nil {
		return doc, nil
	}
	k := []QueriedSetting{{"k", fmt.Sprint(r.spec.Folds)}}
	one := map[string]any{"code": "kfold", "node": node, "data": json.RawMessage(scores), "validationSpec": QueriedAlgorithm{Code: "kfold", Parameters: k}}
	var cell any = []any{one}
	if r.spec.Generation == mip.Gen2017 {
		one["name"], one["parameters"] = "kfold", k
	} else {
		cell = map[string]any{"type": map[string]string{"type": "array", "items": "Record"}, "init": []any{one}}
	}
	encoded, err := json.Marshal(cell)
	if err != nil {
		return nil, err
	}
	const cells = `"cells":{`
	at := bytes.Index(doc, []byte(cells))
	if at < 0 {
		return nil, fmt.Errorf("the document has no cells")
	}
	at += len(cells)
	out := append([]byte{}, doc[:at]...)
	out = append(out, `"validations":`...)
	out = append(out, encoded...)
	if doc[at] != '}' {
		out = append(out, ',')
	}
	out = append(out, doc[at:]...)
	if !json.Valid(out) {
		return nil, fmt.Errorf("the document with its validations is no JSON")
	}
	return out, nil
}

package work

import (
	"encoding/json"
	"time"

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
	} else if output != nil && !r.spec.validates() || output != nil && !r.files.Has(a, PFAFile) {
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
	validations, err := r.validations(a, q.Node)
	if err != nil {
		return err
	}
	q.Type = typePFA
	if g == mip.Gen2017 {
		q.Shape = "pfa_json"
	}
	q.Data, err = validated(doc, validations, g)
	return err
}

package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/lren-chuv/automl/mip"
	"github.com/lren-chuv/automl/serve/data"
	"github.com/lren-chuv/automl/serve/job"
	"github.com/lren-chuv/automl/serve/method"
	"github.com/lren-chuv/automl/serve/work"
)

// mining is what the platform asks: MiningQuery and ExperimentQuery of both generations. What is not here is ignored, as there.
type mining struct {
	User        *work.Code      `json:"user"`
	Variables   []work.Code     `json:"variables"`
	Covariables []work.Code     `json:"covariables"`
	MustExist   *bool           `json:"covariablesMustExist"`
	Grouping    []work.Code     `json:"grouping"`
	Filters     json.RawMessage `json:"filters"`
	Table       *struct {
		Database string `json:"database"`
		Schema   string `json:"dbSchema"`
		Name     string `json:"name"`
	} `json:"targetTable"`
	Datasets    []work.Code             `json:"datasets"`
	Training    []work.Code             `json:"trainingDatasets"`
	Testing     []work.Code             `json:"testingDatasets"`
	Validation  []work.Code             `json:"validationDatasets"`
	Algorithm   *work.QueriedAlgorithm  `json:"algorithm"`
	Algorithms  []work.QueriedAlgorithm `json:"algorithms"`
	Validations []work.QueriedAlgorithm `json:"validations"`
	Plan        json.RawMessage         `json:"executionPlan"`
}

// generation tells who asks: clients of 2017 know neither users nor tables.
func (m *mining) generation() mip.Generation {
	if m.User == nil && m.MustExist == nil && m.Table == nil && m.Datasets == nil && m.Training == nil && m.Testing == nil && m.Validation == nil {
		return mip.Gen2017
	}
	return mip.Gen2019
}

func refused(format string, args ...any) error {
	return problem{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// mine answers POST /mining/job (origin job) and /mining/experiment: it submits a job, waits for its end and answers with the result.
// Who goes away, or waits too long, finds the result by the job's id.
func (s *Server) mine(origin string) func(w http.ResponseWriter, r *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		var raw json.RawMessage
		if err := body(w, r, &raw, false); err != nil {
			return err
		}
		var q mining
		if err := json.Unmarshal(raw, &q); err != nil {
			return refused("the query is not what is wanted: %v", strings.TrimPrefix(err.Error(), "json: "))
		}
		select {
		case s.jobs <- struct{}{}:
			defer func() { <-s.jobs }()
		default:
			return problem{http.StatusServiceUnavailable, "too many wait for an answer at the moment"}
		}
		spec, err := s.queried(r.Context(), &q, origin)
		if err != nil {
			return err
		}
		spec.Query = raw
		encoded, err := json.Marshal(spec)
		if err != nil {
			return err
		}
		j, _, err := s.Queue.Submit(r.Context(), encoded, submissionKey(r))
		if err != nil {
			return err
		}
		s.Log.Info("submitted", "job", j.ID, "origin", origin, "generation", int(spec.Generation), "algorithms", len(spec.Algorithms), "folds", spec.Folds)
		return s.answerWhenDone(w, r, j.ID)
	}
}

// answerWhenDone waits for the end of the job.
func (s *Server) answerWhenDone(w http.ResponseWriter, r *http.Request, id string) error {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.WaitAnswer + answerTime))
	until := time.NewTimer(s.WaitAnswer)
	defer until.Stop()
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		j, err := s.Queue.Get(r.Context(), id)
		if err != nil {
			return err
		}
		if j.State.Ended() {
			return s.answerJob(w, j)
		}
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return context.Canceled
		case <-s.closing:
			return problem{http.StatusServiceUnavailable, "the service stops; the result will be found at /mining/job/" + id}
		case <-until.C:
			return problem{http.StatusGatewayTimeout, "the job takes longer; its result will be found at /mining/job/" + id}
		}
	}
}

// answerJob answers with the result: status 200 with data, 400 with an error.
func (s *Server) answerJob(w http.ResponseWriter, j *job.Job) error {
	out, err := s.Worker.Answer(j, s.Node)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if out.Data == nil {
		status = http.StatusBadRequest
	}
	answer(w, status, out)
	return nil
}

// mined answers GET /mining/job/{id}: the result, or how far the job is.
func (s *Server) mined(w http.ResponseWriter, r *http.Request) error {
	j, err := s.job(r)
	if err != nil {
		return err
	}
	spec, err := specOf(j)
	if err != nil {
		return err
	}
	if spec.Origin == "" {
		return job.ErrUnknown
	}
	if !j.State.Ended() {
		answer(w, http.StatusAccepted, map[string]any{"jobId": j.ID, "state": j.State})
		return nil
	}
	return s.answerJob(w, j)
}

// queried makes a job of a query.
func (s *Server) queried(ctx context.Context, q *mining, origin string) (*work.Spec, error) {
	spec := &work.Spec{Origin: origin, Generation: q.generation(), Private: true}
	if origin == "job" {
		if q.Algorithm == nil {
			return nil, refused("the query names no algorithm")
		}
		q.Algorithms = []work.QueriedAlgorithm{*q.Algorithm}
	} else if err := validations(spec, q.Validations); err != nil {
		return nil, err
	}
	if err := s.algorithms(spec, q.Algorithms); err != nil {
		return nil, err
	}
	columns, err := s.target(ctx, spec, q)
	if err != nil {
		return nil, err
	}
	if err := selected(spec, q, columns); err != nil {
		return nil, err
	}
	for _, a := range spec.Algorithms {
		m := method.ByCode(a.Code)
		n := len(spec.Features())
		if least, most := m.Covariables[0], m.Covariables[1]; n < least || most > 0 && n > most {
			return nil, refused("%s wants %s co-variables, not %d", m.Label, between(least, most), n)
		}
	}
	if plan := strings.Trim(string(q.Plan), `" `); plan != "" && plan != "null" {
		spec.Feedback = append(spec.Feedback, work.Feedback{Msg: "the execution plan is not used: the query runs in one place", Severity: "info"})
	}
	return spec, s.Source.Check(ctx, &spec.Selection)
}

// target finds the table and returns the names of its columns.
func (s *Server) target(ctx context.Context, spec *work.Spec, q *mining) ([]string, error) {
	schema, name := "", s.MainTable
	if q.Table != nil && q.Table.Name != "" {
		schema, name = q.Table.Schema, q.Table.Name
	}
	if name == "" {
		return nil, refused("the query names no targetTable, and the service has no main table")
	}
	id, columns, err := s.Source.Find(ctx, schema, name)
	if errors.Is(err, data.ErrUnknown) {
		return nil, refused("there is no table %.60q", name)
	}
	spec.Table, spec.TableName = id, name
	return columns, err
}

// field finds the column of a code: as it is, whatever its case, or in the form that the platform gives to names of columns.
func field(code string, columns []string) (string, bool) {
	safe := strings.ReplaceAll(code, "-", "_")
	if safe != "" && safe[0] >= '0' && safe[0] <= '9' {
		safe = "_" + safe
	}
	for _, same := range []func(c string) bool{
		func(c string) bool { return c == code },
		func(c string) bool { return strings.EqualFold(c, code) },
		func(c string) bool { return strings.EqualFold(c, safe) },
	} {
		for _, c := range columns {
			if same(c) {
				return c, true
			}
		}
	}
	return "", false
}

// selected translates variables, filters and data sets into columns of the table.
func selected(spec *work.Spec, q *mining, columns []string) error {
	warn := func(format string, args ...any) {
		spec.Feedback = append(spec.Feedback, work.Feedback{Msg: fmt.Sprintf(format, args...), Severity: "warning"})
	}
	if len(q.Variables) == 0 {
		return refused("the query names no variable")
	}
	if len(q.Variables) > 1 {
		warn("only the first variable, %s, is used", q.Variables[0].Code)
	}
	var ok bool
	if spec.Variable, ok = field(q.Variables[0].Code, columns); !ok {
		return refused("there is no variable %.60q in table %s", q.Variables[0].Code, spec.TableName)
	}
	must := q.MustExist == nil || *q.MustExist
	lists := []struct {
		from []work.Code
		to   *[]string
	}{{q.Covariables, &spec.Covariables}, {q.Grouping, &spec.Grouping}}
	for _, l := range lists {
		for _, c := range l.from {
			name, ok := field(c.Code, columns)
			switch {
			case ok:
				*l.to = append(*l.to, name)
			case must:
				return refused("there is no co-variable %.60q in table %s", c.Code, spec.TableName)
			default:
				warn("the co-variable %.60q does not exist in table %s and is left out", c.Code, spec.TableName)
			}
		}
	}
	f, err := data.ParseFilter(q.Filters)
	if err != nil {
		return err
	}
	spec.Filters = f.Rename(func(name string) string {
		if c, ok := field(name, columns); ok {
			return c
		}
		return name
	})
	return restrict(spec, q, columns, warn)
}

const mostAlgorithms = 20

// algorithms checks the algorithms and divides the time among their searches.
func (s *Server) algorithms(spec *work.Spec, asked []work.QueriedAlgorithm) error {
	if len(asked) == 0 || len(asked) > mostAlgorithms {
		return refused("the query names %d algorithms: want 1 to %d", len(asked), mostAlgorithms)
	}
	searches := 0
	for _, a := range asked {
		m := method.ByCode(a.Code)
		if m == nil {
			return refused("the algorithm %.60q is not known; see /mining/algorithms", a.Code)
		}
		switch a.Step {
		case "", "compute":
		default:
			return refused("the step %.60q of a distributed plan is not known", a.Step)
		}
		if m.Instances && s.NoRows {
			return refused("%s: its model would hold rows of patients", m.Label)
		}
		if m.Instances {
			spec.Feedback = append(spec.Feedback, work.Feedback{Msg: m.Label + ": the model holds rows of the data", Severity: "warning"})
		}
		one := work.Algorithm{Code: m.Code, Name: a.Name, Step: a.Step, Asked: a.Parameters, Parameters: map[string]string{}}
		if len(a.Parameters) > 100 {
			return refused("the algorithm %.60q has more than 100 parameters", a.Code)
		}
		for _, p := range a.Parameters {
			one.Parameters[strings.ToLower(p.Code)] = text(p.Value)
		}
		if seconds, err := strconv.ParseFloat(one.Parameters["time"], 64); err == nil && seconds > s.MaxBudget.Seconds() {
			return refused("time: want at most %.0f seconds", s.MaxBudget.Seconds())
		}
		if m.Code == "automl" {
			one.Parameters["portable"] = "true" // the answer is a document of PFA
			searches += 1 + spec.Folds
		}
		spec.Algorithms = append(spec.Algorithms, one)
	}
	for _, a := range spec.Algorithms {
		if a.Code == "automl" && a.Parameters["time"] == "" && a.Parameters["evaluations"] == "" {
			a.Parameters["time"] = strconv.Itoa(int(max(2, min(mip.DefaultTime.Seconds(), 0.75*s.WaitAnswer.Seconds()/float64(searches)))))
		}
	}
	return nil
}

// text writes the value of a parameter.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// mostFolds is how many parts a validation may divide the rows into.
const mostFolds = 20

// validations reads the only validation that there is; without one nothing is validated.
func validations(spec *work.Spec, asked []work.QueriedAlgorithm) error {
	for _, v := range asked {
		if !strings.EqualFold(v.Code, "kfold") && !strings.EqualFold(v.Code, "kFoldCrossValidation") {
			return refused("the validation %.60q is not known: want kfold", v.Code)
		}
		spec.Folds = 5
		for _, p := range v.Parameters {
			if p.Code != "k" && p.Code != "fold" {
				continue
			}
			k, err := strconv.ParseFloat(text(p.Value), 64)
			if err != nil || k != float64(int(k)) || k < 2 || k > mostFolds {
				return refused("kfold: want k from 2 to %d, not %.20q", mostFolds, text(p.Value))
			}
			spec.Folds = int(k)
		}
	}
	return nil
}

func (s *Server) miningAlgorithms(w http.ResponseWriter, _ *http.Request) error {
	answer(w, http.StatusOK, s.declared())
	return nil
}

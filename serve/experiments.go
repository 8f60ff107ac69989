package serve

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/serve/data"
	"github.com/lren-chuv/automl/serve/job"
	"github.com/lren-chuv/automl/serve/method"
	"github.com/lren-chuv/automl/serve/work"
)

// asked is the body that creates an experiment.
type asked struct {
	Name        string            `json:"name"`
	Table       string            `json:"table"`
	Variable    string            `json:"variable"`
	Covariables []string          `json:"covariables"`
	Grouping    []string          `json:"grouping"`
	Filters     json.RawMessage   `json:"filters"`
	Kind        string            `json:"kind"` // code of a method; default automl
	Parameters  map[string]string `json:"parameters"`
	Task        string            `json:"task"`
	Metric      string            `json:"metric"`
	Budget      work.Budget       `json:"budget"`
	Seed        uint64            `json:"seed"`
}

// shown is an experiment as clients see it.
type shown struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Table       shownTable        `json:"table"`
	Variable    string            `json:"variable"`
	Covariables []string          `json:"covariables"`
	Grouping    []string          `json:"grouping"`
	Filters     *data.Filter      `json:"filters"`
	Kind        string            `json:"kind"`
	Parameters  map[string]string `json:"parameters,omitempty"`
	Task        string            `json:"task,omitempty"`
	Metric      string            `json:"metric,omitempty"`
	Budget      work.Budget       `json:"budget"`
	Seed        uint64            `json:"seed,omitempty"`
	State       job.State         `json:"state"`
	Changes     []job.Change      `json:"changes"`
	Created     time.Time         `json:"created"`
	Started     time.Time         `json:"started,omitzero"`
	Ended       time.Time         `json:"ended,omitzero"`
	Cancelled   bool              `json:"cancelled,omitempty"`
	Finish      bool              `json:"finish,omitempty"` // the search was, or will be, ended early
	Error       string            `json:"error,omitempty"`
	Spent       float64           `json:"spent"`            // seconds of training
	Result      json.RawMessage   `json:"result,omitempty"` // a summary; of requests with several algorithms, the first one's
	Results     json.RawMessage   `json:"results,omitempty"`
	Progress    *work.Progress    `json:"progress,omitempty"`
	Event       int               `json:"event"` // number of the last event
}

type shownTable struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (s *Server) show(j *job.Job) (*shown, error) {
	spec, err := specOf(j)
	if err != nil {
		return nil, err
	}
	out := &shown{
		ID: j.ID, Name: spec.Name, Table: shownTable{spec.Table, spec.TableName}, Variable: spec.Variable, Covariables: listed(spec.Covariables), Grouping: listed(spec.Grouping),
		Filters: spec.Filters, Task: spec.Task, Metric: spec.Metric, Budget: spec.Budget, Seed: spec.Seed, State: j.State, Changes: j.Changes, Created: j.Created(),
		Started: j.Entered(job.Training), Cancelled: j.Cancelled, Finish: j.Finish, Error: j.Error, Spent: j.Spent, Event: j.Events,
	}
	var codes []string
	for _, a := range spec.Algorithms {
		codes = append(codes, a.Code)
	}
	out.Kind = strings.Join(codes, ",")
	if len(spec.Algorithms) == 1 {
		out.Parameters = spec.Algorithms[0].Parameters
	}
	if j.State.Ended() {
		out.Ended = j.Changes[len(j.Changes)-1].At
	}
	if j.Result != nil {
		var all []json.RawMessage
		if err := json.Unmarshal(j.Result, &all); err != nil {
			return nil, err
		}
		if out.Result = all[0]; len(all) > 1 {
			out.Results = j.Result
		}
	}
	if p, ok := s.Worker.Progress(j.ID); ok {
		out.Progress = &p
	}
	return out, nil
}

func listed(v []string) []string { return append([]string{}, v...) }

// submit creates an experiment. With the header Idempotency-Key, a request that is sent again creates no second one.
func (s *Server) submit(w http.ResponseWriter, r *http.Request) error {
	var a asked
	if err := body(w, r, &a, true); err != nil {
		return err
	}
	spec, err := s.spec(r, &a)
	if err != nil {
		return err
	}
	encoded, err := json.Marshal(spec)
	if err != nil {
		return err
	}
	j, earlier, err := s.Queue.Submit(r.Context(), encoded, submissionKey(r))
	if err != nil {
		return err
	}
	s.Log.Info("submitted", "job", j.ID, "kind", spec.Algorithms[0].Code, "table", spec.Table, "again", earlier)
	out, err := s.show(j)
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/api/v1/experiments/"+j.ID)
	status := http.StatusCreated
	if earlier {
		status = http.StatusOK
	}
	answer(w, status, out)
	return nil
}

// submissionKey is the key of a request, the user's own, in a form of constant length.
func submissionKey(r *http.Request) string {
	key := r.Header.Get("Idempotency-Key")
	if key == "" {
		return ""
	}
	user, _ := r.Context().Value(userKey{}).(string)
	sum := sha256.Sum256([]byte(user + "\x00" + key))
	return hex.EncodeToString(sum[:])
}

const defaultBudget = 60 // seconds

// spec checks what is asked for and writes it as a job's.
func (s *Server) spec(r *http.Request, a *asked) (*work.Spec, error) {
	bad := func(format string, args ...any) error {
		return problem{http.StatusBadRequest, fmt.Sprintf(format, args...)}
	}
	if len(a.Name) > 200 || len(a.Metric) > 100 || len(a.Parameters) > 100 {
		return nil, bad("the name, the metric or the parameters are too long")
	}
	m := method.ByCode(cmp.Or(a.Kind, "automl"))
	if m == nil {
		return nil, bad("kind %.40q is not known", a.Kind)
	}
	switch {
	case a.Variable == "":
		return nil, bad("the variable is missing")
	case a.Table == "":
		return nil, bad("the table is missing")
	case a.Budget.Seconds < 0 || a.Budget.Seconds > s.MaxBudget.Seconds() || a.Budget.Seconds > 0 && a.Budget.Seconds < 1:
		return nil, bad("budget: want between 1 and %.0f seconds", s.MaxBudget.Seconds())
	case a.Budget.Evaluations < 0 || a.Budget.Evaluations > 1_000_000:
		return nil, bad("budget: want at most 1000000 evaluations")
	case a.Seed > 1<<31:
		return nil, bad("the seed is too large")
	}
	if err := checkMetric(a.Metric); err != nil {
		return nil, err
	}
	filter, err := data.ParseFilter(a.Filters)
	if err != nil {
		return nil, err
	}
	spec := &work.Spec{Name: a.Name, Selection: data.Selection{Table: a.Table, Variable: a.Variable, Covariables: a.Covariables, Grouping: a.Grouping, Filters: filter, Task: a.Task},
		Algorithms: []work.Algorithm{{Code: m.Code, Parameters: a.Parameters}}, Budget: a.Budget, Metric: a.Metric, Seed: a.Seed}
	if spec.Budget == (work.Budget{}) {
		spec.Budget.Seconds = defaultBudget
	}
	features := len(spec.Features())
	if least, most := m.Covariables[0], m.Covariables[1]; features < least || most > 0 && features > most {
		return nil, bad("%s wants %s co-variables, not %d", m.Label, between(least, most), features)
	}
	if err := s.Source.Check(r.Context(), &spec.Selection); err != nil {
		return nil, err
	}
	if spec.Private = s.Source.Private(spec.Table); spec.Private && s.NoRows && m.Instances {
		return nil, bad("%s: its model would hold rows of patients", m.Label)
	}
	spec.TableName, err = s.Source.Name(r.Context(), spec.Table)
	return spec, err
}

func between(least, most int) string {
	if most == 0 {
		return fmt.Sprintf("at least %d", least)
	}
	return fmt.Sprintf("%d to %d", least, most)
}

func checkMetric(name string) error {
	if name == "" {
		return nil
	}
	if _, err := metrics.ByName(name); err != nil {
		return problem{http.StatusBadRequest, "metric: " + err.Error()}
	}
	return nil
}

func (s *Server) experiments(w http.ResponseWriter, r *http.Request) error {
	n := 50
	if text := r.URL.Query().Get("limit"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < 1 || n > 500 {
			return problem{http.StatusBadRequest, "limit: want 1 to 500"}
		}
	}
	before := r.URL.Query().Get("before")
	if before != "" && !validID(before) {
		return problem{http.StatusBadRequest, "before: want the id of an experiment"}
	}
	jobs, more, err := s.Queue.List(r.Context(), before, n)
	if err != nil {
		return err
	}
	out := make([]*shown, 0, len(jobs))
	for _, j := range jobs {
		one, err := s.show(j)
		if err != nil {
			return err
		}
		out = append(out, one)
	}
	answer(w, http.StatusOK, map[string]any{"experiments": out, "more": more})
	return nil
}

func validID(id string) bool {
	_, err := work.FilesOf("", id)
	return err == nil
}

// job finds the experiment of the address.
func (s *Server) job(r *http.Request) (*job.Job, error) {
	id := r.PathValue("id")
	if !validID(id) {
		return nil, job.ErrUnknown
	}
	return s.Queue.Get(r.Context(), id)
}

func (s *Server) experiment(w http.ResponseWriter, r *http.Request) error {
	j, err := s.job(r)
	if err != nil {
		return err
	}
	out, err := s.show(j)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, out)
	return nil
}

func (s *Server) cancel(w http.ResponseWriter, r *http.Request) error {
	if !validID(r.PathValue("id")) {
		return job.ErrUnknown
	}
	j, err := s.Queue.Cancel(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	out, err := s.show(j)
	if err != nil {
		return err
	}
	answer(w, http.StatusAccepted, out)
	return nil
}

// finish ends the search of an experiment early; what it has found becomes the result.
func (s *Server) finish(w http.ResponseWriter, r *http.Request) error {
	j, err := s.job(r)
	if err != nil {
		return err
	}
	spec, err := specOf(j)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(spec.Algorithms, func(a work.Algorithm) bool { return a.Code == "automl" }) {
		return problem{http.StatusConflict, "the experiment has no search that could end early"}
	}
	if j, err = s.Queue.Finish(r.Context(), j.ID); err != nil {
		return err
	}
	out, err := s.show(j)
	if err != nil {
		return err
	}
	answer(w, http.StatusAccepted, out)
	return nil
}

func (s *Server) removeExperiment(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	files, err := work.FilesOf(s.Worker.Dir, id)
	if err != nil {
		return job.ErrUnknown
	}
	if err := s.Queue.Delete(r.Context(), id); err != nil {
		return err
	}
	if err := files.Remove(); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// downloads are the files of an experiment.
var downloads = map[string]struct{ file, kind, name string }{
	"report":      {work.ReportFile, "text/html; charset=utf-8", ""},
	"model":       {work.ModelFile, "application/octet-stream", "model.automl"},
	"pfa":         {work.PFAFile, "application/json", "model.pfa.json"},
	"predictions": {work.PredictionsFile, "text/csv; charset=utf-8", "predictions.csv"},
	"output":      {work.OutputFile, "application/json", ""},
}

// file sends one file of an experiment, of the algorithm with the number asked for, by default the first.
func (s *Server) file(what string) func(w http.ResponseWriter, r *http.Request) error {
	d := downloads[what]
	return func(w http.ResponseWriter, r *http.Request) error {
		j, err := s.job(r)
		if err != nil {
			return err
		}
		a, err := strconv.Atoi(cmp.Or(r.URL.Query().Get("algorithm"), "0"))
		if err != nil || a < 0 || a > 1000 {
			return problem{http.StatusBadRequest, "algorithm: want a number from 0"}
		}
		if j.State != job.Done {
			return problem{http.StatusConflict, "the experiment is " + string(j.State)}
		}
		files, err := work.FilesOf(s.Worker.Dir, j.ID)
		if err != nil {
			return err
		}
		content, err := files.Read(a, d.file)
		if err != nil {
			return err
		}
		if content == nil {
			return problem{http.StatusNotFound, "the experiment has no " + what + missing(j, a)}
		}
		if what == "output" {
			var o method.Output
			if err := json.Unmarshal(content, &o); err != nil {
				return err
			}
			content = o.Data
		}
		h := w.Header()
		h.Set("Content-Type", d.kind)
		h.Set("Cache-Control", "private, max-age=60")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox allow-same-origin allow-popups")
		if d.name != "" {
			h.Set("Content-Disposition", `attachment; filename="`+d.name+`"`)
		}
		h.Set("Content-Length", strconv.Itoa(len(content)))
		_, _ = w.Write(content)
		return nil
	}
}

// missing says why a file is not there, if that is known.
func missing(j *job.Job, a int) string {
	var all []work.Summary
	if json.Unmarshal(j.Result, &all) != nil || a >= len(all) {
		return ""
	}
	switch {
	case all[a].Error != "":
		return ": " + all[a].Error
	case all[a].NoPFA != "" && !slices.Contains(all[a].Files, "pfa"):
		return ": " + all[a].NoPFA
	}
	return ""
}

// specOf is what a job is to do.
func specOf(j *job.Job) (*work.Spec, error) {
	spec := &work.Spec{}
	return spec, json.Unmarshal(j.Spec, spec)
}

package work

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/serve/data"
	"github.com/lren-chuv/automl/serve/job"
	"github.com/lren-chuv/automl/serve/method"
)

// Worker does what jobs ask for.
type Worker struct {
	Source   *data.Source
	Dir      string // folders of the jobs
	Threads  int    // of one search
	Memory   int64  // bytes that one search may take, more or less
	MinCount int    // nothing is learned of fewer patients
	Rows     bool   // predictions of single rows of the database may leave
	Backend  Backend
	// Join, if it is not nil, has the pipelines of a search evaluated elsewhere: it changes the options, and is told when the search has
	// ended.
	Join func(ctx context.Context, o *automl.Options) (leave func(), err error)
	Log  *slog.Logger

	progress  board
	evaluated atomic.Int64
}

// Evaluations is how many pipelines this process has evaluated.
func (w *Worker) Evaluations() int64 { return w.evaluated.Load() }

// Step is one fit that a backend is asked for. Its name is that of the same step in another process.
type Step struct {
	ID         string // of letters, digits and -
	Algorithm  *method.Method
	Input      method.Input
	Dir        string // where the step may keep what lets another process go on
	Parameters map[string]string
}

// Backend is where steps are run.
type Backend interface {
	// Run does the step, or goes on with the one that an earlier process has begun, and returns what it made. When ctx ends,
	// it returns; what runs elsewhere runs on.
	Run(ctx context.Context, s *Step) (*method.Output, error)
	// Stop ends what is left of a step of that name, wherever it runs.
	Stop(ctx context.Context, id string) error
}

// run is the work on one job.
type run struct {
	*Worker
	spec  *Spec
	h     *job.Holder
	id    string
	files Files

	sampled sync.Once
	sample  *data.Sample
	failed  error // to load the sample
}

// Do brings a job to its end, from the state that it is in.
func (w *Worker) Do(ctx context.Context, h *job.Holder) error {
	j := h.Job()
	r := &run{Worker: w, h: h, spec: &Spec{}, id: j.ID}
	if err := json.Unmarshal(j.Spec, r.spec); err != nil {
		return fmt.Errorf("the job cannot be read: %w", err)
	}
	var err error
	if r.files, err = FilesOf(w.Dir, j.ID); err != nil {
		return err
	}
	defer w.progress.remove(j.ID)
	defer func() {
		if errors.Is(context.Cause(ctx), job.ErrCancelled) {
			r.stop()
		}
	}()
	for {
		to, result, err := r.step(ctx, h.Job().State)
		if err == nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			return err
		}
		if to == "" {
			return nil
		}
		if err := h.With(func(l *job.Lease) error { return l.Enter(ctx, to, result) }); err != nil {
			return err
		}
		w.Log.Info("entered", "job", j.ID, "state", string(to))
	}
}

// step does what is to be done in a state and returns the next one.
func (r *run) step(ctx context.Context, s job.State) (next job.State, result json.RawMessage, err error) {
	switch s {
	case job.Submitted:
		return job.Training, nil, nil
	case job.Training:
		return job.Waiting, nil, r.train(ctx)
	case job.Waiting:
		return job.Testing, nil, nil
	case job.Testing:
		return job.Formatting, nil, r.test(ctx)
	case job.Formatting:
		result, err = r.format()
		return job.Done, result, err
	}
	return "", nil, nil
}

// rows loads the sample once.
func (r *run) rows(ctx context.Context) (*data.Sample, error) {
	r.sampled.Do(func() {
		r.sample, r.failed = r.load(ctx)
		if r.failed == nil && r.sample.Private && r.sample.Rows() < r.MinCount {
			r.failed = data.Error{Msg: fmt.Sprintf("The filters select fewer than %d patients of whom the variable is known.", r.MinCount)}
		}
		if r.failed == nil {
			r.Log.Info("read", "job", r.id, "rows", r.sample.Rows(), "columns", r.sample.X.Cols(), "task", r.sample.Task().String())
		}
	})
	return r.sample, r.failed
}

// load makes the sample. Where there is nothing to predict from, it is the variable alone.
func (r *run) load(ctx context.Context) (*data.Sample, error) {
	if len(r.spec.Features()) > 0 {
		return r.Source.Load(ctx, &r.spec.Selection)
	}
	t, err := r.Source.Rows(ctx, &r.spec.Selection)
	if err != nil {
		return nil, err
	}
	s := dataset.Sample{X: dataset.MustFrame(t.Rows()), Y: t.Column(r.spec.Variable)}
	return &data.Sample{Sample: s, Private: r.Source.Private(r.spec.Table)}, nil
}

// part is one fit of a job: algorithm a on all rows (fold -1), or on those out of a fold.
type part struct{ a, fold int }

func (p part) model() string {
	if p.fold < 0 {
		return ModelFile
	}
	return fmt.Sprintf("fold%d.automl", p.fold)
}

func (r *run) parts() []part {
	var out []part
	for a, alg := range r.spec.Algorithms {
		out = append(out, part{a, -1})
		if m := method.ByCode(alg.Code); m != nil && m.Predictive {
			for k := range r.spec.Folds {
				out = append(out, part{a, k})
			}
		}
	}
	return out
}

// train makes all models that are not there yet. What an algorithm cannot do is written down beside the others' models; it is the
// failure of the job only if no algorithm succeeds.
func (r *run) train(ctx context.Context) error {
	var last error
	for _, p := range r.parts() {
		if r.made(p) || r.files.Has(p.a, errorFile) {
			continue
		}
		err := r.fit(ctx, p)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err == nil {
			continue
		}
		if last = err; !permanent(err) {
			return err
		}
		r.Log.Warn("an algorithm failed", "job", r.id, "algorithm", r.spec.Algorithms[p.a].Code, "fold", p.fold, "reason", err.Error())
		if err := r.files.write(p.a, errorFile, []byte(err.Error())); err != nil {
			return err
		}
	}
	for a := range r.spec.Algorithms {
		if !r.files.Has(a, errorFile) {
			return nil
		}
	}
	if last == nil {
		text, err := r.files.Read(0, errorFile)
		return errors.Join(errors.New(string(text)), err)
	}
	return last
}

// made reports whether the part's last file is there.
func (r *run) made(p part) bool {
	m := method.ByCode(r.spec.Algorithms[p.a].Code)
	return r.files.Has(p.a, p.model()) || m != nil && !m.Predictive && r.files.Has(p.a, OutputFile)
}

const errorFile = "error.txt"

// derivedFile says that the models beside it want the columns of the sample.
const derivedFile = "derived"

// frame is the sample's columns x as a model of algorithm a wants them.
func (r *run) frame(a int, m *automl.Model, x *dataset.Frame) (*dataset.Frame, error) {
	if !r.files.Has(a, derivedFile) {
		return x, nil
	}
	t, err := dataset.NewTable(x.Columns()...)
	if err != nil {
		return nil, err
	}
	return m.Schema.Features(t)
}

// permanent reports whether another try would fail in the same way.
func permanent(err error) bool {
	var bad method.Unsuitable
	return errors.As(err, &bad) || data.IsWrong(err) || errors.Is(err, data.ErrUnknown) || errors.Is(err, automl.ErrNothingWorked)
}

// fit does one part and writes what it made.
func (r *run) fit(ctx context.Context, p part) error {
	alg := r.spec.Algorithms[p.a]
	m := method.ByCode(alg.Code)
	if m == nil {
		return data.Error{Msg: fmt.Sprintf("the algorithm %q is not known", alg.Code)}
	}
	s, err := r.rows(ctx)
	if err != nil {
		return err
	}
	dir := filepath.Dir(r.files.Path(p.a, "x"))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	in := method.Input{Sample: s.Sample, Schema: s.Schema, Private: s.Private, MinCount: r.MinCount, Parameters: method.Lower(alg.Parameters), Options: r.options(p, s)}
	if !s.Private {
		in.MinCount = 1
	}
	if len(r.spec.Grouping) > 0 {
		in.Covariable = map[string]bool{}
		for _, name := range r.spec.Covariables {
			in.Covariable[name] = true
		}
	}
	if p.fold >= 0 {
		train, _, err := r.fold(s.Sample, p.fold)
		if err != nil {
			return err
		}
		in.Sample = train
	}
	out, err := r.watched(ctx, m, p, &Step{ID: fmt.Sprintf("%s-%d-%d", r.id, p.a, p.fold+1), Algorithm: m, Input: in, Dir: dir, Parameters: alg.Parameters})
	if err != nil || ctx.Err() != nil {
		return err
	}
	if out.Data != nil && p.fold < 0 { // before the model, which says that the part is done
		if err := r.files.writeJSON(p.a, OutputFile, method.Output{Shape: out.Shape, Data: out.Data}); err != nil {
			return err
		}
	}
	if out.Model == nil {
		return nil
	}
	encoded, err := out.Model.Encode()
	if err != nil {
		return err
	}
	if out.Derived {
		if err := r.files.write(p.a, derivedFile, nil); err != nil {
			return err
		}
	}
	return r.files.write(p.a, p.model(), encoded)
}

// options are what the service grants a search.
func (r *run) options(p part, s *data.Sample) automl.Options {
	o := automl.Options{Metric: r.spec.Metric, Seed: r.spec.Seed, Workers: r.Threads, Memory: r.Memory, Evaluations: r.spec.Budget.Evaluations}
	if o.Metric == "" {
		o.Metric = metrics.Default(s.Task()).Name
	}
	if left := r.spec.Budget.Seconds; left > 0 {
		if p.fold < 0 && len(r.spec.Algorithms) == 1 { // a search that goes on has what is left of its time
			left = max(left-r.h.Job().Spent, min(left, 2))
		}
		o.Time = time.Duration(left * float64(time.Second))
	}
	return o
}

// watched runs a step while a tracker tells of it.
func (r *run) watched(ctx context.Context, m *method.Method, p part, s *Step) (*method.Output, error) {
	metric, err := metrics.ByName(s.Input.Parameters.Text("metric", s.Input.Options.Metric))
	if err != nil || !metric.Serves(s.Input.Sample.Task()) {
		return nil, data.Error{Msg: fmt.Sprintf("the metric %q does not serve a %s variable", s.Input.Parameters.Text("metric", s.Input.Options.Metric), s.Input.Sample.Task())}
	}
	t := &tracker{metric: metric, started: time.Now(), before: r.h.Job().Spent, lowest: r.lowest(ctx, p, metric)}
	t.now = Progress{Algorithm: p.a, Fold: p.fold, Metric: metric.Name, Budget: r.spec.Budget.Seconds, Trying: []Tried{}}
	if p.fold < 0 {
		s.Input.Options.Observe = func(e gp.Event) {
			r.evaluated.Add(1)
			t.observe(e)
		}
	}
	telling, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { r.telling(telling, r.h, t) })
	defer func() {
		stop()
		wg.Wait()
	}()
	asked := make(chan struct{})
	s.Input.Options.Enough = asked
	wg.Go(func() { r.finishing(telling, asked) })
	if r.Backend != nil {
		return r.Backend.Run(ctx, s)
	}
	if r.Join != nil && m.Code == "automl" {
		leave, err := r.Join(ctx, &s.Input.Options)
		if err != nil {
			return nil, err
		}
		defer leave()
	}
	return Local{}.Run(ctx, s)
}

// lowest is the least loss that earlier processes told of.
func (r *run) lowest(ctx context.Context, p part, m metrics.Metric) float64 {
	low := math.Inf(1)
	_ = r.h.With(func(l *job.Lease) error {
		events, err := l.Events(ctx)
		for _, e := range events {
			var b best
			if e.Type == "score" && json.Unmarshal(e.Data, &b) == nil && b.Algorithm == p.a {
				low = min(low, m.Loss(b.Score))
			}
		}
		return err
	})
	return low
}

// Local runs steps in this process.
type Local struct{}

// Run implements [Backend]. A search that was cut off goes on from its log.
func (Local) Run(ctx context.Context, s *Step) (*method.Output, error) {
	in := s.Input
	if s.Algorithm.Code != "automl" {
		return s.Algorithm.Fit(ctx, in)
	}
	in.Options.Checkpoint = filepath.Join(s.Dir, s.ID+"."+checkpointFile)
	in.Options.Resume = true
	_, began := os.Stat(in.Options.Checkpoint)
	out, err := s.Algorithm.Fit(ctx, in)
	if err != nil && began == nil && ctx.Err() == nil { // the log is of other rows, or another program
		if os.Remove(in.Options.Checkpoint) == nil {
			out, err = s.Algorithm.Fit(ctx, in)
		}
	}
	if err == nil && ctx.Err() == nil {
		_ = os.Remove(in.Options.Checkpoint)
	}
	return out, err
}

// Stop implements [Backend]: nothing runs beyond its context.
func (Local) Stop(context.Context, string) error { return nil }

// stop ends what runs elsewhere, and removes what a cancelled job has made.
func (r *run) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if r.Backend != nil {
		for _, p := range r.parts() {
			if err := r.Backend.Stop(ctx, fmt.Sprintf("%s-%d-%d", r.id, p.a, p.fold+1)); err != nil {
				r.Log.Warn("a step cannot be stopped", "job", r.id, "reason", err.Error())
			}
		}
	}
	_ = r.files.Remove()
}

// fold splits the sample for the validation.
func (r *run) fold(s dataset.Sample, k int) (train, test dataset.Sample, err error) {
	in, out, err := foldRows(s, r.spec.Folds, k)
	if err != nil {
		return train, test, err
	}
	return s.Gather(in), s.Gather(out), nil
}

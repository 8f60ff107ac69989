package work

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/export/pfa"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/report"
	"github.com/lren-chuv/automl/serve/method"
)

// foldRows are the rows in and out of fold k; the split depends on the sample alone.
func foldRows(s dataset.Sample, folds, k int) (in, out []int32, err error) {
	a, err := dataset.Split(s, folds, rand.New(rand.NewPCG(uint64(folds), 0xf01d5)))
	if err != nil {
		return nil, nil, err
	}
	for i, f := range a {
		if int(f) == k {
			out = append(out, int32(i))
		} else {
			in = append(in, int32(i))
		}
	}
	if len(out) == 0 || len(in) < 2 {
		return nil, nil, method.Unsuitable{Msg: fmt.Sprintf("%d rows are too few for %d folds", s.Rows(), folds)}
	}
	return in, out, nil
}

func (r *run) model(a int, name string) (*automl.Model, error) {
	encoded, err := r.files.Read(a, name)
	if err != nil || encoded == nil {
		return nil, err
	}
	return automl.Decode(encoded)
}

// test applies the models: to the rows of the table, for whoever may see them, and to the folds that they have not seen.
func (r *run) test(ctx context.Context) error {
	for a := range r.spec.Algorithms {
		if r.files.Has(a, errorFile) {
			continue
		}
		m, err := r.model(a, ModelFile)
		if err != nil {
			return err
		}
		if m == nil {
			continue
		}
		if r.spec.Origin == "" && (!r.spec.Private || r.Rows) && !r.files.Has(a, PredictionsFile) {
			if err := r.predict(ctx, a, m); err != nil {
				return err
			}
		}
		if r.spec.Folds > 0 {
			if err := r.validate(ctx, a); err != nil {
				return err
			}
		}
		if err := r.scoreApart(ctx, a, m); err != nil {
			return err
		}
	}
	return nil
}

// predict writes what the model says of every row of the table that the filters select.
func (r *run) predict(ctx context.Context, a int, m *automl.Model) error {
	t, err := r.Source.Rows(ctx, &r.spec.Selection)
	if err != nil {
		return err
	}
	x, err := r.features(ctx, a, m, t)
	if err != nil {
		return err
	}
	p, err := m.Predict(ctx, x)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	head := []string{"row", m.Target, "prediction"}
	for _, level := range m.Levels {
		head = append(head, "proba_"+level)
	}
	_ = w.Write(head) // a buffer takes all
	var labels []string
	if m.Levels != nil {
		labels = m.Labels(p)
	}
	known := t.Column(m.Target)
	for i := range p.Rows() {
		row := []string{strconv.Itoa(t.Line(i)), textOf(known, i)}
		if labels != nil {
			row = append(row, labels[i])
		}
		for k := range p.Cols() {
			row = append(row, strconv.FormatFloat(p.Col(k).Float[i], 'g', -1, 64))
		}
		_ = w.Write(row)
	}
	w.Flush()
	return r.files.write(a, PredictionsFile, b.Bytes())
}

// features are the columns of a table as the model wants them.
func (r *run) features(ctx context.Context, a int, m *automl.Model, t *dataset.Table) (*dataset.Frame, error) {
	if !r.files.Has(a, derivedFile) {
		return m.Schema.Features(t)
	}
	s, err := r.rows(ctx)
	if err != nil {
		return nil, err
	}
	x, err := s.Schema.Features(t)
	if err != nil {
		return nil, err
	}
	return r.frame(a, m, x)
}

func textOf(c *dataset.Column, i int) string {
	switch {
	case c == nil || c.Missing(i):
		return ""
	case c.Kind == dataset.Numeric:
		return strconv.FormatFloat(c.Float[i], 'g', -1, 64)
	}
	return c.Levels[c.Code[i]]
}

// Summary is what is shown of a result, to compare it with others.
type Summary struct {
	Algorithm  string              `json:"algorithm"`
	Error      string              `json:"error,omitempty"`
	Shape      string              `json:"shape,omitempty"` // of output.json, for methods that describe
	Task       string              `json:"task,omitempty"`
	Metric     string              `json:"metric,omitempty"`
	Greater    bool                `json:"greater_is_better,omitempty"`
	Score      *float64            `json:"score,omitempty"` // cross-validated
	Std        *float64            `json:"std,omitempty"`   // over folds
	Low        *float64            `json:"low,omitempty"`   // 95 % interval
	High       *float64            `json:"high,omitempty"`
	Baseline   *float64            `json:"baseline,omitempty"` // of predicting the same for all
	Scores     map[string]*float64 `json:"scores,omitempty"`   // all metrics of the task, on rows not seen
	Pipeline   string              `json:"pipeline,omitempty"`
	Ensemble   []Member            `json:"ensemble,omitempty"`
	Front      []Point             `json:"front,omitempty"`
	Importance []Importance        `json:"importance,omitempty"`
	Rows       int                 `json:"rows,omitempty"`
	Columns    int                 `json:"columns,omitempty"`
	Classes    []string            `json:"classes,omitempty"`
	Evaluated  int                 `json:"evaluated,omitempty"`
	Failed     int                 `json:"failed,omitempty"`
	Seconds    float64             `json:"seconds,omitempty"`
	LeftOut    []string            `json:"left_out,omitempty"`
	Files      []string            `json:"files"` // that can be downloaded: report, model, pfa, predictions, output
	NoPFA      string              `json:"no_pfa,omitempty"`
}

// Member is a pipeline of an ensemble.
type Member struct {
	Weight   float64 `json:"weight"`
	Pipeline string  `json:"pipeline"`
}

// Importance is by how much the score worsens when a column is shuffled.
type Importance struct {
	Feature string  `json:"feature"`
	Drop    float64 `json:"drop"`
}

// format writes reports and documents and returns the summaries.
func (r *run) format() (json.RawMessage, error) {
	var all []*Summary
	for a := range r.spec.Algorithms {
		s, err := r.summarised(a)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return json.Marshal(all)
}

func (r *run) summarised(a int) (*Summary, error) {
	s := &Summary{Algorithm: r.spec.Algorithms[a].Code, Files: []string{}, Seconds: r.h.Job().Spent}
	if text, err := r.files.Read(a, errorFile); err != nil || text != nil {
		s.Error = string(text)
		return s, err
	}
	output, err := r.files.Read(a, OutputFile)
	if err != nil {
		return nil, err
	}
	if output != nil {
		var o method.Output
		if err := json.Unmarshal(output, &o); err != nil {
			return nil, err
		}
		s.Shape, s.Files = o.Shape, append(s.Files, "output")
	}
	m, err := r.model(a, ModelFile)
	if err != nil || m == nil {
		return s, err
	}
	s.of(m)
	s.Files = append(s.Files, "model", "report")
	if r.files.Has(a, PredictionsFile) {
		s.Files = append(s.Files, "predictions")
	}
	var page bytes.Buffer
	if err := report.Write(&page, m); err != nil {
		return nil, err
	}
	if err := r.files.write(a, ReportFile, page.Bytes()); err != nil {
		return nil, err
	}
	doc, err := r.document(a, m)
	if err != nil {
		s.NoPFA = err.Error()
	} else {
		s.Files = append(s.Files, "pfa")
		if err := r.files.write(a, PFAFile, doc); err != nil {
			return nil, err
		}
	}
	return s, r.files.writeJSON(a, SummaryFile, s)
}

// maxDocument is the size that a document of PFA may have.
const maxDocument = 4 << 20

// document writes the model as PFA.
func (r *run) document(a int, m *automl.Model) ([]byte, error) {
	opt := pfa.Options{MaxBytes: maxDocument}
	if r.spec.Private {
		s, err := r.rows(context.Background())
		if err != nil {
			return nil, err
		}
		opt.Inputs = s.Inputs
	}
	doc, _, err := pfa.Best(m, opt)
	return doc, err
}

// of takes in what the model remembers.
func (s *Summary) of(m *automl.Model) {
	s.Task, s.Metric, s.Pipeline, s.Classes = m.Task, m.Metric, m.Best.Pipeline, m.Levels
	s.Score, s.Std = finite(m.Score.CV), finite(m.Score.Std)
	s.Rows, s.Columns, s.Evaluated, s.Failed = m.Search.Rows, m.Search.Columns, m.Search.Evaluated, m.Search.Failed
	s.Greater = greater(m.Metric)
	for _, e := range m.Members {
		s.Ensemble = append(s.Ensemble, Member{e.Weight, e.Pipeline})
	}
	for _, f := range m.Front {
		if finite(f.Score) != nil {
			s.Front = append(s.Front, Point{f.Score, f.Steps, f.Pipeline})
		}
	}
	if m.Schema != nil {
		s.LeftOut = append(s.LeftOut, m.Schema.Warnings...)
	}
	if m.Record == nil {
		return
	}
	q := &m.Record.Quality
	if q.Lo != 0 || q.Hi != 0 {
		s.Low, s.High = finite(q.Lo), finite(q.Hi)
	}
	s.Scores = map[string]*float64{}
	for _, one := range q.Scores {
		s.Scores[one.Metric] = finite(one.Score)
		if one.Metric == m.Metric {
			s.Baseline = finite(one.Baseline)
		}
	}
	for _, i := range m.Record.Reasons.Importance {
		s.Importance = append(s.Importance, Importance{i.Feature, i.Mean})
	}
}

// finite is nil for what JSON cannot say.
func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

func greater(metric string) bool {
	m, err := metrics.ByName(metric)
	return err == nil && m.Greater
}

// Package report writes what a model remembers as one self-contained HTML page: no scripts, no network, pictures as SVG
// with texts for those who cannot see them, and every number of a picture in a table as well.
package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/explain"
	"github.com/lren-chuv/automl/metrics"
)

//go:embed page.html
var pageText string

//go:embed style.css
var styleText string

// card is one of the figures at the top.
type card struct{ Label, Value, Note string }

// member is one pipeline of the ensemble.
type member struct {
	Weight, Pipeline string
	Graph            template.HTML // empty for those that are not drawn
}

// page is what the template shows.
type page struct {
	Style   template.CSS
	Model   *automl.Model
	Record  *automl.Record // nil for models that remember nothing
	Metric  metrics.Metric
	Cards   []card
	Verdict []finding
	Members []member
	Classes []automl.ClassCurves

	Target, Confusion, ROC, PR, Calibration template.HTML
	Fit, Residuals, Bands                   template.HTML
	Importance                              template.HTML
	Dependence                              []shape
	Effects                                 []swarms
	Progress, Pareto                        template.HTML
	Leaders                                 []automl.Evaluation
	Failures                                []failure
	Columns                                 []column
	Hidden                                  int // columns that the table does not list
	LeftOut                                 []string
	Timed                                   bool
	Best                                    map[string]float64 // threshold by criterion
	Command                                 string
}

// drawnMembers bounds the pipelines of the ensemble that are drawn as graphs.
const drawnMembers = 4

// Write writes the report on m.
func Write(w io.Writer, m *automl.Model) error {
	metric, err := metrics.ByName(m.Metric)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	t, err := template.New("report").Funcs(functions()).Parse(pageText)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if err := t.Execute(w, newPage(m, metric)); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

func functions() template.FuncMap {
	return template.FuncMap{
		"number": number, "percent": percent, "count": count, "seconds": seconds, "series": series, "short": short, "plain": plain,
		"scale": scaleName,
		"least": least,
		"withheld": func(r *automl.Record) bool {
			return slices.ContainsFunc(r.Quality.Confusion, func(row []float64) bool { return slices.ContainsFunc(row, math.IsNaN) })
		},
		"prefixes": func(r *automl.Record) float64 { share, _ := r.PrefixRate(); return share },
		"inc":      func(i int) int { return i + 1 },
		"deref":    func(v *float64) float64 { return *v },
		"even":     func(e explain.Importance) bool { return e.Lo <= 0 },
		"barely":   func(v float64) string { return fmt.Sprintf("%.0f", math.Ceil(100*v)) },
	}
}

// least is the number of rows that anything told is about at least.
func least(r *automl.Record) int {
	if r.MinCount > 0 {
		return r.MinCount
	}
	return 5 // that of programs that did not say
}

// scaleName names the scale of the contributions, nothing if they are parts of the prediction itself.
func scaleName(r *automl.Record) string {
	if r.Reasons.Scale == "" || r.Reasons.Scale == string(explain.Prediction) {
		return ""
	}
	return r.Reasons.Scale
}

func newPage(m *automl.Model, metric metrics.Metric) *page {
	p := &page{Style: template.CSS(styleText), Model: m, Record: m.Record, Metric: metric}
	var draw pictures
	for i, mem := range m.Members {
		one := member{Weight: percent(mem.Weight), Pipeline: mem.Pipeline}
		if i < drawnMembers {
			one.Graph = draw.graph(mem, len(features(m)), m.Target)
		}
		p.Members = append(p.Members, one)
	}
	var history []automl.Evaluation
	if m.Record != nil {
		history = m.Record.History
		p.remembered(&draw)
	}
	p.Pareto = draw.pareto(m.Front, history, metric)
	p.Cards, p.Verdict = cards(m, metric), verdict(m, metric)
	return p
}

// features lists the names of the raw columns that the model uses.
func features(m *automl.Model) []string {
	var out []string
	for _, f := range m.Schema.Fields {
		if f.Type.Used() {
			out = append(out, f.Name)
		}
	}
	return out
}

// remembered fills in what only a record tells.
func (p *page) remembered(draw *pictures) {
	m, rec := p.Model, p.Record
	p.Target = draw.target(rec.Target)
	p.Columns = draw.columns(m)
	p.Hidden = max(len(rec.Columns), m.Search.Columns) - len(p.Columns)
	p.LeftOut = leftOut(m.Schema)
	p.Timed = timed(rec.History)
	p.Command = rec.Command
	q := rec.Quality
	if len(q.Confusion) > 0 && len(q.Confusion) <= 30 {
		p.Confusion = draw.confusion(m.Levels, q.Confusion)
	}
	p.Classes = q.Classes[:min(shownClasses, len(q.Classes))]
	if len(p.Classes) > 0 {
		p.ROC, p.PR, p.Calibration = draw.roc(p.Classes), draw.precisionRecall(p.Classes), draw.calibration(p.Classes)
	}
	if len(q.Decisions) > 0 {
		p.Best = bestThresholds(q.Decisions)
	}
	if len(q.Fit.Counts) > 0 {
		p.Fit, p.Residuals = draw.fit(q.Fit, m.Target), draw.residuals(q.Residuals)
	}
	if len(q.Bands) > 1 {
		p.Bands = draw.bands(q.Bands)
	}
	if r := rec.Reasons; len(r.Importance) > 0 {
		p.Importance = draw.importance(r.Importance, m.Metric)
		p.Dependence = draw.dependence(r.Dependence, m.Levels, m.Target)
		p.Effects = draw.allEffects(r.Effects, m)
	}
	if len(rec.History) > 0 {
		p.Progress = draw.progress(rec.History, p.Metric)
		p.Leaders, p.Failures = leaders(rec.History, p.Metric, 20), failures(rec.History)
	}
}

// bestThresholds are the thresholds that are best by three criteria.
func bestThresholds(ds []metrics.Decision) map[string]float64 {
	out := map[string]float64{}
	for name, value := range map[string]func(metrics.Decision) float64{
		"F1": metrics.Decision.F1, "accuracy": metrics.Decision.Accuracy,
		"Youden": func(d metrics.Decision) float64 { return d.Recall() + d.Specificity() - 1 },
	} {
		best := math.Inf(-1)
		for _, d := range ds {
			if v := value(d); v > best {
				best, out[name] = v, d.Threshold
			}
		}
	}
	return out
}

func cards(m *automl.Model, metric metrics.Metric) []card {
	direction := "lower is better"
	if metric.Greater {
		direction = "higher is better"
	}
	out := []card{{m.Metric + " in cross-validation", number(m.Score.CV), "± " + number(m.Score.Std) + " over folds; " + direction}}
	if m.Score.Holdout != nil {
		note := "rows that the search never saw"
		if m.Record != nil && m.Record.Quality.Holdout != [2]float64{} {
			note = "95 %: " + number(m.Record.Quality.Holdout[0]) + " to " + number(m.Record.Quality.Holdout[1])
		}
		out = append(out, card{m.Metric + " on the holdout", number(*m.Score.Holdout), note})
	}
	if b, ok := baseline(m); ok {
		out = append(out, card{"without any model", number(b), m.Metric + " of always the same answer"})
	}
	out = append(out, card{"rows", count(m.Search.Rows), plural(len(features(m)), "column")})
	note := plural(m.Search.Generations, "generation")
	if m.Record != nil && m.Record.Seconds > 0 {
		note += ", " + seconds(m.Record.Seconds)
	}
	return append(out, card{"pipelines tried", count(m.Search.Evaluated), note})
}

// baseline is the model's metric for predictions that know nothing of the row.
func baseline(m *automl.Model) (float64, bool) {
	if m.Record == nil {
		return 0, false
	}
	for _, s := range m.Record.Quality.Scores {
		if s.Metric == m.Metric && !math.IsNaN(s.Baseline) {
			return s.Baseline, true
		}
	}
	return 0, false
}

package report

import (
	"fmt"
	"math"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/metrics"
)

// finding is one statement on how far the model can be trusted.
type finding struct {
	Kind string // good, note or bad
	Text string
	Flag string // of the command line, to follow the text
}

// verdict says what speaks for and against believing the scores.
func verdict(m *automl.Model, metric metrics.Metric) []finding {
	var out []finding
	add := func(kind, format string, args ...any) {
		out = append(out, finding{Kind: kind, Text: fmt.Sprintf(format, args...)})
	}
	rec := m.Record
	if rec == nil {
		add("note", "The model file holds no record of its search; train again with this program to see more.")
		return out
	}
	q := rec.Quality
	if b, ok := baseline(m); ok {
		guessing(add, metric, b, q)
	}
	if m.Score.Holdout != nil {
		kind, verb := "good", "confirms"
		best := math.Min(metric.Loss(q.Holdout[0]), metric.Loss(q.Holdout[1]))
		if q.Holdout == [2]float64{} {
			best = metric.Loss(*m.Score.Holdout) - 2*m.Score.Std
		}
		if metric.Loss(m.Score.CV) < best {
			kind, verb = "bad", "is clearly worse than"
		}
		add(kind, "The holdout (%s of the rows, never seen by the search) scores %s, which %s the %s of cross-validation.", percent(rec.Holdout), number(*m.Score.Holdout), verb, number(m.Score.CV))
	} else {
		add("note", "No rows were kept apart. The cross-validated score chose among %s pipelines, so it is a little too good. For a score without that bias, train with", count(m.Search.Evaluated))
		out[len(out)-1].Flag = "--holdout 0.2"
	}
	if m.Score.Std > 0 && len(q.Folds) > 1 {
		lo, hi := q.Folds[0], q.Folds[0]
		for _, f := range q.Folds {
			lo, hi = math.Min(lo, f), math.Max(hi, f)
		}
		add("note", "Over %d folds the score varies from %s to %s: expect that much from one sample of the same kind to the next.", len(q.Folds), number(lo), number(hi))
	}
	if m.Search.Rows < 200 {
		add("bad", "%d rows are few. Differences between pipelines of the size of ± %s mean nothing here.", m.Search.Rows, number(m.Score.Std))
	}
	if len(q.Classes) > 0 {
		classes(add, m, q)
	}
	missing(add, rec)
	return out
}

func guessing(add func(kind, format string, args ...any), metric metrics.Metric, base float64, q automl.Quality) {
	switch worst := math.Max(metric.Loss(q.Lo), metric.Loss(q.Hi)); {
	case q.Lo == 0 && q.Hi == 0:
		add("note", "Predictions that know nothing of the row would score %s.", number(base))
	case worst < metric.Loss(base):
		add("good", "The model knows something: its 95 %% interval, %s to %s, excludes the %s of predictions that know nothing of the row.", number(q.Lo), number(q.Hi), number(base))
	default:
		add("bad", "The 95 %% interval, %s to %s, includes the %s of predictions that know nothing of the row: do not rely on this model.", number(q.Lo), number(q.Hi), number(base))
	}
}

func classes(add func(kind, format string, args ...any), m *automl.Model, q automl.Quality) {
	rarest, total := math.Inf(1), 0.0
	name := ""
	for i, row := range q.Confusion {
		sum := 0.0
		for _, v := range row {
			sum += v
		}
		total += sum
		if sum < rarest {
			rarest, name = sum, m.Levels[i]
		}
	}
	if rarest/total < 0.1 {
		add("note", "Class %s makes up %s of the rows: accuracy says little, look at recall and at the precision-recall curve.", name, percent(rarest/total))
	}
	switch e := calibrationError(q.Classes); {
	case e < 0.05:
		add("good", "Probabilities can be read as such: they are off by %s on average.", percent(e))
	default:
		add("note", "Probabilities are off by %s on average: use them to rank rows rather than as risks.", percent(e))
	}
}

func missing(add func(kind, format string, args ...any), rec *automl.Record) {
	worst, name := 0.0, ""
	for _, c := range rec.Columns {
		if share := float64(c.Missing) / math.Max(1, float64(c.Rows)); share > worst {
			worst, name = share, c.Name
		}
	}
	if worst > 0.3 {
		add("note", "%s is missing in %s of the rows; what fills the holes was learned from training rows alone.", name, percent(worst))
	}
}

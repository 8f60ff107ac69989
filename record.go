package automl

import (
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"regexp"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/explain"
	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/operators"
)

// Record is what a model remembers of its data, its search and its behaviour: what a report shows. It holds counts,
// curves and quantiles, never rows. Everything in it but Commit, Go and Platform follows from data and options when the
// limit of the search is a number of evaluations; times are then left out of the model file.
type Record struct {
	Command  string // how to do it again, without what has no influence on the result
	Commit   string // of this program
	Go       string
	Platform string
	Budget   float64 // seconds, 0 if the limit was a number
	Seconds  float64 // that Train took
	Private  bool    // nothing is told that fewer than MinCount rows have
	MinCount int     // 0 in records of older programs stands for 5
	Repeats  int     // of the cross-validation
	Holdout  float64 // share of the rows kept apart

	// PrefixHits and PrefixMisses count how often the fitted beginning of a pipeline was known and how often it was not;
	// both 0 where they are no part of the result.
	PrefixHits, PrefixMisses int64

	Columns []explain.Column // the first few hundred
	Target  explain.Column
	History []Evaluation
	Quality Quality
	Reasons Reasons
}

// Evaluation is one pipeline of the search.
type Evaluation struct {
	ID       int
	Parents  [2]int // IDs, -1 for none
	Origin   string // the variation that made it, "start" or "random"
	Pipeline string
	Steps    int
	Score    float64 // mean over folds; NaN after a failure
	Std      float64 // over folds
	At       float64 // seconds from the start until the result was there; 0 if not known
	Took     float64 // seconds; 0 if not known
	Pruned   bool    // given up early, Score is that of some folds
	Err      string  // why there is no score
}

// Quality is how the model did on rows that it had not seen: on the out-of-fold predictions of its members.
type Quality struct {
	Rows      int
	Folds     []float64     // score per fold
	Scores    []NamedScore  // all metrics of the task
	Lo, Hi    float64       // 95% bootstrap interval of the model's metric, both 0 if not computed
	Holdout   [2]float64    // likewise on the holdout
	Confusion [][]float64   // by true class, then predicted; NaN where it is withheld
	Classes   []ClassCurves // classification
	Decisions []metrics.Decision
	Fit       explain.Grid      // regression: predicted (x) and actual (y)
	Residuals explain.Histogram // regression: actual minus predicted
	Bands     []Band            // regression: residuals by prediction
}

// NamedScore is one metric out of fold, of predictions that know nothing, and on the holdout.
type NamedScore struct {
	Metric   string
	Score    float64
	Baseline float64  // of always predicting the classes' frequencies or the mean
	Holdout  *float64 // nil without holdout
}

// ClassCurves are the curves of one class against the rest.
type ClassCurves struct {
	Level       string
	ROC, PR     metrics.Curve
	Calibration []metrics.Reliability
}

// Band summarises the residuals of a tenth of the rows with similar predictions.
type Band struct{ Predicted, Low, Median, High float64 } // 10%, 50% and 90% quantiles

// Reasons is what the model relies on.
type Reasons struct {
	On         string // whose importance: "holdout", "fold" (of a copy that had not seen the rows) or "training"
	Rows       int    // for the importance
	Examined   int    // features
	Features   int    // in all
	Importance []explain.Importance
	Dependence []explain.Dependence
	Effects    []ClassEffects
	Exact      bool   // the contributions are exact, not those of a sample of orders
	Scale      string // what contributions add up to, see [explain.Scale]; empty in records of older programs
}

// ClassEffects are the contributions to the prediction of one class, or to the number.
type ClassEffects struct {
	Level   string
	Effects []explain.Effect
}

// describedColumns bounds the columns that are described: a model file stays small however wide the table was.
const describedColumns = 500

// describe looks at the target and the columns before the search, when there is time.
func (r *run) describe(ctx context.Context) error {
	columns := append([]*dataset.Column{r.all.Y}, r.all.X.Columns()[:min(describedColumns, r.all.X.Cols())]...)
	r.described = make([]explain.Column, len(columns))
	env := operators.NewEnv(r.opt.Seed, 0)
	env.Threads = r.opt.Workers
	return env.Each(ctx, len(columns), func(i int, _ *rand.Rand) error {
		r.described[i] = explain.Describe(columns[i], r.least())
		return nil
	})
}

// newRecord begins the record with what is known without looking at predictions.
func (r *run) newRecord(took time.Duration) *Record {
	rec := &Record{Command: r.opt.Command, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Budget: r.opt.Time.Seconds(),
		Seconds: took.Seconds(), Private: r.opt.NoInstances, MinCount: r.least(), Repeats: r.opt.Repeats, Holdout: r.opt.Holdout}
	prefixes := r.cv.Cache.Stats()
	rec.PrefixHits, rec.PrefixMisses = prefixes.Hits, prefixes.Misses
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				rec.Commit = s.Value
			}
		}
	}
	rec.Columns, rec.Target = r.described[1:], r.described[0]
	for i, ind := range r.outcome.History {
		e := evaluation(ind)
		if rec.Private {
			e.Err = WithoutNumbers(e.Err)
		}
		if i < len(r.times) {
			e.At = r.times[i].Seconds()
		}
		rec.History = append(rec.History, e)
	}
	return rec
}

// least is the number of rows that anything told is about at least, 0 if it does not matter.
func (r *run) least() int {
	if !r.opt.NoInstances {
		return 0
	}
	return r.opt.MinCount
}

func evaluation(ind *gp.Individual) Evaluation {
	s := scored(ind)
	e := Evaluation{ID: ind.ID, Parents: ind.Parents, Origin: ind.Origin, Pipeline: s.Pipeline, Steps: s.Steps, Score: s.Score, Std: s.Std,
		Took: ind.Result.Took.Seconds(), Pruned: ind.Result.Pruned, Err: ind.Result.Err}
	if ind.Result.Failed() {
		e.Score, e.Std = math.NaN(), 0
	}
	return e
}

// WithoutNumbers is the text of an error where rows must not be recognisable: with # for all that it may tell of one.
func WithoutNumbers(text string) string { return digits.ReplaceAllString(text, "#") }

var digits = regexp.MustCompile(`[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?`)

// maxRecord bounds the unpacked record of a model file.
const maxRecord = 256 << 20

// PrefixRate is the share of the fitted beginnings of pipelines that were known, and whether it is recorded.
func (rec *Record) PrefixRate() (share float64, known bool) {
	asked := rec.PrefixHits + rec.PrefixMisses
	if asked <= 0 {
		return 0, false
	}
	return float64(rec.PrefixHits) / float64(asked), true
}

// pack encodes the record for the model file, without times where they are no part of the result.
func (rec *Record) pack() ([]byte, error) {
	if rec == nil {
		return nil, nil
	}
	c := *rec
	if c.Budget == 0 {
		c.Seconds, c.PrefixHits, c.PrefixMisses, c.History = 0, 0, 0, append([]Evaluation(nil), c.History...)
		for i := range c.History {
			c.History[i].At, c.History[i].Took = 0, 0
		}
	}
	data, err := wire.Marshal(&c)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.DefaultCompression)
	if err != nil {
		return nil, err
	}
	if _, err = w.Write(data); err == nil {
		err = w.Close()
	}
	return b.Bytes(), err
}

// unpack reads what pack wrote; nothing gives nil.
func unpack(data []byte, levels int) (*Record, error) {
	if len(data) == 0 {
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(data)), maxRecord+1))
	if err != nil {
		return nil, fmt.Errorf("the record of the search is damaged: %w", err)
	}
	if len(body) > maxRecord {
		return nil, errors.New("the record of the search is larger than any program would have written")
	}
	rec := new(Record)
	if err := wire.Unmarshal(body, rec); err != nil {
		return nil, fmt.Errorf("the record of the search is damaged: %w", err)
	}
	if err := rec.check(levels); err != nil {
		return nil, fmt.Errorf("the record of the search is damaged: %w", err)
	}
	return rec, nil
}

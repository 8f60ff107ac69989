package pipeline

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/operators"
)

// Result is what evaluating a tree gives. A tree that fails is data, not an error: Err says why.
type Result struct {
	Score  float64     // mean of Folds as the metric defines it, NaN after a failure
	Folds  []float64   // score per fold; NaN where the metric is not defined on that fold's rows
	OOF    [][]float32 // out-of-fold predictions: one slice per output column, in the sample's row order
	Took   time.Duration
	Pruned bool   // given up early: some folds were so bad that the rest could not matter
	Err    string // why there is no score
}

// Failed reports whether the tree has no score.
func (r *Result) Failed() bool { return r.Err != "" }

// CrossVal evaluates trees by cross-validation on fixed folds. It is safe for concurrent use; its fields must not change
// once it is used.
type CrossVal struct {
	Folds   *dataset.Folds
	Rows    int // of the sample that was split: the length of out-of-fold predictions
	Metric  metrics.Metric
	Seed    uint64
	Limit   time.Duration // for one tree, 0 is none
	Threads int           // inside one fit; the population is the better axis
	Cache   *Cache        // required
	Use     int           // evaluate on that many of the folds only, 0 is all
	NoOOF   bool          // do not keep out-of-fold predictions
	Humble  bool          // mix the predictions with doubt, see Humble
	Panic   bool          // let panics of operators through, for tests
}

// Used is the number of folds that trees are evaluated on.
func (cv *CrossVal) Used() int {
	if cv.Use > 0 {
		return min(cv.Use, cv.Folds.Len())
	}
	return cv.Folds.Len()
}

// Evaluate fits t on the training part of every fold and scores its predictions of the test part. It gives up, and says
// Pruned, when after k folds the mean loss is above bar[k-1]. The error is only for ctx being done.
func (cv *CrossVal) Evaluate(ctx context.Context, t Tree, bar []float64) (r Result, err error) {
	start := time.Now()
	limited, cancel := ctx, context.CancelFunc(func() {})
	if cv.Limit > 0 {
		limited, cancel = context.WithTimeout(ctx, cv.Limit)
	}
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			if cv.Panic {
				panic(p)
			}
			r, err = failure(fmt.Sprintf("panic: %v", firstLine(fmt.Sprint(p)))), nil
		}
		r.Took = time.Since(start)
	}()
	r, err = cv.folds(limited, t, bar)
	switch {
	case err == nil:
		return r, nil
	case ctx.Err() != nil:
		return Result{}, ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return failure(fmt.Sprintf("took longer than %v", cv.Limit)), nil
	}
	return failure(err.Error()), nil
}

func failure(why string) Result { return Result{Score: math.NaN(), Err: why} }

// firstLine keeps an operator's panic readable in a table.
func firstLine(s string) string {
	for i, c := range s {
		if c == '\n' {
			return s[:i]
		}
	}
	return s
}

func (cv *CrossVal) folds(ctx context.Context, t Tree, bar []float64) (Result, error) {
	var r Result
	var sum collector
	full := Tree{}
	for k := range cv.Used() {
		train, test := cv.Folds.Fold(k)
		if k == 0 {
			full = explicit(t, operators.HasCategories(train.X))
		}
		f := fitting{cv.Seed, uint64(k) << 32, train, test.X, cv.Cache, cv.Threads}
		out, err := cv.fold(ctx, &f, full)
		if err != nil {
			return r, err
		}
		if err := finite(out.test); err != nil {
			return r, fmt.Errorf("%s: %w", t.Root().name(), err)
		}
		if cv.Humble {
			out.test = Humble(out.test, train.Rows())
		}
		score, err := cv.Metric.Score(test.Y, out.test, test.W)
		if err != nil {
			score = math.NaN()
		}
		r.Folds = append(r.Folds, score)
		if k < len(bar) && k+1 < cv.Used() && cv.Metric.Loss(MeanScore(r.Folds)) > bar[k] {
			r.Score, r.Pruned = MeanScore(r.Folds), true
			return r, nil
		}
		if !cv.NoOOF {
			sum.add(out.test, cv.Folds.TestRows(k), cv.Rows)
		}
	}
	r.Score = MeanScore(r.Folds)
	if math.IsNaN(r.Score) {
		return r, fmt.Errorf("%s is not defined on any fold", cv.Metric.Name)
	}
	r.OOF = sum.columns()
	return r, nil
}

// fold runs one fold, which may take half as long again as its share of the limit: a tree that is too slow shows it at
// once.
func (cv *CrossVal) fold(ctx context.Context, f *fitting, t Tree) (output, error) {
	if n := time.Duration(cv.Used()); cv.Limit > 0 && n > 1 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, cv.Limit*3/(2*n))
		defer cancel()
	}
	return f.run(ctx, t, true)
}

func finite(p *dataset.Frame) error {
	for _, c := range p.Columns() {
		for _, v := range c.Float {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("predicts %v", v)
			}
		}
	}
	return nil
}

// MeanScore is the mean of the scores that are defined, NaN if none is.
func MeanScore(scores []float64) float64 {
	sum, n := 0.0, 0.0
	for _, s := range scores {
		if !math.IsNaN(s) {
			sum, n = sum+s, n+1
		}
	}
	return sum / n
}

// collector averages the out-of-fold predictions of repeated cross-validation.
type collector struct {
	values [][]float32
	times  []float32
}

func (c *collector) add(p *dataset.Frame, rows []int32, n int) {
	if c.values == nil {
		c.times = make([]float32, n)
		c.values = make([][]float32, p.Cols())
		for j := range c.values {
			c.values[j] = make([]float32, n)
		}
	}
	for i, row := range rows {
		c.times[row]++
		for j := range c.values {
			c.values[j][row] += float32(p.Col(j).Float[i])
		}
	}
}

// columns returns the means; rows that were in no test part stay NaN.
func (c *collector) columns() [][]float32 {
	for _, column := range c.values {
		for i := range column {
			column[i] /= c.times[i]
		}
	}
	return c.values
}

// Predict applies a fitted pipeline and turns a panic, which only a damaged model can cause, into an error.
func Predict(ctx context.Context, f *Fitted, x *dataset.Frame, threads int) (out *dataset.Frame, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, fmt.Errorf("pipeline: the model is damaged: %v", p)
		}
	}()
	env := operators.NewEnv(0, 0)
	env.Threads = threads
	return f.Apply(ctx, env, x)
}

// Humble mixes class probabilities with even ones by the share 1/(n+1): a model learned from n rows is never surer than
// Laplace's rule of succession allows, and one confident mistake does not cost all a logarithmic score has. Ranks and
// most probable classes stay as they are; numbers pass.
func Humble(p *dataset.Frame, n int) *dataset.Frame {
	k := p.Cols()
	if k < 2 {
		return p
	}
	doubt := 1 / float64(n+1)
	cols := make([]*dataset.Column, k)
	for j, c := range p.Columns() {
		v := make([]float64, c.Len())
		for i, u := range c.Float {
			v[i] = (1-doubt)*u + doubt/float64(k)
		}
		cols[j] = dataset.NewNumeric(c.Name, v)
	}
	return dataset.MustFrame(p.Rows(), cols...)
}

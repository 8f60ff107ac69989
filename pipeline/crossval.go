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
	Trials []float64   // scores of the trials on few training rows that precede the folds, if there are any
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
	Memory  int64         // bytes that one fit may take by its operator's own estimate, 0 is any
	Cache   *Cache        // required
	Use     int           // evaluate on that many of the folds only, 0 is all
	Trial   float64       // share of the training rows of fold 0 on which a tree is tried first, 0 is none
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
// Pruned, when the loss of the trial or the mean loss of the folds so far is above its place in bar, where the trial, if
// there is one, comes first. The error is only for ctx being done.
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
		return failure(fmt.Sprintf("took longer than %v", cv.Limit.Round(time.Millisecond))), nil
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
	first, _ := cv.Folds.Fold(0)
	full := explicit(t, operators.HasCategories(first.X))
	above := func(score float64) bool { // the bar of the last stage there was
		stage := len(r.Trials) + len(r.Folds) - 1
		return stage < len(bar) && cv.Metric.Loss(score) > bar[stage]
	}
	if cv.Trial > 0 {
		_, score, err := cv.stage(ctx, full, 0, cv.Trial)
		if err != nil {
			return r, err
		}
		if r.Trials = []float64{score}; above(score) {
			r.Score, r.Pruned = score, true
			return r, nil
		}
	}
	for k := range cv.Used() {
		predicted, score, err := cv.stage(ctx, full, k, 1)
		if err != nil {
			return r, err
		}
		r.Folds = append(r.Folds, score)
		if k+1 < cv.Used() && above(MeanScore(r.Folds)) {
			r.Score, r.Pruned = MeanScore(r.Folds), true
			return r, nil
		}
		if !cv.NoOOF {
			sum.add(predicted, cv.Folds.TestRows(k), cv.Rows)
		}
	}
	r.Score = MeanScore(r.Folds)
	if math.IsNaN(r.Score) {
		return r, fmt.Errorf("%s is not defined on any fold", cv.Metric.Name)
	}
	r.OOF = sum.columns()
	return r, nil
}

// stage fits on a share of the training rows of fold k, which are in random order, and predicts and scores the test rows,
// all of them.
func (cv *CrossVal) stage(ctx context.Context, t Tree, k int, share float64) (*dataset.Frame, float64, error) {
	train, test := cv.Folds.Fold(k)
	part := uint64(k) << 32
	if share < 1 {
		train = train.Slice(0, int(share*float64(train.Rows())))
		part |= trialPart
	}
	if cv.Limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, cv.stageLimit(share))
		defer cancel()
	}
	f := fitting{seed: cv.Seed, part: part, train: train, test: test.X, cache: cv.Cache, threads: cv.Threads, memory: cv.Memory}
	if share == 1 {
		f.windows = cv.Folds.Windows(k)
	}
	out, err := f.run(ctx, t, true)
	if err != nil {
		return nil, 0, err
	}
	if err := finite(out.test); err != nil {
		return nil, 0, fmt.Errorf("%s: %w", t.Root().name(), err)
	}
	if cv.Humble {
		out.test = Humble(out.test, train.Rows())
	}
	score, err := cv.Metric.Score(test.Y, out.test, test.W)
	if err != nil {
		score = math.NaN()
	}
	return out.test, score, nil
}

// trialPart tells the rows of a trial from those of the fold it takes them from.
const trialPart = 1 << 31

// stageLimit is the limit of a stage: half as much again as its part of the whole, so that a tree that is too slow shows
// it at once.
func (cv *CrossVal) stageLimit(share float64) time.Duration {
	part := share / float64(cv.Used())
	if share == 1 && cv.Used() == 1 {
		return cv.Limit
	}
	return max(time.Duration(1.5*part*float64(cv.Limit)), 20*time.Millisecond)
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

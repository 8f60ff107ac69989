package automl

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/explain"
	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/metrics"
)

const (
	curvePoints     = 150
	calibrationBins = 10
	fitCells        = 32
	residualBins    = 30
	resamples       = 200
	resampledRows   = 10_000 // more are not resampled: folds tell enough
	qualityRows     = 20_000 // out-of-fold predictions that the model is judged by, at most
)

// individuals are those of the search or the panel that the members of the model came from.
func (r *run) individuals() []*gp.Individual {
	byText := make(map[string]*gp.Individual, len(r.outcome.History))
	for _, ind := range slices.Concat(r.outcome.History, r.panel.members) {
		if !ind.Result.Failed() {
			byText[ind.Tree.String()] = ind
		}
	}
	out := make([]*gp.Individual, len(r.model.Members))
	for i, m := range r.model.Members {
		out[i] = byText[m.Pipeline]
	}
	return out
}

// outOfFold is what the model would have said of rows that its members had not seen, in the panel's first
// cross-validation; rows lists them. It is nil if the members are not of the panel.
func (r *run) outOfFold() (p *dataset.Frame, rows []int32) {
	if r.blend == nil {
		return nil, nil
	}
	v := &r.panel.views[0]
	for i, u := range v.results[0].OOF[0] {
		if u == u {
			rows = append(rows, int32(i))
		}
	}
	rows = evenly(rows, qualityRows)
	return r.blend.finished(v.mixed(rows, *r.blend), r.train.Rows()), rows
}

// quality judges the model by its members' out-of-fold predictions and, if there is one, the holdout.
func (r *run) quality(ctx context.Context) Quality {
	var q Quality
	p, rows := r.outOfFold()
	if p == nil {
		return q
	}
	s := targets(r.train, rows)
	q.Rows = len(rows)
	q.Folds = r.panel.scores(*r.blend)
	q.Lo, q.Hi = bootstrap(ctx, r.metric, s, p, r.opt.Seed)
	var held *dataset.Frame
	if r.holdout.Y != nil {
		if h, err := r.model.Predict(ctx, r.holdout.X); err == nil {
			held = h
			q.Holdout[0], q.Holdout[1] = bootstrap(ctx, r.metric, r.holdout, h, r.opt.Seed)
		}
	}
	q.Scores = r.namedScores(ctx, s, p, held)
	if s.Y.Kind == dataset.Categorical {
		q.classes(s, p)
	} else {
		q.numbers(s, p.Col(0).Float, r.least())
	}
	if least := r.least(); least > 1 {
		q.withhold(s, p, least)
	}
	return q
}

// bootstrap returns the 95% percentile interval of the metric (Efron 1979), zeros if it cannot be had, or not in a
// quarter of the time that is left.
func bootstrap(ctx context.Context, m metrics.Metric, s dataset.Sample, p *dataset.Frame, seed uint64) (lo, hi float64) {
	n := s.Rows()
	if n > resampledRows || n < 2 {
		return 0, 0
	}
	ctx, cancel := quarter(ctx)
	defer cancel()
	rng := rand.New(rand.NewPCG(seed, 0xb007))
	var scores []float64
	rows := make([]int32, n)
	for range resamples {
		for i := range rows {
			rows[i] = int32(rng.IntN(n))
		}
		one := targets(s, rows)
		if score, err := m.Score(one.Y, p.Gather(rows), one.W); err == nil && !math.IsNaN(score) {
			scores = append(scores, score)
		}
		if ctx.Err() != nil {
			return 0, 0
		}
	}
	if len(scores) < resamples/2 {
		return 0, 0
	}
	slices.Sort(scores)
	return scores[len(scores)/40], scores[len(scores)-1-len(scores)/40]
}

// quarter is the context for a part of what is left to do, a quarter of the time.
func quarter(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, limited := ctx.Deadline()
	if !limited {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, time.Until(deadline)/4)
}

// targets is the sample of the given rows without its features.
func targets(s dataset.Sample, rows []int32) dataset.Sample {
	return dataset.Sample{X: dataset.MustFrame(s.Rows()), Y: s.Y, W: s.W}.Gather(rows)
}

// evenly keeps at most n of the rows.
func evenly(rows []int32, n int) []int32 {
	if len(rows) <= n {
		return rows
	}
	out := make([]int32, n)
	for i := range out {
		out[i] = rows[i*len(rows)/n]
	}
	return out
}

// namedScores computes all metrics of the task that are defined on these rows, the model's own first and the others
// while there is time.
func (r *run) namedScores(ctx context.Context, s dataset.Sample, p, held *dataset.Frame) []NamedScore {
	know := ignorant(s)
	var out []NamedScore
	for i, m := range append([]metrics.Metric{r.metric}, metrics.All()...) {
		if !m.Serves(s.Task()) || i > 0 && (m.Name == r.metric.Name || ctx.Err() != nil) {
			continue
		}
		score, err := m.Score(s.Y, p, s.W)
		if err != nil || math.IsNaN(score) {
			continue
		}
		one := NamedScore{Metric: m.Name, Score: score}
		if one.Baseline, err = m.Score(s.Y, know, s.W); err != nil {
			one.Baseline = math.NaN()
		}
		if held != nil {
			if v, err := m.Score(r.holdout.Y, held, r.holdout.W); err == nil && !math.IsNaN(v) {
				one.Holdout = &v
			}
		}
		out = append(out, one)
	}
	return out
}

// ignorant predicts the frequencies of the classes, or the mean, whatever the row.
func ignorant(s dataset.Sample) *dataset.Frame {
	k := max(1, len(s.Y.Levels))
	share := make([]float64, k)
	total := 0.0
	for i := range s.Rows() {
		w := 1.0
		if s.W != nil {
			w = s.W[i]
		}
		total += w
		if s.Y.Kind == dataset.Categorical {
			share[s.Y.Code[i]] += w
		} else {
			share[0] += w * s.Y.Float[i]
		}
	}
	cols := make([]*dataset.Column, k)
	for c := range cols {
		v := make([]float64, s.Rows())
		for i := range v {
			v[i] = share[c] / total
		}
		cols[c] = dataset.NewNumeric("", v)
	}
	return dataset.MustFrame(s.Rows(), cols...)
}

// curveClasses bounds the classes whose curves are kept: the most frequent ones.
const curveClasses = 10

func (q *Quality) classes(s dataset.Sample, p *dataset.Frame) {
	q.Confusion = metrics.Confusion(s.Y, p, s.W)
	counts := make([]int, len(s.Y.Levels))
	for _, c := range s.Y.Code {
		counts[c]++
	}
	order := make([]int, len(counts))
	for c := range order {
		order[c] = c
	}
	if len(order) == 2 {
		order = order[1:] // the other one's curves are the mirror images
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(counts[b], counts[a]) })
	for _, c := range order[:min(curveClasses, len(order))] {
		v := p.Col(c).Float
		q.Classes = append(q.Classes, ClassCurves{
			Level:       s.Y.Levels[c],
			ROC:         metrics.ROC(s.Y.Code, v, s.W, int32(c), curvePoints),
			PR:          metrics.PrecisionRecall(s.Y.Code, v, s.W, int32(c), curvePoints),
			Calibration: metrics.Calibration(s.Y.Code, v, s.W, int32(c), calibrationBins),
		})
	}
	if len(counts) == 2 {
		var thresholds []float64
		for t := 5; t <= 95; t += 5 {
			thresholds = append(thresholds, float64(t)/100)
		}
		q.Decisions = metrics.Decide(s.Y.Code, p.Col(1).Float, s.W, thresholds)
	}
}

func (q *Quality) numbers(s dataset.Sample, p []float64, least int) {
	q.Fit = explain.NewGrid(p, s.Y.Float, fitCells, least)
	residual := make([]float64, len(p))
	order := make([]int, len(p))
	for i := range p {
		residual[i], order[i] = s.Y.Float[i]-p[i], i
	}
	sorted := slices.Clone(residual)
	slices.Sort(sorted)
	ends := min(max(len(sorted)/200, least), (len(sorted)-1)/2)
	lo, hi := sorted[ends], sorted[len(sorted)-1-ends]
	q.Residuals = explain.NewHistogram(residual, lo, hi, residualBins)
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	bands := min(10, len(order)/(10*max(1, least))) // a tenth of each band lies beyond its outer lines
	for b := range bands {
		var r []float64
		mean := 0.0
		part := order[b*len(order)/bands : (b+1)*len(order)/bands]
		for _, i := range part {
			r = append(r, residual[i])
			mean += p[i] / float64(len(part))
		}
		slices.Sort(r)
		q.Bands = append(q.Bands, Band{mean, r[len(r)/10], r[len(r)/2], r[len(r)-1-len(r)/10]})
	}
}

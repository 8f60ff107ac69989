package automl

import (
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/pipeline"
)

// panel is what the finalists predicted for rows that they had not seen: what an ensemble is selected by.
type panel struct {
	members []*gp.Individual
	metric  metrics.Metric
	views   []view
	folds   [][]float64 // member → loss on every fold of every view
	fresh   bool        // on folds that the search had not used
}

// view is one cross-validation.
type view struct {
	rows    []int32 // that are judged
	y       *dataset.Column
	w       []float64
	preds   [][][]float64 // member → column → row
	folds   *dataset.Folds
	results []*pipeline.Result // one per member
}

// Of a view, judgedRows at most, enough to tell candidates apart, and fewer where many classes make rows expensive.
const (
	judgedRows  = 5000
	judgedCells = 50_000
	judgedLeast = 500
)

// add takes in the results of one cross-validation of all members on the folds of s.
func (p *panel) add(s dataset.Sample, folds *dataset.Folds, results []*pipeline.Result) {
	rows := predictedRows(results[0].OOF[0], len(results[0].OOF))
	v := view{rows: rows, y: s.Y.Gather(rows), preds: make([][][]float64, len(results)), folds: folds, results: results}
	if s.W != nil {
		for _, r := range rows {
			v.w = append(v.w, s.W[r])
		}
	}
	if p.folds == nil {
		p.folds = make([][]float64, len(results))
	}
	for m, res := range results {
		v.preds[m] = make([][]float64, len(res.OOF))
		for j, column := range res.OOF {
			v.preds[m][j] = make([]float64, len(rows))
			for i, r := range rows {
				v.preds[m][j][i] = float64(column[r])
			}
		}
		for _, score := range res.Folds {
			p.folds[m] = append(p.folds[m], p.metric.Loss(score))
		}
	}
	p.views = append(p.views, v)
}

// predictedRows lists the rows that have out-of-fold predictions, thinned out evenly if there are many; columns
// is the number of numbers that each is predicted.
func predictedRows(oof []float32, columns int) []int32 {
	var rows []int32
	for i, v := range oof {
		if v == v {
			rows = append(rows, int32(i))
		}
	}
	n := min(judgedRows, max(judgedLeast, judgedCells/columns))
	if len(rows) <= n {
		return rows
	}
	thin := make([]int32, n)
	for i := range thin {
		thin[i] = rows[i*len(rows)/n]
	}
	return thin
}

// order returns the members' positions by their mean loss over all folds, best first.
func (p *panel) order() []int {
	mean := make([]float64, len(p.members))
	at := make([]int, len(p.members))
	for m := range p.members {
		mean[m], _ = meanStd(p.folds[m])
		at[m] = m
	}
	slices.SortStableFunc(at, func(a, b int) int {
		switch {
		case mean[a] < mean[b]:
			return -1
		case mean[a] > mean[b]:
			return 1
		}
		return 0
	})
	return at
}

// single is the score of one member: mean and standard deviation over the folds.
func (p *panel) single(m int) (mean, std float64) {
	var scores []float64
	for _, v := range p.views {
		scores = append(scores, v.results[m].Folds...)
	}
	return meanStd(scores)
}

// scores are those of the members' blend, one per fold of every view where the metric is defined.
func (p *panel) scores(b blend) []float64 {
	var scores []float64
	for _, v := range p.views {
		for k := range v.results[0].Folds {
			train, test := v.folds.Fold(k)
			predicted := b.finished(v.mixed(v.folds.TestRows(k), b), train.Rows())
			if s, err := p.metric.Score(test.Y, predicted, test.W); err == nil {
				scores = append(scores, s)
			}
		}
	}
	return scores
}

package automl

import (
	"math/rand/v2"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/pipeline"
)

// sure is a panel of one member whose probabilities are right, on classes of the given shares.
func sure(t *testing.T, metric string, shares []float64, rows int) *panel {
	t.Helper()
	m, err := metrics.ByName(metric)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(4, uint64(rows)))
	code, p, levels := make([]int32, rows), make([][]float64, len(shares)), []string{"a", "b", "c"}[:len(shares)]
	for k := range p {
		p[k] = make([]float64, rows)
	}
	for i := range code {
		sum := 0.0
		for k, share := range shares { // evidence of different strength for every row
			p[k][i] = share * (0.05 + rng.ExpFloat64())
			sum += p[k][i]
		}
		u := rng.Float64() * sum
		for k := range p {
			if u -= p[k][i]; u < 0 {
				code[i] = int32(k)
				break
			}
		}
		for k := range p {
			p[k][i] /= sum
		}
	}
	v := view{y: dataset.NewCategorical("y", code, levels), preds: [][][]float64{p}}
	return &panel{members: []*gp.Individual{{Result: pipeline.Result{}}}, metric: m, views: []view{v}}
}

func (p *panel) scored(t *testing.T, odds []float64) float64 {
	t.Helper()
	v := &p.views[0]
	s, err := p.metric.Score(v.y, inclined(v.judgedMix(blend{weights: []float64{1}}), odds), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestOdds: rare classes are named more often where that is what counts, and never where probabilities are.
func TestOdds(t *testing.T) {
	for _, c := range []struct {
		metric string
		shares []float64
		gain   float64 // at least, on other rows
	}{
		{"balanced_accuracy", []float64{0.9, 0.1}, 0.05},
		{"f1", []float64{0.9, 0.1}, 0.05},
		{"balanced_accuracy", []float64{0.7, 0.25, 0.05}, 0.05},
		{"f1_macro", []float64{0.8, 0.15, 0.05}, 0.02},
	} {
		odds := sure(t, c.metric, c.shares, 4000).odds(blend{weights: []float64{1}, temperature: 1})
		if odds == nil {
			t.Errorf("%s with shares %v: no odds", c.metric, c.shares)
			continue
		}
		other := sure(t, c.metric, c.shares, 6000)
		even, favoured := other.scored(t, nil), other.scored(t, odds)
		if favoured < even+c.gain {
			t.Errorf("%s with shares %v: odds %.3g score %.4f, even ones %.4f", c.metric, c.shares, odds, favoured, even)
		}
		if last := len(odds) - 1; odds[last] != 1 || odds[0] >= 0.9 {
			t.Errorf("%s with shares %v: odds %.3g do not favour the rare class", c.metric, c.shares, odds)
		}
	}
	for _, metric := range []string{"roc_auc", "log_loss", "accuracy"} { // right probabilities are the most accurate as they are
		p := sure(t, metric, []float64{0.8, 0.2}, 3000)
		if odds := p.odds(blend{weights: []float64{1}, temperature: 1}); odds != nil && p.scored(t, odds) > p.scored(t, nil)+0.01 {
			t.Errorf("%s: odds %v", metric, odds)
		} else if odds != nil && metric != "accuracy" {
			t.Errorf("%s: odds %v", metric, odds)
		}
	}
}

// TestNoOddsByLuck: on few rows a peak of the score is no reason.
func TestNoOddsByLuck(t *testing.T) {
	with := 0
	for n := range 20 {
		p := sure(t, "accuracy", []float64{0.5, 0.5}, 40+n)
		if p.odds(blend{weights: []float64{1}, temperature: 1}) != nil {
			with++
		}
	}
	if with > 10 {
		t.Errorf("odds in %d of 20 cases where there is nothing to gain", with)
	}
}

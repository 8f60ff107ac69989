package automl

import (
	"context"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/pipeline"
)

// Model is what Train found: one pipeline or a weighted ensemble, fitted on all rows, with the schema of its input and
// the story of the search. It is immutable and safe for concurrent use.
type Model struct {
	Schema  *dataset.Schema
	Task    string   // binary, multiclass or regression
	Target  string   // name of the target column
	Levels  []string // classes in the order of the probability columns; nil for regression
	Metric  string
	Members []Member // weights sum to one, the heaviest first
	// Temperature scales the probabilities' mean: they are raised to the power 1/Temperature and normalised; 0 and 1
	// leave them as they are.
	Temperature float64
	// Odds is what the probabilities of the classes are multiplied by then, before they are normalised again, where the
	// metric looks at labels alone; nil: nothing.
	Odds   []float64
	Stack  *Stack     // a second-level model that chose weights, temperature and odds; nil: greedy selection chose the weights
	Best   Scored     // the best single pipeline of the search
	Front  []Scored   // Pareto front of score against number of operators, best score first
	Score  Score      // of the members together
	Search Statistics // how they were found
	Record *Record    // what a report shows; nil in models of older programs
}

// Member is one pipeline of the ensemble.
type Member struct {
	Weight   float64
	Pipeline string // text form
	Fitted   *pipeline.Fitted
}

// Scored is a pipeline of the search with its cross-validated score.
type Scored struct {
	Pipeline string
	Score    float64
	Std      float64 // over folds
	Steps    int
}

// Score is what to expect of the model.
type Score struct {
	CV      float64  // cross-validated, as the metric defines it: on folds that the search did not use if time allowed
	Std     float64  // over folds
	Search  float64  // of the best single pipeline on the search's folds: what it seems better than Best.Score is optimism
	Holdout *float64 // on rows that the search never saw, if some were kept out
}

// Statistics tells how the model was found, as far as it does not depend on the machine's speed.
type Statistics struct {
	Program     string // version of this program
	Seed        uint64
	Fingerprint string // of the training data
	Rows        int
	Columns     int
	Folds       int
	Sample      int // rows of a table too large for its time budget that the search used; 0: all
	Evaluated   int
	Failed      int
	Pruned      int
	Duplicates  int // proposals that had been evaluated before
	Generations int
}

// KnownRate is the share of the proposed pipelines that had been evaluated before, so that nothing had to be computed.
func (s *Statistics) KnownRate() float64 {
	return float64(s.Duplicates) / float64(max(1, s.Duplicates+s.Evaluated))
}

// Predict returns one numeric column (regression) or a probability column per class, in the order of Levels, for the
// rows of x, whose columns are those of the training table in the same order; see [dataset.ReadAs] for files.
func (m *Model) Predict(ctx context.Context, x *dataset.Frame) (*dataset.Frame, error) {
	how := m.blend()
	mix := newMixture(max(1, len(m.Levels)), x.Rows(), how.geometric)
	for _, member := range m.Members {
		p, err := pipeline.Predict(ctx, member.Fitted, x, 1)
		if err != nil {
			return nil, err
		}
		if p.Cols() != len(mix.sums) || p.Rows() != x.Rows() {
			return nil, fmt.Errorf("automl: the model is damaged: %d prediction columns", p.Cols())
		}
		for j := range mix.sums {
			column := p.Col(j).Float
			mix.add(member.Weight, j, func(i int) float64 { return column[i] })
		}
	}
	names := m.Levels
	if len(names) == 0 {
		names = []string{"prediction"}
	}
	return how.finished(mix.frame(names), m.Search.Rows), nil
}

// Geometric reports whether probabilities are averaged by their weighted geometric mean, see [Stack].
func (m *Model) Geometric() bool { return m.Stack != nil && m.Stack.Geometric }

// blend is how the model makes one prediction of those of its members, but for their weights.
func (m *Model) blend() blend {
	return blend{geometric: m.Geometric(), temperature: m.Temperature, odds: m.Odds}
}

// Labels returns the most probable class of every row of what Predict gave.
func (m *Model) Labels(p *dataset.Frame) []string {
	out := make([]string, p.Rows())
	for i := range out {
		best := 0
		for k := 1; k < p.Cols(); k++ {
			if p.Col(k).Float[i] > p.Col(best).Float[i] {
				best = k
			}
		}
		out[i] = m.Levels[best]
	}
	return out
}

// Evaluate scores the model on rows with a known target; y has the model's Levels.
func (m *Model) Evaluate(ctx context.Context, x *dataset.Frame, y *dataset.Column, metric string) (float64, error) {
	how, err := metrics.ByName(metric)
	if err != nil {
		return math.NaN(), err
	}
	p, err := m.Predict(ctx, x)
	if err != nil {
		return math.NaN(), err
	}
	return how.Score(y, p, nil)
}

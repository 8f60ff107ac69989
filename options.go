package automl

import (
	"fmt"
	"runtime"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/pipeline"
	"github.com/lren-chuv/automl/recipes"
)

// Options says how to search. The zero value searches for five minutes with good defaults.
type Options struct {
	Metric      string               // scikit-learn's name; default roc_auc (binary), log_loss (multiclass), rmse (regression)
	Time        time.Duration        // hard limit for search and refit; default 5 minutes unless Evaluations or Generations is set
	Evaluations int                  // stop after that many pipelines; without Time the result is the same for any Workers
	Generations int                  // stop after that many generations; likewise
	Population  int                  // default 100
	EarlyStop   int                  // stop after that many generations without progress
	Folds       int                  // default 5
	Repeats     int                  // repetitions of the cross-validation, default 1
	Holdout     float64              // share of the rows kept out of the search for a final, honest score
	Seed        uint64               // default 1
	Workers     int                  // concurrent evaluations; default the number of CPUs
	Memory      int64                // bytes that the search may take, more or less; default 2 GiB
	EvalTime    time.Duration        // limit for one pipeline; default a tenth of Time
	Single      bool                 // keep the single best pipeline instead of an ensemble
	Ensemble    int                  // rounds of greedy ensemble selection; default 25
	NoInstances bool                 // for data of persons: forbid operators whose fitted form holds training rows or values of single ones, and see MinCount
	MinCount    int                  // with NoInstances: rows that a leaf of a tree, or a count that the model remembers, is about at least; default 10
	Config      string               // search space: default, light, fast or mdr
	Template    string               // such as Selector-Transformer-Classifier
	Start       []string             // pipelines in text form to evaluate first, before the built-in ones
	FeatureSets []catalog.FeatureSet // groups of columns that FeatureSetSelector chooses from
	Operators   []*operators.Spec    // default all there are
	Without     Lever                // parts of the search to leave out, for comparisons
	Checkpoint  string               // file to log every result to, so that a killed search can go on
	Resume      bool                 // go on with the search that the checkpoint logs, if it exists
	NoExplain   bool                 // spend no time on importance, dependence and contributions
	Command     string               // how the user asked for it, for the record
	Elsewhere   Elsewhere            // evaluates pipelines on other machines; nil evaluates them here
	Enough      <-chan struct{}      // when it is closed, the search ends as if its limit were reached, once one pipeline has a score; nil never ends it
	Observe     func(gp.Event)       // called after every folded result, by one goroutine
	Schema      *dataset.Schema      // how the rows came about; stored in the model, derived from the sample if nil
}

// DefaultMinCount is the smallest number of rows that anything is told of with NoInstances.
const DefaultMinCount = 10

const (
	defaultTime   = 5 * time.Minute
	defaultMemory = 2 << 30
)

// cached is the part of the memory for prefixes of pipelines; what they are made into takes as much again.
func (o Options) cached() int64 { return min(max(o.Memory/8, 16<<20), 512<<20) }

// fitting is what one fit may take. It must not depend on the number of workers, on which an ordered search may not.
func (o Options) fitting() int64 { return o.Memory / 4 }

// withDefaults fills in what was left zero and refuses what makes no sense.
func (o Options) withDefaults(s dataset.Sample) (Options, error) {
	task := s.Task()
	if o.Metric == "" {
		o.Metric = metrics.Default(task).Name
	}
	m, err := metrics.ByName(o.Metric)
	if err != nil {
		return o, err
	}
	if !m.Serves(task) {
		return o, fmt.Errorf("metric %s does not serve a %s target", o.Metric, task)
	}
	if o.Time == 0 && o.Evaluations == 0 && o.Generations == 0 {
		o.Time = defaultTime
	}
	if o.Time < 0 || o.Evaluations < 0 || o.Generations < 0 || o.Population < 0 || o.Ensemble < 0 || o.MinCount < 0 || o.Holdout < 0 || o.Holdout >= 0.9 {
		return o, fmt.Errorf("time, evaluations, generations, population, ensemble and smallest count must not be negative, holdout lies in [0, 0.9)")
	}
	setDefault(&o.Population, 100)
	setDefault(&o.Folds, 5)
	setDefault(&o.Repeats, 1)
	setDefault(&o.Workers, runtime.GOMAXPROCS(0))
	setDefault(&o.Ensemble, 25)
	setDefault(&o.Seed, 1)
	setDefault(&o.Memory, defaultMemory)
	if o.EvalTime == 0 && o.Time > 0 {
		o.EvalTime = max(o.Time/10, time.Second)
	}
	if o.Folds < 2 {
		return o, fmt.Errorf("%d folds: want at least 2", o.Folds)
	}
	if o.Operators == nil {
		o.Operators = catalog.ForTable(s.X.Cols(), o.FeatureSets)
	}
	if o.NoInstances {
		setDefault(&o.MinCount, DefaultMinCount)
		o.Operators = catalog.WithLeaves(o.Operators, o.MinCount)
	}
	return o, nil
}

func setDefault[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}

// ordered reports whether the result must not depend on speed.
func (o Options) ordered() bool { return o.Time == 0 }

// grammar is the search space for a table.
func (o Options) grammar(s dataset.Sample) (*pipeline.Grammar, error) {
	task := s.Task()
	specs, err := catalog.Space(o.Config, o.Operators)
	if err != nil {
		return nil, err
	}
	var allowed []*operators.Spec
	for _, spec := range specs {
		switch {
		case o.NoInstances && spec.TellsOfRows():
		case o.Template == "" && spec.Useful != nil && !spec.Useful(s.X): // who names an operator in a template wants it
		default:
			allowed = append(allowed, spec)
		}
	}
	g := pipeline.NewGrammar(task, allowed)
	if len(g.Predictors) == 0 {
		return nil, fmt.Errorf("the search space has no predictor for a %s target", task)
	}
	if o.Template != "" {
		return g.WithTemplate(o.Template)
	}
	return g, nil
}

// start lists the trees to evaluate first: the user's, then the built-in recipes, those that fit the grammar.
func (o Options) start(g *pipeline.Grammar, columns int) ([]pipeline.Tree, error) {
	var trees []pipeline.Tree
	seen := map[pipeline.Hash]bool{}
	add := func(t pipeline.Tree) {
		if g.Check(t) == nil && !seen[t.Hash()] {
			seen[t.Hash()] = true
			trees = append(trees, t)
		}
	}
	for _, text := range o.Start {
		t, err := pipeline.Parse(text, o.Operators)
		if err != nil {
			return nil, fmt.Errorf("pipeline %q: %w", text, err)
		}
		add(t)
	}
	allowed := append(append([]*operators.Spec(nil), g.Steps...), g.Predictors...)
	for _, text := range recipes.For(g.Task, columns) {
		if !o.has(Recipes) {
			break
		}
		if t, err := pipeline.Parse(text, allowed); err == nil {
			add(t)
		}
	}
	return trees, nil
}

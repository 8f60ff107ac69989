package neighbors

import (
	"context"
	"errors"
	"fmt"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/posterior"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

var kneighborsParams = []operators.Param{
	{Name: "n_neighbors", Scale: operators.LogInt, Lo: 1, Hi: 100, Default: 5},
	{Name: "weights", Scale: operators.Choice, Choices: []string{"uniform", "distance"}},
	{Name: "p", Scale: operators.Int, Lo: 1, Hi: 3, Default: 2, When: &operators.Condition{Param: "metric", Is: []string{"minkowski"}}},
	{Name: "metric", Scale: operators.Choice, Choices: metricNames, Fixed: true},
}

var kneighborsIgnored = []string{"algorithm", "leaf_size", "metric_params", "n_jobs"}

// KNeighborsClassifier votes among the n_neighbors nearest training rows, each with weight one or the inverse of its
// distance (rows at distance 0 then share all the weight). Of equally near rows those are taken that scikit-learn takes.
// More neighbours than training rows are an error. Cover and Hart (1967).
var KNeighborsClassifier = &operators.Spec{
	Name: "KNeighborsClassifier", Doc: "vote of the nearest training rows", Role: operators.Classifier,
	Traits: operators.Instances, Params: kneighborsParams, Ignored: kneighborsIgnored,
	New: func(v []float64) (operators.Operator, error) {
		k, err := newKNeighbors(v)
		return kneighborsClassifier{k}, err
	},
	Decode: operators.Decode[votes],
}

// KNeighborsRegressor averages the target of the n_neighbors nearest training rows; see [KNeighborsClassifier].
var KNeighborsRegressor = &operators.Spec{
	Name: "KNeighborsRegressor", Doc: "mean of the nearest training rows", Role: operators.Regressor,
	Traits: operators.Instances, Params: kneighborsParams, Ignored: kneighborsIgnored,
	New: func(v []float64) (operators.Operator, error) {
		k, err := newKNeighbors(v)
		return kneighborsRegressor{k}, err
	},
	Decode: operators.Decode[average],
}

// kneighbors is what both forms share.
type kneighbors struct {
	neighbors, metric int
	byDistance        bool
	p                 float64
}

func newKNeighbors(v []float64) (kneighbors, error) {
	k := kneighbors{neighbors: int(v[0]), byDistance: v[1] == 1, p: v[2], metric: int(v[3])}
	if k.neighbors < 1 || v[0] > 1<<30 || k.p < 1 {
		return k, fmt.Errorf("kneighbors: n_neighbors %v and p %v must be at least 1", v[0], v[2])
	}
	return k, nil
}

func (k kneighbors) store(x *dataset.Frame) (store, error) {
	s := store{Neighbors: k.neighbors, Metric: k.metric, P: k.p}
	if err := s.fill(x); err != nil {
		return s, fmt.Errorf("kneighbors: %w", err)
	}
	return s, nil
}

type kneighborsClassifier struct{ kneighbors }

// Fit keeps the training rows.
func (k kneighborsClassifier) Fit(_ context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	s = s.InOrder()
	classes, codes, err := posterior.Of(s.Y, nil)
	if err != nil {
		return nil, fmt.Errorf("kneighbors: %w", err)
	}
	rows, err := k.store(s.X)
	return &votes{Store: rows, ByDistance: k.byDistance, Classes: classes, Codes: codes}, err
}

// votes is a fitted KNeighborsClassifier.
type votes struct {
	Store      store
	ByDistance bool
	Classes    posterior.Classes
	Codes      wire.Ints // class of each training row
}

// Check reports what a decoded value cannot be.
func (v *votes) Check() error {
	if err := v.Classes.Check(); err != nil {
		return err
	}
	if err := v.Store.check(); err != nil {
		return err
	}
	if len(v.Codes) != v.Store.count {
		return errors.New("neighbors: not one class per row")
	}
	for _, c := range v.Codes {
		if c < 0 || int(c) >= v.Classes.Len() {
			return fmt.Errorf("neighbors: class %d of %d", c, v.Classes.Len())
		}
	}
	return nil
}

// Apply returns the share of the votes for each class.
func (v *votes) Apply(ctx context.Context, env *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	classes := v.Classes.Len()
	p := make([]float64, x.Rows()*classes)
	err := v.Store.each(ctx, env, x, func(i int, found []neighbour) {
		row := p[i*classes:][:classes]
		for _, n := range found {
			row[v.Codes[n.row]] += weight(found, n, v.ByDistance)
		}
		posterior.Normalize(row)
	})
	if err != nil {
		return nil, err
	}
	return v.Classes.Frame(x.Rows(), p), nil
}

// weight is the weight of n among the neighbours found, relative to that of the nearest.
func weight(found []neighbour, n neighbour, byDistance bool) float64 {
	switch {
	case !byDistance || n.distance == found[0].distance:
		return 1
	case found[0].distance == 0:
		return 0
	}
	return found[0].distance / n.distance
}

type kneighborsRegressor struct{ kneighbors }

// Fit keeps the training rows.
func (k kneighborsRegressor) Fit(_ context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	s = s.InOrder()
	rows, err := k.store(s.X)
	return &average{Store: rows, ByDistance: k.byDistance, Target: s.Y.Float}, err
}

// average is a fitted KNeighborsRegressor.
type average struct {
	Store      store
	ByDistance bool
	Target     wire.Floats
}

// Check reports what a decoded value cannot be.
func (a *average) Check() error {
	if err := a.Store.check(); err != nil {
		return err
	}
	if len(a.Target) != a.Store.count {
		return errors.New("neighbors: not one target per row")
	}
	return nil
}

// Apply returns the weighted mean of the neighbours' targets.
func (a *average) Apply(ctx context.Context, env *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	y := make([]float64, x.Rows())
	err := a.Store.each(ctx, env, x, func(i int, found []neighbour) {
		sum, total := 0.0, 0.0
		for _, n := range found {
			w := weight(found, n, a.ByDistance)
			sum, total = sum+w*a.Target[n.row], total+w
		}
		y[i] = sum / total
	})
	if err != nil {
		return nil, err
	}
	return dataset.MustFrame(x.Rows(), dataset.NewNumeric("prediction", y)), nil
}

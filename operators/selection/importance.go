package selection

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/linear"
	"github.com/lren-chuv/automl/operators/tree"
)

// estimatorNames are the models that can judge columns; auto is extremely randomized trees for the task at hand.
var estimatorNames = []string{"auto", "ExtraTreesClassifier", "ExtraTreesRegressor", "RandomForestClassifier",
	"RandomForestRegressor", "LogisticRegression", "Lasso"}

// estimatorParams are the hyper-parameters of RFE and SelectFromModel that belong to the model. One that the model does
// not have, or a value that it does not know, has no effect on it.
var estimatorParams = []operators.Param{
	{Name: "estimator", Scale: operators.Choice, Choices: estimatorNames, Fixed: true},
	{Name: "estimator__n_estimators", Scale: operators.LogInt, Default: 100, Fixed: true},
	{Name: "estimator__criterion", Scale: operators.Choice, Choices: []string{"None", "gini", "entropy", "log_loss",
		"squared_error", "friedman_mse", "absolute_error", "poisson"}, Fixed: true},
	{Name: "estimator__max_features", Scale: operators.Fraction, Lo: 0.05, Hi: 1, Default: operators.Word(0), Choices: []string{"sqrt", "log2", "None"}},
	{Name: "estimator__penalty", Scale: operators.Choice, Choices: []string{"l2", "l1"}, Fixed: true},
	{Name: "estimator__C", Scale: operators.Log, Default: 1, Fixed: true},
	{Name: "estimator__alpha", Scale: operators.Log, Default: 1, Fixed: true},
	{Name: "estimator__tol", Scale: operators.Log, Default: 1e-4, Fixed: true},
	{Name: "estimator__max_iter", Scale: operators.Int, Default: 1000, Fixed: true},
}

var estimatorIgnored = []string{"prefit", "importance_getter", "norm_order", "verbose", "estimator__n_jobs",
	"estimator__random_state", "estimator__verbose", "estimator__solver"}

// judge is the model whose importances decide; values belong to estimatorParams.
type judge struct{ values []float64 }

// spec returns the model's Spec for a task.
func (g judge) spec(task dataset.Task) *operators.Spec {
	switch estimatorNames[int(g.values[0])] {
	case "ExtraTreesClassifier":
		return tree.ExtraTreesClassifier
	case "ExtraTreesRegressor":
		return tree.ExtraTreesRegressor
	case "RandomForestClassifier":
		return tree.RandomForestClassifier
	case "RandomForestRegressor":
		return tree.RandomForestRegressor
	case "LogisticRegression":
		return linear.LogisticRegression
	case "Lasso":
		return linear.Lasso
	}
	if task == dataset.Regression {
		return tree.ExtraTreesRegressor
	}
	return tree.ExtraTreesClassifier
}

// operator builds the model for a task.
func (g judge) operator(task dataset.Task) (operators.Operator, error) {
	spec := g.spec(task)
	if !spec.Serves(task) {
		return nil, fmt.Errorf("%s does not serve %v targets", spec.Name, task)
	}
	values := spec.Defaults()
	for i := 1; i < len(estimatorParams); i++ {
		p := &estimatorParams[i]
		j := spec.Index(strings.TrimPrefix(p.Name, "estimator__"))
		if j < 0 {
			continue
		}
		if v, err := spec.Params[j].Parse(p.Format(g.values[i])); err == nil {
			values[j] = v
		}
	}
	return spec.New(values)
}

// fit trains the model.
func (g judge) fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	op, err := g.operator(s.Task())
	if err != nil {
		return nil, err
	}
	return op.Fit(ctx, env, s)
}

// importances are what a fitted model tells about its columns: a tree's importances, or the norm of the coefficients
// over the outputs, their sum of absolute values (power 1) or of squares (power 2).
func importances(f operators.Fitted, power float64) ([]float64, error) {
	var out []float64
	switch m := f.(type) {
	case interface{ FeatureImportances() []float64 }:
		for _, v := range m.FeatureImportances() {
			out = append(out, math.Pow(v, power))
		}
	case interface {
		Coefficients() (coef [][]float64, intercept []float64)
	}:
		coef, _ := m.Coefficients()
		for _, row := range coef {
			if out == nil {
				out = make([]float64, len(row))
			}
			for j, v := range row {
				out[j] += math.Pow(math.Abs(v), power)
			}
		}
	default:
		return nil, fmt.Errorf("%T tells nothing about its columns", f)
	}
	return out, nil
}

package tree

import (
	"fmt"

	"github.com/lren-chuv/automl/operators"
)

// The boosters under the names, parameters and defaults of scikit-learn and XGBoost.
var (
	HistGradientBoostingClassifier = histSpec("HistGradientBoostingClassifier", operators.Classifier)
	HistGradientBoostingRegressor  = histSpec("HistGradientBoostingRegressor", operators.Regressor)
	XGBClassifier                  = xgbSpec("XGBClassifier", operators.Classifier)
	XGBRegressor                   = xgbSpec("XGBRegressor", operators.Regressor)
)

const boosterTraits = operators.Missing | operators.Weights | operators.Random

func histSpec(name string, role operators.Role) *operators.Spec {
	none := []string{"None"}
	losses := []string{"log_loss"}
	if role == operators.Regressor {
		losses = []string{"squared_error", "absolute_error", "poisson", "gamma", "quantile"}
	}
	spec := &operators.Spec{
		Name: name, Doc: "gradient boosting on histograms, leaf by leaf", Role: role, Traits: boosterTraits,
		Params: []operators.Param{
			{Name: "learning_rate", Scale: operators.Log, Lo: 0.01, Hi: 0.5, Default: 0.1},
			{Name: "max_iter", Scale: operators.LogInt, Lo: 20, Hi: 500, Default: 100},
			{Name: "max_leaf_nodes", Scale: operators.LogInt, Lo: 3, Hi: 127, Default: 31, Choices: none},
			{Name: "max_depth", Scale: operators.Int, Lo: 2, Hi: 12, Default: operators.Word(0), Choices: none},
			{Name: "min_samples_leaf", Scale: operators.LogInt, Lo: 1, Hi: 100, Default: 20},
			{Name: "l2_regularization", Scale: operators.Log, Lo: 1e-6, Hi: 30, Default: 0},
			{Name: "subsample", Scale: operators.Linear, Lo: 0.4, Hi: 1, Default: 1},
			{Name: "colsample", Scale: operators.Linear, Lo: 0.2, Hi: 1, Default: 1},
			{Name: "max_bins", Scale: operators.LogInt, Lo: 16, Hi: 255, Default: operators.Word(0), Choices: []string{"auto"}, Fixed: true},
			{Name: "early_stopping", Scale: operators.Choice, Choices: []string{"auto", "true", "false"}, Default: 2, Fixed: true},
			{Name: "validation_fraction", Scale: operators.Linear, Lo: 0.05, Hi: 0.5, Default: 0.1, Fixed: true},
			{Name: "n_iter_no_change", Scale: operators.Int, Lo: 3, Hi: 50, Default: 10, Fixed: true},
			{Name: "tol", Scale: operators.Linear, Hi: 1, Default: 1e-7, Fixed: true},
			{Name: "loss", Scale: operators.Choice, Choices: losses, Fixed: true},
			{Name: "quantile", Scale: operators.Linear, Hi: 1, Default: 0.5, Fixed: true},
		},
		Ignored: []string{"random_state", "verbose", "scoring", "warm_start"},
		Decode:  operators.Decode[boosted],
	}
	if role == operators.Classifier {
		spec.Params = append(spec.Params, operators.Param{Name: "class_weight", Scale: operators.Choice, Choices: classWeights})
	}
	spec.New = func(v []float64) (operators.Operator, error) {
		for i, least := range []float64{1e-12, 1, 2, 1, 1, 0, 1e-3, 1e-3, 2, 0, 1e-6, 1, 0, 0, 0} {
			if err := numberOf(spec.Params[i].Name, v[i], least); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
		o := boosting{name: name, rate: v[0], rounds: int(v[1]), subsample: v[6], bins: min(orZero(v[8]), 255),
			loss:     loss{name: losses[int(v[13])], alpha: v[14]},
			stopping: stopping{on: v[9] == 1, fraction: min(v[10], 0.9), patience: int(v[11]), tol: v[12]},
			boostGrowth: boostGrowth{maxLeaves: orZero(v[2]), maxDepth: orZero(v[3]), minRows: int(v[4]), l2: v[5],
				columns: v[7], minHessian: 1e-3}}
		o.balanced = role == operators.Classifier && v[15] != 0
		return o, nil
	}
	return spec
}

func xgbSpec(name string, role operators.Role) *operators.Spec {
	spec := &operators.Spec{
		Name: name, Doc: "gradient boosting of depth-limited trees with XGBoost's parameters", Role: role, Traits: boosterTraits,
		Params: []operators.Param{
			{Name: "n_estimators", Scale: operators.LogInt, Lo: 20, Hi: 500, Default: 100},
			{Name: "max_depth", Scale: operators.Int, Lo: 1, Hi: 10, Default: 6},
			{Name: "learning_rate", Scale: operators.Log, Lo: 1e-3, Hi: 1, Default: 0.3},
			{Name: "subsample", Scale: operators.Linear, Lo: 0.05, Hi: 1, Default: 1},
			{Name: "min_child_weight", Scale: operators.Int, Lo: 1, Hi: 21, Default: 1},
			{Name: "gamma", Scale: operators.Log, Lo: 1e-4, Hi: 20, Default: 0},
			{Name: "reg_alpha", Scale: operators.Log, Lo: 1e-4, Hi: 100, Default: 0},
			{Name: "reg_lambda", Scale: operators.Log, Lo: 1e-4, Hi: 10, Default: 1},
			{Name: "colsample_bytree", Scale: operators.Linear, Lo: 0.2, Hi: 1, Default: 1},
			{Name: "base_score", Scale: operators.Linear, Hi: 1, Default: 0.5, Fixed: true},
		},
		Ignored: []string{"n_jobs", "nthread", "verbosity", "random_state", "objective", "tree_method", "eval_metric", "use_label_encoder"},
		Decode:  operators.Decode[boosted],
	}
	spec.New = func(v []float64) (operators.Operator, error) {
		for i, least := range []float64{1, 0, 0, 1e-3, 0, 0, 0, 0, 1e-3} {
			if err := numberOf(spec.Params[i].Name, v[i], least); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
		o := boosting{name: name, rounds: int(v[0]), rate: v[2], subsample: v[3], bins: 255, zeroStart: true, hessian: 2,
			loss:        loss{name: "log_loss"},
			boostGrowth: boostGrowth{maxDepth: int(v[1]), minHessian: v[4], minGain: v[5], l1: v[6], l2: v[7], columns: v[8]}}
		if role == operators.Regressor {
			o.loss.name, o.base = "squared_error", v[9]
		}
		return o, nil
	}
	return spec
}

package tree

import (
	"fmt"
	"slices"

	"github.com/lren-chuv/automl/operators"
)

const boostTraits = operators.Weights | operators.Random | operators.Categories | operators.Missing

// histParams are scikit-learn's parameters and, behind them, what users of LightGBM and XGBoost know.
func histParams(own ...operators.Param) []operators.Param {
	return append(own, []operators.Param{
		{Name: "learning_rate", Scale: operators.Log, Lo: 0.001, Hi: 1, Default: 0.1},
		{Name: "max_iter", Scale: operators.LogInt, Lo: 10, Hi: 500, Default: 100, Fixed: true},
		{Name: "max_leaf_nodes", Scale: operators.LogInt, Lo: 3, Hi: 2047, Default: 31, Choices: []string{"None"}},
		{Name: "max_depth", Scale: operators.Int, Lo: 1, Hi: 20, Default: operators.Word(0), Choices: []string{"None"}, Fixed: true},
		{Name: "min_samples_leaf", Scale: operators.LogInt, Lo: 1, Hi: 200, Default: 20},
		{Name: "l2_regularization", Scale: operators.Log, Lo: 1e-10, Hi: 1},
		{Name: "max_bins", Scale: operators.Int, Lo: 2, Hi: 255, Default: 255, Fixed: true},
		{Name: "early_stopping", Scale: operators.Choice, Choices: []string{"auto", "false", "true", "False", "True"}, Fixed: true},
		{Name: "n_iter_no_change", Scale: operators.Int, Lo: 1, Hi: 20, Default: 10, Fixed: true},
		{Name: "validation_fraction", Scale: operators.Linear, Lo: 0.01, Hi: 0.4, Default: 0.1, Choices: []string{"None"}, Fixed: true},
		{Name: "tol", Scale: operators.Linear, Hi: 1, Default: 1e-7, Fixed: true},
		{Name: "max_features", Scale: operators.Linear, Lo: 0.1, Hi: 1, Default: 1},
		{Name: "subsample", Scale: operators.Linear, Lo: 0.3, Hi: 1, Default: 1, Fixed: true},
		{Name: "colsample_bytree", Scale: operators.Linear, Lo: 0.3, Hi: 1, Default: 1, Fixed: true},
		{Name: "min_child_weight", Scale: operators.Log, Lo: 1e-3, Hi: 100, Default: 1e-3, Fixed: true},
		{Name: "min_split_gain", Scale: operators.Linear, Hi: 100, Fixed: true},
		{Name: "reg_alpha", Scale: operators.Linear, Hi: 100, Fixed: true},
	}...)
}

var histIgnored = []string{"random_state", "verbose", "warm_start", "scoring", "n_jobs", "interaction_cst", "monotonic_cst", "categorical_features"}

// histBooster reads what both forms share.
func histBooster(s settings) (booster, error) {
	b := booster{name: "histogram boosting", rounds: s.limit("max_iter"), rate: s.get("learning_rate"), subsample: s.get("subsample"), every: 1}
	b.budding = budding{
		maxLeaves: s.limit("max_leaf_nodes"), maxDepth: s.limit("max_depth"), minRows: max(1, s.limit("min_samples_leaf")), minHessian: s.get("min_child_weight"),
		minGain: s.get("min_split_gain"), l1: s.get("reg_alpha"), l2: s.get("l2_regularization"), catRows: levelRows, perTree: s.get("colsample_bytree"), perLevel: 1, perNode: s.get("max_features"),
	}
	b.binning = binning{limit: min(255, s.limit("max_bins")), rows: 1}
	if early := s.choice("early_stopping"); early != "false" && early != "False" {
		b.stopping = stopping{patience: s.limit("n_iter_no_change"), tol: s.get("tol"), holdout: s.get("validation_fraction")}
		if early == "auto" {
			b.above = 10_000
		}
		if _, none := operators.IsWord(b.holdout); none {
			b.holdout = 0
		}
	}
	switch {
	case !(b.rate > 0) || b.rounds < 1 || b.rounds > maxTrees:
		return b, fmt.Errorf("histogram boosting: learning_rate and max_iter must be positive")
	case !s.within(0, 1e30, "l2_regularization", "min_child_weight", "min_split_gain", "reg_alpha", "tol"):
		return b, fmt.Errorf("histogram boosting: regularisation must not be negative")
	case !s.within(1e-9, 1, "max_features", "subsample", "colsample_bytree"):
		return b, fmt.Errorf("histogram boosting: max_features, subsample and colsample_bytree are shares in (0, 1]")
	case b.limit < 2 || b.maxLeaves == 1 || b.holdout < 0 || b.holdout >= 1:
		return b, fmt.Errorf("histogram boosting: want max_bins ≥ 2, max_leaf_nodes ≥ 2, validation_fraction in (0, 1)")
	}
	return b, nil
}

var histClassParams = histParams(
	operators.Param{Name: "loss", Scale: operators.Choice, Choices: []string{"log_loss", "auto", "binary_crossentropy", "categorical_crossentropy"}, Fixed: true},
	operators.Param{Name: "class_weight", Scale: operators.Choice, Choices: []string{"None", "balanced"}, Fixed: true},
)

// HistGradientBoostingClassifier boosts trees on binned columns; see [HistGradientBoostingRegressor]. Two classes share
// one tree per round, more classes have one each.
var HistGradientBoostingClassifier = &operators.Spec{
	Name: "HistGradientBoostingClassifier", Doc: "gradient boosting on binned columns", Role: operators.Classifier,
	Traits: boostTraits, Params: histClassParams, Ignored: histIgnored,
	New: func(v []float64) (operators.Operator, error) {
		s := settings{histClassParams, v}
		b, err := histBooster(s)
		b.balanced = s.choice("class_weight") == "balanced"
		b.loss = classLoss(1)
		return b, err
	},
	Decode: operators.Decode[boosted],
}

// classLoss is the log-loss; scale is the factor of the softmax hessians.
func classLoss(scale float64) func(classes int) *loss {
	return func(classes int) *loss {
		if classes == 2 {
			return logistic()
		}
		return softmax(classes, scale)
	}
}

var histLosses = []string{"squared_error", "absolute_error", "poisson", "quantile", "huber", "gamma", "tweedie", "least_squares", "least_absolute_deviation"}

var histValueParams = histParams(
	operators.Param{Name: "loss", Scale: operators.Choice, Choices: histLosses, Fixed: true},
	operators.Param{Name: "quantile", Scale: operators.Linear, Lo: 0.01, Hi: 0.99, Default: 0.5, Fixed: true, When: &operators.Condition{Param: "loss", Is: []string{"quantile"}}},
)

// HistGradientBoostingRegressor boosts trees on binned columns, best leaf first: every value has its bin up to 255 of
// them, beyond that bins are quantiles of at least 4 rows where this leaves 127 bins or more. There is early stopping on
// part of the rows where there are more than 10,000 of them. Missing values go where the loss falls most; the levels
// of a categorical column are split in two groups. Losses beyond scikit-learn's: huber (bend at 1.345 standard
// deviations of the target), gamma, tweedie (power 1.5). Friedman (2001), Ke et al. (2017).
var HistGradientBoostingRegressor = &operators.Spec{
	Name: "HistGradientBoostingRegressor", Doc: "gradient boosting on binned columns", Role: operators.Regressor,
	Traits: boostTraits, Params: histValueParams, Ignored: histIgnored,
	New: func(v []float64) (operators.Operator, error) {
		s := settings{histValueParams, v}
		b, err := histBooster(s)
		name, q := s.choice("loss"), s.get("quantile")
		if err == nil && name == "quantile" && !(q > 0 && q < 1) {
			err = fmt.Errorf("histogram boosting: quantile %g: want a number between 0 and 1", q)
		}
		b.positive = slices.Contains([]string{"poisson", "gamma", "tweedie"}, name)
		b.loss = func(int) *loss { return valueLoss(name, q) }
		return b, err
	},
	Decode: operators.Decode[boosted],
}

func valueLoss(name string, q float64) *loss {
	switch name {
	case "absolute_error", "least_absolute_deviation":
		return pinball(0.5)
	case "quantile":
		return pinball(q)
	case "poisson":
		return poisson()
	case "gamma":
		return gamma()
	case "tweedie":
		return tweedie(1.5)
	case "huber":
		return huber(1)
	}
	return squared()
}

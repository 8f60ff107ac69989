package tree

import (
	"fmt"

	"github.com/lren-chuv/automl/operators"
)

// lgbmParams are LightGBM's parameters.
func lgbmParams(own ...operators.Param) []operators.Param {
	own = append(own, []operators.Param{
		{Name: "boosting_type", Scale: operators.Choice, Choices: []string{"gbdt", "goss", "dart"}, Fixed: true},
		{Name: "num_leaves", Scale: operators.LogInt, Lo: 2, Hi: 256, Default: 31},
		{Name: "max_depth", Scale: operators.Int, Lo: 1, Hi: 10, Default: -1},
		{Name: "n_estimators", Scale: operators.LogInt, Lo: 10, Hi: 100, Default: 100},
		{Name: "learning_rate", Scale: operators.Log, Lo: 0.001, Hi: 1, Default: 0.1},
		{Name: "min_child_samples", Scale: operators.Int, Lo: 1, Hi: 100, Default: 20, Fixed: true},
		{Name: "min_child_weight", Scale: operators.Log, Lo: 1e-3, Hi: 100, Default: 1e-3, Fixed: true},
		{Name: "min_split_gain", Scale: operators.Linear, Hi: 100, Fixed: true},
		{Name: "reg_alpha", Scale: operators.Log, Lo: 1e-4, Hi: 100},
		{Name: "reg_lambda", Scale: operators.Log, Lo: 1e-4, Hi: 100},
		{Name: "subsample", Scale: operators.Linear, Lo: 0.3, Hi: 1, Default: 1, Fixed: true},
		{Name: "subsample_freq", Scale: operators.Int, Lo: 0, Hi: 10, Fixed: true},
		{Name: "colsample_bytree", Scale: operators.Linear, Lo: 0.3, Hi: 1, Default: 1, Fixed: true},
		{Name: "max_bin", Scale: operators.Int, Lo: 16, Hi: 255, Default: 255, Fixed: true},
		{Name: "min_data_in_bin", Scale: operators.Int, Lo: 1, Hi: 100, Default: 3, Fixed: true},
	}...)
	return append(own, dartParams()...)
}

var lgbmIgnored = []string{"n_jobs", "verbose", "verbosity", "silent", "seed", "random_state", "importance_type", "feature_pre_filter", "subsample_for_bin", "device"}

func lgbmBooster(s settings) (booster, error) {
	b := booster{name: "lightgbm", rounds: s.limit("n_estimators"), rate: s.get("learning_rate"), subsample: s.get("subsample"), every: s.limit("subsample_freq")}
	b.budding = budding{
		maxLeaves: s.limit("num_leaves"), maxDepth: s.limit("max_depth"), minRows: max(1, s.limit("min_child_samples")), minHessian: s.get("min_child_weight"), minGain: s.get("min_split_gain"),
		l1: s.get("reg_alpha"), l2: s.get("reg_lambda"), catL2: 10, gap: high, edge: middleUp, perTree: s.get("colsample_bytree"), perLevel: 1, perNode: 1,
	}
	b.binning = binning{limit: min(255, s.limit("max_bin")), rows: max(1, s.limit("min_data_in_bin"))}
	switch s.choice("boosting_type") {
	case "goss":
		b.goss = [2]float64{0.2, 0.1}
	case "dart":
		var err error
		if b.dart, err = s.dart(); err != nil {
			return b, err
		}
	}
	switch {
	case !s.within(0, 1e30, "min_child_weight", "min_split_gain", "reg_alpha", "reg_lambda") || !(b.rate > 0):
		return b, fmt.Errorf("lightgbm: learning_rate must be positive, regularisation not negative")
	case !s.within(1e-9, 1, "subsample", "colsample_bytree"):
		return b, fmt.Errorf("lightgbm: subsample and colsample_bytree are shares in (0, 1]")
	case b.rounds < 1 || b.rounds > maxTrees || b.limit < 2 || b.maxLeaves < 2:
		return b, fmt.Errorf("lightgbm: want n_estimators ≥ 1, max_bin ≥ 2 and num_leaves ≥ 2")
	}
	return b, nil
}

// lgbmMemory adds what dart notes to the usual estimate.
func lgbmMemory(params []operators.Param) func(shape operators.Shape, v []float64) int64 {
	usual := &operators.Spec{Params: params}
	return func(shape operators.Shape, v []float64) int64 {
		bytes, s := usual.Needs(shape, v), settings{params, v}
		if s.choice("boosting_type") == "dart" {
			bytes += dartBytes(shape, s)
		}
		return bytes
	}
}

var lgbmClassParams = lgbmParams(
	operators.Param{Name: "class_weight", Scale: operators.Choice, Choices: []string{"None", "balanced"}},
)

// LGBMClassifier boosts trees leaf by leaf as LightGBM does (Ke et al., 2017), on bins of at least min_data_in_bin rows,
// with all rows, with one-sided sampling (goss) or with rounds that are left out while others are grown (dart: Rashmi and
// Gilad-Bachrach, 2015; drop_rate, max_drop and skip_drop are LightGBM's). Scores start at the log-odds of the classes.
// Nothing stops early, so n_estimators rounds are grown whatever boosting_type says. With dart a round before may yet lose
// weight, so that a prefix of the rounds is not the model of fewer rounds.
var LGBMClassifier = &operators.Spec{
	Name: "LGBMClassifier", Doc: "gradient boosting as in LightGBM", Role: operators.Classifier,
	Traits: boostTraits, Params: lgbmClassParams, Ignored: lgbmIgnored,
	Memory: lgbmMemory(lgbmClassParams),
	New: func(v []float64) (operators.Operator, error) {
		s := settings{lgbmClassParams, v}
		b, err := lgbmBooster(s)
		b.balanced = s.choice("class_weight") == "balanced"
		b.loss = func(classes int) *loss {
			return classLoss(float64(classes) / max(1, float64(classes-1)))(classes)
		}
		return b, err
	},
	Decode: operators.Decode[boosted],
}

var lgbmValueParams = lgbmParams(
	operators.Param{Name: "objective", Scale: operators.Choice, Choices: []string{"regression", "regression_l1", "huber", "poisson", "quantile", "gamma", "tweedie", "None"}, Fixed: true},
	operators.Param{Name: "alpha", Scale: operators.Linear, Lo: 0.01, Hi: 0.99, Default: 0.9, Fixed: true},
)

// LGBMRegressor is the same for a numeric target; see [LGBMClassifier].
var LGBMRegressor = &operators.Spec{
	Name: "LGBMRegressor", Doc: "gradient boosting as in LightGBM", Role: operators.Regressor,
	Traits: boostTraits, Params: lgbmValueParams, Ignored: lgbmIgnored,
	Memory: lgbmMemory(lgbmValueParams),
	New: func(v []float64) (operators.Operator, error) {
		s := settings{lgbmValueParams, v}
		b, err := lgbmBooster(s)
		name, alpha := s.choice("objective"), s.get("alpha")
		if err == nil && !(alpha > 0) || name == "quantile" && alpha >= 1 {
			err = fmt.Errorf("lightgbm: alpha %g: want a positive number, below 1 for a quantile", alpha)
		}
		switch name {
		case "regression_l1":
			name = "absolute_error"
		case "poisson", "gamma", "tweedie":
			b.positive = true
		}
		b.loss = func(int) *loss {
			if name == "huber" {
				return huber(alpha)
			}
			return valueLoss(name, alpha)
		}
		return b, err
	},
	Decode: operators.Decode[boosted],
}

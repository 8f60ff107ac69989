package tree

import (
	"fmt"
	"math"

	"github.com/lren-chuv/automl/operators"
)

// xgbParams are XGBoost's parameters.
func xgbParams(own ...operators.Param) []operators.Param {
	return append(own, []operators.Param{
		{Name: "n_estimators", Scale: operators.LogInt, Lo: 50, Hi: 300, Default: 100, Fixed: true},
		{Name: "max_depth", Scale: operators.Int, Lo: 1, Hi: 18, Default: 6, Choices: []string{"None"}},
		{Name: "learning_rate", Scale: operators.Log, Lo: 0.001, Hi: 1, Default: 0.3},
		{Name: "subsample", Scale: operators.Linear, Lo: 0.05, Hi: 1, Default: 1},
		{Name: "min_child_weight", Scale: operators.LogInt, Lo: 1, Hi: 21, Default: 1},
		{Name: "gamma", Scale: operators.Log, Lo: 1e-4, Hi: 20},
		{Name: "reg_alpha", Scale: operators.Log, Lo: 1e-4, Hi: 100},
		{Name: "reg_lambda", Scale: operators.Log, Lo: 1e-4, Hi: 10, Default: 1},
		{Name: "colsample_bytree", Scale: operators.Linear, Lo: 0.3, Hi: 1, Default: 1, Fixed: true},
		{Name: "colsample_bylevel", Scale: operators.Linear, Lo: 0.3, Hi: 1, Default: 1, Fixed: true},
		{Name: "colsample_bynode", Scale: operators.Linear, Lo: 0.3, Hi: 1, Default: 1, Fixed: true},
		{Name: "tree_method", Scale: operators.Choice, Choices: []string{"auto", "exact", "approx", "hist", "gpu_hist"}, Fixed: true},
		{Name: "max_leaves", Scale: operators.Int, Lo: 0, Hi: 1024, Default: 0, Fixed: true},
		{Name: "max_bin", Scale: operators.Int, Lo: 16, Hi: 256, Default: 256, Fixed: true},
		{Name: "base_score", Scale: operators.Linear, Lo: 0, Hi: 1, Default: 0.5, Choices: []string{"None"}, Fixed: true},
		{Name: "alpha", Scale: operators.Linear, Hi: 100, Fixed: true},
	}...)
}

var xgbIgnored = []string{"n_jobs", "nthread", "verbosity", "silent", "seed", "random_state", "grow_policy", "booster", "missing", "use_label_encoder", "eval_metric", "importance_type", "predictor", "gpu_id", "enable_categorical", "validate_parameters", "num_parallel_tree"}

func xgbBooster(s settings) (booster, error) {
	b := booster{name: "xgboost", rounds: s.limit("n_estimators"), rate: s.get("learning_rate"), subsample: s.get("subsample"), every: 1, positives: s.get("scale_pos_weight")}
	b.budding = budding{
		maxLeaves: s.limit("max_leaves"), maxDepth: s.limit("max_depth"), minRows: 1, minHessian: s.get("min_child_weight"), minGain: s.get("gamma"), prune: true, gap: middling, edge: middleDown,
		l1: s.get("reg_alpha") + s.get("alpha"), l2: s.get("reg_lambda"), catRows: levelRows, perTree: s.get("colsample_bytree"), perLevel: s.get("colsample_bylevel"), perNode: s.get("colsample_bynode"),
	}
	if _, none := operators.IsWord(s.get("max_depth")); none {
		b.maxDepth = 6
	}
	if m := s.choice("tree_method"); m == "hist" || m == "gpu_hist" {
		b.gap = low
	}
	if b.maxLeaves == 1 {
		b.maxLeaves = 2
	}
	b.binning = binning{limit: min(255, s.limit("max_bin")), rows: 1}
	switch {
	case !s.within(0, 1e30, "learning_rate", "min_child_weight", "gamma", "reg_alpha", "reg_lambda", "alpha", "max_depth") && b.maxDepth != 6 || !(b.rate > 0):
		return b, fmt.Errorf("xgboost: learning_rate must be positive, regularisation not negative")
	case !s.within(1e-9, 1, "subsample", "colsample_bytree", "colsample_bylevel", "colsample_bynode"):
		return b, fmt.Errorf("xgboost: subsample and colsample_* are shares in (0, 1]")
	case b.rounds < 1 || b.rounds > maxTrees || b.limit < 2:
		return b, fmt.Errorf("xgboost: want n_estimators ≥ 1 and max_bin ≥ 2")
	}
	return b, nil
}

// start is the score of base_score on the scale that link maps it to.
func (s settings) start(link func(float64) float64) *float64 {
	v := s.get("base_score")
	if _, none := operators.IsWord(v); none {
		v = 0.5
	}
	v = link(v)
	return &v
}

func logOdds(p float64) float64 { return math.Log(p / (1 - p)) }

var xgbClassParams = xgbParams(
	operators.Param{Name: "objective", Scale: operators.Choice, Choices: []string{"binary:logistic", "multi:softprob", "multi:softmax", "reg:logistic"}, Fixed: true},
	operators.Param{Name: "scale_pos_weight", Scale: operators.Linear, Lo: 0.1, Hi: 10, Default: 1, Fixed: true},
)

// XGBClassifier boosts trees level by level as XGBoost does (Chen and Guestrin, 2016): every split that lowers the
// regularised loss down to max_depth, then those that gain less than gamma are cut back. Thresholds are exact up to 255
// distinct values per column and quantiles beyond. Scores start at base_score.
var XGBClassifier = &operators.Spec{
	Name: "XGBClassifier", Doc: "gradient boosting as in XGBoost", Role: operators.Classifier,
	Traits: boostTraits, Params: xgbClassParams, Ignored: xgbIgnored,
	New: func(v []float64) (operators.Operator, error) {
		s := settings{xgbClassParams, v}
		b, err := xgbBooster(s)
		if p := s.get("base_score"); err == nil && !(p > 0 && p < 1) && p > -1 {
			err = fmt.Errorf("xgboost: base_score %g: want a probability between 0 and 1", p)
		}
		b.base, b.loss = s.start(logOdds), classLoss(2)
		return b, err
	},
	Decode: operators.Decode[boosted],
}

var xgbObjectives = []string{"reg:squarederror", "reg:linear", "reg:squarederror ", "reg:pseudohubererror", "count:poisson", "reg:gamma", "reg:tweedie", "reg:absoluteerror"}

var xgbValueParams = xgbParams(
	operators.Param{Name: "objective", Scale: operators.Choice, Choices: xgbObjectives, Fixed: true},
)

// XGBRegressor is the same for a numeric target; see [XGBClassifier].
var XGBRegressor = &operators.Spec{
	Name: "XGBRegressor", Doc: "gradient boosting as in XGBoost", Role: operators.Regressor,
	Traits: boostTraits, Params: xgbValueParams, Ignored: xgbIgnored,
	New: func(v []float64) (operators.Operator, error) {
		s := settings{xgbValueParams, v}
		b, err := xgbBooster(s)
		link := func(v float64) float64 { return v }
		switch s.choice("objective") {
		case "reg:pseudohubererror":
			b.loss = func(int) *loss { return pseudoHuber(1) }
		case "count:poisson":
			b.loss, link, b.positive = func(int) *loss { return poisson() }, math.Log, true
		case "reg:gamma":
			b.loss, link, b.positive = func(int) *loss { return gamma() }, math.Log, true
		case "reg:tweedie":
			b.loss, link, b.positive = func(int) *loss { return tweedie(1.5) }, math.Log, true
		case "reg:absoluteerror":
			b.loss = func(int) *loss { return pinball(0.5) }
		default:
			b.loss = func(int) *loss { return squared() }
		}
		b.base = s.start(link)
		return b, err
	},
	Decode: operators.Decode[boosted],
}

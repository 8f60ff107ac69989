package catalog

import (
	"encoding/csv"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/lren-chuv/automl/operators"
)

// TestTPOTsRanges: every operator and hyper-parameter of TPOT 0.12 and 1.1 is here, and a search draws from at least the
// range that TPOT draws from. testdata/tpot.csv holds those ranges: low..high (high may depend on the table and be left
// out), a constant, or values between bars. What differs stands in apart, with the reason.
func TestTPOTsRanges(t *testing.T) {
	file, err := os.Open("testdata/tpot.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	specs := map[string]*operators.Spec{}
	for _, s := range All() {
		specs[s.Name] = s
	}
	used := map[string]bool{}
	for _, r := range rows[1:] {
		version, name, parameter, values := r[0], r[1], r[2], r[3]
		missing := lacks(specs[name], parameter, values)
		reason, known := "", false
		for _, key := range []string{name + "." + parameter, "*." + parameter} {
			if reason = apart[key]; reason != "" {
				used[key], known = used[key] || missing != "", true
				break
			}
		}
		if missing != "" && !known {
			t.Errorf("TPOT %s: %s %s=%s: %s", version, name, parameter, values, missing)
		}
	}
	for key := range apart {
		if !used[key] {
			t.Errorf("%s need not be listed: nothing is missing", key)
		}
	}
}

// lacks says what s lacks of the values of a parameter, "" if nothing.
func lacks(s *operators.Spec, parameter, values string) string {
	if s == nil {
		return "no such operator"
	}
	if parameter == "" || slices.Contains(s.Ignored, parameter) {
		return ""
	}
	i := s.Index(parameter)
	if i < 0 {
		return "no such parameter"
	}
	p := &s.Params[i]
	low, high, isRange := strings.Cut(values, "..")
	all := strings.Split(values, "|")
	if isRange {
		if all = []string{low}; high != "" {
			all = append(all, high)
		}
	}
	for _, text := range all {
		v, err := p.Parse(text)
		if err != nil && p.Scale == operators.Fraction {
			v, err = strconv.ParseFloat(text, 64) // 0 or 1 of a share
		}
		if err != nil {
			return err.Error()
		}
		if p.Fixed && len(all) > 1 {
			return "not varied"
		}
		if _, word := operators.IsWord(v); word || p.Fixed || p.Scale == operators.Choice || p.Scale == operators.Bool {
			continue
		}
		if p.Scale == operators.Fraction && v < 0 {
			v = -v // "1" of a share that goes up to 1
		}
		if v < p.Lo-1e-9*math.Abs(p.Lo) || v > p.Hi+1e-9*math.Abs(p.Hi) {
			return "a search draws from " + strconv.FormatFloat(p.Lo, 'g', -1, 64) + " to " + strconv.FormatFloat(p.Hi, 'g', -1, 64) + ", not " + text
		}
	}
	return ""
}

// apart are the differences by choice.
var apart = map[string]string{
	"BaggingClassifier.oob_score":                     noEffect,
	"BaggingRegressor.oob_score":                      noEffect,
	"SVC.shrinking":                                   noEffect,
	"SVR.shrinking":                                   noEffect,
	"MLPClassifier.learning_rate":                     "a schedule of sgd, where TPOT trains by adam: it has no effect there",
	"FeatureAgglomeration.affinity":                   "the old name of metric, which is varied",
	"SVR.epislon":                                     "misspelt in TPOT; epsilon is varied",
	"MLPRegressor.learning_rate":                      "a number in TPOT, where scikit-learn wants a word: always fails",
	"HistGradientBoostingRegressor.loss":              "losses of classification: always fail in scikit-learn",
	"ElasticNet.alpha":                                fromZero,
	"Lasso.alpha":                                     fromZero,
	"Ridge.alpha":                                     fromZero,
	"SGDClassifier.alpha":                             fromZero,
	"SGDRegressor.alpha":                              fromZero,
	"SGDClassifier.power_t":                           fromZero,
	"SGDRegressor.power_t":                            fromZero,
	"SelectFwe.alpha":                                 fromZero,
	"DecisionTreeClassifier.max_features":             "a single tree is better off with all columns; forests vary it",
	"RandomForestRegressor.criterion":                 slowForest,
	"ExtraTreesRegressor.criterion":                   slowForest,
	"GaussianProcessClassifier.thetaL":                "a bound of the search for the length scale that is hardly ever met",
	"GaussianProcessClassifier.thetaU":                "as thetaL",
	"GaussianProcessRegressor.thetaL":                 "as thetaL",
	"GaussianProcessRegressor.thetaU":                 "as thetaL",
	"GradientBoostingClassifier.loss":                 "exponential is for two classes alone; offered",
	"GradientBoostingRegressor.loss":                  "losses of classification: always fail in scikit-learn",
	"GradientBoostingClassifier.max_leaf_nodes":       "max_depth is varied instead, as in TPOT 0.12; offered",
	"GradientBoostingRegressor.max_leaf_nodes":        "max_depth is varied instead, as in TPOT 0.12; offered",
	"GradientBoostingClassifier.min_samples_leaf":     "1 to 21, as in TPOT 0.12: most of a range up to 200 is too much for most tables",
	"GradientBoostingRegressor.min_samples_leaf":      "1 to 21, as in TPOT 0.12: most of a range up to 200 is too much for most tables",
	"*.early_stop":                                    "TPOT's word for whether n_iter_no_change and validation_fraction are given, which they can be here",
	"GradientBoostingClassifier.n_iter_no_change":     stopping,
	"GradientBoostingRegressor.n_iter_no_change":      stopping,
	"HistGradientBoostingClassifier.n_iter_no_change": stopping,
	"HistGradientBoostingRegressor.n_iter_no_change":  stopping,
	"*.validation_fraction":                           stopping,
	"LGBMClassifier.boosting_type":                    "gbdt is what others are rarely better than; goss and dart are offered",
	"LGBMRegressor.boosting_type":                     "gbdt is what others are rarely better than; goss and dart are offered",
	"RFE.estimator__criterion":                        "gini and entropy rank columns alike; offered",
	"SelectFromModel.estimator__criterion":            "gini and entropy rank columns alike; offered",
	"IterativeImputer.estimator":                      "by their classes' names: BayesianRidge, Ridge, RandomForestRegressor; k-NN is KNNImputer's, which keeps training rows",
	"RFE.step":                                        "0.05 is the least that is drawn, as in TPOT 0.12: less means a forest for every column",
}

const (
	noEffect   = "does not change a prediction"
	fromZero   = "drawn log-uniformly, which leaves out 0; a text may say 0"
	slowForest = "squared_error alone is drawn: poisson refuses negative targets, absolute_error takes several times as long; offered"
	stopping   = "offered; the number of trees is varied instead, and a fold more for training beats a part held out"
)

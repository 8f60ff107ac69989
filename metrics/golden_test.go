package metrics

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/lren-chuv/automl/dataset"
)

type goldenCase struct {
	Case    string         `json:"case"`
	Kind    string         `json:"kind"`
	Labels  []any          `json:"labels"`
	True    []any          `json:"y_true"`
	Pred    []any          `json:"y_pred"`
	Score   []any          `json:"y_score"`
	Proba   [][]any        `json:"y_proba"`
	Pos     any            `json:"pos_label"`
	Weight  []float64      `json:"sample_weight"`
	Results map[string]any `json:"results"`
	Raises  map[string]any `json:"raises"`
}

// recorded maps the names of the recorded results of a kind of case to ours.
var recorded = map[string]map[string]string{
	"binary": {
		"accuracy": "accuracy", "balanced_accuracy": "balanced_accuracy", "f1_binary": "f1", "f1_macro": "f1_macro",
		"f1_micro": "f1_micro", "f1_weighted": "f1_weighted", "precision_binary": "precision", "recall_binary": "recall",
		"roc_auc": "roc_auc", "average_precision": "average_precision", "log_loss_with_labels": "log_loss", "brier": "brier",
		"matthews_corrcoef": "matthews_corrcoef", "cohen_kappa": "cohen_kappa",
	},
	"multiclass": {
		"accuracy": "accuracy", "balanced_accuracy": "balanced_accuracy", "f1_macro": "f1_macro", "f1_micro": "f1_micro",
		"f1_weighted": "f1_weighted", "roc_auc_ovr_macro": "roc_auc_ovr", "roc_auc_ovo_macro": "roc_auc_ovo",
		"roc_auc_ovr_macro_without_labels": "roc_auc", "average_precision_multiclass_input": "average_precision",
		"log_loss_with_labels": "log_loss", "brier_multiclass_sum": "brier", "matthews_corrcoef": "matthews_corrcoef",
		"cohen_kappa": "cohen_kappa",
	},
	"regression": {
		"r2": "r2", "mean_squared_error": "mse", "root_mean_squared_error": "rmse", "mean_absolute_error": "mae",
		"median_absolute_error": "median_absolute_error", "mean_squared_log_error": "msle",
		"mean_absolute_percentage_error": "mape", "explained_variance": "explained_variance", "max_error": "max_error",
	},
}

// variants are recorded results that none of our metrics is; the key is a part of the recorded name.
var variants = map[string]string{
	"adjusted": "corrected for chance", "cohen_kappa_": "weighted kappa", "hamming": "one minus accuracy",
	"confusion": "not one number", "per_class": "not one number", "jaccard": "another index", "f2": "another beta", "f0.5": "another beta",
	"zero_division_1": "the other choice of dividing by zero", "max_fpr": "partial area", "not_normalized": "a sum",
	"log_loss": "labels are not given: ours always knows the levels", "top_2": "not a metric of ours", "ovr_weighted": "another average",
	"ovo_weighted": "another average", "average_precision_ovr": "another average", "force_finite": "the other choice for constant targets",
	"log_error": "the root of msle", "d2_": "not a metric of ours", "pinball": "not a metric of ours", "deviance": "not a metric of ours",
	"precision_m": "another average", "recall_m": "another average", "precision_w": "another average", "recall_w": "another average",
}

// skipped lists the cases whose values (not refusals) differ by choice.
var skipped = map[string]string{
	"all weights zero":                  "scikit-learn scores some metrics as 0, ours refuse all alike",
	"unknown label in y_true, log_loss": "a loss of 0 for the unknown label, a quirk that is not to be imitated",
	"unknown label in y_true, brier":    "no probability is given for the unknown label",
}

func TestGolden(t *testing.T) {
	data, err := os.ReadFile("../testdata/golden/metrics.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []goldenCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	values, refusals := 0, 0
	for _, c := range cases {
		for name, want := range c.Results {
			if m, ok := metricFor(t, c.Kind, name); ok && skipped[c.Case] == "" && skipped[c.Case+", "+m.Name] == "" {
				values++
				c.compare(t, m, toFloat(want))
			}
		}
		for name := range c.Raises {
			if m, ok := metricFor(t, c.Kind, name); ok {
				refusals++
				if got, err := c.score(m); err == nil {
					t.Errorf("%s, %s: %v, scikit-learn refuses", c.Case, name, got)
				}
			}
		}
	}
	t.Logf("%d values and %d refusals compared", values, refusals)
	if values < 750 || refusals < 50 {
		t.Errorf("only %d values and %d refusals were compared", values, refusals)
	}
}

// metricFor returns our metric for a recorded result, if there is one; a result that is neither ours nor a known variant
// is a failure.
func metricFor(t *testing.T, kind, name string) (Metric, bool) {
	t.Helper()
	if own := recorded[kind][name]; own != "" {
		m, err := ByName(own)
		if err != nil {
			t.Fatal(err)
		}
		return m, true
	}
	for part := range variants {
		if strings.Contains(name, part) {
			return Metric{}, false
		}
	}
	t.Errorf("recorded %s result %s is not compared", kind, name)
	return Metric{}, false
}

func (c goldenCase) compare(t *testing.T, m Metric, want float64) {
	t.Helper()
	rtol := 1e-9
	if c.Case == "large offset" {
		rtol = 1e-6
	}
	got, err := c.score(m)
	switch {
	case math.IsNaN(want): // an error that says why is as good
		if err == nil && !math.IsNaN(got) {
			t.Errorf("%s %s, %s: %v, want NaN", c.Kind, c.Case, m.Name, got)
		}
	case err != nil || !(math.Abs(got-want) <= 1e-12+rtol*math.Abs(want)):
		t.Errorf("%s %s, %s: %v %v, want %v", c.Kind, c.Case, m.Name, got, err, want)
	}
}

// score gives the recorded inputs to our metric: labels as probabilities of 0 and 1, scores and probabilities as they are.
func (c goldenCase) score(m Metric) (float64, error) {
	if c.Kind == "regression" {
		y, p := floats(c.True), floats(c.Pred)
		return m.Score(dataset.NewNumeric("y", y), dataset.MustFrame(len(p), dataset.NewNumeric("p", p)), c.Weight)
	}
	levels := c.levels()
	if m.labels != nil {
		levels = c.more(levels)
	}
	y, err := codes(c.True, levels)
	if err != nil {
		return 0, err
	}
	cols := make([][]float64, len(levels))
	for k := range levels {
		cols[k] = make([]float64, len(y))
	}
	switch {
	case m.labels != nil:
		p, err := codes(c.Pred, levels)
		if err != nil {
			return 0, err
		}
		for i, k := range p {
			cols[k][i] = 1
		}
	case c.Kind == "binary":
		cols[1] = floats(c.Score)
		for i, s := range cols[1] {
			cols[0][i] = 1 - s
		}
	default:
		for i, row := range c.Proba {
			for k, v := range floats(row) {
				cols[k][i] = v
			}
		}
	}
	return m.Score(dataset.NewCategorical("y", y, levels), frame(levels, cols), c.Weight)
}

// more adds the labels that the case's list of levels lacks.
func (c goldenCase) more(levels []string) []string {
	for _, v := range append(slices.Clone(c.True), c.Pred...) {
		if s := fmt.Sprint(v); !slices.Contains(levels, s) {
			levels = append(levels, s)
		}
	}
	return levels
}

// levels lists the classes, the positive one second in binary cases.
func (c goldenCase) levels() []string {
	var out []string
	if c.Kind == "multiclass" {
		for _, l := range c.Labels {
			out = append(out, fmt.Sprint(l))
		}
		return out
	}
	pos, other := fmt.Sprint(c.Pos), "other"
	for _, v := range append(slices.Clone(c.True), c.Pred...) {
		if s := fmt.Sprint(v); s != pos {
			other = s
		}
	}
	return []string{other, pos}
}

func codes(values []any, levels []string) ([]int32, error) {
	out := make([]int32, len(values))
	for i, v := range values {
		k := slices.Index(levels, fmt.Sprint(v))
		if k < 0 {
			return nil, fmt.Errorf("label %v is not among %v", v, levels)
		}
		out[i] = int32(k)
	}
	return out, nil
}

func floats(values []any) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = toFloat(v)
	}
	return out
}

func toFloat(v any) float64 {
	switch v := v.(type) {
	case float64:
		return v
	case string:
		switch v {
		case "+Inf":
			return math.Inf(1)
		case "-Inf":
			return math.Inf(-1)
		}
	}
	return math.NaN()
}

package metrics

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
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

// ours maps our names to the recorded ones.
var ours = map[string]map[string]string{
	"binary": {
		"accuracy": "accuracy", "balanced_accuracy": "balanced_accuracy", "f1": "f1_binary", "f1_macro": "f1_macro",
		"f1_micro": "f1_micro", "f1_weighted": "f1_weighted", "precision": "precision_binary", "recall": "recall_binary",
		"roc_auc": "roc_auc", "average_precision": "average_precision", "log_loss": "log_loss_with_labels", "brier": "brier",
		"matthews_corrcoef": "matthews_corrcoef", "cohen_kappa": "cohen_kappa",
	},
	"multiclass": {
		"accuracy": "accuracy", "balanced_accuracy": "balanced_accuracy", "f1_macro": "f1_macro", "f1_micro": "f1_micro",
		"f1_weighted": "f1_weighted", "roc_auc_ovr": "roc_auc_ovr_macro", "roc_auc_ovo": "roc_auc_ovo_macro",
		"log_loss": "log_loss_with_labels", "brier": "brier_multiclass_sum", "matthews_corrcoef": "matthews_corrcoef",
		"cohen_kappa": "cohen_kappa",
	},
	"regression": {
		"r2": "r2", "mse": "mean_squared_error", "rmse": "root_mean_squared_error", "mae": "mean_absolute_error",
		"median_absolute_error": "median_absolute_error", "msle": "mean_squared_log_error",
		"mape": "mean_absolute_percentage_error", "explained_variance": "explained_variance", "max_error": "max_error",
	},
}

// skipped lists the cases where we differ by choice.
var skipped = map[string]string{
	"all weights zero":        "scikit-learn scores some metrics as 0; ours refuse all alike",
	"unknown label in y_true": "a target's levels name every label, so this cannot be said",
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
		if skipped[c.Case] != "" {
			continue
		}
		for name, recorded := range ours[c.Kind] {
			m, err := ByName(name)
			if err != nil {
				t.Fatal(err)
			}
			want, known := c.Results[recorded]
			_, raises := c.Raises[recorded]
			if !known && !raises {
				continue
			}
			got, err := c.score(m)
			if raises {
				refusals++
				if err == nil && !math.IsNaN(got) {
					t.Errorf("%s, %s: %v, scikit-learn refuses", c.Case, name, got)
				}
				continue
			}
			values++
			w := toFloat(want)
			if math.IsNaN(w) && (err != nil || math.IsNaN(got)) {
				continue
			}
			tol := 1e-9
			if c.Case == "large offset" {
				tol = 1e-6
			}
			if err != nil || !(math.Abs(got-w) <= 1e-12+tol*math.Abs(w)) {
				t.Errorf("%s %s, %s: %v %v, want %v", c.Kind, c.Case, name, got, err, w)
			}
		}
	}
	t.Logf("%d values and %d refusals compared", values, refusals)
	if values < 700 || refusals < 20 {
		t.Errorf("only %d values and %d refusals were compared", values, refusals)
	}
}

// score computes our metric from the recorded inputs: labels from y_pred, scores and probabilities as they are.
func (c goldenCase) score(m Metric) (float64, error) {
	if c.Kind == "regression" {
		y, p := floats(c.True), floats(c.Pred)
		if len(y) != len(p) {
			return 0, fmt.Errorf("%d and %d rows", len(y), len(p))
		}
		f := dataset.MustFrame(len(p), dataset.NewNumeric("p", p))
		return m.Score(dataset.NewNumeric("y", y), f, c.Weight)
	}
	levels := c.levels()
	y, err := codes(c.True, levels)
	if err != nil {
		return 0, err
	}
	if m.labels != nil {
		p, err := codes(c.Pred, levels)
		if err != nil {
			return 0, err
		}
		cm, err := newConfusion(y, p, max(2, len(levels)), c.Weight)
		if err != nil {
			return 0, err
		}
		return m.labels(cm), nil
	}
	var cols []*dataset.Column
	if c.Kind == "binary" {
		s := floats(c.Score)
		rest := make([]float64, len(s))
		for i := range s {
			rest[i] = 1 - s[i]
		}
		cols = []*dataset.Column{dataset.NewNumeric("0", rest), dataset.NewNumeric("1", s)}
	} else {
		for k := range levels {
			v := make([]float64, len(c.Proba))
			for i := range v {
				v[i] = toFloat(c.Proba[i][k])
			}
			cols = append(cols, dataset.NewNumeric(levels[k], v))
		}
	}
	return m.Score(dataset.NewCategorical("y", y, levels), dataset.MustFrame(len(y), cols...), c.Weight)
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

package operatortest

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// goldenScores runs a random operator with five seeds on all five folds and asks whether the means of its scores lie in
// the bands recorded from scikit-learn. Being better than the band is fine.
func goldenScores(t *testing.T, op operators.Operator, data goldenData, c goldenCase) {
	var recorded struct {
		CV5 map[string]struct {
			Mean   json.Number
			Accept []float64 `json:"accept_mean_of_5_seeds"`
		} `json:"cv5"`
	}
	if err := json.Unmarshal(c.Scores, &recorded); err != nil {
		t.Fatal(err)
	}
	if len(recorded.CV5) == 0 {
		t.Skip("no recorded scores")
	}
	const seeds = 5
	got := map[string]float64{}
	for seed := range seeds {
		for fold := range 5 {
			train, test := data.split(int32(fold))
			f, err := op.Fit(context.Background(), operators.NewEnv(uint64(seed), uint64(fold)), train)
			if err != nil {
				t.Fatalf("Fit: %v", err)
			}
			for name, v := range allScores(test.Y, apply(t, f, test.X, 1)) {
				got[name] += v / (seeds * 5)
			}
		}
	}
	compared := 0
	for name, want := range recorded.CV5 {
		v, ok := got[name]
		if !ok || len(want.Accept) != 2 {
			continue
		}
		compared++
		lowerIsBetter := name == "log_loss" || name == "mean_squared_error" || name == "mean_absolute_error"
		bad, better := v < want.Accept[0], v > want.Accept[1]
		if lowerIsBetter {
			bad, better = better, bad
		}
		if bad {
			t.Errorf("%s = %.5f, scikit-learn %s, band %.5f", name, v, want.Mean, want.Accept)
		} else if better {
			t.Logf("%s = %.5f is better than the band %.5f", name, v, want.Accept)
		}
	}
	if compared == 0 {
		t.Error("no score was compared")
	}
}

func allScores(y *dataset.Column, p *dataset.Frame) map[string]float64 {
	if y.Kind == dataset.Numeric {
		q := p.Col(0).Float
		return map[string]float64{"r2": rSquared(y.Float, q), "mean_squared_error": meanError(y.Float, q, 2), "mean_absolute_error": meanError(y.Float, q, 1)}
	}
	return map[string]float64{
		"accuracy": accuracy(y.Code, p), "balanced_accuracy": balancedAccuracy(y.Code, p),
		"log_loss": logLoss(y.Code, p), "roc_auc_ovr": rocAUC(y.Code, p),
	}
}

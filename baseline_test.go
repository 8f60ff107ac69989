package automl

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/lren-chuv/automl/dataset"
)

// TestNothingToLearn: of a target that no column says anything of, nearly half of the model is the baseline, which for absolute
// errors is the median.
func TestNothingToLearn(t *testing.T) {
	const n = 90
	rng := rand.New(rand.NewPCG(11, 12))
	cols := make([]*dataset.Column, 3)
	for j := range cols {
		x := make([]float64, n)
		for i := range x {
			x[i] = rng.NormFloat64()
		}
		cols[j] = dataset.NewNumeric(string(rune('a'+j)), x)
	}
	y := make([]float64, n)
	for i := range y {
		y[i] = rng.ExpFloat64()
	}
	s := dataset.Sample{X: dataset.MustFrame(n, cols...), Y: dataset.NewNumeric("y", y)}
	for metric, want := range map[string]string{"rmse": "DummyRegressor(input, strategy=mean", "mae": "DummyRegressor(input, strategy=median"} {
		m, err := Train(context.Background(), s, Options{Evaluations: 10, Config: "fast", NoExplain: true, Metric: metric})
		if err != nil {
			t.Fatal(err)
		}
		share := 0.0
		for _, member := range m.Members {
			if strings.HasPrefix(member.Pipeline, want) {
				share += member.Weight
			}
		}
		if share < 0.4 {
			t.Errorf("%s: %s has %.2f of the model: %+v", metric, want, share, m.Members)
		}
	}
	m, err := Train(context.Background(), s, Options{Evaluations: 10, Config: "fast", Start: []string{"DummyRegressor(input)"}})
	if err != nil {
		t.Fatal(err)
	}
	seats := 0
	for _, member := range m.Members {
		if strings.Contains(member.Pipeline, "Dummy") {
			seats++
		}
	}
	if seats != 1 {
		t.Errorf("what knows nothing stands %d times in the model: %+v", seats, m.Members)
	}
	if m.Record == nil || m.Record.Reasons.On != "fold" {
		t.Errorf("importance is not that of rows that were not seen: %+v", m.Record)
	}
	m, err = Train(context.Background(), s, Options{Evaluations: 10, Config: "fast", NoExplain: true, Template: "StandardScaler-Ridge"})
	if err != nil {
		t.Fatal(err)
	}
	for _, member := range m.Members {
		if strings.Contains(member.Pipeline, "Dummy") {
			t.Errorf("a template is not kept: %s", member.Pipeline)
		}
	}
}

// TestRanksKeepTheirProbabilities: where only the order of rows counts a constant changes nothing, so that none is mixed in.
func TestRanksKeepTheirProbabilities(t *testing.T) {
	table, err := dataset.Read(context.Background(), "testdata/breast_cancer.csv", dataset.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, _, err := table.Sample(dataset.SampleOptions{Target: "target"})
	if err != nil {
		t.Fatal(err)
	}
	m, err := Train(context.Background(), s, Options{Evaluations: 20, Config: "fast", NoExplain: true, Metric: "roc_auc"})
	if err != nil {
		t.Fatal(err)
	}
	for _, member := range m.Members {
		if strings.Contains(member.Pipeline, "Dummy") {
			t.Errorf("%s has %.2f of a model that knows much", member.Pipeline, member.Weight)
		}
	}
}

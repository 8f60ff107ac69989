package document_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"testing"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/export/document"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/pipeline"
)

// TestDocumentHoldsWhatPredicts: a reader that knows nothing but the JSON computes the same prediction.
func TestDocumentHoldsWhatPredicts(t *testing.T) {
	table, err := dataset.Read(context.Background(), "../../testdata/diabetes.csv", dataset.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, schema, err := table.Sample(dataset.SampleOptions{Target: "target"})
	if err != nil {
		t.Fatal(err)
	}
	m := &automl.Model{Schema: schema, Task: "regression", Target: "target", Metric: "rmse", Score: automl.Score{CV: math.Inf(1)}, Search: automl.Statistics{Rows: s.Rows()}}
	for _, text := range []string{"Ridge(StandardScaler(input))", "RandomForestRegressor(input, n_estimators=2)", "KNeighborsRegressor(input)"} {
		tree, err := pipeline.Parse(text, catalog.All())
		if err != nil {
			t.Fatal(err)
		}
		f, err := pipeline.Fit(context.Background(), tree, s, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		m.Members = append(m.Members, automl.Member{Weight: 0.5, Pipeline: text, Fitted: f})
	}
	var b bytes.Buffer
	if err := document.Write(&b, m); err != nil {
		t.Fatal(err)
	}
	var d struct {
		Format  string
		Version int
		CV      any `json:"cv_score"`
		Members []struct {
			Weight float64
			Steps  []struct {
				Operator string
				State    struct {
					Shift, Scale, Coef []float64
					Intercept          float64
					Store              struct{ Rows []float64 }
					Trees              struct {
						Nodes []struct {
							Threshold float64
						}
					}
				}
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	if d.Format != "automl model" || d.Version != 1 || d.CV != "Infinity" || len(d.Members) != 3 || d.Members[1].Weight != 0.5 {
		t.Errorf("%.300s", b.String())
	}
	want, err := pipeline.Predict(context.Background(), m.Members[0].Fitted, s.X.Slice(0, 1), 1)
	if err != nil {
		t.Fatal(err)
	}
	row := make([]float64, s.X.Cols())
	for j := range row {
		row[j] = s.X.Col(j).Float[0]
	}
	got := 0.0
	for _, step := range d.Members[0].Steps {
		st := step.State
		switch step.Operator {
		case "StandardScaler":
			for j := range row {
				row[j] = (row[j] - st.Shift[j]) / st.Scale[j]
			}
		case "Ridge":
			got = st.Intercept
			for j, v := range row {
				got += v * st.Coef[j]
			}
		}
	}
	if math.Abs(got-want.Col(0).Float[0]) > 1e-9 {
		t.Errorf("the reader predicts %v, the model %v", got, want.Col(0).Float[0])
	}
	steps := d.Members[1].Steps
	if len(steps[len(steps)-1].State.Trees.Nodes) < 10 {
		t.Errorf("the forest lacks its trees")
	}
	if rows := d.Members[2].Steps[len(d.Members[2].Steps)-1].State.Store.Rows; len(rows) != s.X.Rows()*s.X.Cols() || rows[1] != s.X.Col(1).Float[0] {
		t.Errorf("%d values of %d neighbours", len(rows), s.X.Rows())
	}
}

// TestGeometricMean: a document whose mean is geometric says so, and has a version that older readers refuse.
func TestGeometricMean(t *testing.T) {
	m := &automl.Model{Schema: &dataset.Schema{}, Levels: []string{"a", "b"}}
	if d := document.Of(m); d.Version != document.Version || d.Mean != "" {
		t.Errorf("the usual mean: version %d, %q", d.Version, d.Mean)
	}
	m.Stack = &automl.Stack{Geometric: true}
	if d := document.Of(m); d.Version != document.Version+1 || d.Mean != "geometric" {
		t.Errorf("the geometric mean: version %d, %q", d.Version, d.Mean)
	}
}

package centering

import (
	"os"
	"strings"
	"testing"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestConformance(t *testing.T) { operatortest.Run(t, MedianCenterer, nil) }

// TestPageShowsThisCode: the tutorial shows the file that is tested.
func TestPageShowsThisCode(t *testing.T) {
	page, err := os.ReadFile("../write-an-operator.md")
	if err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile("centering.go")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "```go\n"+string(code)+"```\n") {
		t.Error("docs/write-an-operator.md does not show docs/centering/centering.go as it is")
	}
}

// TestInAModelFile: a search can use it, and a program that knows it can load the model.
func TestInAModelFile(t *testing.T) {
	table, err := dataset.Read(t.Context(), "../../testdata/iris.csv", dataset.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, schema, err := table.Sample(dataset.SampleOptions{Target: "target"})
	if err != nil {
		t.Fatal(err)
	}
	m, err := automl.Train(t.Context(), s, automl.Options{Evaluations: 5, Single: true, Schema: schema,
		Operators: append(catalog.All(), MedianCenterer), Template: "MedianCenterer-GaussianNB"})
	if err != nil {
		t.Fatal(err)
	}
	data, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := automl.Decode(data); err == nil || !strings.Contains(err.Error(), "MedianCenterer") {
		t.Errorf("a program that does not know it says %v", err)
	}
	back, err := automl.Decode(data, MedianCenterer)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := back.Predict(t.Context(), s.X); err != nil || p.Rows() != s.Rows() {
		t.Errorf("predicts %v, %v", p, err)
	}
}

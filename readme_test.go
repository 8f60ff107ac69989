package automl_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
)

// The example of README.md.
func Example() {
	dir, err := os.MkdirTemp("", "automl")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	model := filepath.Join(dir, "model.automl")
	if err := train("testdata/clinic.csv", model, time.Second); err != nil {
		panic(err)
	}
	if err := predict(model, "testdata/clinic.csv"); err != nil {
		panic(err)
	}
	// Output: 600 predictions of diagnosis
}

func train(path, out string, budget time.Duration) error {
	ctx := context.Background()
	table, err := dataset.Read(ctx, path, dataset.ReadOptions{})
	if err != nil {
		return err
	}
	sample, schema, err := table.Sample(dataset.SampleOptions{Target: "diagnosis"})
	if err != nil {
		return err
	}
	model, err := automl.Train(ctx, sample, automl.Options{Time: budget, Schema: schema})
	if err != nil {
		return err
	}
	return model.Save(out)
}

func predict(model, path string) error {
	ctx := context.Background()
	m, err := automl.Load(model)
	if err != nil {
		return err
	}
	x, _, err := dataset.ReadAs(ctx, path, m.Schema, dataset.ReadOptions{})
	if err != nil {
		return err
	}
	p, err := m.Predict(ctx, x) // a column of probabilities per class
	if err != nil {
		return err
	}
	fmt.Println(len(m.Labels(p)), "predictions of", m.Target)
	return nil
}

// TestReadmeShowsTheExample: what README.md shows as Go is above, word for word.
func TestReadmeShowsTheExample(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("readme_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(readme), "```go\n")
	block, _, closed := strings.Cut(after, "```")
	if !found || !closed || !strings.Contains(string(source), block) {
		t.Error("README.md shows Go that is not in readme_test.go")
	}
}

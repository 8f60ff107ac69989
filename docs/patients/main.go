// Command patients is the program of the tutorial for Go developers: it trains on a table of made-up patients, asks the
// model what it relies on, explains one prediction, and writes a report and the model as Go.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"slices"
	"time"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/explain"
	"github.com/lren-chuv/automl/export/gosrc"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/report"
)

func main() {
	if err := run(context.Background(), "testdata/clinic.csv"); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, path string) error {
	model, unseen, err := train(ctx, path)
	if err != nil {
		return err
	}
	if err := importance(ctx, model, unseen); err != nil {
		return err
	}
	if err := why(ctx, model, unseen); err != nil {
		return err
	}
	return write(model)
}

// train reads the table and searches for ten seconds on four fifths of the rows; it returns the others with the model.
func train(ctx context.Context, path string) (*automl.Model, dataset.Sample, error) {
	table, err := dataset.Read(ctx, path, dataset.ReadOptions{})
	if err != nil {
		return nil, dataset.Sample{}, err
	}
	sample, schema, err := table.Sample(dataset.SampleOptions{Target: "diagnosis"})
	if err != nil {
		return nil, sample, err
	}
	cut := sample.Rows() * 4 / 5
	seen, unseen := sample.Slice(0, cut), sample.Slice(cut, sample.Rows())
	model, err := automl.Train(ctx, seen, automl.Options{Time: 10 * time.Second, Schema: schema, Operators: exportable()})
	if err != nil {
		return nil, sample, err
	}
	score, err := model.Evaluate(ctx, unseen.X, unseen.Y, model.Metric)
	if err != nil {
		return nil, sample, err
	}
	fmt.Printf("%s %.3f in cross-validation, %.3f on unseen rows\n", model.Metric, model.Score.CV, score)
	return model, unseen, nil
}

// exportable lists the operators that can be written as Go.
func exportable() []*operators.Spec {
	names := gosrc.Operators()
	return slices.DeleteFunc(catalog.All(), func(s *operators.Spec) bool { return !slices.Contains(names, s.Name) })
}

// importance shuffles one column after the other and looks how much worse the model becomes.
func importance(ctx context.Context, model *automl.Model, sample dataset.Sample) error {
	metric, err := metrics.ByName(model.Metric)
	if err != nil {
		return err
	}
	env := operators.NewEnv(1, 0) // the seed of the permutations
	env.Threads = 2
	list, err := explain.Permutation(ctx, env, model, sample, explain.Features(model.Schema, sample.X), metric, 5)
	if err != nil {
		return err
	}
	slices.SortFunc(list, func(a, b explain.Importance) int {
		if a.Mean > b.Mean {
			return -1
		}
		return 1
	})
	for _, f := range list[:3] {
		fmt.Printf("%-16s costs %.3f of %s when shuffled (95%%: %.3f to %.3f)\n", f.Feature, f.Mean, metric.Name, f.Lo, f.Hi)
	}
	return nil
}

// why splits the prediction of the first unseen patient up into what each column contributes.
func why(ctx context.Context, model *automl.Model, sample dataset.Sample) error {
	features := explain.Features(model.Schema, sample.X)
	parts, err := explain.Contributions(ctx, operators.NewEnv(1, 1), model, sample.X.Slice(0, 1), sample.X, features, 50)
	if err != nil {
		return err
	}
	const class = 1
	fmt.Print("the first patient: ")
	if parts[0].Scale != explain.Prediction {
		fmt.Printf("%s of ", parts[0].Scale)
	}
	fmt.Printf("%.3f on average", parts[0].Base[class])
	total := parts[0].Base[class]
	for f, phi := range parts[0].Phi {
		total += phi[class]
		if phi[class] < -0.03 || phi[class] > 0.03 {
			fmt.Printf(", %+.3f for %s", phi[class], features[f].Name)
		}
	}
	fmt.Printf(", …: %.3f for %s\n", total, model.Levels[class])
	return nil
}

// write leaves a report for people and the model as one Go file in the folder tutorial.
func write(model *automl.Model) error {
	for name, save := range map[string]func(*os.File) error{
		"tutorial/report.html":       func(f *os.File) error { return report.Write(f, model) },
		"tutorial/diagnosis/diag.go": func(f *os.File) error { return gosrc.Write(f, model, "diagnosis") },
		"tutorial/history.csv":       func(f *os.File) error { return model.WriteHistory(f) },
	} {
		f, err := os.Create(name)
		if err != nil {
			return err
		}
		if err := save(f); err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return model.Save("tutorial/model.automl")
}

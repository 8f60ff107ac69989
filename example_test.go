package automl_test

import (
	"context"
	"fmt"
	"log"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
)

// A table from a file, a search of a given length, and predictions.
func ExampleTrain() {
	ctx := context.Background()
	table, err := dataset.Read(ctx, "testdata/iris.csv", dataset.ReadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	sample, schema, err := table.Sample(dataset.SampleOptions{Target: "target"})
	if err != nil {
		log.Fatal(err)
	}
	model, err := automl.Train(ctx, sample, automl.Options{Evaluations: 10, Schema: schema})
	if err != nil {
		log.Fatal(err)
	}
	p, err := model.Predict(ctx, sample.X.Slice(0, 1))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(model.Task, model.Metric, model.Labels(p))
	// Output: multiclass log_loss [setosa]
}

// A table made by hand.
func ExampleTrain_byHand() {
	x, y := make([]float64, 60), make([]float64, 60)
	for i := range x {
		x[i] = float64(i)
		y[i] = 3*x[i] + 1
	}
	sample := dataset.Sample{X: dataset.MustFrame(60, dataset.NewNumeric("x", x)), Y: dataset.NewNumeric("y", y)}
	model, err := automl.Train(context.Background(), sample, automl.Options{Evaluations: 10})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(model.Score.CV < 1)
	// Output: true
}

package method

import (
	"context"
	"time"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/mip"
)

var search = &Method{
	Code: "automl", Label: "Find the best model", Predictive: true, Variable: anyVariable, Covariables: [2]int{1, 0},
	Description: "Searches for the best pipeline of cleaning, encoding, selection and model with its hyper-parameters, and combines what it finds.",
	Parameters: []Parameter{
		{Code: "time", Label: "Time", Description: "seconds for the search", Type: "integer", Default: "20", Least: bound(1), Most: bound(86400)},
		{Code: "evaluations", Label: "Evaluations", Description: "number of pipelines instead of a time; the result is then the same on any machine", Type: "integer", Least: bound(1), Most: bound(1e6)},
		{Code: "metric", Label: "Metric", Description: "what to optimise; by default ROC-AUC, log-loss or RMSE", Type: "string"},
		{Code: "folds", Label: "Folds", Description: "of the cross-validation", Type: "integer", Default: "5", Least: bound(2), Most: bound(20)},
		{Code: "ensemble", Label: "Ensemble", Description: "rounds of ensemble selection, 0 for a single pipeline", Type: "integer", Default: "25", Least: bound(0), Most: bound(100)},
		{Code: "holdout", Label: "Holdout", Description: "share of the rows kept for a final score", Type: "number", Default: "0", Least: bound(0), Most: bound(0.5)},
		{Code: "seed", Label: "Seed", Description: "of all randomness", Type: "integer", Default: "1", Least: bound(0), Most: bound(1 << 31)},
		{Code: "portable", Label: "Portable", Description: "search only among what PFA can express", Type: "enumeration", Default: "false", Values: []string{"false", "true"}},
	},
	Fit: func(ctx context.Context, in Input) (*Output, error) {
		o, v := in.Options, in.Parameters
		o.Schema = in.Schema
		o.Metric = v.Text("metric", o.Metric)
		o.Evaluations = v.Int("evaluations", o.Evaluations, 1, 1e6)
		if t := v.Float("time", 0, 1, 86400); t > 0 && o.Time == 0 {
			o.Time = time.Duration(t * float64(time.Second))
		}
		if o.Time == 0 && o.Evaluations == 0 {
			o.Time = mip.DefaultTime
		}
		o.Folds = min(v.Int("folds", 5, 2, 20), max(2, in.Sample.Rows()/2))
		o.Ensemble = v.Int("ensemble", 25, 0, 100)
		o.Single = o.Ensemble == 0
		o.Holdout = v.Float("holdout", 0, 0, 0.5)
		o.Seed = uint64(v.Int("seed", int(max(1, o.Seed)), 0, 1<<31))
		o.NoInstances, o.MinCount = in.Private, in.MinCount
		o.Operators = mip.Space(v.Text("portable", "false") == "true")
		m, err := automl.Train(ctx, in.Sample, o)
		if err != nil {
			return nil, err
		}
		return &Output{Model: m}, nil
	},
}

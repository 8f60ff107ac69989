package encode

import (
	"context"
	"fmt"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// TargetEncoder replaces the levels of every categorical column by the mean of the target in their training rows, drawn
// towards the overall mean (Micci-Barreca 2001): by smooth rows of it, or as the variances suggest (auto). A target of
// several classes makes a column per class. Numeric columns pass. Unknown levels get what missing values get, or the
// overall mean. What the training rows themselves get is cross-fitted, see ApplyTrain.
var TargetEncoder = &operators.Spec{
	Name:   "TargetEncoder",
	Doc:    "categories become the mean target of their rows",
	Role:   operators.Encoder,
	Useful: operators.HasCategories,
	Traits: operators.Categories | operators.Missing | operators.Supervised | operators.Weights,
	Params: []operators.Param{
		{Name: "smooth", Scale: operators.Log, Lo: 1, Hi: 100, Default: operators.Word(0), Choices: []string{"auto"}},
	},
	Ignored: []string{"cv", "shuffle", "random_state", "target_type", "categories"},
	New: func(v []float64) (operators.Operator, error) {
		if _, auto := operators.IsWord(v[0]); auto {
			return targetEncoder{smoothing{Auto: true}}, nil
		}
		if v[0] < 0 {
			return nil, fmt.Errorf("TargetEncoder: smooth=%g: want at least 0", v[0])
		}
		return targetEncoder{smoothing{Rows: v[0]}}, nil
	},
	Decode: operators.Decode[targetEncoded],
}

type targetEncoder struct{ smoothing }

// targetEncoded holds the means of every column.
type targetEncoded struct {
	Coded     coded[targetMeans, *targetMeans]
	Smoothing smoothing
}

// Fit takes the means of all training rows.
func (o targetEncoder) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f, err := learnCoders(ctx, "TargetEncoder", s.X, func(c *dataset.Column) *targetMeans {
		return learnTarget(c, s, o.smoothing, nil)
	})
	if err != nil {
		return nil, err
	}
	return &targetEncoded{Coded: *f, Smoothing: o.smoothing}, nil
}

// Apply encodes rows that were not used for training.
func (f *targetEncoded) Apply(ctx context.Context, env *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	return f.Coded.Apply(ctx, env, x)
}

// ApplyTrain encodes the training rows s, each with the means of the other folds, as [TableVectorizer] does.
func (f *targetEncoded) ApplyTrain(ctx context.Context, env *operators.Env, s dataset.Sample) (*dataset.Frame, error) {
	fold := crossFolds(s, env)
	return f.Coded.encode(ctx, s.X, func(c *dataset.Column, _ *targetMeans) []*dataset.Column {
		return crossFitted(c, s, f.Smoothing, fold)
	})
}

// Check refuses what Fit cannot have made.
func (f *targetEncoded) Check() error { return f.Coded.Check() }

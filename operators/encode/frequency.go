package encode

import (
	"context"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// CountEncoder replaces every categorical column by how frequent the level is among the training rows: as a share, or
// as a number of rows. Numeric columns pass. Levels that did not occur are 0.
var CountEncoder = &operators.Spec{
	Name:    "CountEncoder",
	Doc:     "categories become their frequency",
	Role:    operators.Encoder,
	Useful:  operators.HasCategories,
	Traits:  operators.Categories | operators.Missing,
	Params:  []operators.Param{{Name: "normalize", Scale: operators.Bool, Default: 1, Fixed: true}},
	Ignored: []string{"cols", "verbose", "return_df", "drop_invariant"},
	New:     func(v []float64) (operators.Operator, error) { return countEncoder{normalize: v[0] != 0}, nil },
	Decode:  operators.Decode[coded[shares, *shares]],
}

type countEncoder struct{ normalize bool }

// Fit counts the levels of every column.
func (o countEncoder) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	return learnCoders(ctx, "CountEncoder", s.X, func(c *dataset.Column) *shares {
		t := learnShares(c)
		if !o.normalize {
			for k, n := range counts(c) {
				t.Share[k] = float64(n)
			}
		}
		return t
	})
}

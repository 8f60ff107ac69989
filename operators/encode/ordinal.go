package encode

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// OrdinalEncoder replaces the levels of every categorical column that occur in training by 0, 1, …, in the order of
// their names; numeric columns pass. Unknown levels become unknown_value, missing ones encoded_missing_value. Unlike
// scikit-learn's, the default is not to refuse unknown levels but to give them −1.
var OrdinalEncoder = &operators.Spec{
	Name:   "OrdinalEncoder",
	Doc:    "categories become their rank by name",
	Role:   operators.Encoder,
	Useful: operators.HasCategories,
	Traits: operators.Categories | operators.Missing,
	Params: []operators.Param{
		{Name: "handle_unknown", Scale: operators.Choice, Choices: []string{"use_encoded_value", "error"}, Fixed: true},
		{Name: "unknown_value", Scale: operators.Linear, Choices: []string{"NaN"}, Default: -1, Fixed: true},
		{Name: "encoded_missing_value", Scale: operators.Linear, Choices: []string{"NaN"}, Default: operators.Word(0), Fixed: true},
	},
	Ignored: []string{"dtype"},
	New: func(v []float64) (operators.Operator, error) {
		return ordinalEncoder{refuse: v[0] == 1, unknown: orNaN(v[1]), missing: orNaN(v[2])}, nil
	},
	Decode: operators.Decode[ranked],
}

// orNaN is v, or NaN for the word that stands for it.
func orNaN(v float64) float64 {
	if _, word := operators.IsWord(v); word {
		return math.NaN()
	}
	return v
}

type ordinalEncoder struct {
	refuse           bool
	unknown, missing float64
}

// ranked gives every level its rank.
type ranked struct {
	coded[ranks, *ranks]
	Refuse bool // unknown levels are an error
}

type ranks struct {
	Levels []string    // of the column in training
	Rank   wire.Floats // per level, then of unknown ones, then of missing values
}

// Fit ranks the levels of every column.
func (o ordinalEncoder) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f, err := learnCoders(ctx, "OrdinalEncoder", s.X, func(c *dataset.Column) *ranks {
		r := &ranks{Rank: make(wire.Floats, 0, len(c.Levels)+2)}
		n := counts(c)
		for l, name := range c.Levels {
			if n[l] > 0 {
				r.Levels = append(r.Levels, name)
			}
		}
		slices.Sort(r.Levels)
		for l := range r.Levels {
			r.Rank = append(r.Rank, float64(l))
		}
		r.Rank = append(r.Rank, o.unknown, o.missing)
		return r
	})
	if err != nil {
		return nil, err
	}
	return &ranked{coded: *f, Refuse: o.refuse}, nil
}

// Apply replaces levels by ranks.
func (f *ranked) Apply(ctx context.Context, env *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if f.Refuse && x.Cols() == len(f.Coders) {
		for j, r := range f.Coders {
			c := x.Col(j)
			if r == nil || c.Kind != dataset.Categorical {
				continue
			}
			if i := (&indicators{Levels: r.Levels}).firstUnknown(c); i >= 0 {
				return nil, fmt.Errorf("OrdinalEncoder: column %q has a level in row %d that did not occur in training", c.Name, i)
			}
		}
	}
	return f.coded.Apply(ctx, env, x)
}

func (r *ranks) apply(c *dataset.Column) []*dataset.Column {
	v := make([]float64, c.Len())
	for i, k := range codesIn(c, r.Levels) {
		switch {
		case k >= 0:
			v[i] = r.Rank[k]
		case c.Code[i] >= 0:
			v[i] = r.Rank[len(r.Levels)]
		default:
			v[i] = r.Rank[len(r.Levels)+1]
		}
	}
	return []*dataset.Column{dataset.NewNumeric(c.Name, v)}
}

func (r *ranks) check() error {
	if len(r.Rank) != len(r.Levels)+2 {
		return errors.New("encode: a rank for every level wanted")
	}
	return nil
}

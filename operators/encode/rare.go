package encode

import (
	"context"
	"errors"
	"fmt"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// RareLabelEncoder makes all levels of a categorical column that are rarer than tol, and those that did not occur in
// training, one level "Rare"; columns of at most n_categories levels keep theirs. Numeric columns and missing values
// pass.
var RareLabelEncoder = &operators.Spec{
	Name:   "RareLabelEncoder",
	Doc:    "rare categories become one",
	Role:   operators.Cleaner,
	Useful: operators.HasCategories,
	Traits: operators.Categories | operators.Missing,
	Params: []operators.Param{
		{Name: "tol", Scale: operators.Log, Lo: 0.001, Hi: 0.2, Default: 0.05},
		{Name: "n_categories", Scale: operators.Int, Lo: 1, Hi: 20, Default: 10, Fixed: true},
	},
	Ignored: []string{"variables", "ignore_format"},
	New: func(v []float64) (operators.Operator, error) {
		if v[0] < 0 || v[0] > 1 || v[1] < 0 {
			return nil, fmt.Errorf("RareLabelEncoder: tol=%g, n_categories=%g: want 0 to 1, and at least 0", v[0], v[1])
		}
		return rareLabelEncoder{tol: v[0], keep: int(v[1])}, nil
	},
	Decode: operators.Decode[coded[grouped, *grouped]],
}

const rareLevel = "Rare"

type rareLabelEncoder struct {
	tol  float64
	keep int
}

// grouped gives every training level its new level.
type grouped struct {
	Levels []string
	Group  wire.Ints // per level
	Rare   int32     // the new level of levels that did not occur
	Names  []string  // of the new levels
}

// Fit finds the rare levels of every column.
func (o rareLabelEncoder) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	return learnCoders(ctx, "RareLabelEncoder", s.X, func(c *dataset.Column) *grouped {
		n, g := counts(c), &grouped{Levels: c.Levels, Group: make(wire.Ints, len(c.Levels))}
		few := seen(c) <= o.keep
		for l, name := range c.Levels {
			g.Group[l] = -1
			if n[l] > 0 && (few || float64(n[l]) >= o.tol*float64(c.Len())) {
				g.Group[l] = int32(len(g.Names))
				g.Names = append(g.Names, name)
			}
		}
		g.Rare = int32(len(g.Names))
		g.Names = append(g.Names, rareLevel)
		for l := range g.Group {
			if g.Group[l] < 0 {
				g.Group[l] = g.Rare
			}
		}
		return g
	})
}

func (g *grouped) apply(c *dataset.Column) []*dataset.Column {
	codes := make([]int32, c.Len())
	for i, k := range codesIn(c, g.Levels) {
		switch {
		case k >= 0:
			codes[i] = g.Group[k]
		case c.Code[i] >= 0:
			codes[i] = g.Rare
		default:
			codes[i] = -1
		}
	}
	return []*dataset.Column{dataset.NewCategorical(c.Name, codes, g.Names)}
}

func (g *grouped) check() error {
	if len(g.Group) != len(g.Levels) {
		return errors.New("encode: a group for every level wanted")
	}
	for _, k := range append([]int32{g.Rare}, g.Group...) {
		if k < 0 || int(k) >= len(g.Names) {
			return fmt.Errorf("encode: group %d of %d", k, len(g.Names))
		}
	}
	return nil
}

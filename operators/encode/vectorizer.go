package encode

import (
	"context"
	"errors"
	"fmt"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/stats"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// TableVectorizer turns any table into complete numeric columns; complete numeric columns pass untouched. Pipelines
// insert it before operators that take no categories or no missing values. The name is that of skrub's estimator.
//
// Missing numbers become the training median, beside a column that marks them. Categories of few levels become one 0/1
// column per level (a single one if there are two), those of many levels smoothed target means and their frequency.
// What the training rows themselves get is cross-fitted, see ApplyTrain.
var TableVectorizer = &operators.Spec{
	Name:   "TableVectorizer",
	Doc:    "turns categories and missing values into complete numeric columns",
	Role:   operators.Encoder,
	Traits: operators.Categories | operators.Missing | operators.Supervised,
	Params: []operators.Param{
		{Name: "cardinality_threshold", Scale: operators.LogInt, Lo: 2, Hi: 60, Default: 12},
		{Name: "impute", Scale: operators.Bool, Default: 1, Fixed: true},
		{Name: "encode", Scale: operators.Bool, Default: 1, Fixed: true},
	},
	New: func(v []float64) (operators.Operator, error) {
		if v[0] < 0 {
			return nil, fmt.Errorf("TableVectorizer: cardinality_threshold=%g: want at least 0", v[0])
		}
		return tableVectorizer{threshold: int(v[0]), impute: v[1] != 0, encode: v[2] != 0}, nil
	},
	Decode: operators.Decode[vectorized],
}

type tableVectorizer struct {
	threshold      int
	impute, encode bool
}

// vectorized holds what becomes of every column.
type vectorized struct{ Columns []vectorizedColumn }

// vectorizedColumn is one column's part; the column passes if nothing is set.
type vectorizedColumn struct {
	Kind       dataset.Kind
	Fill       *filling     // numeric
	Indicators *indicators  // categorical, few levels
	Target     *targetMeans // categorical, many levels
	Share      *shares      // beside Target
}

// Fit learns one column after the other.
func (o tableVectorizer) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f := &vectorized{Columns: make([]vectorizedColumn, s.X.Cols())}
	for j, c := range s.X.Columns() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		col := &f.Columns[j]
		col.Kind = c.Kind
		switch {
		case c.Kind == dataset.Numeric && o.impute:
			col.Fill = &filling{Value: stats.Median(c)}
			if stats.Missing(c) > 0 {
				col.Fill.Marker = c.Name + " is missing"
			}
		case c.Kind == dataset.Categorical && o.encode && seen(c) > o.threshold:
			col.Target, col.Share = learnTarget(c, s, smoothing{Auto: true}, nil), learnShares(c)
		case c.Kind == dataset.Categorical && o.encode:
			col.Indicators = levelIndicators(c)
		}
	}
	return f, nil
}

// seen is the number of levels that occur in c.
func seen(c *dataset.Column) int {
	k := 0
	for _, n := range counts(c)[:len(c.Levels)] {
		if n > 0 {
			k++
		}
	}
	return k
}

// levelIndicators makes a column for every level that occurs, only for the second if there are two, and one for missing
// values if they occur.
func levelIndicators(c *dataset.Column) *indicators {
	d := &indicators{Levels: c.Levels, Slot: make(wire.Ints, len(c.Levels)), Missing: -1, Unknown: -1}
	n := counts(c)
	skip := seen(c) == 2
	for l, name := range c.Levels {
		d.Slot[l] = -1
		switch {
		case n[l] == 0:
		case skip:
			skip = false
		default:
			d.Slot[l] = int32(len(d.Names))
			d.Names = append(d.Names, c.Name+"="+name)
		}
	}
	if n[len(c.Levels)] > 0 {
		d.Missing = int32(len(d.Names))
		d.Unknown = d.Missing
		d.Names = append(d.Names, c.Name+" is missing")
	}
	return d
}

// Apply encodes rows that were not used for training.
func (f *vectorized) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	return f.vectorize(ctx, x, func(c *dataset.Column, t *targetMeans) []*dataset.Column { return t.apply(c) })
}

// ApplyTrain encodes the training rows s, each with the target means of the other folds (five, by the groups or the
// classes of s), so that no row is told its own target.
func (f *vectorized) ApplyTrain(ctx context.Context, env *operators.Env, s dataset.Sample) (*dataset.Frame, error) {
	fold := crossFolds(s, env)
	return f.vectorize(ctx, s.X, func(c *dataset.Column, _ *targetMeans) []*dataset.Column {
		return crossFitted(c, s, smoothing{Auto: true}, fold)
	})
}

// vectorize makes the output columns; target makes those of a category of many levels.
func (f *vectorized) vectorize(ctx context.Context, x *dataset.Frame, target func(*dataset.Column, *targetMeans) []*dataset.Column) (*dataset.Frame, error) {
	if x.Cols() != len(f.Columns) {
		return nil, fmt.Errorf("TableVectorizer: %d columns, learned from %d", x.Cols(), len(f.Columns))
	}
	out := make([]*dataset.Column, 0, x.Cols())
	for j, c := range x.Columns() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		col := &f.Columns[j]
		switch {
		case c.Kind != col.Kind:
			return nil, fmt.Errorf("TableVectorizer: column %q is %v, learned as %v", c.Name, c.Kind, col.Kind)
		case col.Fill != nil:
			out = append(out, col.Fill.apply(c)...)
		case col.Indicators != nil:
			out = append(out, col.Indicators.apply(c)...)
		case col.Target != nil:
			out = append(append(out, target(c, col.Target)...), col.Share.apply(c)...)
		default:
			out = append(out, c)
		}
	}
	return dataset.MustFrame(x.Rows(), out...), nil
}

// Check refuses what Fit cannot have made.
func (f *vectorized) Check() error {
	for _, c := range f.Columns {
		if err := c.check(); err != nil {
			return fmt.Errorf("TableVectorizer: %w", err)
		}
	}
	return nil
}

func (c *vectorizedColumn) check() error {
	encoded := c.Indicators != nil || c.Target != nil || c.Share != nil
	switch {
	case c.Kind > dataset.Categorical, c.Kind == dataset.Numeric && encoded, c.Kind == dataset.Categorical && c.Fill != nil:
		return errors.New("a column is encoded as one of another kind")
	case c.Fill != nil && c.Fill.Value != c.Fill.Value:
		return errors.New("missing values are filled with missing values")
	case (c.Target == nil) != (c.Share == nil):
		return errors.New("target means want frequencies beside them")
	case c.Indicators != nil:
		return c.Indicators.check()
	case c.Target != nil:
		return errors.Join(c.Target.check(), c.Share.check())
	}
	return nil
}

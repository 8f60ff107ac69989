package impute

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/stats"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// The Drop operators leave out columns that tell nothing, or nothing new; the others pass untouched. If all would go,
// the first stays.
var (
	// DropConstantFeatures drops columns in which one value, or missing values, make up the share tol of the rows.
	DropConstantFeatures = dropSpec("DropConstantFeatures", "drops columns of nearly one value",
		operators.Param{Name: "tol", Scale: operators.Linear, Lo: 0.9, Hi: 1, Default: 1}, mostlyOneValue)
	// DropEmptyFeatures drops columns of which more than the share threshold is missing.
	DropEmptyFeatures = dropSpec("DropEmptyFeatures", "drops columns that are mostly missing",
		operators.Param{Name: "threshold", Scale: operators.Linear, Lo: 0.3, Hi: 0.99, Default: 0.9}, mostlyMissing)
	// DropDuplicateFeatures drops columns that are equal to an earlier one in every row.
	DropDuplicateFeatures = dropSpec("DropDuplicateFeatures", "drops columns that repeat another",
		operators.Param{Name: "missing_values", Scale: operators.Choice, Choices: []string{"ignore"}, Fixed: true}, repeated)
)

// useless makes a judge that is asked column by column, from the left, which ones to drop.
type useless func(param float64) (drop func(c *dataset.Column) bool)

func dropSpec(name, doc string, p operators.Param, judge useless) *operators.Spec {
	return &operators.Spec{
		Name: name, Doc: doc, Role: operators.Cleaner, Traits: operators.Categories | operators.Missing,
		Params: []operators.Param{p},
		New: func(v []float64) (operators.Operator, error) {
			if v[0] < 0 || v[0] > 1 {
				return nil, fmt.Errorf("%s: %s=%g: want 0 to 1", name, p.Name, v[0])
			}
			return dropper{name, v[0], judge}, nil
		},
		Decode: operators.Decode[rest],
	}
}

type dropper struct {
	name  string
	param float64
	judge useless
}

// rest is what is left.
type rest struct {
	Name     string
	Features int
	Keep     wire.Ints
}

// Fit looks at the training rows.
func (o dropper) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f := &rest{Name: o.name, Features: s.X.Cols()}
	drop := o.judge(o.param)
	for j, c := range s.X.Columns() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if !drop(c) {
			f.Keep = append(f.Keep, int32(j))
		}
	}
	if len(f.Keep) == 0 && f.Features > 0 {
		f.Keep = wire.Ints{0}
	}
	return f, nil
}

func mostlyOneValue(tol float64) func(*dataset.Column) bool {
	return func(c *dataset.Column) bool {
		most := stats.Missing(c)
		if c.Kind == dataset.Numeric {
			_, rows := stats.Distinct(c)
			most = slices.Max(append([]int{most}, rows...))
		} else {
			n := make([]int, len(c.Levels))
			for _, k := range c.Code {
				if k >= 0 {
					n[k]++
					most = max(most, n[k])
				}
			}
		}
		return float64(most) >= tol*float64(c.Len())
	}
}

func mostlyMissing(threshold float64) func(*dataset.Column) bool {
	return func(c *dataset.Column) bool { return float64(stats.Missing(c)) > threshold*float64(c.Len()) }
}

// repeated compares the columns whose fingerprints are the same.
func repeated(float64) func(*dataset.Column) bool {
	seen := map[uint64][]*dataset.Column{}
	return func(c *dataset.Column) bool {
		h := fingerprint(c)
		if slices.ContainsFunc(seen[h], func(d *dataset.Column) bool { return equal(c, d) }) {
			return true
		}
		seen[h] = append(seen[h], c)
		return false
	}
}

func fingerprint(c *dataset.Column) uint64 {
	h := uint64(14695981039346656037) // FNV-1a, word by word
	for _, v := range c.Float {
		if v != v {
			v = math.NaN() // all NaN are the same
		}
		h = (h ^ math.Float64bits(v+0)) * 1099511628211
	}
	for _, k := range c.Code {
		h = (h ^ uint64(uint32(k))) * 1099511628211
	}
	return h
}

// equal tells whether two columns have the same values; categories with the same codes but other names are equal too.
func equal(a, b *dataset.Column) bool {
	return a.Kind == b.Kind && slices.Equal(a.Code, b.Code) && slices.EqualFunc(a.Float, b.Float, func(u, v float64) bool {
		return u == v || u != u && v != v
	})
}

// Apply drops the columns.
func (f *rest) Apply(_ context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != f.Features {
		return nil, fmt.Errorf("%s: %d columns, learned from %d", f.Name, x.Cols(), f.Features)
	}
	js := make([]int, len(f.Keep))
	for i, j := range f.Keep {
		js[i] = int(j)
	}
	return x.Select(js...), nil
}

// Check refuses what Fit cannot have made.
func (f *rest) Check() error {
	for _, j := range f.Keep {
		if j < 0 || int(j) >= f.Features {
			return fmt.Errorf("%s: column %d of %d", f.Name, j, f.Features)
		}
	}
	return nil
}

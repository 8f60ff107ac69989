package encode

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/stats"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// OneHotEncoder makes a 0/1 column for every value of a categorical column, and of a numeric one that has at most
// threshold different training values; other columns follow unchanged. Missing values count as a value of their own.
// Values that are rarer than min_frequency (a share of the rows or a count), or beyond the max_categories−1 most
// frequent, share one column. TPOT's minimum_fraction is a min_frequency that counts unknown values as rare ones.
// Unlike scikit-learn's, the default is to encode unknown values as zeros.
var OneHotEncoder = &operators.Spec{
	Name:   "OneHotEncoder",
	Doc:    "one 0/1 column per category, or per value of numeric columns with few of them",
	Role:   operators.Encoder,
	Traits: operators.Categories | operators.Missing | operators.FewRows, // values of numeric columns, however few rows have them
	Params: []operators.Param{
		{Name: "minimum_fraction", Scale: operators.Linear, Lo: 0.05, Hi: 0.25, Choices: []string{"None"}, Default: operators.Word(0)},
		{Name: "threshold", Scale: operators.Int, Lo: 2, Hi: 20, Default: 10, Fixed: true},
		{Name: "min_frequency", Scale: operators.Fraction, Choices: []string{"None"}, Default: operators.Word(0), Fixed: true},
		{Name: "max_categories", Scale: operators.Int, Choices: []string{"None"}, Default: operators.Word(0), Fixed: true},
		{Name: "drop", Scale: operators.Choice, Choices: dropChoices, Fixed: true},
		{Name: "handle_unknown", Scale: operators.Choice, Choices: []string{"ignore", "infrequent_if_exist", "error"}, Fixed: true},
	},
	Ignored: []string{"sparse", "sparse_output", "dtype", "categorical_features"},
	New:     newOneHot,
	Decode:  operators.Decode[oneHotEncoded],
}

var dropChoices = []string{"None", "first", "if_binary"}

type oneHotEncoder struct {
	rare         float64 // share of the rows, or minus a count: values below it are pooled
	threshold    int
	categories   int // at most so many columns, 0 for no limit
	drop         string
	pool, refuse bool // what becomes of unknown values: pooled, refused, or zeros
}

func newOneHot(v []float64) (operators.Operator, error) {
	o := oneHotEncoder{threshold: int(v[1]), drop: dropChoices[int(v[4])], pool: v[5] == 1, refuse: v[5] == 2}
	if _, none := operators.IsWord(v[2]); !none {
		o.rare = v[2]
	}
	if _, none := operators.IsWord(v[0]); !none {
		if v[0] < 0 || v[0] > 1 {
			return nil, fmt.Errorf("OneHotEncoder: minimum_fraction=%g: want 0 to 1", v[0])
		}
		o.rare, o.pool = v[0], true
	}
	if _, none := operators.IsWord(v[3]); !none {
		if v[3] < 1 {
			return nil, fmt.Errorf("OneHotEncoder: max_categories=%g: want at least 1", v[3])
		}
		o.categories = int(v[3])
	}
	return o, nil
}

// oneHotEncoded holds the indicators of every column that is encoded, in the order of the output.
type oneHotEncoded struct {
	Features int
	Encoded  wire.Ints // their columns
	By       []*indicators
	Refuse   bool // unknown values are an error
}

// Fit counts the values of every column.
func (o oneHotEncoder) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f := &oneHotEncoded{Features: s.X.Cols(), Refuse: o.refuse}
	for j, c := range s.X.Columns() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		d, n := valueCounts(c)
		if c.Kind == dataset.Numeric && len(d.Values) > o.threshold {
			continue
		}
		f.Encoded = append(f.Encoded, int32(j))
		f.By = append(f.By, o.indicators(c, d, n))
	}
	return f, nil
}

// valueCounts lists the values of a column (those that occur, in the order of their names or size) and how many rows
// each has; the last count is that of missing values.
func valueCounts(c *dataset.Column) (*indicators, []int) {
	if c.Kind == dataset.Categorical {
		n := counts(c)
		var order []int
		for l := range c.Levels {
			if n[l] > 0 {
				order = append(order, l)
			}
		}
		slices.SortFunc(order, func(a, b int) int { return cmp.Compare(c.Levels[a], c.Levels[b]) })
		d, rows := &indicators{}, make([]int, 0, len(order)+1)
		for _, l := range order {
			d.Levels, rows = append(d.Levels, c.Levels[l]), append(rows, n[l])
		}
		return d, append(rows, n[len(c.Levels)])
	}
	values, rows := stats.Distinct(c)
	return &indicators{Values: values}, append(slices.Clone(rows), stats.Missing(c))
}

// indicators gives every value of d, which has n rows, its column.
func (o oneHotEncoder) indicators(c *dataset.Column, d *indicators, n []int) *indicators {
	last := len(n) - 1
	values := n
	if n[last] == 0 {
		values = n[:last] // missing values did not occur
	}
	rare := o.rareValues(values, c.Len())
	slots := make(wire.Ints, len(n))
	for k := range slots {
		slots[k] = -1
		if k < len(values) && !rare[k] {
			slots[k] = int32(len(d.Names))
			d.Names = append(d.Names, d.name(c.Name, k))
		}
	}
	d.Unknown = -1
	if slices.Contains(rare, true) {
		pooled := int32(len(d.Names))
		for k := range values {
			if rare[k] {
				slots[k] = pooled
			}
		}
		d.Names = append(d.Names, c.Name+" is rare")
		if o.pool {
			d.Unknown = pooled
		}
	}
	d.Slot, d.Missing = slots[:last], slots[last]
	if n[last] == 0 {
		d.Missing = d.Unknown
	}
	if o.drop == "first" && len(d.Names) > 0 || o.drop == "if_binary" && len(d.Names) == 2 {
		d.dropFirst()
	}
	return d
}

// rareValues tells which values share the column of rare ones.
func (o oneHotEncoder) rareValues(n []int, rows int) []bool {
	rare := make([]bool, len(n))
	least, left := o.rare*float64(rows), len(n)
	if o.rare < 0 {
		least = -o.rare
	}
	for k := range n {
		if float64(n[k]) < least {
			rare[k] = true
			left--
		}
	}
	if left < len(n) {
		left++ // the column they share
	}
	if o.categories == 0 || o.categories >= left {
		return rare
	}
	order := make([]int, len(n))
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(n[a], n[b]) })
	for _, k := range order[:len(n)-o.categories+1] {
		rare[k] = true
	}
	return rare
}

// name is the name of the column for value k.
func (d *indicators) name(column string, k int) string {
	switch {
	case k < len(d.Levels):
		return column + "=" + d.Levels[k]
	case k < len(d.Values):
		return fmt.Sprintf("%s=%g", column, d.Values[k])
	}
	return column + " is missing"
}

// dropFirst removes the first column.
func (d *indicators) dropFirst() {
	for k := range d.Slot {
		d.Slot[k] = max(-1, d.Slot[k]-1)
	}
	d.Missing, d.Unknown = max(-1, d.Missing-1), max(-1, d.Unknown-1)
	d.Names = d.Names[1:]
}

// Apply puts the encoded columns first and the others behind them, as TPOT does.
func (f *oneHotEncoded) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != f.Features {
		return nil, fmt.Errorf("OneHotEncoder: %d columns, learned from %d", x.Cols(), f.Features)
	}
	var out []*dataset.Column
	replaced := make([]bool, x.Cols())
	for k, j := range f.Encoded {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c, d := x.Col(int(j)), f.By[k]
		if c.Kind == dataset.Numeric && len(d.Levels) > 0 || c.Kind == dataset.Categorical && len(d.Values) > 0 {
			return nil, fmt.Errorf("OneHotEncoder: column %q is %v, unlike in training", c.Name, c.Kind)
		}
		if f.Refuse {
			if i := d.firstUnknown(c); i >= 0 {
				return nil, fmt.Errorf("OneHotEncoder: column %q has a value in row %d that did not occur in training", c.Name, i)
			}
		}
		out = append(out, d.apply(c)...)
		replaced[j] = true
	}
	for j, c := range x.Columns() {
		if !replaced[j] {
			out = append(out, c)
		}
	}
	return dataset.MustFrame(x.Rows(), out...), nil
}

// firstUnknown returns the first row whose value did not occur in training, or -1.
func (d *indicators) firstUnknown(c *dataset.Column) int {
	if c.Kind == dataset.Categorical {
		codes := codesIn(c, d.Levels)
		for i, k := range codes {
			if k < 0 && c.Code[i] >= 0 {
				return i
			}
		}
		return -1
	}
	for i, v := range c.Float {
		if _, ok := slices.BinarySearch(d.Values, v); !ok && v == v {
			return i
		}
	}
	return -1
}

// Check refuses what Fit cannot have made.
func (f *oneHotEncoded) Check() error {
	if len(f.Encoded) != len(f.By) {
		return errors.New("OneHotEncoder: as many indicators as columns wanted")
	}
	for k, d := range f.By {
		if j := f.Encoded[k]; d == nil || j < 0 || int(j) >= f.Features {
			return fmt.Errorf("OneHotEncoder: column %d of %d", j, f.Features)
		}
		if err := d.check(); err != nil {
			return fmt.Errorf("OneHotEncoder: %w", err)
		}
	}
	return nil
}

package impute

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/internal/stats"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

var orders = []string{"ascending", "descending", "roman", "arabic", "random"}

// IterativeImputer predicts every column from the others, by Bayesian ridge regression or another estimator, or from
// n_nearest_features of them drawn anew each time by their correlation with it, in rounds, each starting from
// what the last has filled in (van Buuren & Groothuis-Oudshoorn 2011, without drawing from the posterior), until the
// sum of a row's changes is below tol times the largest value, or for max_iter rounds. Columns are taken by the number
// of their missing values, or from left to right (roman), right to left (arabic) or at random. Forests are grown only for
// columns with gaps among the training rows; other columns are then filled by initial_strategy.
var IterativeImputer = &operators.Spec{
	Name: "IterativeImputer", Doc: "regression on the other columns for what is missing", Role: operators.Cleaner, Useful: operators.HasMissing,
	Traits: operators.Missing | operators.Random,
	Params: []operators.Param{
		{Name: "initial_strategy", Scale: operators.Choice, Choices: strategies},
		{Name: "imputation_order", Scale: operators.Choice, Choices: orders},
		{Name: "max_iter", Scale: operators.Int, Default: 10, Fixed: true},
		{Name: "tol", Scale: operators.Log, Default: 1e-3, Fixed: true},
		{Name: "min_value", Scale: operators.Linear, Default: operators.Word(0), Choices: []string{"-Inf", "None"}, Fixed: true},
		{Name: "max_value", Scale: operators.Linear, Default: operators.Word(0), Choices: []string{"+Inf", "None"}, Fixed: true},
		{Name: "fill_value", Scale: operators.Linear, Fixed: true},
		{Name: "skip_complete", Scale: operators.Bool, Fixed: true},
		{Name: "add_indicator", Scale: operators.Bool, Fixed: true},
		{Name: "estimator", Scale: operators.Choice, Choices: estimators},
		{Name: "n_nearest_features", Scale: operators.LogInt, Lo: 1, Hi: 100, Default: operators.Word(0), Choices: []string{"None"}},
		{Name: "estimator__n_estimators", Scale: operators.LogInt, Default: 100, Fixed: true, When: &operators.Condition{Param: "estimator", Is: estimators[forests:]}},
	},
	Ignored: []string{"sample_posterior", "random_state", "verbose", "missing_values", "keep_empty_features"},
	New: func(v []float64) (operators.Operator, error) {
		if v[2] < 0 || v[2] > 1000 || v[3] < 0 {
			return nil, fmt.Errorf("IterativeImputer: max_iter=%g, tol=%g: want 0 to 1000, and at least 0", v[2], v[3])
		}
		o := iterative{initial: simple{strategies[int(v[0])], false, v[6]}, order: orders[int(v[1])], rounds: int(v[2]),
			tol: v[3], low: math.Inf(-1), high: math.Inf(1), skip: v[7] != 0, indicator: v[8] != 0}
		if _, none := operators.IsWord(v[4]); !none {
			o.low = v[4]
		}
		if _, none := operators.IsWord(v[5]); !none {
			o.high = v[5]
		}
		if _, none := operators.IsWord(v[10]); !none {
			o.nearest = int(v[10])
		}
		if o.estimator, o.trees = estimators[int(v[9])], v[11]; o.trees < 1 || o.trees > 1e5 || o.nearest < 0 {
			return nil, fmt.Errorf("IterativeImputer: n_nearest_features=%g, estimator__n_estimators=%g: want at least 1", v[10], v[11])
		}
		if !(o.low < o.high) {
			return nil, fmt.Errorf("IterativeImputer: min_value=%g, max_value=%g: nothing lies between", o.low, o.high)
		}
		return o, nil
	},
	Decode: operators.Decode[regressed],
}

type iterative struct {
	initial         simple
	order           string
	rounds          int
	tol, low, high  float64
	skip, indicator bool
	estimator       string
	trees           float64 // in a forest
	nearest         int     // columns to predict from, 0: all
}

// regressed holds the first guesses and the regressions, in the order in which they are applied.
type regressed struct {
	Initial   wire.Floats // per column
	Indicated []bool
	Target    wire.Ints   // the column that a regression predicts
	Intercept wire.Floats // per regression
	Coef      wire.Floats // regressions × columns; the target's own is 0
	Low, High float64
	Estimator string      // what is not linear is in Models
	Models    [][]byte    // per regression, as its estimator encodes it
	Inputs    []wire.Ints // per model, the columns that it predicts from

	models []operators.Fitted
}

// Fit runs the rounds over the training rows.
func (o iterative) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f := &regressed{Low: o.low, High: o.high, Estimator: o.estimator}
	largest := 0.0
	for _, c := range s.X.Columns() {
		m := stats.Describe(c)
		if largest = max(largest, math.Abs(m.Min), math.Abs(m.Max)); !(largest < 1e100) {
			return nil, fmt.Errorf("IterativeImputer: the values of column %q are too large", c.Name)
		}
		f.Initial = append(f.Initial, o.initial.number(c))
		f.Indicated = append(f.Indicated, o.indicator && stats.Missing(c) > 0)
	}
	if s.X.Cols() < 2 || s.X.Rows() == 0 || !slices.ContainsFunc(s.X.Columns(), func(c *dataset.Column) bool { return stats.Missing(c) > 0 }) {
		return f, nil
	}
	values := f.start(s.X)
	pick := chooser{o.nearest, correlations(values, o.nearest)}
	for range o.rounds {
		before := clone(values)
		for _, j := range o.sequence(s.X, env) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if err := o.regress(ctx, env, f, s.X, values, j, pick.inputs(env.Rand, j, s.X.Cols())); err != nil {
				return nil, fmt.Errorf("IterativeImputer: %w", err)
			}
		}
		if change(before, values) < o.tol*largest {
			break
		}
	}
	return f, nil
}

// sequence is the order of the columns in one round.
func (o iterative) sequence(x *dataset.Frame, env *operators.Env) []int {
	var order []int
	for j, c := range x.Columns() {
		if !o.skip && !o.grows() || stats.Missing(c) > 0 {
			order = append(order, j)
		}
	}
	byMissing := func(a, b int) int { return cmp.Compare(stats.Missing(x.Col(a)), stats.Missing(x.Col(b))) }
	switch o.order {
	case "ascending":
		slices.SortStableFunc(order, byMissing)
	case "descending":
		slices.SortStableFunc(order, byMissing)
		slices.Reverse(order)
	case "arabic":
		slices.Reverse(order)
	case "random":
		env.Rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	return order
}

// start returns the columns' values with the first guesses in the gaps.
func (f *regressed) start(x *dataset.Frame) [][]float64 {
	values := make([][]float64, x.Cols())
	for j, c := range x.Columns() {
		values[j] = slices.Clone(c.Float)
		for i, v := range values[j] {
			if v != v {
				values[j][i] = f.Initial[j]
			}
		}
	}
	return values
}

// regress learns to predict column j by the given others from the rows that have it, and fills its gaps.
func (o iterative) regress(ctx context.Context, env *operators.Env, f *regressed, x *dataset.Frame, values [][]float64, j int, inputs []int32) error {
	var rows []int
	for i, v := range x.Col(j).Float {
		if v == v {
			rows = append(rows, i)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	op, err := o.build()
	if err != nil {
		return err
	}
	s := dataset.Sample{X: columnsOf(values, inputs, rows), Y: dataset.NewNumeric(x.Col(j).Name, pick(values[j], rows))}
	model, err := op.Fit(ctx, env, s)
	if err != nil {
		return err
	}
	f.Target = append(f.Target, int32(j))
	if err := f.keep(model, inputs); err != nil {
		return err
	}
	return f.fill(ctx, env, x, values, len(f.Target)-1)
}

func pick(v []float64, rows []int) []float64 {
	out := make([]float64, len(rows))
	for i, r := range rows {
		out[i] = v[r]
	}
	return out
}

// fill predicts the gaps by regression r.
func (f *regressed) fill(ctx context.Context, env *operators.Env, x *dataset.Frame, values [][]float64, r int) error {
	j, p := int(f.Target[r]), len(f.Initial)
	var gaps []int
	for i, v := range x.Col(j).Float {
		if v != v {
			gaps = append(gaps, i)
		}
	}
	if len(gaps) == 0 {
		return nil
	}
	if len(f.models) > 0 {
		out, err := f.models[r].Apply(ctx, env, columnsOf(values, f.Inputs[r], gaps))
		if err != nil {
			return err
		}
		for k, i := range gaps {
			values[j][i] = max(f.Low, min(f.High, out.Col(0).Float[k]))
		}
		return nil
	}
	coef := f.Coef[r*p : (r+1)*p]
	for _, i := range gaps {
		sum := f.Intercept[r]
		for k, c := range coef {
			sum += c * values[k][i]
		}
		values[j][i] = max(f.Low, min(f.High, sum))
	}
	return nil
}

func clone(values [][]float64) [][]float64 {
	out := make([][]float64, len(values))
	for j, v := range values {
		out[j] = slices.Clone(v)
	}
	return out
}

// change is the largest sum of absolute changes in a row.
func change(a, b [][]float64) float64 {
	worst := 0.0
	for i := range a[0] {
		sum := 0.0
		for j := range a {
			sum += math.Abs(a[j][i] - b[j][i])
		}
		worst = max(worst, sum)
	}
	return worst
}

// Apply repeats the regressions on other rows.
func (f *regressed) Apply(ctx context.Context, env *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != len(f.Initial) {
		return nil, fmt.Errorf("IterativeImputer: %d columns, learned from %d", x.Cols(), len(f.Initial))
	}
	values := f.start(x)
	for r, j := range f.Target {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if stats.Missing(x.Col(int(j))) > 0 {
			if err := f.fill(ctx, env, x, values, r); err != nil {
				return nil, fmt.Errorf("IterativeImputer: %w", err)
			}
		}
	}
	cols := make([]*dataset.Column, x.Cols())
	for j, c := range x.Columns() {
		if cols[j] = c; stats.Missing(c) > 0 {
			if !linalg.Finite(values[j]) {
				return nil, fmt.Errorf("IterativeImputer: the values of column %q are not finite", c.Name)
			}
			cols[j] = dataset.NewNumeric(c.Name, values[j])
		}
	}
	return dataset.MustFrame(x.Rows(), append(cols, markers(x, f.Indicated)...)...), nil
}

// Check refuses what Fit cannot have made.
func (f *regressed) Check() error {
	p, r := len(f.Initial), len(f.Target)
	linear := len(f.Intercept) == r && len(f.Coef) == r*p && len(f.Models) == 0 && len(f.Inputs) == 0
	grown := len(f.Models) == r && len(f.Inputs) == r && len(f.Intercept) == 0 && len(f.Coef) == 0
	if len(f.Indicated) != p || !linear && !grown {
		return errors.New("IterativeImputer: its arrays do not fit together")
	}
	for _, j := range f.Target {
		if j < 0 || int(j) >= p {
			return fmt.Errorf("IterativeImputer: column %d of %d", j, p)
		}
	}
	if !linalg.Finite(f.Initial) || !(f.Low < f.High) {
		return errors.New("IterativeImputer: its first guesses or limits are not in order")
	}
	return f.decode()
}

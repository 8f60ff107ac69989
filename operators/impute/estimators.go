package impute

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/linear"
	"github.com/lren-chuv/automl/operators/tree"
)

// estimators are the regressions of [IterativeImputer]; those from position forests on are not linear. k-NN is not among
// them: [KNNImputer] is the operator that keeps training rows.
var estimators = []string{"BayesianRidge", "Ridge", "RandomForestRegressor", "ExtraTreesRegressor"}

const forests = 2

func specOf(estimator string) *operators.Spec {
	switch estimator {
	case "BayesianRidge":
		return linear.BayesianRidge
	case "Ridge":
		return linear.Ridge
	case "RandomForestRegressor":
		return tree.RandomForestRegressor
	case "ExtraTreesRegressor":
		return tree.ExtraTreesRegressor
	}
	return nil
}

// grows reports whether the estimator is a forest.
func (o iterative) grows() bool { return slices.Contains(estimators[forests:], o.estimator) }

// build makes the estimator with its defaults.
func (o iterative) build() (operators.Operator, error) {
	spec := specOf(o.estimator)
	values := spec.Defaults()
	if o.grows() {
		values[spec.Index("n_estimators")] = o.trees
	}
	return spec.New(values)
}

// keep stores a fitted regression on the given columns.
func (f *regressed) keep(model operators.Fitted, inputs []int32) error {
	line, ok := model.(interface {
		Coefficients() (coef [][]float64, intercept []float64)
	})
	if ok {
		coef, intercept := line.Coefficients()
		row := make([]float64, len(f.Initial))
		for k, j := range inputs {
			row[j] = coef[0][k]
		}
		f.Intercept, f.Coef = append(f.Intercept, intercept[0]), append(f.Coef, row...)
		return nil
	}
	data, err := operators.Encode(model)
	if err != nil {
		return err
	}
	f.Models, f.Inputs, f.models = append(f.Models, data), append(f.Inputs, inputs), append(f.models, model)
	return nil
}

// decode reads the stored models.
func (f *regressed) decode() error {
	if len(f.Models) == 0 {
		return nil
	}
	spec := specOf(f.Estimator)
	if spec == nil {
		return fmt.Errorf("IterativeImputer: no estimator %q", f.Estimator)
	}
	f.models = make([]operators.Fitted, len(f.Models))
	for r, data := range f.Models {
		for _, j := range f.Inputs[r] {
			if j < 0 || int(j) >= len(f.Initial) {
				return fmt.Errorf("IterativeImputer: column %d of %d", j, len(f.Initial))
			}
		}
		if len(f.Inputs[r]) == 0 {
			return errors.New("IterativeImputer: a model without columns")
		}
		var err error
		if f.models[r], err = spec.Decode(data); err != nil {
			return fmt.Errorf("IterativeImputer: %w", err)
		}
	}
	return nil
}

// columnsOf is a frame of some rows of some columns.
func columnsOf(values [][]float64, columns []int32, rows []int) *dataset.Frame {
	out := make([]*dataset.Column, len(columns))
	for k, j := range columns {
		out[k] = dataset.NewNumeric("", pick(values[j], rows))
	}
	return dataset.MustFrame(len(rows), out...)
}

// chooser tells which columns another is predicted from.
type chooser struct {
	nearest int // 0: all
	weight  [][]float64
}

// inputs returns the columns that column j of p is predicted from, in ascending order.
func (c chooser) inputs(rng *rand.Rand, j, p int) []int32 {
	out := make([]int32, 0, p-1)
	for k := range p {
		if k != j {
			out = append(out, int32(k))
		}
	}
	if c.nearest == 0 || c.nearest >= len(out) {
		return out
	}
	total := 0.0
	for _, k := range out {
		total += c.weight[j][k]
	}
	for i := range c.nearest { // draw without replacement
		at, u := i, total*rng.Float64()
		for k := i; k < len(out); k++ {
			at = k
			if u -= c.weight[j][out[k]]; u < 0 {
				break
			}
		}
		out[i], out[at] = out[at], out[i]
		total -= c.weight[j][out[i]]
	}
	out = out[:c.nearest]
	slices.Sort(out)
	return out
}

// correlations are the absolute ones of all pairs, at least a millionth as in scikit-learn; nil if no choice depends on
// them.
func correlations(values [][]float64, nearest int) [][]float64 {
	p := len(values)
	if nearest == 0 || nearest >= p-1 {
		return nil
	}
	centred, norm := make([][]float64, p), make([]float64, p)
	for j, v := range values {
		mean := 0.0
		for _, x := range v {
			mean += x / float64(len(v))
		}
		centred[j] = make([]float64, len(v))
		for i, x := range v {
			centred[j][i] = x - mean
			norm[j] += (x - mean) * (x - mean)
		}
	}
	out := make([][]float64, p)
	for j := range out {
		out[j] = make([]float64, p)
		for k := range j {
			sum := 0.0
			for i, x := range centred[j] {
				sum += x * centred[k][i]
			}
			r := math.Abs(sum) / math.Sqrt(norm[j]*norm[k])
			if !(r > 1e-6) {
				r = 1e-6
			}
			out[j][k], out[k][j] = r, r
		}
	}
	return out
}

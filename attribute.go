package automl

import (
	"context"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/explain"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/pipeline"
)

// additive is a fitted ensemble of trees that knows what every column contributes to its outputs. values[k][i*p+j] is the
// part of column j of p in output k of row i; AdditiveIn names the
// [explain.Scale] on which base and parts add up.
type additive interface {
	Contributions(ctx context.Context, env *operators.Env, x *dataset.Frame) (base []float64, values [][]float64, err error)
	AdditiveIn() string
}

// Contributions are exact Shapley values, that is those of TreeSHAP (Lundberg et al. 2020) with unknown columns averaged
// over by the training rows, for a model of trees behind steps that make every column of one feature: any number of
// forests and regressors and what looks at no column, or one boosted classifier, whose parts are log-odds. Other models, and forests whose
// probabilities are tempered, those with odds and geometric means are [explain.ErrInexact]. It makes a Model an [explain.Attributor].
func (m *Model) Contributions(ctx context.Context, x *dataset.Frame, features []explain.Feature) ([]explain.Contribution, error) {
	scale, ok := m.additiveIn()
	if !ok {
		return nil, explain.ErrInexact
	}
	outputs := max(1, len(m.Levels))
	out := make([]explain.Contribution, x.Rows())
	for i := range out {
		out[i] = explain.Contribution{Scale: scale, Base: make([]float64, outputs), Phi: make([][]float64, len(features))}
		for f := range features {
			out[i].Phi[f] = make([]float64, outputs)
		}
	}
	for _, member := range m.Members {
		if err := m.addMember(ctx, out, member, x, features); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// additiveIn is the scale on which the members' parts add up to the prediction, if there is one.
func (m *Model) additiveIn() (explain.Scale, bool) {
	tempered := m.Temperature != 0 && m.Temperature != 1
	scale := explain.Prediction
	if m.Odds != nil || m.Geometric() {
		return scale, false
	}
	for _, member := range m.Members {
		steps := member.Fitted.Steps()
		if steps[len(steps)-1].Spec.Has(operators.Baseline) {
			continue
		}
		a, ok := steps[len(steps)-1].Model.(additive)
		if !ok {
			return scale, false
		}
		scale = explain.Scale(a.AdditiveIn())
		if scale != explain.Prediction && len(m.Members) > 1 || scale == explain.Prediction && len(m.Levels) > 0 && tempered {
			return scale, false
		}
		for _, s := range steps[:len(steps)-1] {
			if s.Op == pipeline.Stack || s.Spec != nil && (s.Spec.Predicts() || s.Spec.Role == operators.Transformer) {
				return scale, false
			}
		}
	}
	return scale, len(m.Members) > 0
}

// addMember adds the weighted parts of one member.
func (m *Model) addMember(ctx context.Context, out []explain.Contribution, member Member, x *dataset.Frame, features []explain.Feature) error {
	if last := member.Fitted.Steps(); last[len(last)-1].Spec.Has(operators.Baseline) {
		return m.addBaseline(ctx, out, member, x)
	}
	before := member.Fitted.Before()
	in, err := pipeline.Predict(ctx, before, x, 1)
	if err != nil {
		return err
	}
	owner, err := owners(ctx, before, x, in.Cols(), features)
	if err != nil {
		return err
	}
	steps := member.Fitted.Steps()
	base, values, err := steps[len(steps)-1].Model.(additive).Contributions(ctx, operators.NewEnv(0, 0), in)
	if err != nil {
		return err
	}
	p := in.Cols()
	for k := range values {
		if math.IsInf(base[k], 0) { // a class without training rows
			return explain.ErrInexact
		}
		for i := range out {
			c := explain.Contribution{Base: []float64{base[k]}, Phi: make([][]float64, len(features))}
			for j, v := range values[k][i*p : (i+1)*p] {
				switch f := owner[j]; {
				case v == 0:
				case f == unowned:
					return explain.ErrInexact
				case f == other:
					c.Base[0] += v
				default:
					c.Phi[f] = append(c.Phi[f], v)
				}
			}
			m.put(&out[i], k, len(values), member.Weight, c)
		}
	}
	return nil
}

// addBaseline adds what a member that looks at no column says of every row.
func (m *Model) addBaseline(ctx context.Context, out []explain.Contribution, member Member, x *dataset.Frame) error {
	said, err := pipeline.Predict(ctx, member.Fitted, x, 1)
	if err != nil {
		return err
	}
	for k, column := range said.Columns() {
		for i := range out {
			m.put(&out[i], k, said.Cols(), member.Weight, explain.Contribution{Base: column.Float[i : i+1], Phi: nil})
		}
	}
	return nil
}

// put adds one output's parts to those of the model's predictions: a single output of a classifier is that of the second
// class, of which the first is the complement or the opposite.
func (m *Model) put(to *explain.Contribution, k, outputs int, weight float64, c explain.Contribution) {
	doubt := 0.0
	if len(m.Levels) > 1 && to.Scale == explain.Prediction {
		doubt = 1 / float64(m.Search.Rows+1)
	}
	factor := weight * (1 - doubt)
	if to.Scale == explain.LogOdds && m.Temperature != 0 {
		factor = weight / m.Temperature
	}
	both := len(m.Levels) == 2 && outputs == 1
	if both {
		k = 1
		if to.Scale == explain.Prediction {
			to.Base[0] += weight
		}
		to.Base[0] -= factor*c.Base[0] + weight*doubt/2
	}
	to.Base[k] += factor * c.Base[0]
	if len(m.Levels) > 1 {
		to.Base[k] += weight * doubt / float64(len(m.Levels))
	}
	for f, parts := range c.Phi {
		for _, v := range parts {
			to.Phi[f][k] += factor * v
			if both {
				to.Phi[f][0] -= factor * v
			}
		}
	}
}

const (
	unowned = -1 // a column that nothing was seen to change
	other   = -2 // one that comes of a column of no feature that is asked for
)

// owners finds the feature of which each of the columns that steps make comes, by changing one column of the table after
// the other. A column that changes with two of them is ErrInexact, and so are more columns than can be tried in a moment.
func owners(ctx context.Context, steps *pipeline.Fitted, x *dataset.Frame, made int, features []explain.Feature) ([]int, error) {
	if x.Cols() > probedColumns {
		return nil, explain.ErrInexact
	}
	feature := make([]int, x.Cols())
	for j := range feature {
		feature[j] = other
	}
	for f := range features {
		for _, j := range features[f].Cols {
			feature[j] = f
		}
	}
	owner := make([]int, made)
	for k := range owner {
		owner[k] = unowned
	}
	x = thinned(dataset.Sample{X: x, Y: x.Col(0)}, probedRows).X
	for _, hollow := range []bool{false, true} {
		rest := x
		if hollow {
			rest = missing(x)
		}
		for j := range feature {
			still, moved := probes(rest, x, j, hollow)
			a, err := pipeline.Predict(ctx, steps, still, 1)
			var b *dataset.Frame
			if err == nil {
				b, err = pipeline.Predict(ctx, steps, moved, 1)
			}
			if err != nil && hollow && ctx.Err() == nil { // steps that take no holes fill none from elsewhere
				return owner, nil
			}
			if err != nil {
				return nil, err
			}
			for k := range owner {
				if !differ(a.Col(k), b.Col(k)) {
					continue
				}
				if owner[k] != unowned && owner[k] != feature[j] {
					return nil, explain.ErrInexact
				}
				owner[k] = feature[j]
			}
		}
	}
	return owner, nil
}

const (
	probedRows    = 8
	probedColumns = 300 // every one is tried on a table of all
)

// missing is a table of the same columns without any values.
func missing(x *dataset.Frame) *dataset.Frame {
	cols := make([]*dataset.Column, x.Cols())
	for j, c := range x.Columns() {
		if c.Kind == dataset.Categorical {
			codes := make([]int32, c.Len())
			for i := range codes {
				codes[i] = -1
			}
			cols[j] = dataset.NewCategorical(c.Name, codes, c.Levels)
			continue
		}
		v := make([]float64, c.Len())
		for i := range v {
			v[i] = math.NaN()
		}
		cols[j] = dataset.NewNumeric(c.Name, v)
	}
	return dataset.MustFrame(x.Rows(), cols...)
}

// probes are many copies of the rows of rest, once with column j as in x, once with other values there: every level, or
// numbers near and far, and with hollow none at all.
func probes(rest, x *dataset.Frame, j int, hollow bool) (still, moved *dataset.Frame) {
	c := x.Col(j)
	var tries []float64 // codes, or what is added to a number
	for k := range c.Levels {
		tries = append(tries, float64(k))
	}
	if c.Kind == dataset.Numeric {
		for e := -3; e <= 7; e++ {
			ten := math.Pow(10, float64(e))
			tries = append(tries, ten, -ten, 3*ten)
		}
	}
	if hollow {
		tries = append(tries, math.NaN())
	}
	n := x.Rows()
	rows, values, codes := make([]int32, n*len(tries)), make([]float64, n*len(tries)), make([]int32, n*len(tries))
	for i := range rows {
		rows[i], values[i], codes[i] = int32(i%n), tries[i/n], -1
		if values[i] == values[i] {
			codes[i] = int32(values[i])
		}
	}
	cols := append([]*dataset.Column(nil), rest.Gather(rows).Columns()...)
	cols[j] = c.Gather(rows)
	still = dataset.MustFrame(len(rows), cols...)
	cols = append([]*dataset.Column(nil), cols...)
	if c.Kind == dataset.Categorical {
		cols[j] = dataset.NewCategorical(c.Name, codes, c.Levels)
		return still, dataset.MustFrame(len(rows), cols...)
	}
	for i, v := range still.Col(j).Float {
		if v == v {
			values[i] += v
		}
	}
	cols[j] = dataset.NewNumeric(c.Name, values)
	return still, dataset.MustFrame(len(rows), cols...)
}

// differ reports whether the columns differ in any row.
func differ(a, b *dataset.Column) bool {
	if a.Kind == dataset.Categorical {
		for i, k := range a.Code {
			if k != b.Code[i] {
				return true
			}
		}
		return false
	}
	for i, v := range a.Float {
		if v != b.Float[i] && (v == v || b.Float[i] == b.Float[i]) {
			return true
		}
	}
	return false
}

package decompose

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/operators"
)

// FastICA finds independent components by fixed-point iterations on whitened columns (Hyvärinen & Oja 2000). They have
// unit variance, or, as in scikit-learn before 1.3 and hence in TPOT's pipelines, the variance 1/rows (the default).
// Directions without variance are left out.
var FastICA = &operators.Spec{
	Name: "FastICA", Doc: "independent components", Role: operators.Transformer, Traits: operators.Random,
	Params: []operators.Param{
		{Name: "n_components", Scale: operators.LogInt, Lo: 1, Hi: 100, Default: operators.Word(0), Choices: []string{"None"}},
		{Name: "tol", Scale: operators.Linear, Lo: 0, Hi: 1, Default: 1e-4},
		{Name: "algorithm", Scale: operators.Choice, Choices: []string{"parallel", "deflation"}},
		{Name: "whiten", Scale: operators.Choice, Choices: []string{"arbitrary-variance", "unit-variance"}},
		{Name: "fun", Scale: operators.Choice, Choices: []string{"logcosh", "exp", "cube"}, Fixed: true},
		{Name: "max_iter", Scale: operators.Int, Default: 200, Fixed: true},
	},
	Ignored: []string{"fun_args", "w_init", "whiten_solver", "random_state"},
	New: func(v []float64) (operators.Operator, error) {
		o := fastICA{tol: v[1], deflation: v[2] != 0, unit: v[3] != 0, contrast: contrasts[int(v[4])], iterations: int(v[5])}
		if _, all := operators.IsWord(v[0]); !all {
			if o.components = int(v[0]); o.components < 1 {
				return nil, fmt.Errorf("FastICA: n_components=%g: want at least 1", v[0])
			}
		}
		if o.tol < 0 || o.iterations < 1 {
			return nil, fmt.Errorf("FastICA: tol=%g, max_iter=%g: want at least 0 and 1", v[1], v[5])
		}
		return o, nil
	},
	Decode: operators.Decode[projection],
	Memory: func(shape operators.Shape, _ []float64) int64 { return int64(shape.Rows) * int64(shape.Cols) * 8 * 6 },
}

// contrasts are the functions g, in the order of the parameter fun: they replace x by g(x) and return the sum of g'(x).
var contrasts = [...]func(x []float64) float64{
	func(x []float64) float64 { // tanh
		linalg.Tanh(x)
		return float64(len(x)) - linalg.SquaredNorm(x)
	},
	func(x []float64) float64 { // exp
		sum, e := 0.0, make([]float64, len(x))
		for i, v := range x {
			e[i] = -v * v / 2
		}
		linalg.Exp(e)
		for i, v := range x {
			sum += (1 - v*v) * e[i]
			x[i] = v * e[i]
		}
		return sum
	},
	func(x []float64) float64 { // cube
		sum := 3 * linalg.SquaredNorm(x)
		for i, v := range x {
			x[i] = v * v * v
		}
		return sum
	},
}

type fastICA struct {
	components int // 0 is all
	tol        float64
	deflation  bool
	unit       bool // components of unit variance
	contrast   func(x []float64) float64
	iterations int
}

// Fit whitens the columns and rotates them.
func (o fastICA) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	if s.X.Cols() == 0 || s.X.Rows() < 2 {
		return nil, errors.New("FastICA: wants at least one column and two rows")
	}
	d, err := decompose(ctx, s.X, true)
	if err != nil {
		return nil, fmt.Errorf("FastICA: %w", err)
	}
	k := 0
	for k < len(d.values) && d.values[k] > 1e-10*d.values[0] {
		k++
	}
	if o.components > 0 {
		k = min(k, o.components)
	}
	if k == 0 {
		return nil, errors.New("FastICA: the columns are constant")
	}
	whitening := linalg.NewMatrix(s.X.Cols(), k) // columns × components
	for j := range whitening.Rows {
		for c := range k {
			whitening.Set(j, c, d.axes.At(j, c)/d.values[c]*math.Sqrt(float64(s.X.Rows())))
		}
	}
	white, err := product(ctx, s.X, d.mean, whitening, nil) // unit variances, no correlations: components × rows
	if err != nil {
		return nil, err
	}
	rotate := o.parallel
	if o.deflation {
		rotate = o.oneByOne
	}
	w, err := rotate(ctx, white, env.Rand)
	if err != nil {
		return nil, err
	}
	if !linalg.Finite(w.Data) {
		return nil, errors.New("FastICA: the iterations overflow")
	}
	axes := linalg.MulT(whitening, w)
	if !o.unit {
		for i := range axes.Data {
			axes.Data[i] /= math.Sqrt(float64(s.X.Rows()))
		}
	}
	return &projection{Mean: d.mean, Axes: axes.Data}, nil
}

func gaussian(rows, cols int, rng *rand.Rand) linalg.Matrix {
	m := linalg.NewMatrix(rows, cols)
	for i := range m.Data {
		m.Data[i] = rng.NormFloat64()
	}
	return m
}

// parallel finds all rows of the rotation at once (Hyvärinen & Oja 2000, section 6.2).
func (o fastICA) parallel(ctx context.Context, x linalg.Matrix, rng *rand.Rand) (linalg.Matrix, error) {
	sources, err := newSources(ctx, x)
	if err != nil {
		return linalg.Matrix{}, err
	}
	w, err := orthogonal(gaussian(x.Rows, x.Rows, rng))
	for range o.iterations {
		if err != nil {
			return w, err
		}
		var next linalg.Matrix
		if next, err = o.step(ctx, w, sources); err != nil {
			return w, err
		}
		if next, err = orthogonal(next); err != nil {
			return w, err
		}
		change := 0.0
		for c := range w.Rows {
			change = max(change, math.Abs(math.Abs(dot(next.Row(c), w.Row(c)))-1))
		}
		if w = next; change < o.tol {
			break
		}
	}
	return w, err
}

// icaBlock is the number of rows between two looks at the context.
const icaBlock = 512

// sources are the whitened columns, components × rows of the table, in parts of up to icaBlock rows that are arranged for
// the two products of every step.
type sources struct {
	components, rows int
	byRow, byColumn  []*linalg.Packed
	outputs          []float64
	sum              linalg.Matrix
	work             linalg.Workspace
}

func newSources(ctx context.Context, x linalg.Matrix) (*sources, error) {
	s := &sources{components: x.Rows, rows: x.Cols, outputs: make([]float64, min(icaBlock, x.Cols)*x.Rows), sum: linalg.NewMatrix(x.Rows, x.Rows)}
	part := make([][]float64, x.Rows)
	for lo := 0; lo < x.Cols; lo += icaBlock {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		hi := min(lo+icaBlock, x.Cols)
		for j := range part {
			part[j] = x.Row(j)[lo:hi]
		}
		s.byRow = append(s.byRow, linalg.Pack(part, hi-lo, nil))
		s.byColumn = append(s.byColumn, linalg.PackColumns(part))
	}
	return s, nil
}

// step returns E[g(wx)x] − E[g'(wx)]w for every row w.
func (o fastICA) step(ctx context.Context, w linalg.Matrix, x *sources) (linalg.Matrix, error) {
	next, slopes := linalg.NewMatrix(w.Rows, w.Cols), make([]float64, w.Rows)
	sum := linalg.Of(w.Rows, w.Cols, x.sum.Data[:w.Rows*w.Cols])
	for i, part := range x.byRow {
		if err := ctx.Err(); err != nil {
			return next, err
		}
		rows := min(icaBlock, x.rows-i*icaBlock)
		y := linalg.Of(w.Rows, rows, x.outputs[:rows*w.Rows])
		x.work.MulPacked(y, w, part)
		for c := range y.Rows {
			slopes[c] += o.contrast(y.Row(c))
		}
		x.work.MulPacked(sum, y, x.byColumn[i])
		linalg.AddScaled(next.Data, 1, sum.Data)
	}
	n := float64(x.rows)
	for c := range next.Rows {
		for j, v := range next.Row(c) {
			next.Set(c, j, v/n-slopes[c]/n*w.At(c, j))
		}
	}
	return next, nil
}

// orthogonal returns the orthogonal matrix nearest to w, (w·w')^(−1/2)·w.
func orthogonal(w linalg.Matrix) (linalg.Matrix, error) {
	values, vectors, err := linalg.SymEigen(linalg.MulT(w, w))
	if err != nil {
		return w, fmt.Errorf("FastICA: %w", err)
	}
	scaled := vectors.Clone()
	for j, l := range values {
		for i := range scaled.Rows {
			scaled.Data[i*scaled.Cols+j] /= math.Sqrt(max(l, 1e-300))
		}
	}
	return linalg.Mul(linalg.MulT(scaled, vectors), w), nil
}

// oneByOne finds the rows of the rotation one after the other (Hyvärinen & Oja 2000, section 6.1).
func (o fastICA) oneByOne(ctx context.Context, x linalg.Matrix, rng *rand.Rand) (linalg.Matrix, error) {
	sources, err := newSources(ctx, x)
	if err != nil {
		return linalg.Matrix{}, err
	}
	w := gaussian(x.Rows, x.Rows, rng)
	for c := range w.Rows {
		row := linalg.Of(1, w.Cols, w.Row(c))
		unit(row.Data)
		for range o.iterations {
			next, err := o.step(ctx, row, sources)
			if err != nil {
				return w, err
			}
			for b := range c {
				along := dot(next.Data, w.Row(b))
				for j, v := range w.Row(b) {
					next.Data[j] -= along * v
				}
			}
			unit(next.Data)
			change := math.Abs(math.Abs(dot(next.Data, row.Data)) - 1)
			copy(row.Data, next.Data)
			if change < o.tol {
				break
			}
		}
	}
	return w, nil
}

func unit(v []float64) {
	n := math.Sqrt(dot(v, v))
	for j := range v {
		v[j] /= n
	}
}

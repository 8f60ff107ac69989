package linear

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/operators"
)

// TheilSenRegressor is the spatial median of the least squares fits to small subsets of the rows: to all subsets if
// there are at most max_subpopulation, else to so many random ones (Dang et al., Theil-Sen estimators in a multiple
// linear regression model, 2008). n_subsamples is brought into the range from one more than the columns to the number
// of rows, where scikit-learn refuses it.
var TheilSenRegressor = &operators.Spec{
	Name: "TheilSenRegressor", Doc: "regression by the median of fits to small subsets", Role: operators.Regressor, Traits: operators.Random,
	Params: []operators.Param{
		{Name: "n_subsamples", Scale: operators.LogInt, Lo: 10, Hi: 10_000, Choices: []string{"None"}, Default: operators.Word(0)},
		{Name: "max_subpopulation", Scale: operators.LogInt, Lo: 10, Hi: 1000, Default: 10_000},
		{Name: "max_iter", Scale: operators.Int, Default: 300, Fixed: true},
		{Name: "tol", Scale: operators.Log, Default: 1e-3, Fixed: true},
		fitIntercept,
	},
	Ignored: []string{"copy_X", "random_state", "n_jobs", "verbose"},
	New: func(v []float64) (operators.Operator, error) {
		o := theilSen{most: int(v[1]), steps: int(v[2]), tol: v[3], intercept: v[4] != 0}
		if _, none := operators.IsWord(v[0]); !none {
			o.size = int(v[0])
		}
		if o.size < 0 || o.most < 1 || o.steps < 1 || o.tol < 0 {
			return nil, fmt.Errorf("theil-sen: n_subsamples=%d, max_subpopulation=%d, max_iter=%d, tol=%g: want at least 1, 1, 1 and 0", o.size, o.most, o.steps, o.tol)
		}
		return o, nil
	},
	Decode: operators.Decode[line],
}

type theilSen struct {
	size, most, steps int // size 0: as few rows as a fit needs
	tol               float64
	intercept         bool
}

func (o theilSen) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	const name = "theil-sen"
	b := plain
	if o.intercept {
		b = lifted
	}
	d, err := designOf(s.X, b)
	if err != nil {
		return nil, failed(name, err)
	}
	n, q := d.z.Rows, d.z.Cols
	if n == 0 {
		return nil, failed(name, errTooFewRows)
	}
	size := min(max(o.size, q), n)
	draw, count := randomSubset(env.Rand, n, size), o.enough(size, q)
	if all := subsets(n, size); all <= float64(o.most) {
		draw, count = nextSubset(n, size), int(all)
	}
	fits := linalg.NewMatrix(count, q)
	x, y := linalg.NewMatrix(size, q), make([]float64, size)
	for k := range count {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for i, r := range draw() {
			copy(x.Row(i), d.z.Row(r))
			y[i] = s.Y.Float[r]
		}
		theta, err := leastSquaresOf(x, y)
		if err != nil {
			return nil, failed(name, err)
		}
		copy(fits.Row(k), theta)
	}
	theta, err := spatialMedian(ctx, fits, o.steps, o.tol)
	if err != nil {
		return nil, failed(name, err)
	}
	return (&line{Coef: theta[:d.features()], Intercept: d.intercept(theta)}).fitted(name)
}

// enough is the number of random subsets: fewer than asked for where each is a problem so large that its solution hardly
// varies.
func (o theilSen) enough(size, q int) int {
	const work, least = 1e8, 300
	return min(o.most, max(least, int(work/(float64(size)*float64(q)*float64(q)))))
}

// subsets is the number of subsets of k out of n, as far as a float64 can tell.
func subsets(n, k int) float64 {
	c := 1.0
	for i := range k {
		c *= float64(n-i) / float64(i+1)
	}
	return math.Round(c)
}

// randomSubset returns a function that draws k of n numbers without replacement.
func randomSubset(rng *rand.Rand, n, k int) func() []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return func() []int {
		for i := range k {
			j := i + rng.IntN(n-i)
			all[i], all[j] = all[j], all[i]
		}
		return all[:k]
	}
}

// nextSubset returns a function that goes through the subsets of k out of n in lexical order.
func nextSubset(n, k int) func() []int {
	c := make([]int, k)
	for i := range c {
		c[i] = i
	}
	first := true
	return func() []int {
		if first {
			first = false
			return c
		}
		i := k - 1
		for i > 0 && c[i] == n-k+i {
			i--
		}
		for c[i]++; i+1 < k; i++ {
			c[i+1] = c[i] + 1
		}
		return c
	}
}

// leastSquaresOf solves a small problem by elimination if it is square, by the normal equations or else QR if it has more
// rows, or by singular values where the rows do not determine the solution.
func leastSquaresOf(x linalg.Matrix, y []float64) ([]float64, error) {
	if x.Rows == x.Cols {
		if theta := slices.Clone(y); linalg.Solve(x.Clone(), theta) {
			return theta, nil
		}
	}
	if x.Rows <= x.Cols {
		return linalg.LeastSquares(x, y)
	}
	if theta := normalEquations(x, y); theta != nil {
		return theta, nil
	}
	qr, err := linalg.ThinQR(x)
	if err != nil {
		return nil, err
	}
	theta := make([]float64, x.Cols)
	qr.Q.TMulVec(theta, y)
	if !linalg.Solve(qr.R, theta) {
		return linalg.LeastSquares(x, y)
	}
	return theta, nil
}

// normalEquations solves a least squares problem whose columns, brought to one length, are far from dependent, with a
// second pass for what the first lost to rounding; else it returns nil.
func normalEquations(x linalg.Matrix, y []float64) []float64 {
	const depends = 1e-4 // sine of the angle between a column and those before it
	g := x.Gram(nil)
	scale := make([]float64, x.Cols)
	for j := range scale {
		if scale[j] = 1 / math.Sqrt(g.At(j, j)); !(scale[j] > 0 && scale[j] <= math.MaxFloat64) {
			return nil
		}
	}
	for i := range scale {
		for j := range scale {
			g.Data[i*g.Cols+j] *= scale[i] * scale[j]
		}
	}
	c, err := linalg.NewCholesky(g)
	if err != nil {
		return nil
	}
	for j := range scale {
		if !(c.L().At(j, j) > depends) {
			return nil
		}
	}
	theta, step := make([]float64, x.Cols), make([]float64, x.Cols)
	rest := slices.Clone(y)
	for pass := range 2 {
		if pass > 0 {
			x.MulVec(rest, theta)
			for i, v := range y {
				rest[i] = v - rest[i]
			}
		}
		x.TMulVec(step, rest)
		for j, v := range scale {
			step[j] *= v
		}
		c.Solve(step)
		for j, v := range scale {
			theta[j] += v * step[j]
		}
	}
	return theta
}

// spatialMedian is the point with the smallest sum of distances to the rows of x, by Weiszfeld's iteration from their
// mean, as modified by Vardi and Zhang (PNAS 97(4), 2000) for points that are hit exactly.
func spatialMedian(ctx context.Context, x linalg.Matrix, steps int, tol float64) ([]float64, error) {
	q := x.Cols
	at, next, pull, diff := make([]float64, q), make([]float64, q), make([]float64, q), make([]float64, q)
	for i := range x.Rows {
		linalg.AddScaled(at, 1/float64(x.Rows), x.Row(i))
	}
	if q == 1 {
		return []float64{median(x.Data)}, nil
	}
	for range steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		clear(next)
		clear(pull)
		inverse, hit := 0.0, 0.0
		for i := range x.Rows {
			row := x.Row(i)
			for j, v := range row {
				diff[j] = v - at[j]
			}
			far := math.Sqrt(linalg.SquaredNorm(diff))
			if far < 0x1p-52 {
				hit = 1
				continue
			}
			linalg.AddScaled(next, 1/far, row)
			linalg.AddScaled(pull, 1/far, diff)
			inverse += 1 / far
		}
		strength := math.Sqrt(linalg.SquaredNorm(pull))
		if strength <= 0x1p-52 || inverse == 0 {
			return at, nil
		}
		stay := min(1, hit/strength)
		moved := 0.0
		for j, v := range next {
			v = (1-stay)*v/inverse + stay*at[j]
			moved += (v - at[j]) * (v - at[j])
			at[j] = v
		}
		if moved < tol*tol {
			break
		}
	}
	return at, nil
}

package linear

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

const regressorTraits = operators.Weights

var ignored = []string{"random_state", "copy_X", "n_jobs", "solver", "normalize", "precompute", "warm_start", "selection", "verbose", "dual", "max_iter", "tol"}

// LinearRegression is ordinary least squares; of several solutions the shortest.
var LinearRegression = &operators.Spec{
	Name: "LinearRegression", Doc: "ordinary least squares", Role: operators.Regressor, Traits: regressorTraits, Ignored: ignored,
	Params: []operators.Param{{Name: "fit_intercept", Scale: operators.Bool, Default: 1, Fixed: true}},
	New: func(v []float64) (operators.Operator, error) {
		return regressor{name: "LinearRegression", intercept: v[0] != 0, solve: leastSquares}, nil
	},
	Decode: operators.Decode[regression],
}

// Ridge is least squares with an l2 penalty: ‖y − Xb‖² + alpha‖b‖².
var Ridge = &operators.Spec{
	Name: "Ridge", Doc: "least squares with an l2 penalty", Role: operators.Regressor, Traits: regressorTraits, Ignored: ignored,
	Params: []operators.Param{
		{Name: "alpha", Scale: operators.Log, Lo: 1e-3, Hi: 1e4, Default: 1},
		{Name: "fit_intercept", Scale: operators.Bool, Default: 1, Fixed: true},
	},
	New: func(v []float64) (operators.Operator, error) {
		if v[0] < 0 {
			return nil, fmt.Errorf("Ridge: alpha=%g: want at least 0", v[0])
		}
		return regressor{name: "Ridge", intercept: v[1] != 0, solve: func(ctx context.Context, d *design, y []float64) ([]float64, error) {
			if v[0] == 0 {
				return leastSquares(ctx, d, y)
			}
			return ridge(d, y, v[0]*d.unit)
		}}, nil
	},
	Decode: operators.Decode[regression],
}

// ElasticNet is least squares with both penalties: ‖y − Xb‖²/(2n) + alpha·l1_ratio‖b‖₁ + alpha(1 − l1_ratio)/2·‖b‖².
var ElasticNet = &operators.Spec{
	Name: "ElasticNet", Doc: "least squares with l1 and l2 penalties", Role: operators.Regressor, Traits: regressorTraits, Ignored: ignored,
	Params: []operators.Param{
		{Name: "alpha", Scale: operators.Log, Lo: 1e-4, Hi: 100, Default: 1},
		{Name: "l1_ratio", Scale: operators.Linear, Lo: 0, Hi: 1, Default: 0.5},
		{Name: "fit_intercept", Scale: operators.Bool, Default: 1, Fixed: true},
	},
	New: func(v []float64) (operators.Operator, error) {
		if v[0] < 0 || v[1] < 0 || v[1] > 1 {
			return nil, fmt.Errorf("ElasticNet: alpha=%g, l1_ratio=%g: want alpha at least 0 and l1_ratio in [0, 1]", v[0], v[1])
		}
		return regressor{name: "ElasticNet", intercept: v[2] != 0, solve: elasticNet(v[0], v[1], false)}, nil
	},
	Decode: operators.Decode[regression],
}

// Lasso is ElasticNet with the l1 penalty alone.
var Lasso = &operators.Spec{
	Name: "Lasso", Doc: "least squares with an l1 penalty", Role: operators.Regressor, Traits: regressorTraits, Ignored: ignored,
	Params: []operators.Param{
		{Name: "alpha", Scale: operators.Log, Lo: 1e-4, Hi: 100, Default: 1},
		{Name: "fit_intercept", Scale: operators.Bool, Default: 1, Fixed: true},
		{Name: "positive", Scale: operators.Bool, Fixed: true},
	},
	New: func(v []float64) (operators.Operator, error) {
		if v[0] < 0 {
			return nil, fmt.Errorf("Lasso: alpha=%g: want at least 0", v[0])
		}
		return regressor{name: "Lasso", intercept: v[1] != 0, solve: elasticNet(v[0], 1, v[2] != 0)}, nil
	},
	Decode: operators.Decode[regression],
}

// solver finds the coefficients of centred (if there is an intercept) columns for a target that is centred likewise.
type solver func(ctx context.Context, d *design, y []float64) ([]float64, error)

type regressor struct {
	name      string
	intercept bool
	solve     solver
}

// regression is a fitted linear regressor.
type regression struct{ model }

func (o regressor) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	d, err := newDesign(s)
	if err == nil && !o.intercept {
		d = d.uncentred()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.name, err)
	}
	mean := 0.0
	if o.intercept {
		for i, v := range s.Y.Float {
			mean += v * d.weight(i) / float64(d.n)
		}
	}
	y := make([]float64, d.n)
	for i, v := range s.Y.Float {
		y[i] = v - mean
		if !(math.Abs(v) < 1e150) {
			return nil, fmt.Errorf("%s: the target has the value %g", o.name, v)
		}
	}
	b, err := o.solve(ctx, d, y)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.name, err)
	}
	m := model{Name: o.name, Features: d.p, Coef: b, Intercept: wire.Floats{mean - floats.Dot(b, d.mean)}}
	if err := m.check(1); err != nil {
		return nil, err
	}
	return &regression{m}, nil
}

// uncentred is the design of the columns as they are.
func (d *design) uncentred() *design {
	u := &design{n: d.n, p: d.p, w: d.w, unit: d.unit, mean: make([]float64, d.p), x: make([]float64, len(d.x))}
	for i := range d.n {
		floats.AddTo(u.x[i*d.p:(i+1)*d.p], d.row(i), d.mean)
	}
	if d.gram != nil {
		u.gram = u.weighted(nil)
	}
	return u
}

func (f *regression) Check() error { return f.check(1) }

func (f *regression) Apply(_ context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	s, err := f.scores(x)
	if err != nil {
		return nil, err
	}
	return dataset.MustFrame(x.Rows(), dataset.NewNumeric("prediction", s[0])), nil
}

// covariance is X'Wy.
func (d *design) covariance(y []float64) []float64 {
	v := y
	if d.w != nil {
		v = floats.MulTo(make([]float64, d.n), y, d.w)
	}
	out := make([]float64, d.p)
	d.transposeTimes(v, out)
	return out
}

// leastSquares goes through the singular values, those below rounding left out.
func leastSquares(_ context.Context, d *design, y []float64) ([]float64, error) {
	x, t := append([]float64(nil), d.x...), append([]float64(nil), y...)
	if d.w != nil {
		for i, w := range d.w {
			r := math.Sqrt(w)
			floats.Scale(r, x[i*d.p:(i+1)*d.p])
			t[i] *= r
		}
	}
	var svd mat.SVD
	if !svd.Factorize(mat.NewDense(d.n, d.p, x), mat.SVDThin) {
		return nil, errors.New("the singular values do not converge")
	}
	values := svd.Values(nil)
	rank := 0
	for rank < len(values) && values[rank] > values[0]*2.2e-16*float64(max(d.n, d.p)) {
		rank++
	}
	if rank == 0 {
		return make([]float64, d.p), nil
	}
	var b mat.Dense
	svd.SolveTo(&b, mat.NewDense(d.n, 1, t), rank)
	return mat.Col(nil, 0, &b), nil
}

// ridge solves (X'WX + alpha)b = X'Wy, or the dual of it for wide tables.
func ridge(d *design, y []float64, alpha float64) ([]float64, error) {
	if d.n < d.p {
		return dualRidge(d, y, alpha)
	}
	gram := d.gram
	if gram == nil {
		gram = d.weighted(nil)
	}
	a := append([]float64(nil), gram...)
	for j := range d.p {
		a[j*d.p+j] += alpha
	}
	return solvePositive(a, d.covariance(y))
}

func dualRidge(d *design, y []float64, alpha float64) ([]float64, error) {
	x := d.x
	t := append([]float64(nil), y...)
	if d.w != nil {
		x = append([]float64(nil), d.x...)
		for i, w := range d.w {
			floats.Scale(math.Sqrt(w), x[i*d.p:(i+1)*d.p])
			t[i] *= math.Sqrt(w)
		}
	}
	m := mat.NewDense(d.n, d.p, x)
	var k mat.Dense
	k.Mul(m, m.T())
	a := k.RawMatrix().Data
	for i := range d.n {
		a[i*d.n+i] += alpha
	}
	dual, err := solvePositive(a, t)
	if err != nil {
		return nil, err
	}
	out := make([]float64, d.p)
	for i := range d.n {
		floats.AddScaled(out, dual[i], x[i*d.p:(i+1)*d.p])
	}
	return out, nil
}

// solvePositive solves a·b = c for a positive definite a, adding to its diagonal what rounding took away.
func solvePositive(a, c []float64) ([]float64, error) {
	n := len(c)
	sym := mat.NewSymDense(n, a)
	var chol mat.Cholesky
	trace := 0.0
	for i := range n {
		trace += a[i*n+i]
	}
	for try, extra := 0, 0.0; ; try++ {
		if extra > 0 {
			for i := range n {
				a[i*n+i] += extra
			}
		}
		if chol.Factorize(sym) {
			break
		}
		if try == 12 || !(trace > 0) {
			return nil, errors.New("the normal equations are singular")
		}
		extra = math.Max(extra*10, 1e-15*trace/float64(n))
	}
	b := mat.NewVecDense(n, nil)
	if err := chol.SolveVecTo(b, mat.NewVecDense(n, c)); err != nil {
		var cond mat.Condition
		if !errors.As(err, &cond) {
			return nil, err
		}
	}
	return b.RawVector().Data, nil
}

// elasticNet is cyclic coordinate descent on the covariances (Friedman et al. 2010, "Regularization paths for
// generalized linear models via coordinate descent").
func elasticNet(alpha, ratio float64, positive bool) solver {
	return func(ctx context.Context, d *design, y []float64) ([]float64, error) {
		n := float64(d.n)
		l1, l2 := alpha*ratio*n, alpha*(1-ratio)*n
		if d.gram == nil {
			return descendRows(ctx, d, y, l1, l2)
		}
		c := d.covariance(y)
		return descend(ctx, d.gram, c, make([]float64, d.p), penalty{l1: l1, l2: l2, positive: positive})
	}
}

type penalty struct {
	l1, l2   float64
	positive bool
}

// descend minimises b'Ab/2 − c'b + penalty from b, one coordinate after the other.
func descend(ctx context.Context, a, c, b []float64, pen penalty) ([]float64, error) {
	p := len(c)
	ab := make([]float64, p) // A·b
	for j, v := range b {
		if v != 0 {
			floats.AddScaled(ab, v, a[j*p:(j+1)*p])
		}
	}
	for round := range 100_000 {
		if round%16 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
		moved, largest := 0.0, 0.0
		for j := range p {
			q := a[j*p+j]
			if q+pen.l2 <= 0 {
				continue
			}
			r := c[j] - ab[j] + q*b[j]
			v := soft(r, pen.l1) / (q + pen.l2)
			if pen.positive {
				v = max(0, v)
			}
			if step := v - b[j]; step != 0 {
				floats.AddScaled(ab, step, a[j*p:(j+1)*p])
				b[j] = v
				moved = max(moved, math.Abs(step)*math.Sqrt(q))
			}
			largest = max(largest, math.Abs(v)*math.Sqrt(q))
		}
		if moved <= 1e-11*largest || largest == 0 {
			break
		}
	}
	return b, nil
}

func soft(v, t float64) float64 {
	switch {
	case v > t:
		return v - t
	case v < -t:
		return v + t
	}
	return 0
}

// descendRows is descend for wide tables: it keeps the residuals instead of a p×p matrix.
func descendRows(ctx context.Context, d *design, y []float64, l1, l2 float64) ([]float64, error) {
	cols, norm := make([][]float64, d.p), make([]float64, d.p)
	for j := range cols {
		cols[j] = make([]float64, d.n)
		for i := range d.n {
			v := d.x[i*d.p+j] * math.Sqrt(d.weight(i))
			cols[j][i] = v
			norm[j] += v * v
		}
	}
	res := make([]float64, d.n)
	for i, v := range y {
		res[i] = v * math.Sqrt(d.weight(i))
	}
	b := make([]float64, d.p)
	for range 1000 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		moved, largest := 0.0, 0.0
		for j, c := range cols {
			if norm[j]+l2 <= 0 {
				continue
			}
			v := soft(floats.Dot(c, res)+norm[j]*b[j], l1) / (norm[j] + l2)
			if step := v - b[j]; step != 0 {
				floats.AddScaled(res, -step, c)
				b[j] = v
				moved = max(moved, math.Abs(step)*math.Sqrt(norm[j]))
			}
			largest = max(largest, math.Abs(v)*math.Sqrt(norm[j]))
		}
		if moved <= 1e-9*largest {
			break
		}
	}
	return b, nil
}

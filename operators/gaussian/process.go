package gaussian

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/operators"
)

const (
	processRows = 2000 // most rows of a Gaussian process
	lengthRows  = 200  // most rows among those that choose its length scale
)

var (
	processKernels = []string{"RBF", matern, rational, product}
	processParams  = []operators.Param{
		{Name: "kernel", Scale: operators.Choice, Choices: processKernels},
		{Name: "length_scale", Scale: operators.Log, Lo: 0.1, Hi: 100, Choices: []string{"fit"}, Default: operators.Word(0),
			When: &operators.Condition{Param: "kernel", Is: []string{"RBF", matern, rational}}},
		{Name: "nu", Scale: operators.Choice, Choices: []string{"0.5", "1.5", "2.5"}, Default: 1,
			When: &operators.Condition{Param: "kernel", Is: []string{matern}}},
		{Name: "thetaL", Scale: operators.Log, Default: 1e-2, Fixed: true},
		{Name: "thetaU", Scale: operators.Log, Default: 1e3, Fixed: true},
	}
	processIgnored = []string{"n_features", "optimizer", "n_restarts_optimizer", "copy_X_train", "random_state", "warm_start", "max_iter_predict", "multi_class", "n_jobs"}
)

// GaussianProcessRegressor predicts the mean of a Gaussian process whose observations have the noise variance alpha,
// relative to the kernel's own variance of one. length_scale=fit maximises the marginal likelihood between thetaL and
// thetaU, on at most 200 of the rows; one length serves all columns, so scale them before. normalize_y subtracts the
// target's mean and divides by its standard deviation. It takes at most 2,000 rows. Where scikit-learn refuses a kernel
// matrix that is not positive definite, alpha is raised. Rasmussen and Williams (2006), algorithm 2.1.
var GaussianProcessRegressor = &operators.Spec{
	Name: "GaussianProcessRegressor", Doc: "Gaussian process", Role: operators.Regressor, Traits: operators.Instances,
	Params: append(processParams[:len(processParams):len(processParams)],
		operators.Param{Name: "alpha", Scale: operators.Log, Lo: 1e-10, Hi: 1, Default: 1e-10},
		operators.Param{Name: "normalize_y", Scale: operators.Bool}),
	Ignored: processIgnored,
	New: func(v []float64) (operators.Operator, error) {
		p, err := newProcess(v)
		if err == nil && v[5] < 0 {
			err = fmt.Errorf("gaussian process: alpha %v is negative", v[5])
		}
		return regressor{process: p, alpha: v[5], normalize: v[6] == 1}, err
	},
	Decode: operators.Decode[expansion],
	Memory: processMemory,
}

func processMemory(s operators.Shape, _ []float64) int64 {
	return 24 * int64(s.Rows) * int64(s.Rows+s.Cols)
}

// process is what regression and classification share.
type process struct {
	kernel kernel
	length float64 // 0 is to be fitted
	lo, hi float64 // its bounds
}

func newProcess(v []float64) (process, error) {
	p := process{kernel: kernel{Name: processKernels[int(v[0])]}, lo: v[3], hi: v[4]}
	if _, fit := operators.IsWord(v[1]); !fit {
		if p.length = v[1]; !(p.length > 0) {
			return p, fmt.Errorf("gaussian process: length_scale %v is not positive", v[1])
		}
	}
	if !(p.lo > 0 && p.hi >= p.lo) {
		return p, fmt.Errorf("gaussian process: length scales from thetaL %v to thetaU %v", p.lo, p.hi)
	}
	switch p.kernel.Name {
	case "RBF":
		p.kernel.Name = rbf
	case matern:
		p.kernel.Degree = []float64{0.5, 1.5, 2.5}[int(v[2])]
	case rational:
		p.kernel.Degree = 1
	case product:
		p.kernel.Coef0, p.length = 1, 1
	}
	return p, nil
}

// at is the kernel with a length scale.
func (p process) at(length float64) kernel {
	k := p.kernel
	k.Gamma = 1 / (length * length)
	if k.Name == rbf {
		k.Gamma /= 2
	}
	return k
}

// fitted is the kernel with the length scale that is given, or else is likeliest by the given function.
func (p process) fitted(evidence func(kernel) (float64, error)) (kernel, error) {
	if p.length > 0 {
		return p.at(p.length), nil
	}
	best, length := math.Inf(-1), math.Sqrt(p.lo*p.hi)
	try := func(logLength float64) error {
		v, err := evidence(p.at(math.Exp(logLength)))
		if errors.Is(err, errNotPositive) {
			return nil
		}
		if err == nil && v > best {
			best, length = v, math.Exp(logLength)
		}
		return err
	}
	const coarse, fine = 9, 5 // a grid over the range, then bisections around its best point
	step := (math.Log(p.hi) - math.Log(p.lo)) / (coarse - 1)
	for i := range coarse {
		if err := try(math.Log(p.lo) + float64(i)*step); err != nil {
			return p.kernel, err
		}
	}
	for range fine {
		step /= 2
		center := math.Log(length)
		for _, at := range []float64{center - step, center + step} {
			if err := try(min(max(at, math.Log(p.lo)), math.Log(p.hi))); err != nil {
				return p.kernel, err
			}
		}
	}
	return p.at(length), nil
}

// every returns n of the rows of x and y, evenly spaced.
func every(x linalg.Matrix, y []float64, n int) (linalg.Matrix, []float64) {
	if x.Rows <= n {
		return x, y
	}
	m, z := linalg.NewMatrix(n, x.Cols), make([]float64, n)
	for i := range n {
		r := i * x.Rows / n
		copy(m.Row(i), x.Row(r))
		z[i] = y[r]
	}
	return m, z
}

type regressor struct {
	process
	alpha     float64
	normalize bool
}

// Fit solves for the weights of the training rows.
func (r regressor) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	x, _, err := matrixOf(dataset.Sample{X: s.X, Y: s.Y}, processRows)
	if err != nil {
		return nil, fmt.Errorf("gaussian process: %w", err)
	}
	shift, scale := 0.0, 1.0
	if r.normalize {
		shift, scale = moments(s.Y.Float)
	}
	y := make([]float64, x.Rows)
	for i, v := range s.Y.Float {
		y[i] = (v - shift) / scale
	}
	someX, someY := every(x, y, lengthRows)
	k, err := r.fitted(func(k kernel) (float64, error) {
		_, evidence, err := r.weigh(ctx, k, someX, someY)
		return evidence, err
	})
	if err != nil {
		return nil, fmt.Errorf("gaussian process: %w", err)
	}
	weight, _, err := r.weigh(ctx, k, x, y)
	if err == nil && !linalg.Finite(weight) {
		err = linalg.ErrNotFinite
	}
	if err != nil {
		return nil, fmt.Errorf("gaussian process: %w", err)
	}
	e := newExpansion(k, x, weight)
	e.Shift, e.Scale = shift, scale
	return &e, nil
}

func moments(v []float64) (mean, deviation float64) {
	for _, x := range v {
		mean += x / float64(len(v))
	}
	for _, x := range v {
		deviation += (x - mean) * (x - mean) / float64(len(v))
	}
	if deviation == 0 {
		return mean, 1
	}
	return mean, math.Sqrt(deviation)
}

// weigh returns the weights of the rows and the logarithm of the marginal likelihood, for the best overall variance of
// kernel and noise together.
func (r regressor) weigh(ctx context.Context, k kernel, x linalg.Matrix, y []float64) ([]float64, float64, error) {
	g, err := k.gram(ctx, x)
	if err != nil {
		return nil, 0, err
	}
	diag := make([]float64, len(y))
	for i := range diag {
		diag[i] = g.At(i, i)
	}
	for alpha := r.alpha; ; alpha = max(10*alpha, 1e-12) {
		for i := range y {
			g.Set(i, i, diag[i]+alpha)
		}
		c, err := factor(ctx, g)
		if errors.Is(err, errNotPositive) && alpha < 1e-3 {
			continue
		}
		if err != nil {
			return nil, 0, err
		}
		weight := append([]float64(nil), y...)
		c.Solve(weight)
		n := float64(len(y))
		evidence := -n / 2 * math.Log(linalg.Dot(y, weight)/n)
		evidence -= c.LogDet() / 2
		return weight, evidence, nil
	}
}

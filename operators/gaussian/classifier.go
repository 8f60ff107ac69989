package gaussian

import (
	"context"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/internal/posterior"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// GaussianProcessClassifier passes a Gaussian process through the logistic function, by Laplace's approximation; with
// more than two classes, each against the rest. length_scale=fit maximises the approximate marginal likelihood between
// thetaL and thetaU, on at most 150 of the rows. amplitude is the variance of the process. It takes at most 2,000 rows.
// Rasmussen and Williams (2006), algorithms 3.1 and 3.2; the mean of the logistic function follows MacKay (1992).
var GaussianProcessClassifier = &operators.Spec{
	Name: "GaussianProcessClassifier", Doc: "Gaussian process", Role: operators.Classifier, Traits: operators.Instances,
	Params: append(processParams[:len(processParams):len(processParams)],
		operators.Param{Name: "amplitude", Scale: operators.Log, Lo: 0.1, Hi: 100, Default: 4}),
	Ignored: append([]string{"alpha"}, processIgnored...),
	New: func(v []float64) (operators.Operator, error) {
		p, err := newProcess(v)
		if err == nil && !(v[5] > 0) {
			err = fmt.Errorf("gaussian process: amplitude %v is not positive", v[5])
		}
		return classifier{process: p, amplitude: v[5]}, err
	},
	Decode: operators.Decode[laplace],
	Memory: processMemory,
}

const modeRows = 150 // most rows among those that choose the length scale

type classifier struct {
	process
	amplitude float64
}

// Fit finds the mode of the process for each class.
func (c classifier) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	classes, codes, err := posterior.Of(s.Y, nil)
	if err != nil {
		return nil, fmt.Errorf("gaussian process: %w", err)
	}
	x, _, err := matrixOf(dataset.Sample{X: s.X, Y: s.Y}, processRows)
	if err != nil {
		return nil, fmt.Errorf("gaussian process: %w", err)
	}
	f := &laplace{Classes: classes}
	machines := classes.Len()
	if machines <= 2 {
		machines-- // one decides between two, none is needed for one
	}
	for m := range machines {
		sign := make([]float64, len(codes))
		for i, k := range codes {
			sign[i] = -1
			if machines > 1 && int(k) == m || machines == 1 && k == 1 {
				sign[i] = 1
			}
		}
		mode, err := c.learn(ctx, x, sign)
		if err != nil {
			return nil, fmt.Errorf("gaussian process: %w", err)
		}
		f.Modes = append(f.Modes, mode)
	}
	return f, nil
}

func (c classifier) learn(ctx context.Context, x linalg.Matrix, sign []float64) (mode, error) {
	someX, someY := every(x, sign, modeRows)
	start := make([]float64, len(someY)) // the mode of one length is near to that of the next
	k, err := c.fitted(func(k kernel) (float64, error) {
		m, err := c.mode(ctx, k, someX, someY, climb{f: start, tol: 1e-5})
		return m.evidence, err
	})
	if err != nil {
		return mode{}, err
	}
	return c.mode(ctx, k, x, sign, climb{f: make([]float64, len(sign)), tol: 1e-8})
}

// mode is the mode of the posterior of one process, as a sum of kernels, and what its variance takes.
type mode struct {
	Mean     expansion
	Root     wire.Floats // square root of the likelihood's curvature at each row
	Factor   wire.Floats // Cholesky factor of I + √W·K·√W, row by row up to the diagonal
	Variance float64     // of the process

	evidence float64
}

// climb is where to start from, which becomes where it ends, and the gain that is too small to go on for.
type climb struct {
	f   []float64
	tol float64
}

// mode climbs to the mode by Newton's method.
func (c classifier) mode(ctx context.Context, k kernel, x linalg.Matrix, sign []float64, way climb) (mode, error) {
	g, err := k.gram(ctx, x)
	if err != nil {
		return mode{}, err
	}
	n := len(sign)
	for i := range n {
		for j := range i + 1 {
			v := c.amplitude * g.At(i, j)
			g.Set(i, j, v)
			g.Set(j, i, v)
		}
	}
	m := mode{Variance: c.amplitude, Root: make([]float64, n), evidence: math.Inf(-1)}
	f, a, slope := way.f, make([]float64, n), make([]float64, n)
	var l *linalg.Cholesky
	for range 100 {
		for i, v := range f {
			p := 1 / (1 + math.Exp(-v))
			slope[i] = (sign[i]+1)/2 - p
			m.Root[i] = math.Sqrt(p * (1 - p))
		}
		if l, err = c.curved(ctx, g, m.Root); err != nil {
			return m, err
		}
		before := m.evidence
		m.evidence = step(g, l, m.Root, slope, f, a)
		for i, v := range f {
			m.evidence -= math.Log1p(math.Exp(-sign[i] * v))
		}
		if m.evidence-before < way.tol*math.Max(1, math.Abs(before)) {
			break
		}
	}
	m.evidence -= l.LogDet() / 2
	m.Factor = make([]float64, 0, n*(n+1)/2)
	for i := range n {
		m.Factor = append(m.Factor, l.L().Row(i)[:i+1]...)
	}
	for i := range a {
		a[i] *= c.amplitude
	}
	if !linalg.Finite(a) || !linalg.Finite(m.Factor) {
		return m, linalg.ErrNotFinite
	}
	m.Mean = newExpansion(k, x, a)
	return m, nil
}

// curved is the Cholesky factor of I + √W·K·√W.
func (c classifier) curved(ctx context.Context, g linalg.Matrix, root []float64) (*linalg.Cholesky, error) {
	b := linalg.NewMatrix(len(root), len(root))
	for i, r := range root {
		row := b.Row(i)
		for j, v := range g.Row(i)[:i+1] {
			row[j] = r * v * root[j]
		}
		row[i]++
	}
	return factorInPlace(ctx, b)
}

// step is one of Newton's method: it replaces f, and a with f = K·a, and returns -a·f/2.
func step(g linalg.Matrix, l *linalg.Cholesky, root, slope, f, a []float64) float64 {
	b, c := make([]float64, len(f)), make([]float64, len(f))
	for i := range f {
		b[i] = root[i]*root[i]*f[i] + slope[i]
	}
	g.MulVec(c, b)
	for i := range c {
		c[i] *= root[i]
	}
	l.Solve(c)
	for i := range a {
		a[i] = b[i] - root[i]*c[i]
	}
	g.MulVec(f, a)
	return -linalg.Dot(a, f) / 2
}

// laplace is a fitted GaussianProcessClassifier.
type laplace struct {
	Classes posterior.Classes
	Modes   []mode
}

// Check reports what a decoded value cannot be.
func (f *laplace) Check() error {
	if err := f.Classes.Check(); err != nil {
		return err
	}
	if want := f.Classes.Len(); len(f.Modes) != want && !(want <= 2 && len(f.Modes) == want-1) {
		return fmt.Errorf("gaussian: %d processes for %d classes", len(f.Modes), want)
	}
	for i := range f.Modes {
		m := &f.Modes[i]
		if err := m.Mean.Check(); err != nil {
			return err
		}
		if n := len(m.Root); len(m.Mean.Weight) != n || len(m.Factor) != n*(n+1)/2 {
			return fmt.Errorf("gaussian: a factor of %d elements for %d rows", len(m.Factor), n)
		}
	}
	return nil
}

// Apply returns the probability of each class.
func (f *laplace) Apply(ctx context.Context, env *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	k := f.Classes.Len()
	p := make([]float64, x.Rows()*k)
	if k == 1 {
		for i := range p {
			p[i] = 1
		}
	}
	for c := range f.Modes {
		m := &f.Modes[c]
		factor := m.factor()
		err := m.Mean.blocks(ctx, env, x, func(lo int, self []float64, kernels linalg.Matrix) error {
			for i, q := range m.probabilities(factor, self, kernels) {
				if k == 2 {
					p[2*(lo+i)], p[2*(lo+i)+1] = 1-q, q
				} else {
					p[(lo+i)*k+c] = q
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for i := 0; i < len(p); i += k {
		posterior.Normalize(p[i : i+k])
	}
	return f.Classes.Frame(x.Rows(), p), nil
}

// factor unpacks the triangular Factor.
func (m *mode) factor() linalg.Matrix {
	l, at := linalg.NewMatrix(len(m.Root), len(m.Root)), 0
	for i := range l.Rows {
		copy(l.Row(i), m.Factor[at:at+i+1])
		at += i + 1
	}
	return l
}

// probabilities averages the logistic function over the posterior at points with the given kernels, with themselves first.
func (m *mode) probabilities(factor linalg.Matrix, self []float64, kernels linalg.Matrix) []float64 {
	q, v := make([]float64, kernels.Rows), kernels.T()
	variance := make([]float64, kernels.Rows)
	for i, s := range self {
		variance[i] = m.Variance * s
	}
	for i, r := range m.Root {
		row := v.Row(i)
		for j := range row {
			row[j] *= m.Variance * r
		}
	}
	linalg.SolveLower(factor, v)
	for i := range v.Rows {
		for j, u := range v.Row(i) {
			variance[j] -= u * u
		}
	}
	for i := range q {
		mean := linalg.Dot(kernels.Row(i), m.Mean.Weight)
		q[i] = 1 / (1 + math.Exp(-mean/math.Sqrt(1+math.Pi*max(variance[i], 0)/8)))
	}
	return q
}

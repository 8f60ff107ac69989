package svm

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/internal/posterior"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

var (
	nonlinear = &operators.Condition{Param: "kernel", Is: []string{"rbf", "poly", "sigmoid"}}
	params    = []operators.Param{
		{Name: "C", Scale: operators.Log, Lo: 0.01, Hi: 1e5, Default: 1},
		{Name: "kernel", Scale: operators.Choice, Choices: kernelNames},
		{Name: "gamma", Scale: operators.Log, Lo: 1e-5, Hi: 10, Choices: []string{"scale", "auto"}, Default: operators.Word(0), When: nonlinear},
		{Name: "degree", Scale: operators.Int, Lo: 1, Hi: 5, Default: 3, When: &operators.Condition{Param: "kernel", Is: []string{"poly"}}},
		{Name: "coef0", Scale: operators.Linear, Lo: -1, Hi: 1, When: &operators.Condition{Param: "kernel", Is: []string{"poly", "sigmoid"}}},
		{Name: "tol", Scale: operators.Log, Default: 1e-3, Fixed: true},
		{Name: "max_iter", Scale: operators.Int, Default: -1, Fixed: true},
		{Name: "shrinking", Scale: operators.Bool, Default: 1, Fixed: true},
	}
)

// machine is what classification and regression share.
type machine struct {
	c       float64
	kernel  kernel
	gamma   int // word: 0 is scale, 1 is auto, -1 is the number in kernel
	tol     float64
	maxIter int
	shrink  bool
}

func newMachine(v []float64) (machine, error) {
	m := machine{
		c: v[0], kernel: kernel{Name: kernelNames[int(v[1])], Gamma: v[2], Degree: int(v[3]), Coef0: v[4]}, gamma: -1,
		tol: v[5], maxIter: int(v[6]), shrink: v[7] == 1,
	}
	if word, ok := operators.IsWord(v[2]); ok {
		m.gamma, m.kernel.Gamma = word, 0
	}
	if m.c <= 0 || m.kernel.Gamma < 0 || m.tol <= 0 {
		return m, fmt.Errorf("support vectors: C %v and tol %v must be positive, gamma %v not negative", v[0], v[5], v[2])
	}
	return m, m.kernel.check()
}

// prepare drops rows without weight and settles gamma.
func (m machine) prepare(s dataset.Sample) (x linalg.Matrix, kept []int32, k kernel, err error) {
	if s.X.Cols() == 0 {
		return x, nil, k, errors.New("no columns")
	}
	all := linalg.Of(s.X.Rows(), s.X.Cols(), s.X.Matrix())
	x = linalg.Matrix{Cols: all.Cols}
	for i := range all.Rows {
		if s.W == nil || s.W[i] > 0 {
			kept = append(kept, int32(i))
		}
	}
	if len(kept) == 0 {
		return x, nil, k, errors.New("no row has a weight")
	}
	x = all
	if len(kept) < all.Rows {
		x = linalg.NewMatrix(len(kept), all.Cols)
		for i, r := range kept {
			copy(x.Row(i), all.Row(int(r)))
		}
	}
	k = m.kernel
	switch spread := variance(x.Data); {
	case spread-spread != 0:
		return x, nil, k, linalg.ErrNotFinite
	case m.gamma == 1 || m.gamma == 0 && spread == 0:
		k.Gamma = 1 / float64(x.Cols)
		if m.gamma == 0 {
			k.Gamma = 1
		}
	case m.gamma == 0:
		k.Gamma = 1 / (float64(x.Cols) * spread)
	}
	return x, kept, k, nil
}

// dual is the problem without its variables.
func (m machine) dual(g *gram) dual {
	n := len(g.diag)
	d := dual{gram: g, tol: m.tol, maxIter: m.maxIter, shrink: m.shrink}
	if d.maxIter >= 0 {
		d.stages = []stage{{steps: d.maxIter}}
		return d
	}
	d.maxIter = max(1_000_000, 100*n) // hopeless problems end too
	d.stages = []stage{{10 * n, n / 4}, {50 * n, maxRank}, {d.maxIter, 0}}
	return d
}

// memory is that of the cache and a few vectors.
func memory(shape operators.Shape, _ []float64) int64 {
	n := int64(shape.Rows)
	return 2*min(cacheBytes, 8*n*n) + 8*n*int64(shape.Cols+20)
}

// vectors are the support vectors of one or several decisions.
type vectors struct {
	Kernel    kernel
	Cols      int
	Rows      wire.Floats
	Decisions []decision

	norms []float64
}

// decision is a sum of kernels, and what the probability is of its value.
type decision struct {
	Vector wire.Ints // numbers of its support vectors
	Coef   wire.Floats
	Bias   float64
	Curve  posterior.Sigmoid
}

// gather keeps the rows of x that any of the decisions uses; their Vector holds row numbers of x and is renumbered.
func gather(k kernel, x linalg.Matrix, decisions []decision) vectors {
	v := vectors{Kernel: k, Cols: x.Cols, Decisions: decisions}
	place := make([]int32, x.Rows)
	for _, d := range decisions {
		for _, r := range d.Vector {
			place[r] = 1
		}
	}
	next := int32(0)
	for r, used := range place {
		if used == 1 {
			place[r] = next
			next++
			v.Rows = append(v.Rows, x.Row(r)...)
		}
	}
	for _, d := range decisions {
		for i, r := range d.Vector {
			d.Vector[i] = place[r]
		}
	}
	v.norms = squaredNorms(v.matrix())
	return v
}

func (v *vectors) matrix() linalg.Matrix { return linalg.Of(len(v.Rows)/v.Cols, v.Cols, v.Rows) }

// check reports what decoded vectors cannot be.
func (v *vectors) check() error {
	if v.Cols < 1 || len(v.Rows)%v.Cols != 0 || len(v.Decisions) == 0 {
		return errors.New("svm: vectors and columns do not fit together")
	}
	if err := v.Kernel.check(); err != nil {
		return err
	}
	for _, d := range v.Decisions {
		if len(d.Vector) != len(d.Coef) {
			return errors.New("svm: not one coefficient per vector")
		}
		for _, r := range d.Vector {
			if r < 0 || int(r) >= len(v.Rows)/v.Cols {
				return fmt.Errorf("svm: vector %d of %d", r, len(v.Rows)/v.Cols)
			}
		}
	}
	v.norms = squaredNorms(v.matrix())
	return nil
}

// each calls use with the value of every decision for each row of x.
func (v *vectors) each(ctx context.Context, env *operators.Env, x *dataset.Frame, use func(i int, values []float64)) error {
	if x.Cols() != v.Cols {
		return fmt.Errorf("svm: %d columns, trained on %d", x.Cols(), v.Cols)
	}
	const block = 64
	rows, m := x.Matrix(), v.matrix()
	return env.Each(ctx, (x.Rows()+block-1)/block, func(b int, _ *rand.Rand) error {
		lo, hi := b*block, min((b+1)*block, x.Rows())
		part, kernels := linalg.Of(hi-lo, v.Cols, rows[lo*v.Cols:hi*v.Cols]), linalg.NewMatrix(hi-lo, m.Rows)
		new(linalg.Workspace).MulT(kernels, part, m)
		values := make([]float64, len(v.Decisions))
		for i := lo; i < hi; i++ {
			k := kernels.Row(i - lo)
			v.Kernel.shape(k, linalg.SquaredNorm(part.Row(i-lo)), v.norms)
			for d := range v.Decisions {
				values[d] = v.Decisions[d].at(k)
				if math.IsNaN(values[d]) || math.IsInf(values[d], 0) {
					return fmt.Errorf("support vectors: the decision on row %d is %v", i, values[d])
				}
			}
			use(i, values)
		}
		return ctx.Err()
	})
}

func (d *decision) at(k []float64) float64 {
	sum := d.Bias
	for i, r := range d.Vector {
		sum += d.Coef[i] * k[r]
	}
	return sum
}

// keep turns a solution over the given rows into a decision.
func keep(s solution, rows []int32) decision {
	d := decision{Bias: s.bias}
	for i, b := range s.beta {
		if b != 0 {
			d.Vector, d.Coef = append(d.Vector, rows[i]), append(d.Coef, b)
		}
	}
	return d
}

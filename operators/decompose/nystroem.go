package decompose

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// Nystroem approximates the feature map of a kernel by n_components random training rows (Williams & Seeger 2001).
// gamma None is 1 for chi2 and one over the number of columns for the others. More components than rows are as many.
var Nystroem = &operators.Spec{
	Name: "Nystroem", Doc: "approximate feature map of a kernel", Role: operators.Transformer,
	Traits: operators.Random | operators.Instances,
	Params: []operators.Param{
		{Name: "kernel", Scale: operators.Choice, Choices: kernels},
		{Name: "gamma", Scale: operators.Linear, Lo: 0, Hi: 1, Default: operators.Word(0), Choices: []string{"None"},
			When: &operators.Condition{Param: "kernel", Is: []string{"rbf", "chi2", "laplacian", "polynomial", "poly", "sigmoid"}}},
		{Name: "n_components", Scale: operators.LogInt, Lo: 1, Hi: 100, Default: 100},
		{Name: "degree", Scale: operators.Linear, Default: 3, Choices: []string{"None"}, Fixed: true},
		{Name: "coef0", Scale: operators.Linear, Default: 1, Choices: []string{"None"}, Fixed: true},
	},
	Ignored: []string{"random_state", "n_jobs", "kernel_params"},
	New:     newNystroem,
	Decode:  operators.Decode[embedding],
	Memory: func(shape operators.Shape, v []float64) int64 {
		return int64(8 * v[2] * float64(shape.Rows+shape.Cols))
	},
}

type nystroem struct {
	kernel     kernel
	scaled     bool // gamma depends on the number of columns
	components int
}

func newNystroem(v []float64) (operators.Operator, error) {
	if v[2] < 1 || v[2] > 1e5 {
		return nil, fmt.Errorf("Nystroem: n_components=%g: want 1 to 100000", v[2])
	}
	o := nystroem{kernel: kernel{Name: kernels[int(v[0])], Gamma: v[1], Degree: v[3], Coef0: v[4]}, components: int(v[2])}
	if _, none := operators.IsWord(v[1]); none {
		o.kernel.Gamma, o.scaled = 1, o.kernel.Name != "chi2"
	}
	if _, none := operators.IsWord(v[3]); none {
		o.kernel.Degree = 3
	}
	if _, none := operators.IsWord(v[4]); none {
		o.kernel.Coef0 = 1
	}
	return o, nil
}

// embedding maps a row x to Normal·k(x), k holding the kernel of x with every one of the Basis rows.
type embedding struct {
	Kernel   kernel
	Features int
	Basis    wire.Floats // components × features
	Normal   wire.Floats // components × components
}

// Fit draws the rows.
func (o nystroem) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	n := s.X.Rows()
	if n == 0 || s.X.Cols() == 0 {
		return nil, errors.New("Nystroem: no data")
	}
	return o.fitRows(ctx, s.X, env.Rand.Perm(n)[:min(n, o.components)])
}

// fitRows learns from the given training rows.
func (o nystroem) fitRows(ctx context.Context, x *dataset.Frame, rows []int) (*embedding, error) {
	p, basis := x.Cols(), x.Gather(chosen(rows))
	f := &embedding{Kernel: o.kernel, Features: p, Basis: basis.Matrix()}
	if o.scaled {
		f.Kernel.Gamma = 1 / float64(p)
	}
	gram, err := f.against(ctx, basis)
	if err != nil {
		return nil, err
	}
	normal, err := inverseRoot(gram)
	if err != nil {
		return nil, fmt.Errorf("Nystroem: %w", err)
	}
	f.Normal = normal.Data
	return f, nil
}

func chosen(rows []int) []int32 {
	out := make([]int32, len(rows))
	for i, r := range rows {
		out[i] = int32(r)
	}
	return out
}

// inverseRoot is U·diag(1/√s)·V' of the singular value decomposition U·diag(s)·V' of a symmetric matrix, singular values
// below 1e-12 counting as that.
func inverseRoot(a linalg.Matrix) (linalg.Matrix, error) {
	values, vectors, err := linalg.SymEigen(a)
	if err != nil {
		return linalg.Matrix{}, err
	}
	scaled := vectors.Clone()
	for j, l := range values {
		factor := math.Copysign(1/math.Sqrt(max(math.Abs(l), 1e-12)), l)
		for i := range scaled.Rows {
			scaled.Data[i*scaled.Cols+j] *= factor
		}
	}
	return linalg.MulT(scaled, vectors), nil
}

// against returns the kernel of every basis row with every row of x: components × rows.
func (f *embedding) against(ctx context.Context, x *dataset.Frame) (linalg.Matrix, error) {
	out := linalg.NewMatrix(len(f.Basis)/f.Features, x.Rows())
	err := f.each(ctx, x, func(lo int, kernels linalg.Matrix) {
		for c := range kernels.Rows {
			copy(out.Row(c)[lo:], kernels.Row(c))
		}
	})
	return out, err
}

// each calls use for the kernels, components × rows, of some rows of x after the others, the first of which is row lo.
func (f *embedding) each(ctx context.Context, x *dataset.Frame, use func(lo int, kernels linalg.Matrix)) error {
	basis := linalg.Of(len(f.Basis)/f.Features, f.Features, f.Basis)
	data, norms := make([]float64, basis.Rows*min(block, x.Rows())), make([]float64, block)
	var work linalg.Workspace
	return blocks(ctx, x, func(lo, hi int, part [][]float64) error {
		kernels := linalg.Of(basis.Rows, hi-lo, data[:basis.Rows*(hi-lo)])
		if f.Kernel.nonNegative() {
			for _, c := range part {
				if least, _, _ := linalg.Extent(c); least < 0 {
					return fmt.Errorf("Nystroem: the %s kernel wants values of at least 0", f.Kernel.Name)
				}
			}
		}
		if f.Kernel.byProduct() {
			work.MulColumns(kernels, basis, part, nil)
			squaredNorms(norms[:hi-lo], part, nil)
		} else {
			f.Kernel.distances(&work, kernels, basis, part)
		}
		for c := range kernels.Rows {
			if f.Kernel.byProduct() {
				f.Kernel.shape(kernels.Row(c), linalg.SquaredNorm(basis.Row(c)), norms)
			}
			if !linalg.Finite(kernels.Row(c)) {
				return fmt.Errorf("Nystroem: the %s kernel overflows", f.Kernel.Name)
			}
		}
		use(lo, kernels)
		return nil
	})
}

// Apply maps every row.
func (f *embedding) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != f.Features {
		return nil, fmt.Errorf("Nystroem: %d columns, learned from %d", x.Cols(), f.Features)
	}
	n, k := x.Rows(), len(f.Basis)/f.Features
	if n == 0 {
		return namedColumns("nystroem", linalg.NewMatrix(k, 0)), nil
	}
	mapped, normal, rows := linalg.NewMatrix(k, n), linalg.Of(k, k, f.Normal), make([][]float64, k)
	var work linalg.Workspace
	finite := true
	err := f.each(ctx, x, func(lo int, kernels linalg.Matrix) {
		for c := range rows {
			rows[c] = kernels.Row(c)
		}
		work.MulColumnsInto(mapped, lo, normal, rows, nil)
		for c := range rows {
			finite = finite && linalg.Finite(mapped.Row(c)[lo:lo+kernels.Cols])
		}
	})
	if err == nil && !finite {
		err = errors.New("Nystroem: the mapped rows are not finite")
	}
	if err != nil {
		return nil, err
	}
	return namedColumns("nystroem", mapped), nil
}

// namedColumns makes a column of every row of m, called name0, name1, ….
func namedColumns(name string, m linalg.Matrix) *dataset.Frame {
	cols := make([]*dataset.Column, m.Rows)
	for j := range cols {
		cols[j] = dataset.NewNumeric(fmt.Sprintf("%s%d", name, j), m.Row(j))
	}
	return dataset.MustFrame(m.Cols, cols...)
}

// Check refuses what Fit cannot have made.
func (f *embedding) Check() error {
	if f.Features < 1 || len(f.Basis) == 0 || len(f.Basis)%f.Features != 0 {
		return errors.New("Nystroem: its rows are cut short")
	}
	if k := len(f.Basis) / f.Features; len(f.Normal) != k*k {
		return errors.New("Nystroem: its matrices do not fit together")
	}
	if !linalg.Finite(f.Basis) || !linalg.Finite(f.Normal) {
		return errors.New("Nystroem: a matrix is not finite")
	}
	return f.Kernel.check()
}

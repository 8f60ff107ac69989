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
	p, m, k := x.Cols(), x.Matrix(), len(rows)
	f := &embedding{Kernel: o.kernel, Features: p, Basis: make(wire.Floats, 0, k*p)}
	if o.scaled {
		f.Kernel.Gamma = 1 / float64(p)
	}
	for _, r := range rows {
		f.Basis = append(f.Basis, m[r*p:(r+1)*p]...)
	}
	gram, err := f.against(ctx, f.Basis, k)
	if err != nil {
		return nil, err
	}
	normal, err := inverseRoot(linalg.Of(k, k, gram))
	if err != nil {
		return nil, fmt.Errorf("Nystroem: %w", err)
	}
	f.Normal = normal.Data
	return f, nil
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

// against returns the kernel of n rows of x with every basis row.
func (f *embedding) against(ctx context.Context, x []float64, n int) ([]float64, error) {
	p := f.Features
	basis := linalg.Of(len(f.Basis)/p, p, f.Basis)
	norms, out := make([]float64, basis.Rows), linalg.NewMatrix(n, basis.Rows)
	for c := range norms {
		norms[c] = linalg.SquaredNorm(basis.Row(c))
	}
	var work linalg.Workspace
	for lo := 0; lo < n; lo += slab {
		rows := min(slab, n-lo)
		part := linalg.Of(rows, p, x[lo*p:(lo+rows)*p])
		if f.Kernel.byProduct() {
			work.MulT(linalg.Of(rows, out.Cols, out.Data[lo*out.Cols:(lo+rows)*out.Cols]), part, basis)
		}
		for i := range rows {
			if i%64 == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if err := f.row(out.Row(lo+i), part.Row(i), basis, norms); err != nil {
				return nil, err
			}
		}
	}
	if !linalg.Finite(out.Data) {
		return nil, fmt.Errorf("Nystroem: the %s kernel overflows", f.Kernel.Name)
	}
	return out.Data, nil
}

// row writes the kernels of one row, which hold its products with the basis already where the kernel is made of those.
func (f *embedding) row(out, row []float64, basis linalg.Matrix, norms []float64) error {
	if f.Kernel.byProduct() {
		f.Kernel.shape(out, linalg.SquaredNorm(row), norms)
		return nil
	}
	if f.Kernel.nonNegative() {
		for _, v := range row {
			if v < 0 {
				return fmt.Errorf("Nystroem: the %s kernel wants values of at least 0", f.Kernel.Name)
			}
		}
	}
	f.Kernel.between(out, row, basis)
	return nil
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
	out, err := f.against(ctx, x.Matrix(), n)
	if err != nil {
		return nil, err
	}
	mapped := linalg.MulT(linalg.Of(k, k, f.Normal), linalg.Of(n, k, out))
	if !linalg.Finite(mapped.Data) {
		return nil, errors.New("Nystroem: the mapped rows are not finite")
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

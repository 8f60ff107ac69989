package linear

import (
	"context"
	"fmt"
	"sync"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
)

// basis says how a frame becomes the matrix that a model is fitted on.
type basis uint8

const (
	plain   basis = iota // the columns as they are: no intercept
	centred              // columns less their means, then a column of ones: an intercept that is not penalised
	lifted               // the columns as they are, then a column of ones: an intercept that is penalised like the rest
)

func basisFor(intercept bool) basis {
	if intercept {
		return centred
	}
	return plain
}

// design is a frame as a row-major matrix. It is shared by all models that are fitted on the frame, as is its Gram
// matrix for equal weights, which is computed when first asked for.
type design struct {
	basis basis
	z     linalg.Matrix // Rows×(p or p+1)
	shift []float64     // what was subtracted from each of the p columns
	turn  linalg.Matrix // of a narrow design: the columns' orthonormal basis, else empty
	ok    bool          // all values are finite and their squares can be summed

	mu    sync.Mutex
	grams map[int][]linalg.Matrix // number of chunks → Gram matrix of each
}

// designOf returns the frame's design, which must not be changed.
func designOf(x *dataset.Frame, b basis) (*design, error) {
	d := x.Derive(b, func() any { return newDesign(x, b) }).(*design)
	if !d.ok {
		return nil, linalg.ErrNotFinite
	}
	return d, nil
}

func newDesign(x *dataset.Frame, b basis) *design {
	n, p := x.Rows(), x.Cols()
	if b == plain {
		d := &design{z: linalg.Of(n, p, x.Matrix()), shift: make([]float64, p), grams: map[int][]linalg.Matrix{}}
		d.ok = linalg.Finite([]float64{linalg.SquaredNorm(d.z.Data)})
		return d
	}
	q := p + 1
	d := &design{basis: b, z: linalg.NewMatrix(n, q), shift: make([]float64, p), grams: map[int][]linalg.Matrix{}}
	if b == centred {
		for j, c := range x.Columns() {
			d.shift[j] = mean(c.Float)
		}
	}
	d.z.FromColumns(x.Floats(), d.shift)
	for i := range n {
		d.z.Data[i*q+p] = 1
	}
	d.ok = linalg.Finite([]float64{linalg.SquaredNorm(d.z.Data)})
	return d
}

// mean is the mean, corrected by a second pass for what the first one lost to rounding.
func mean(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	_, _, sum := linalg.Extent(v)
	m := sum / float64(len(v))
	_, rest := linalg.Deviation(v, m)
	return m + rest/float64(len(v))
}

// features is the number of columns of the frame.
func (d *design) features() int { return len(d.shift) }

// intercept undoes the shift: the constant term on the frame's own columns, given θ on the design's.
func (d *design) intercept(theta []float64) float64 {
	p := d.features()
	if d.basis == plain {
		return 0
	}
	return theta[p] - linalg.Dot(d.shift, theta[:p])
}

// chunk is rows [lo, hi) of the design.
func (d *design) chunk(lo, hi int) linalg.Matrix {
	q := d.z.Cols
	return linalg.Of(hi-lo, q, d.z.Data[lo*q:hi*q])
}

// every is a copy of every step-th row of the design.
func (d *design) every(step int) *design {
	few := &design{basis: d.basis, z: linalg.NewMatrix((d.z.Rows+step-1)/step, d.z.Cols), shift: d.shift}
	for i := range few.z.Rows {
		copy(few.z.Row(i), d.z.Row(i*step))
	}
	return few
}

// gramOf returns Σ w·z·z' over the rows [lo, hi), polling ctx now and then; w nil means ones.
func (d *design) gramOf(ctx context.Context, work *linalg.Workspace, w []float64, lo, hi int) (linalg.Matrix, error) {
	sum := linalg.NewMatrix(d.z.Cols, d.z.Cols)
	step := max(512, 4_000_000/(1+d.z.Cols*d.z.Cols))
	for ; lo < hi; lo += step {
		if err := ctx.Err(); err != nil {
			return sum, err
		}
		end := min(lo+step, hi)
		var part []float64
		if w != nil {
			part = w[lo:end]
		}
		work.AddGram(sum, d.chunk(lo, end), part)
	}
	return sum, nil
}

// chunkGrams returns the Gram matrices, for equal weights, of k consecutive parts of the rows. They are shared.
func (d *design) chunkGrams(ctx context.Context, k int) ([]linalg.Matrix, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if g := d.grams[k]; g != nil {
		return g, nil
	}
	g, work := make([]linalg.Matrix, k), linalg.Workspace{}
	for i := range g {
		lo, hi := chunkBounds(d.z.Rows, k, i)
		var err error
		if g[i], err = d.gramOf(ctx, &work, nil, lo, hi); err != nil {
			return nil, err
		}
	}
	d.grams[k] = g
	return g, nil
}

// chunkBounds returns the rows of part i when n rows are cut into k consecutive parts as scikit-learn's KFold does: the
// first n mod k parts have one row more.
func chunkBounds(n, k, i int) (lo, hi int) {
	size, extra := n/k, n%k
	lo = i*size + min(i, extra)
	hi = lo + size
	if i < extra {
		hi++
	}
	return lo, hi
}

// failed names the model in an error and leaves nil alone.
func failed(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", name, err)
}

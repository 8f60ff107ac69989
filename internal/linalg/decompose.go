package linalg

import (
	"errors"

	"gonum.org/v1/gonum/mat"
)

var errNoConvergence = errors.New("linalg: the decomposition did not converge")

func (m Matrix) dense() *mat.Dense { return mat.NewDense(m.Rows, m.Cols, m.Data) }

func fromDense(d *mat.Dense) Matrix {
	raw := d.RawMatrix()
	m := NewMatrix(raw.Rows, raw.Cols)
	for i := range raw.Rows {
		copy(m.Row(i), raw.Data[i*raw.Stride:i*raw.Stride+raw.Cols])
	}
	return m
}

// SVD is a thin singular value decomposition A = U·diag(S)·V' of a Rows×Cols matrix with k = min(Rows, Cols): U is
// Rows×k, S holds k values in descending order, V is Cols×k. Signs are those of the algorithm.
type SVD struct {
	U Matrix
	S []float64
	V Matrix
}

// ThinSVD decomposes a, which it leaves unchanged.
func ThinSVD(a Matrix) (SVD, error) {
	if !Finite(a.Data) {
		return SVD{}, ErrNotFinite
	}
	if len(a.Data) == 0 {
		return SVD{U: NewMatrix(a.Rows, 0), V: NewMatrix(a.Cols, 0)}, nil
	}
	var d mat.SVD
	if !d.Factorize(a.dense(), mat.SVDThin) {
		return SVD{}, errNoConvergence
	}
	var u, v mat.Dense
	d.UTo(&u)
	d.VTo(&v)
	return SVD{U: fromDense(&u), S: d.Values(nil), V: fromDense(&v)}, nil
}

// LeastSquares returns the x of smallest norm among those that minimise ‖a·x − b‖², by singular values; those below
// 2.2e-16·max(Rows, Cols) times the largest count as zero.
func LeastSquares(a Matrix, b []float64) ([]float64, error) {
	d, err := ThinSVD(a)
	if err != nil {
		return nil, err
	}
	x, c := make([]float64, a.Cols), make([]float64, len(d.S))
	d.U.TMulVec(c, b)
	for i, s := range d.S {
		if s > 0x1p-52*float64(max(a.Rows, a.Cols))*d.S[0] {
			c[i] /= s
		} else {
			c[i] = 0
		}
	}
	d.V.MulVec(x, c)
	return x, nil
}

// QR is a thin QR decomposition A = Q·R of a matrix with Rows ≥ Cols.
type QR struct{ Q, R Matrix }

// ThinQR decomposes a by Householder reflections.
func ThinQR(a Matrix) (QR, error) {
	if a.Rows < a.Cols {
		panic("linalg: ThinQR of a matrix wider than tall")
	}
	if !Finite(a.Data) {
		return QR{}, ErrNotFinite
	}
	if len(a.Data) == 0 {
		return QR{NewMatrix(a.Rows, 0), NewMatrix(0, 0)}, nil
	}
	return thinQR(a), nil
}

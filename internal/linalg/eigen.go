package linalg

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	lapack "gonum.org/v1/gonum/lapack/gonum"
)

// SymEigen returns the eigenvalues of the symmetric matrix a in ascending order and their eigenvectors as columns. It
// reads the upper triangle only.
//
// Reflections make the matrix tridiagonal, and the implicit QL algorithm with Wilkinson's shifts makes that diagonal
// (Golub and Van Loan 2013, sections 8.3.1 and 8.3.3). Most of the work is the plane rotations of the eigenvectors, which
// are the rows of a matrix until the end, so that a rotation reads and writes memory in order.
func SymEigen(a Matrix) (values []float64, vectors Matrix, err error) {
	if !Finite(a.Data) {
		return nil, Matrix{}, ErrNotFinite
	}
	n := a.Rows
	if n == 0 {
		return nil, Matrix{}, nil
	}
	q := a.Clone()
	back := q.tame()
	d, e, tau := make([]float64, n), make([]float64, n), make([]float64, n)
	var impl lapack.Implementation
	var size [1]float64
	impl.Dsytrd(blas.Upper, n, q.Data, n, d, e[:n-1], tau[:n-1], size[:], -1)
	work := make([]float64, max(n, int(size[0])))
	impl.Dsytrd(blas.Upper, n, q.Data, n, d, e[:n-1], tau[:n-1], work, len(work))
	impl.Dorgtr(blas.Upper, n, q.Data, n, tau[:n-1], work, len(work))
	rows := q.T()
	if !diagonalise(d, e, rows) {
		return nil, Matrix{}, errNoConvergence
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case d[i] < d[j]:
			return -1
		case d[i] > d[j]:
			return 1
		}
		return 0
	})
	values = make([]float64, n)
	for j, from := range order {
		values[j] = d[from] * back
		for i, v := range rows.Row(from) {
			q.Data[i*n+j] = v
		}
	}
	return values, q, nil
}

// tame scales elements, so that the sums of their squares neither overflow nor vanish, by a power of two, and returns what
// undoes it.
func (m Matrix) tame() (back float64) {
	const far = 400
	top := 0.0
	for _, v := range m.Data {
		top = max(top, math.Abs(v))
	}
	_, exponent := math.Frexp(top)
	if top == 0 || exponent > -far && exponent < far {
		return 1
	}
	for i, v := range m.Data {
		m.Data[i] = math.Ldexp(v, -exponent)
	}
	return math.Ldexp(1, exponent-1) * 2
}

// diagonalise turns a tridiagonal matrix, d its diagonal and e what stands beside it, into a diagonal one, and rotates the
// rows of z as it does its own. It reports whether it got there.
func diagonalise(d, e []float64, z Matrix) bool {
	const most = 60 // steps for one eigenvalue; two or three is usual
	n := len(d)
	e[n-1] = 0
	for l := range d {
		for step := 0; ; step++ {
			m := l
			for m < n-1 && !(math.Abs(e[m]) <= 0x1p-53*(math.Abs(d[m])+math.Abs(d[m+1]))) {
				m++
			}
			if m == l {
				break
			}
			if step == most {
				return false
			}
			sweep(d, e, z, l, m)
		}
	}
	return true
}

// sweep is one QL step on rows [l, m] of a tridiagonal matrix, with the shift that is the eigenvalue of its first two rows
// that lies nearest to d[l]. It chases the element outside the three diagonals from the end to the start.
func sweep(d, e []float64, z Matrix, l, m int) {
	g := (d[l+1] - d[l]) / (2 * e[l])
	g = d[m] - d[l] + e[l]/(g+math.Copysign(math.Hypot(g, 1), g))
	s, c, p := 1.0, 1.0, 0.0
	for i := m - 1; i >= l; i-- {
		f, b := s*e[i], c*e[i]
		r := math.Hypot(f, g)
		if e[i+1] = r; r == 0 { // the matrix falls apart here
			d[i+1] -= p
			e[m] = 0
			return
		}
		s, c = f/r, g/r
		g = d[i+1] - p
		r = (d[i]-g)*s + 2*c*b
		p = s * r
		d[i+1] = g + p
		g = c*r - b
		rotate(z.Row(i), z.Row(i+1), c, s)
	}
	d[l] -= p
	e[l], e[m] = g, 0
}

// rotateGo is the plain form of rotate, which makes c·x − s·y of x and s·x + c·y of y.
func rotateGo(x, y []float64, c, s float64) {
	y = y[:len(x)]
	for i, u := range x {
		v := y[i]
		x[i] = float64(c*u) - float64(s*v)
		y[i] = float64(s*u) + float64(c*v)
	}
}

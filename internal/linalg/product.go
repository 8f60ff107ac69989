package linalg

// Mul returns a·b.
func Mul(a, b Matrix) Matrix {
	if a.Cols != b.Rows {
		panic("linalg: Mul of unequal sizes")
	}
	return product(a.Rows, b.Cols, a.Cols,
		func(dst []float64, lo, hi int) { packT(dst, a, lo, hi) },
		func(dst []float64, lo, hi int) { pack(dst, b, lo, hi) })
}

// TMul returns a'·b.
func TMul(a, b Matrix) Matrix {
	if a.Rows != b.Rows {
		panic("linalg: TMul of unequal sizes")
	}
	return product(a.Cols, b.Cols, a.Rows,
		func(dst []float64, lo, hi int) { pack(dst, a, lo, hi) },
		func(dst []float64, lo, hi int) { pack(dst, b, lo, hi) })
}

// MulT returns a·b'.
func MulT(a, b Matrix) Matrix {
	if a.Cols != b.Cols {
		panic("linalg: MulT of unequal sizes")
	}
	return product(a.Rows, b.Rows, a.Cols,
		func(dst []float64, lo, hi int) { packT(dst, a, lo, hi) },
		func(dst []float64, lo, hi int) { packT(dst, b, lo, hi) })
}

// product sums the outer products of k rows, block by block; the functions pack a block of either operand.
func product(rows, cols, k int, left, right func(dst []float64, lo, hi int)) Matrix {
	c := NewMatrix(rows, cols)
	r, s := strips(rows)*strip, strips(cols)*strip
	padded := c
	if r != rows || s != cols {
		padded = NewMatrix(r, s)
	}
	block := min(k, blockRows)
	a, b := make([]float64, r*block), make([]float64, s*block)
	for lo := 0; lo < k; lo += blockRows {
		hi := min(lo+blockRows, k)
		left(a, lo, hi)
		right(b, lo, hi)
		accumulate(padded, a, b, hi-lo, false)
	}
	if r != rows || s != cols {
		unpad(c, padded)
	}
	return c
}

// Gram returns m'·diag(w)·m; w nil means ones.
func (m Matrix) Gram(w []float64) Matrix {
	g := NewMatrix(m.Cols, m.Cols)
	AddGram(g, m, w)
	return g
}

// AddGram adds m'·diag(w)·m to the symmetric matrix g, both triangles; w nil means ones. Rows of weight zero cost
// nothing.
func AddGram(g, m Matrix, w []float64) {
	if g.Rows != m.Cols || g.Cols != m.Cols || w != nil && len(w) != m.Rows {
		panic("linalg: AddGram of unequal sizes")
	}
	size, block := strips(m.Cols)*strip, min(m.Rows, blockRows)
	sum := NewMatrix(size, size)
	plain := make([]float64, size*block)
	weighted := plain
	if w != nil {
		weighted = make([]float64, size*block)
	}
	var rows [blockRows]int32
	var weights [blockRows]float64
	n := 0
	for i := range m.Rows {
		if w != nil && w[i] != 0 {
			rows[n], weights[n] = int32(i), w[i]
			n++
		} else if w == nil {
			rows[n] = int32(i)
			n++
		}
		if n < block && i < m.Rows-1 {
			continue
		}
		packRows(plain, m, rows[:n])
		if w != nil {
			scaleRows(weighted, plain[:size*n], weights[:n])
		}
		accumulate(sum, weighted, plain, n, true)
		n = 0
	}
	sum.mirror()
	unpad(g, sum)
}

// mirror copies the upper triangle into the lower one.
func (m Matrix) mirror() {
	for i := range m.Rows {
		for j := range i {
			m.Data[i*m.Cols+j] = m.Data[j*m.Cols+i]
		}
	}
}

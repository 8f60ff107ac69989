package linalg

// Workspace is memory that products reuse, for those who make many small ones. It serves one goroutine at a time; the
// zero value is ready.
type Workspace struct {
	left, right, padded []float64
}

// Mul writes a·b to dst.
func (w *Workspace) Mul(dst, a, b Matrix) {
	if a.Cols != b.Rows || dst.Rows != a.Rows || dst.Cols != b.Cols {
		panic("linalg: Mul of unequal sizes")
	}
	w.product(dst, a.Cols, func(to []float64, lo, hi int) { packT(to, a, lo, hi) }, func(to []float64, lo, hi int) { pack(to, b, lo, hi) })
}

// TMul writes a'·b to dst.
func (w *Workspace) TMul(dst, a, b Matrix) {
	if a.Rows != b.Rows || dst.Rows != a.Cols || dst.Cols != b.Cols {
		panic("linalg: TMul of unequal sizes")
	}
	w.product(dst, a.Rows, func(to []float64, lo, hi int) { pack(to, a, lo, hi) }, func(to []float64, lo, hi int) { pack(to, b, lo, hi) })
}

// MulT writes a·b' to dst.
func (w *Workspace) MulT(dst, a, b Matrix) {
	if a.Cols != b.Cols || dst.Rows != a.Rows || dst.Cols != b.Rows {
		panic("linalg: MulT of unequal sizes")
	}
	w.product(dst, a.Cols, func(to []float64, lo, hi int) { packT(to, a, lo, hi) }, func(to []float64, lo, hi int) { packT(to, b, lo, hi) })
}

// product sums the outer products of k rows, block by block; the functions pack a block of either operand.
func (w *Workspace) product(dst Matrix, k int, left, right func(to []float64, lo, hi int)) {
	r, s := strips(dst.Rows)*strip, strips(dst.Cols)*strip
	c := dst
	if r != dst.Rows || s != dst.Cols {
		c = Matrix{r, s, grown(&w.padded, r*s)}
	}
	clear(c.Data[:r*s])
	block := min(k, blockRows)
	a, b := grown(&w.left, r*block), grown(&w.right, s*block)
	for lo := 0; lo < k; lo += blockRows {
		hi := min(lo+blockRows, k)
		left(a, lo, hi)
		right(b, lo, hi)
		accumulate(c, a, b, hi-lo, false)
	}
	if c.Rows != dst.Rows || c.Cols != dst.Cols {
		for i := range dst.Rows {
			copy(dst.Row(i), c.Row(i))
		}
	}
}

// grown returns n elements of the buffer, whatever they hold.
func grown(buffer *[]float64, n int) []float64 {
	if len(*buffer) < n {
		*buffer = make([]float64, n)
	}
	return (*buffer)[:n]
}

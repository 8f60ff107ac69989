package linalg

// Workspace is memory that products reuse, for those who make many small ones. It serves one goroutine at a time; the
// zero value is ready.
type Workspace struct {
	left, right []float64
	edge        [strip * strip * widest]float64
	tile        tiler // of what tiles add instead of products, or nil
}

// Mul writes a·b to dst.
func (w *Workspace) Mul(dst, a, b Matrix) {
	if a.Cols != b.Rows || dst.Rows != a.Rows || dst.Cols != b.Cols {
		panic("linalg: Mul of unequal sizes")
	}
	w.product(block{Matrix: dst}, a.Cols, &side{m: a, across: true}, &side{m: b})
}

// TMul writes a'·b to dst.
func (w *Workspace) TMul(dst, a, b Matrix) {
	if a.Rows != b.Rows || dst.Rows != a.Cols || dst.Cols != b.Cols {
		panic("linalg: TMul of unequal sizes")
	}
	w.product(block{Matrix: dst}, a.Rows, &side{m: a}, &side{m: b})
}

// MulT writes a·b' to dst.
func (w *Workspace) MulT(dst, a, b Matrix) {
	if a.Cols != b.Cols || dst.Rows != a.Rows || dst.Cols != b.Rows {
		panic("linalg: MulT of unequal sizes")
	}
	w.product(block{Matrix: dst}, a.Cols, &side{m: a, across: true}, &side{m: b, across: true})
}

// MulColumns writes a·(x − shift) to dst; see the function of that name.
func (w *Workspace) MulColumns(dst, a Matrix, x [][]float64, shift []float64) {
	if a.Cols != len(x) || dst.Rows != a.Rows || shift != nil && len(shift) != len(x) {
		panic("linalg: MulColumns of unequal sizes")
	}
	w.product(block{Matrix: dst}, len(x), &side{m: a, across: true}, &side{slices: x, shift: shift})
}

// MulColumnsInto writes a·(x − shift) to the columns of dst from at on, as many as the slices of x are long.
func (w *Workspace) MulColumnsInto(dst Matrix, at int, a Matrix, x [][]float64, shift []float64) {
	if a.Cols != len(x) || dst.Rows != a.Rows || len(x) == 0 || at < 0 || at+len(x[0]) > dst.Cols {
		panic("linalg: MulColumnsInto of unequal sizes")
	}
	if dst.Rows == 0 || len(x[0]) == 0 {
		return
	}
	c := block{Matrix: Matrix{dst.Rows, dst.Cols, dst.Data[at:]}, to: len(x[0])}
	w.product(c, len(x), &side{m: a, across: true}, &side{slices: x, shift: shift})
}

// MulPacked writes a·x' to dst for the rows x of a packed table.
func (w *Workspace) MulPacked(dst, a Matrix, x *Packed) {
	if a.Cols != x.columns || dst.Rows != a.Rows || dst.Cols != x.rows {
		panic("linalg: MulPacked of unequal sizes")
	}
	w.product(block{Matrix: dst}, a.Cols, &side{m: a, across: true}, &side{packed: x})
}

// MulPackedInto writes a·x' for the first rows x of a packed table, as many as given, to the first columns of dst, whose
// others it leaves as they are.
func (w *Workspace) MulPackedInto(dst Matrix, rows int, a Matrix, x *Packed) {
	if a.Cols != x.columns || dst.Rows != a.Rows || rows < 0 || rows > x.rows || rows > dst.Cols {
		panic("linalg: MulPackedInto of unequal sizes")
	}
	if rows > 0 {
		w.product(block{Matrix: dst, to: rows}, a.Cols, &side{m: a, across: true}, &side{packed: x})
	}
}

// ManhattanPackedInto is MulPackedInto for Σ|x − y| of rows x and y.
func (w *Workspace) ManhattanPackedInto(dst Matrix, rows int, a Matrix, x *Packed) {
	w.tile = manhattan
	w.MulPackedInto(dst, rows, a, x)
	w.tile = nil
}

// MulColumnsT writes a·x' to dst, where the slices of x, of a.Cols elements each, are the rows of a matrix.
func (w *Workspace) MulColumnsT(dst, a Matrix, x [][]float64) {
	if dst.Cols != len(x) || dst.Rows != a.Rows {
		panic("linalg: MulColumnsT of unequal sizes")
	}
	w.product(block{Matrix: dst}, a.Cols, &side{m: a, across: true}, &side{slices: x, across: true})
}

// Manhattan writes Σ|x − y| of every row x of a and every row y of b to dst.
func (w *Workspace) Manhattan(dst, a, b Matrix) { w.between(dst, a, b, manhattan) }

// Shared writes Σ(x − y)², over the coordinates where neither is NaN, of every row x of a and every row y of b to dst.
func (w *Workspace) Shared(dst, a, b Matrix) { w.between(dst, a, b, shared) }

func (w *Workspace) between(dst, a, b Matrix, tile tiler) {
	if a.Cols != b.Cols || dst.Rows != a.Rows || dst.Cols != b.Rows {
		panic("linalg: distances of unequal sizes")
	}
	w.tile = tile
	w.product(block{Matrix: dst}, a.Cols, &side{m: a, across: true}, &side{m: b, across: true})
	w.tile = nil
}

// ManhattanColumns is Manhattan where the slices of x are the columns of b.
func (w *Workspace) ManhattanColumns(dst, a Matrix, x [][]float64) { w.distances(dst, a, x, manhattan) }

// Chi2Columns writes Σ(u − v)²/(u + v) of every row u of a and every row v of the matrix whose columns are the slices of x;
// where u + v is zero so is the term.
func (w *Workspace) Chi2Columns(dst, a Matrix, x [][]float64) { w.distances(dst, a, x, chi) }

func (w *Workspace) distances(dst, a Matrix, x [][]float64, tile tiler) {
	if a.Cols != len(x) || dst.Rows != a.Rows {
		panic("linalg: distances of unequal sizes")
	}
	w.tile = tile
	w.product(block{Matrix: dst}, a.Cols, &side{m: a, across: true}, &side{slices: x})
	w.tile = nil
}

// tiler computes a tile; see tileGo. All but tile go on from what stands in c unless first.
type tiler func(c []float64, cs int, a, b []float64, bs, n, strips int, first bool)

// block is what a product is written to: columns [from, to) of a matrix, all of them if to is zero.
type block struct {
	Matrix
	from, to int
	upper    bool      // what lies below the diagonal may be left as it is
	add      bool      // to what stands there
	w        []float64 // weights of the summands, or nil
}

// product writes to c the sums of k products of numbers of both sides.
func (w *Workspace) product(c block, k int, left, right *side) {
	if c.to == 0 {
		c.to = c.Cols
	}
	if k == 0 && c.add {
		return
	}
	if k == 0 {
		for i := range c.Rows {
			clear(c.Row(i)[c.from:c.to])
		}
		return
	}
	depth := min(k, deep)
	a, b := grown(&w.left, depth*strip), []float64(nil)
	if right.packed == nil {
		b = grown(&w.right, depth*whole(min(c.to-c.from, broad)))
	}
	for from := c.from; from < c.to; from += broad {
		to := min(from+broad, c.to)
		for lo := 0; lo < k; lo += deep {
			hi := min(lo+deep, k)
			if right.packed != nil {
				b = right.packed.block(lo, hi, from)
			} else {
				right.pack(b, lo, hi, from, to)
			}
			for i := 0; i < c.Rows && !(c.upper && to <= i); i += strip {
				packed := a
				if left == right && c.w == nil && i >= from && i < to {
					packed = b[(i-from)*(hi-lo):]
				} else {
					left.pack(a, lo, hi, i, min(i+strip, c.Rows))
				}
				if c.w != nil {
					scaleRows(a, c.w[lo:hi])
				}
				w.tiles(c, i, from, to, packed, b, hi-lo, lo == 0 && !c.add)
			}
		}
	}
}

// tiles computes rows [i, i+8) of columns [from, to).
func (w *Workspace) tiles(c block, i, from, to int, a, b []float64, n int, first bool) {
	j, add, resume := from, tiler(tile), false
	if w.tile != nil {
		add, resume = w.tile, !first
	}
	if c.upper && i > from {
		j += (i - from) / strip * strip
	}
	for ; j < to; j += strip * widest {
		cols := min(strip*widest, to-j)
		strips := (cols + strip - 1) / strip
		right := b[(j-from)*n:]
		if i+strip <= c.Rows && cols == strips*strip {
			add(c.Data[i*c.Cols+j:], c.Cols, a, right, n*strip, n, strips, first)
			continue
		}
		rows := min(strip, c.Rows-i)
		if resume {
			for r := range rows {
				copy(w.edge[r*strip*widest:][:cols], c.Data[(i+r)*c.Cols+j:])
			}
		}
		add(w.edge[:], strip*widest, a, right, n*strip, n, strips, !resume)
		for r := range rows {
			out, sum := c.Data[(i+r)*c.Cols+j:][:cols], w.edge[r*strip*widest:][:cols]
			if first || resume {
				copy(out, sum)
				continue
			}
			for k, v := range sum {
				out[k] += v
			}
		}
	}
}

// whole is the number of elements that the strips of n columns hold for each summand.
func whole(n int) int { return (n + strip - 1) / strip * strip }

// grown returns n elements of the buffer, whatever they hold.
func grown(buffer *[]float64, n int) []float64 {
	if len(*buffer) < n {
		*buffer = make([]float64, n)
	}
	return (*buffer)[:n]
}

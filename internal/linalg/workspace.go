package linalg

// Workspace is memory that products reuse, for those who make many small ones. It serves one goroutine at a time; the
// zero value is ready.
type Workspace struct {
	left, right, edge []float64
	sum, kept         []float64 // of AddGram
	at                []int32
	tile              tiler // of what tiles add instead of products, or nil
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

// MulUpTo writes the first columns of a·b, as many as to, to those of dst.
func (w *Workspace) MulUpTo(dst Matrix, to int, a, b Matrix) {
	if a.Cols != b.Rows || dst.Rows != a.Rows || dst.Cols != b.Cols || to < 0 || to > dst.Cols {
		panic("linalg: MulUpTo of unequal sizes")
	}
	if to > 0 {
		w.product(block{Matrix: dst, to: to}, a.Cols, &side{m: a, across: true}, &side{m: b})
	}
}

// TMulUpTo writes the first columns of a'·b, as many as to, to those of dst.
func (w *Workspace) TMulUpTo(dst Matrix, to int, a, b Matrix) {
	if a.Rows != b.Rows || dst.Rows != a.Cols || dst.Cols != b.Cols || to < 0 || to > dst.Cols {
		panic("linalg: TMulUpTo of unequal sizes")
	}
	if to > 0 {
		w.product(block{Matrix: dst, to: to}, a.Rows, &side{m: a}, &side{m: b})
	}
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

// tiler computes a tile of something else than products, of 8 rows, from operands in strips; those of b are bs apart. It
// goes on from what stands in c unless first.
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
	// What a tile can read where it stands is not packed, except for sums that are weighted or symmetric.
	plain := k <= deep && w.tile == nil && c.w == nil && left != right
	left.direct, right.direct = plain && left.stands(), plain && right.readsAsItStands(k, c)
	depth := min(k, deep)
	var a, b []float64
	if !left.direct {
		a = grown(&w.left, depth*strip)
	}
	if right.packed == nil && !right.direct {
		b = grown(&w.right, depth*whole(min(c.to-c.from, broad)))
	}
	for from := c.from; from < c.to; from += broad {
		to := min(from+broad, c.to)
		for lo := 0; lo < k; lo += deep {
			hi := min(lo+deep, k)
			n := hi - lo
			by := operand{b, n * strip, strip}
			switch {
			case right.direct:
				by = operand{right.m.Data[from:], strip, right.m.Cols}
			case right.packed != nil:
				by.v = right.packed.block(lo, hi, from)
			default:
				right.pack(b, lo, hi, from, to)
			}
			for i := 0; i < c.Rows && !(c.upper && to <= i); i += strip {
				part := operand{a, 1, strip}
				switch {
				case left.direct && left.across:
					part = operand{left.m.Data[i*k:], k, 1}
				case left.direct:
					part = operand{left.m.Data[i:], 1, left.m.Cols}
				case left == right && c.w == nil && i >= from && i < to:
					part.v = b[(i-from)*n:]
				default:
					left.pack(a, lo, hi, i, min(i+strip, c.Rows))
				}
				if c.w != nil {
					scaleRows(a, c.w[lo:hi])
				}
				w.tiles(c, i, from, to, part, by, n, lo == 0 && !c.add)
			}
		}
	}
}

// tiles computes rows [i, i+8) of columns [from, to), as far as there are such rows.
func (w *Workspace) tiles(c block, i, from, to int, a, b operand, n int, first bool) {
	rows := min(strip, c.Rows-i)
	if w.tile == nil && rows != strip && rows > 4 { // there are tiles of up to 4 rows, and of 8
		w.tiles(block{Matrix: Matrix{i + 4, c.Cols, c.Data}, upper: c.upper}, i, from, to, a, b, n, first)
		a.v = a.v[4*a.vector:]
		i, rows = i+4, rows-4
	}
	j := from
	if c.upper && i > from {
		j += (i - from) / strip * strip
	}
	for ; j < to; j += strip * widest {
		cols := min(strip*widest, to-j)
		strips, part := cols/strip, operand{b.v[(j-from)/strip*b.vector:], b.vector, b.summand}
		switch {
		case cols%strip == 0 && w.tile == nil:
			tile(c.Data[i*c.Cols+j:], c.Cols, a, part, n, rows, strips, first)
		case cols%strip == 0 && rows == strip:
			w.tile(c.Data[i*c.Cols+j:], c.Cols, a.v, part.v, part.vector, n, strips, first)
		case b.summand != strip: // not packed: there are no zeros behind the last column, so that a strip overlaps the one before
			if strips > 0 {
				tile(c.Data[i*c.Cols+j:], c.Cols, a, part, n, rows, strips, first)
			}
			last := operand{b.v[to-strip-from:], strip, b.summand}
			tile(c.Data[i*c.Cols+to-strip:], c.Cols, a, last, n, rows, 1, first)
		default:
			w.edges(c, i, j, cols, a, part, n, rows, first)
		}
	}
}

// edges computes a tile that reaches beyond the last column or, unless it is of products, the last row.
func (w *Workspace) edges(c block, i, j, cols int, a, b operand, n, rows int, first bool) {
	strips, edge := (cols+strip-1)/strip, grown(&w.edge, strip*strip*widest)
	if w.tile == nil {
		tile(edge, strip*widest, a, b, n, rows, strips, true)
	} else {
		if !first {
			for r := range rows {
				copy(edge[r*strip*widest:][:cols], c.Data[(i+r)*c.Cols+j:])
			}
		}
		w.tile(edge, strip*widest, a.v, b.v, b.vector, n, strips, first)
	}
	for r := range rows {
		out, sum := c.Data[(i+r)*c.Cols+j:][:cols], edge[r*strip*widest:][:cols]
		if first || w.tile != nil {
			copy(out, sum)
			continue
		}
		for k, v := range sum {
			out[k] += v
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

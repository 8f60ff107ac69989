package linalg

// A product is cut into tiles of 4×8 results. The operands are first packed into strips: strip s holds columns 8s to
// 8s+7 of a block of rows, row after row, with zeros where the matrix ends, so that a tile reads memory in order.
const (
	strip     = 8
	tileRows  = 4
	blockRows = 128 // rows per block: a strip of 8 KB, so that two of them stay in the first-level cache
)

// tileGo is the plain form of tile.
func tileGo(c []float64, cs int, a, b []float64, n int) {
	for r := range tileRows {
		var s [strip]float64
		for l := range n {
			v := a[l*strip+r]
			row := b[l*strip : l*strip+strip : l*strip+strip]
			s[0] += v * row[0]
			s[1] += v * row[1]
			s[2] += v * row[2]
			s[3] += v * row[3]
			s[4] += v * row[4]
			s[5] += v * row[5]
			s[6] += v * row[6]
			s[7] += v * row[7]
		}
		out := c[r*cs : r*cs+strip]
		for j, v := range s {
			out[j] += v
		}
	}
}

// strips is the number of strips that n columns take.
func strips(n int) int { return (n + strip - 1) / strip }

// pack writes rows [lo, hi) of m as strips.
func pack(dst []float64, m Matrix, lo, hi int) {
	var rows [blockRows]int32
	for i := range hi - lo {
		rows[i] = int32(lo + i)
	}
	packRows(dst, m, rows[:hi-lo])
}

// packRows writes some rows of m as strips.
func packRows(dst []float64, m Matrix, rows []int32) {
	full := m.Cols / strip
	for s := range full {
		out := dst[s*len(rows)*strip:]
		for i, r := range rows {
			*(*[strip]float64)(out[i*strip:]) = [strip]float64(m.Data[int(r)*m.Cols+s*strip:])
		}
	}
	if full*strip == m.Cols {
		return
	}
	out := dst[full*len(rows)*strip:]
	for i, r := range rows {
		to := (*[strip]float64)(out[i*strip:])
		*to = [strip]float64{}
		for j, v := range m.Row(int(r))[full*strip:] {
			to[j&(strip-1)] = v
		}
	}
}

// scaleRows writes the strips src with row i of each times w[i].
func scaleRows(dst, src, w []float64) {
	for len(src) > 0 && len(w) > 0 {
		for i, v := range w {
			from, to := (*[strip]float64)(src[i*strip:]), (*[strip]float64)(dst[i*strip:])
			to[0], to[1], to[2], to[3] = v*from[0], v*from[1], v*from[2], v*from[3]
			to[4], to[5], to[6], to[7] = v*from[4], v*from[5], v*from[6], v*from[7]
		}
		src, dst = src[len(w)*strip:], dst[len(w)*strip:]
	}
}

// packT writes columns [lo, hi) of m as strips of its rows: pack of the transposed matrix.
func packT(dst []float64, m Matrix, lo, hi int) {
	n := hi - lo
	for s := range strips(m.Rows) {
		out := dst[s*n*strip : (s+1)*n*strip]
		for r := range strip {
			if s*strip+r >= m.Rows {
				for i := range n {
					out[i*strip+r] = 0
				}
				continue
			}
			for i, v := range m.Row(s*strip + r)[lo:hi] {
				out[i*strip+r] = v
			}
		}
	}
}

// accumulate adds the product of packed a (transposed) and packed b, of n rows each, to c, which has whole strips of
// rows and columns. With upper, tiles that lie below the diagonal are left out.
func accumulate(c Matrix, a, b []float64, n int, upper bool) {
	for i := 0; i < c.Rows; i += tileRows {
		from := a[i/strip*n*strip+i%strip:]
		for j := 0; j < c.Cols; j += strip {
			if upper && j+strip <= i {
				continue
			}
			tile(c.Data[i*c.Cols+j:], c.Cols, from, b[j*n:], n)
		}
	}
}

// unpad adds the top left corner of c to m.
func unpad(m, c Matrix) {
	for i := range m.Rows {
		AddScaled(m.Row(i), 1, c.Row(i)[:m.Cols])
	}
}

package linalg

// side is one operand of a product: vectors, one for each row or column of the result, of as many numbers as there are
// summands. It is given by the rows of a matrix or by slices.
type side struct {
	m      Matrix
	slices [][]float64 // instead of m, its rows
	shift  []float64   // what is subtracted from each of the rows, or nil
	across bool        // a row is a vector; else a row holds one number of every vector
	packed *Packed     // instead of all the others
	pick   []int32     // rows that take part as summands; nil is all; not for across
	direct bool        // tiles read it where it stands
}

const (
	nearest = 1 << 12 // numbers that stay in the first-level cache however often they are read
	nearby  = 1 << 15 // and those that stay in the second
)

// stands says whether tiles may read the left side of a product where it stands.
func (s *side) stands() bool {
	return s.slices == nil && s.shift == nil && s.packed == nil && s.pick == nil && s.m.Cols <= 128
}

// readsAsItStands says so of the right side of c, of k summands.
func (s *side) readsAsItStands(k int, c block) bool {
	size, columns := k*s.m.Cols, c.to-c.from
	return !s.across && s.slices == nil && s.shift == nil && s.packed == nil && s.pick == nil && columns >= strip && columns <= broad &&
		!c.add && (size <= nearest || size <= nearby && c.Rows <= 4*strip)
}

func (s *side) row(i int) []float64 {
	if s.slices != nil {
		return s.slices[i]
	}
	return s.m.Row(i)
}

// pack writes summands [lo, hi) of the vectors [from, to) as strips.
func (s *side) pack(dst []float64, lo, hi, from, to int) {
	n := hi - lo
	if !s.across {
		s.spread(dst, lo, hi, from, to)
		return
	}
	for j := from; j < to; j += strip {
		s.interleave(dst[(j-from)*n:][:n*strip], lo, hi, j, min(j+strip, to))
	}
}

// spread packs from rows that hold one number of every vector.
func (s *side) spread(dst []float64, lo, hi, from, to int) {
	if s.slices == nil && s.shift == nil && s.pick == nil && s.m.Cols <= short {
		s.m.strips(dst, lo, hi, from, to)
		return
	}
	n, body := hi-lo, (to-from)/strip*strip
	for l := range n {
		i, m := lo+l, 0.0
		if s.pick != nil {
			i = int(s.pick[i])
		}
		if s.shift != nil {
			m = s.shift[i]
		}
		row := s.row(i)[from:to]
		packRow(dst[l*strip:], row[:body], n*strip, m)
		if body == len(row) {
			continue
		}
		last := (*[strip]float64)(dst[body*n+l*strip:])
		*last = [strip]float64{}
		for k, v := range row[body:] {
			last[k&(strip-1)] = v - m
		}
	}
}

// short is the greatest length of rows that are packed strip by strip, not one after the other: a page of memory.
const short = 512

// strips packs columns [from, to) of rows [lo, hi) of m.
func (m Matrix) strips(dst []float64, lo, hi, from, to int) {
	n := hi - lo
	for j := from; j < to; j += strip {
		out, in := dst[(j-from)*n:][:n*strip], m.Data[lo*m.Cols+j:]
		if j+strip <= to {
			for l := range n {
				*(*[strip]float64)(out[l*strip:]) = *(*[strip]float64)(in[l*m.Cols:])
			}
			continue
		}
		for l := range n {
			place, row := (*[strip]float64)(out[l*strip:]), in[l*m.Cols:]
			if len(row) < strip {
				*place = [strip]float64{}
				copy(place[:], row[:to-j])
				continue
			}
			*place = *(*[strip]float64)(row) // the next row's too, rather than call a copy for a few numbers
			for k := to - j; k < strip; k++ {
				place[k] = 0
			}
		}
	}
}

// eight returns a part of the rows from j on, and their shifts.
func (s *side) eight(lo, hi, j int) (rows [strip][]float64, shift [strip]float64) {
	for k := range rows {
		rows[k] = s.row(j + k)[lo:hi]
		if s.shift != nil {
			shift[k] = s.shift[j+k]
		}
	}
	return rows, shift
}

// interleave packs up to 8 vectors that are rows.
func (s *side) interleave(out []float64, lo, hi, j, end int) {
	if end-j == strip {
		rows, shift := s.eight(lo, hi, j)
		packAcross(out, strip, &rows, &shift)
		return
	}
	clear(out)
	for k := j; k < end; k++ {
		m := 0.0
		if s.shift != nil {
			m = s.shift[k]
		}
		for l, v := range s.row(k)[lo:hi] {
			out[l*strip+k-j] = v - m
		}
	}
}

// packRowGo is the plain form of packRow.
func packRowGo(out, row []float64, stride int, shift float64) {
	for j := 0; j < len(row); j += strip {
		to := (*[strip]float64)(out[j/strip*stride:])
		for k, v := range row[j : j+strip] {
			to[k&(strip-1)] = v - shift
		}
	}
}

// packAcrossGo is the plain form of packAcross.
func packAcrossGo(out []float64, stride int, rows *[strip][]float64, shift *[strip]float64) {
	for k, r := range rows {
		m := shift[k]
		for l, v := range r {
			out[l*stride+k] = v - m
		}
	}
}

// scaleRows multiplies row i of a strip by w[i].
func scaleRows(out, w []float64) {
	for i, v := range w {
		to := (*[strip]float64)(out[i*strip:])
		for k := range to {
			to[k] *= v
		}
	}
}

// FromColumns writes the slices less their shifts, or as they are if shift is nil, to the columns of m, from the first.
func (m Matrix) FromColumns(columns [][]float64, shift []float64) {
	const block = 256 // rows that stay in cache while the columns pass by
	s := side{slices: columns, shift: shift, across: true}
	for lo := 0; lo < m.Rows; lo += block {
		hi := min(lo+block, m.Rows)
		j := 0
		for ; j+strip <= len(columns); j += strip {
			rows, less := s.eight(lo, hi, j)
			packAcross(m.Data[lo*m.Cols+j:], m.Cols, &rows, &less)
		}
		for ; j < len(columns); j++ {
			less := 0.0
			if shift != nil {
				less = shift[j]
			}
			for i, v := range columns[j][lo:hi] {
				m.Data[(lo+i)*m.Cols+j] = v - less
			}
		}
	}
}

// Packed is a table in the order in which products read it, for those who multiply it again and again.
type Packed struct {
	columns, rows int
	strips        []float64
}

// Pack arranges the rows of a table with the given columns, less a shift of each unless shift is nil.
func Pack(columns [][]float64, rows int, shift []float64) *Packed {
	return packed(&side{slices: columns, shift: shift}, len(columns), rows)
}

// PackRows arranges the rows of a matrix.
func PackRows(m Matrix) *Packed { return packed(&side{m: m, across: true}, m.Cols, m.Rows) }

// PackColumns arranges the columns of a table as its rows.
func PackColumns(columns [][]float64) *Packed {
	n := 0
	if len(columns) > 0 {
		n = len(columns[0])
	}
	return packed(&side{slices: columns, across: true}, n, len(columns))
}

func packed(s *side, columns, rows int) *Packed {
	p := &Packed{columns, rows, make([]float64, columns*whole(rows))}
	for lo := 0; lo < columns; lo += deep {
		hi := min(lo+deep, columns)
		s.pack(p.block(lo, hi, 0), lo, hi, 0, rows)
	}
	return p
}

// block returns columns [lo, hi), of the rows from the given one on.
func (p *Packed) block(lo, hi, from int) []float64 {
	return p.strips[lo*whole(p.rows)+from*(hi-lo) : hi*whole(p.rows)]
}

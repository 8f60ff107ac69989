package linalg

// side is one operand of a product: vectors, one for each row or column of the result, of as many numbers as there are
// summands. It is given by the rows of a matrix or by slices.
type side struct {
	m      Matrix
	slices [][]float64 // instead of m, its rows
	shift  []float64   // what is subtracted from each of the rows, or nil
	across bool        // a row is a vector; else a row holds one number of every vector
	pick   []int32     // rows that take part as summands; nil is all; not for across
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
	for j := from; j < to; j += strip {
		out := dst[(j-from)*n:][:n*strip]
		switch {
		case s.across:
			s.interleave(out, lo, hi, j, min(j+strip, to))
		case j+strip > to:
			s.remainder(out, lo, hi, j, to)
		case s.slices != nil:
			var shift []float64
			if s.shift != nil {
				shift = s.shift[lo:hi]
			}
			packSlices(out, s.slices[lo:hi], j, shift)
		case s.pick != nil:
			for i, l := range s.pick[lo:hi] {
				packRows(out[i*strip:], s.m, int(l), int(l)+1, j)
			}
		default:
			packRows(out, s.m, lo, hi, j)
		}
	}
}

// remainder packs fewer than 8 vectors from rows that hold one number of each.
func (s *side) remainder(out []float64, lo, hi, j, end int) {
	for l := lo; l < hi; l++ {
		i := l
		if s.pick != nil {
			i = int(s.pick[l])
		}
		to := (*[strip]float64)(out[(l-lo)*strip:])
		*to = [strip]float64{}
		m := 0.0
		if s.shift != nil {
			m = s.shift[i]
		}
		for k, v := range s.row(i)[j:end] {
			to[k&(strip-1)] = v - m
		}
	}
}

// interleave packs up to 8 vectors that are rows.
func (s *side) interleave(out []float64, lo, hi, j, end int) {
	if end-j == strip {
		var rows [strip][]float64
		var shift [strip]float64
		for k := range rows {
			rows[k] = s.row(j + k)[lo:hi]
			if s.shift != nil {
				shift[k] = s.shift[j+k]
			}
		}
		packAcross(out, &rows, &shift)
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

// packRowsGo is the plain form of packRows.
func packRowsGo(out []float64, m Matrix, lo, hi, j int) {
	for i := lo; i < hi; i++ {
		copy(out[(i-lo)*strip:][:strip], m.Data[i*m.Cols+j:])
	}
}

// packSlicesGo is the plain form of packSlices.
func packSlicesGo(out []float64, slices [][]float64, j int, shift []float64) {
	for i, s := range slices {
		m := 0.0
		if shift != nil {
			m = shift[i]
		}
		to := (*[strip]float64)(out[i*strip:])
		for k, v := range s[j : j+strip] {
			to[k&(strip-1)] = v - m
		}
	}
}

// packAcrossGo is the plain form of packAcross.
func packAcrossGo(out []float64, rows *[strip][]float64, shift *[strip]float64) {
	for k, r := range rows {
		m := shift[k]
		for l, v := range r {
			out[l*strip+k] = v - m
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

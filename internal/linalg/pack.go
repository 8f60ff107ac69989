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
		case j+strip <= to:
			s.gather(out, lo, hi, j)
		default:
			s.remainder(out, lo, hi, j, to)
		}
	}
}

// gather packs 8 vectors from rows that hold one number of each.
func (s *side) gather(out []float64, lo, hi, j int) {
	for l := lo; l < hi; l++ {
		i := l
		if s.pick != nil {
			i = int(s.pick[l])
		}
		to := (*[strip]float64)(out[(l-lo)*strip:])
		*to = [strip]float64(s.row(i)[j:])
		if s.shift != nil {
			m := s.shift[i]
			for k := range to {
				to[k] -= m
			}
		}
	}
}

// remainder is gather for fewer than 8 vectors.
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
		n := hi - lo
		r0, r1, r2, r3 := s.row(j)[lo:hi], s.row(j + 1)[lo:][:n], s.row(j + 2)[lo:][:n], s.row(j + 3)[lo:][:n]
		r4, r5, r6, r7 := s.row(j + 4)[lo:][:n], s.row(j + 5)[lo:][:n], s.row(j + 6)[lo:][:n], s.row(j + 7)[lo:][:n]
		var m [strip]float64
		if s.shift != nil {
			m = [strip]float64(s.shift[j:])
		}
		for l, v := range r0 {
			*(*[strip]float64)(out[l*strip:]) = [strip]float64{v - m[0], r1[l] - m[1], r2[l] - m[2], r3[l] - m[3],
				r4[l] - m[4], r5[l] - m[5], r6[l] - m[6], r7[l] - m[7]}
		}
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

// scaleRows multiplies row i of a strip by w[i].
func scaleRows(out, w []float64) {
	for i, v := range w {
		to := (*[strip]float64)(out[i*strip:])
		for k := range to {
			to[k] *= v
		}
	}
}

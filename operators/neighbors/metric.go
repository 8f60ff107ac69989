package neighbors

import "math"

// A metric measures how far x is from each of the rows behind one another in rows, and writes one distance per row to
// out. Distances are reduced: monotone in the true ones, but cheaper (squares instead of roots). Every metric adds the
// coordinates of a pair in their order, so that a tree and a scan of all rows find the same numbers, and it grows with
// every coordinate even after rounding, so that the distance to a box bounds that to the rows in it.
type metric struct {
	reduced func(x, rows, out []float64)
	full    func(r float64) float64 // true distance of a reduced one
}

func identity(r float64) float64 { return r }

// minkowski returns the metric (Σ|x-y|^p)^(1/p).
func minkowski(p float64) metric {
	switch p {
	case 1:
		return metric{manhattan, identity}
	case 2:
		return metric{squared, math.Sqrt}
	case 3:
		return metric{cubed, math.Cbrt}
	}
	return metric{powered(p), func(r float64) float64 { return math.Pow(r, 1/p) }}
}

// squared handles four rows at a time: four independent sums keep the adders busy, and x is loaded once for all.
func squared(x, rows, out []float64) {
	p := len(x)
	i := 0
	for ; i+4 <= len(out); i += 4 {
		a, b, c, d := rows[i*p:][:p], rows[(i+1)*p:][:p], rows[(i+2)*p:][:p], rows[(i+3)*p:][:p]
		var s0, s1, s2, s3 float64
		for j, v := range x {
			d0, d1, d2, d3 := v-a[j], v-b[j], v-c[j], v-d[j]
			s0 += d0 * d0
			s1 += d1 * d1
			s2 += d2 * d2
			s3 += d3 * d3
		}
		out[i], out[i+1], out[i+2], out[i+3] = s0, s1, s2, s3
	}
	for ; i < len(out); i++ {
		a, s := rows[i*p:][:p], 0.0
		for j, v := range x {
			s += (v - a[j]) * (v - a[j])
		}
		out[i] = s
	}
}

func manhattan(x, rows, out []float64) {
	p := len(x)
	i := 0
	for ; i+4 <= len(out); i += 4 {
		a, b, c, d := rows[i*p:][:p], rows[(i+1)*p:][:p], rows[(i+2)*p:][:p], rows[(i+3)*p:][:p]
		var s0, s1, s2, s3 float64
		for j, v := range x {
			s0 += math.Abs(v - a[j])
			s1 += math.Abs(v - b[j])
			s2 += math.Abs(v - c[j])
			s3 += math.Abs(v - d[j])
		}
		out[i], out[i+1], out[i+2], out[i+3] = s0, s1, s2, s3
	}
	for ; i < len(out); i++ {
		a, s := rows[i*p:][:p], 0.0
		for j, v := range x {
			s += math.Abs(v - a[j])
		}
		out[i] = s
	}
}

func cubed(x, rows, out []float64) {
	p := len(x)
	for i := range out {
		a, s := rows[i*p:][:p], 0.0
		for j, v := range x {
			d := math.Abs(v - a[j])
			s += d * d * d
		}
		out[i] = s
	}
}

func chebyshev(x, rows, out []float64) {
	p := len(x)
	for i := range out {
		a, s := rows[i*p:][:p], 0.0
		for j, v := range x {
			s = max(s, math.Abs(v-a[j]))
		}
		out[i] = s
	}
}

func powered(power float64) func(x, rows, out []float64) {
	return func(x, rows, out []float64) {
		p := len(x)
		for i := range out {
			a, s := rows[i*p:][:p], 0.0
			for j, v := range x {
				s += math.Pow(math.Abs(v-a[j]), power)
			}
			out[i] = s
		}
	}
}

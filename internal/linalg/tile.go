package linalg

import "math"

// A product is cut into tiles of 8 rows and up to 24 columns. Unless they are small, the operands are first packed into
// strips: strip s holds, for each of a block of summands, numbers 8s to 8s+7, with zeros where the matrix ends, so that a
// tile reads memory in order.
//
// Whatever computes it, an element is the same number: its summands are multiplied and added by fused multiply-adds in
// order, from zero for every block of deep of them, and the sums of the blocks are added in order. Only processors
// without that instruction round the products too.
const (
	strip  = 8
	widest = 3   // strips of a tile
	deep   = 256 // summands in a block: a strip of 16 KB stays in the first-level cache
	broad  = 384 // columns whose strips are packed together: 768 KB stay in the second-level cache
)

// operand is where a tile finds its numbers: that of summand l of vector r, or of the first vector of strip r, stands at
// r·vector + l·summand.
type operand struct {
	v               []float64
	vector, summand int
}

// tileGo is the plain form of tile: it writes or adds to the tile of c, whose rows are cs apart, the sum over n summands of
// the outer products of the numbers of as many vectors of a as there are rows, and of 8 for each strip of b.
func tileGo(c []float64, cs int, a, b operand, n, rows, strips int, first bool) {
	for s := range strips {
		for r := range rows {
			var t [strip]float64
			for l := range n {
				v := a.v[r*a.vector+l*a.summand]
				row := (*[strip]float64)(b.v[s*b.vector+l*b.summand:])
				t[0] = math.FMA(v, row[0], t[0])
				t[1] = math.FMA(v, row[1], t[1])
				t[2] = math.FMA(v, row[2], t[2])
				t[3] = math.FMA(v, row[3], t[3])
				t[4] = math.FMA(v, row[4], t[4])
				t[5] = math.FMA(v, row[5], t[5])
				t[6] = math.FMA(v, row[6], t[6])
				t[7] = math.FMA(v, row[7], t[7])
			}
			put(c[r*cs+s*strip:], &t, first)
		}
	}
}

// tileRounded is tileGo for processors without a fused multiply-add, where it would take fifty times as long.
func tileRounded(c []float64, cs int, a, b operand, n, rows, strips int, first bool) {
	for s := range strips {
		for r := range rows {
			var t [strip]float64
			for l := range n {
				v := a.v[r*a.vector+l*a.summand]
				for j, u := range (*[strip]float64)(b.v[s*b.vector+l*b.summand:]) {
					t[j] += float64(v * u)
				}
			}
			put(c[r*cs+s*strip:], &t, first)
		}
	}
}

func put(c []float64, t *[strip]float64, first bool) {
	to := (*[strip]float64)(c)
	if first {
		*to = *t
		return
	}
	for j, v := range t {
		to[j] += v
	}
}

// manhattanGo is the plain form of manhattan: it writes, or adds one coordinate after the other, to the tile of c the
// Manhattan distances of the 8 vectors of a from those in each strip of b.
func manhattanGo(c []float64, cs int, a, b []float64, bs, n, strips int, first bool) {
	distancesGo(c, cs, a, b, bs, n, strips, first, func(u, v float64) float64 { return math.Abs(u - v) })
}

// chiGo is the plain form of chi: manhattanGo for (u − v)²/(u + v).
func chiGo(c []float64, cs int, a, b []float64, bs, n, strips int, first bool) {
	distancesGo(c, cs, a, b, bs, n, strips, first, func(u, v float64) float64 {
		if s := u + v; s != 0 {
			d := u - v
			return float64(d*d) / s
		}
		return 0
	})
}

// sharedGo is the plain form of shared: manhattanGo for (u − v)², and nothing where either is NaN.
func sharedGo(c []float64, cs int, a, b []float64, bs, n, strips int, first bool) {
	distancesGo(c, cs, a, b, bs, n, strips, first, func(u, v float64) float64 {
		if d := u - v; d == d {
			return float64(d * d)
		}
		return 0
	})
}

func distancesGo(c []float64, cs int, a, b []float64, bs, n, strips int, first bool, of func(u, v float64) float64) {
	for s := range strips {
		for r := range strip {
			to := (*[strip]float64)(c[r*cs+s*strip:])
			if first {
				*to = [strip]float64{}
			}
			right := b[s*bs:]
			for l := range n {
				u := a[l*strip+r]
				for j, v := range right[l*strip : l*strip+strip] {
					to[j&(strip-1)] += of(u, v)
				}
			}
		}
	}
}

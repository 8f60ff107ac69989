package kernel

import (
	"math"
	"math/bits"
)

// Bounds are what a split of a gradient histogram must respect.
type Bounds struct {
	Least   int64   // smallest value of the count field on both sides, at least 1
	Hessian float64 // smallest sum of hessians on both sides
	L2      float64
}

// A Scan looks for the best cut of one node in the histograms of its columns. With G the sum of gradients and H that of
// hessians, the decrease of the regularised second-order loss (Chen and Guestrin, XGBoost, 2016, equation 7) grows with
// Gₗ²/Dₗ + Gᵣ²/Dᵣ, D = H + L2. That is G²/(Dₗ + Dᵣ) + u²/((Dₗ + Dᵣ) Dₗ Dᵣ) with u = Gₗ Dᵣ - Gᵣ Dₗ, so that u²/(Dₗ Dᵣ) is
// what the scan compares, in steps of the fixed-point numbers: its score. Exchanging the sides gives the same bits.
type Scan struct {
	// the order of the fields is known to the assembly
	gradientShift, hessianShift uint64
	hessianMask, countMask      int64
	least, last                 int64   // value of the count field on the left
	low, high                   float64 // sum of hessians on the left
	l2, all, total              float64 // L2, H and G
	base                        float64 // of gradients as the bits of floats
	unit                        float64
	lowest, highest             int64 // low and high
}

// NewScan prepares the scan of a node whose rows add up to total.
func NewScan(p *Packing, total int64, b Bounds) Scan {
	s := Scan{gradientShift: uint64(p.GradientShift), hessianShift: uint64(p.HessianShift), hessianMask: p.HessianMask, countMask: p.CountMask}
	s.least, s.last = b.Least, total&p.CountMask-b.Least
	h := float64(total >> (p.HessianShift & 63) & p.HessianMask)
	s.low, s.l2 = math.Ceil(b.Hessian/p.HessianUnit), b.L2/p.HessianUnit
	if s.l2 == 0 {
		s.low = max(s.low, 1) // no side may weigh nothing
	}
	s.high = h - s.low
	s.all, s.total = h, float64(total>>(p.GradientShift&63))
	s.lowest, s.highest = int64(min(s.low, 1<<62)), int64(max(s.high, -1))
	s.base = 1<<52 + math.Ldexp(1, 63-int(p.GradientShift))
	s.unit = p.GradientUnit * p.GradientUnit / p.HessianUnit
	return s
}

// Value turns a score into Gₗ²/Dₗ + Gᵣ²/Dᵣ.
func (s *Scan) Value(score float64) float64 {
	return (score + s.total*s.total) / (s.all + 2*s.l2) * s.unit
}

// Score is the inverse of [Scan.Value].
func (s *Scan) Score(value float64) float64 { return value/s.unit*(s.all+2*s.l2) - s.total*s.total }

// Best returns the cut of a column with the largest score above floor, at least -1, the first of them, and its
// score: the position of the last cell on the left, -1 if there is none. left is the word of what goes left in any case.
func (s *Scan) Best(cells []int64, left int64, floor float64) (at int, score float64) {
	if wide && len(cells) > 0 {
		all := Span{N: int32(len(cells))}
		_, at, score = scanSpans(s, &cells[0], &all, 1, left, floor)
		return at, score
	}
	return s.narrow(cells, left, floor)
}

// narrow is Best for processors without the widest vectors.
func (s *Scan) narrow(cells []int64, left int64, floor float64) (at int, score float64) {
	n := 0
	at, score = -1, floor
	if vectors && len(cells) >= 4 {
		n = len(cells) &^ 3
		at, score, left = s.vector(cells[:n], left, floor)
	}
	for i, v := range cells[n:] {
		left += v
		c := left & s.countMask
		if c < s.least {
			continue
		}
		if c > s.last {
			break
		}
		if x := s.score(left); x > score {
			at, score = n+i, x
		}
	}
	return at, score
}

// One returns the score of the cut that sends the word left to the left, and whether it may be.
func (s *Scan) One(left int64) (float64, bool) {
	c := left & s.countMask
	x := s.score(left)
	return x, c >= s.least && c <= s.last && x >= 0
}

// score is that of one cut, -1 if a side has too small a hessian. The conversions keep products from being fused with
// sums: scores are the same on all machines.
func (s *Scan) score(left int64) float64 {
	h := float64(left >> (s.hessianShift & 63) & s.hessianMask)
	if h < s.low || h > s.high {
		return -1
	}
	l, r := h+s.l2, s.all-h+s.l2
	g := float64(left >> (s.gradientShift & 63))
	u := float64(g*r) - float64((s.total-g)*l)
	return float64(u*u) / float64(l*r)
}

// Subtract takes small away from large, cell by cell: what is left are the rows of the sibling.
func Subtract(large, small []int64) {
	small = small[:len(large)]
	n := 0
	if vectors {
		n = len(large) &^ 7
		if n > 0 {
			subtract(&large[0], &small[0], n)
		}
	}
	for i := n; i < len(large); i++ {
		large[i] -= small[i]
	}
}

// Add adds other to cells.
func Add(cells, other []int64) {
	other = other[:len(cells)]
	n := 0
	if vectors {
		n = len(cells) &^ 7
		if n > 0 {
			add(&cells[0], &other[0], n)
		}
	}
	for i := n; i < len(cells); i++ {
		cells[i] += other[i]
	}
}

// Shrink moves g towards zero by at most l1.
func Shrink(g, l1 float64) float64 {
	switch {
	case g > l1:
		return g - l1
	case g < -l1:
		return g + l1
	}
	return 0
}

// Occupied writes the bins in the set to dst in ascending order, with their words in place of the cells, and empties
// both: what remains is a histogram without gaps, of the returned length.
func Occupied(cells *[Slots]int64, seen *[Slots / 64]uint64, dst *[Slots]uint8, words *[Slots]int64) int {
	n := 0
	for k, x := range seen {
		for ; x != 0; x &= x - 1 {
			b := uint8(k<<6 | bits.TrailingZeros64(x))
			dst[n&(Slots-1)] = b
			words[n&(Slots-1)] = cells[b]
			cells[b] = 0
			n++
		}
		seen[k] = 0
	}
	return n
}

package kernel

import "math/bits"

// Bounds are what a split of a gradient histogram must respect.
type Bounds struct {
	Least   int64   // smallest value of the count field on both sides
	Hessian float64 // smallest sum of hessians on both sides
	L1, L2  float64
}

// BestCut scans the cells of a column for the cut that maximises G²/(H+L2) summed over both sides, where G is the sum of
// gradients shrunk by L1 and H that of hessians: twice the decrease of the regularised second-order loss (Chen and
// Guestrin, XGBoost, 2016, equation 7). total is the word of all rows, left what goes left in any case. It returns the
// last bin on the left, or -1 if no cut is better than floor.
func BestCut(cells []int64, p *Packing, total, left int64, b Bounds, floor float64) (at int, score float64) {
	at, score = -1, floor
	gs, hs, hm, cm := p.GradientShift&63, p.HessianShift&63, p.HessianMask, p.CountMask
	gu, hu := p.GradientUnit, p.HessianUnit
	tg, th := float64(total>>gs)*gu, float64(total>>hs&hm)*hu
	last := total&cm - b.Least
	minimum := b.Hessian
	for i, v := range cells {
		if v == 0 && i > 0 {
			continue
		}
		left += v
		c := left & cm
		if c < b.Least {
			continue
		}
		if c > last {
			break
		}
		gl, hl := float64(left>>gs)*gu, float64(left>>hs&hm)*hu
		gr, hr := tg-gl, th-hl
		if hl < minimum || hr < minimum {
			continue
		}
		if b.L1 > 0 {
			gl, gr = Shrink(gl, b.L1), Shrink(gr, b.L1)
		}
		dl, dr := hl+b.L2, hr+b.L2
		// num/den > score without dividing
		num, den := gl*gl*dr+gr*gr*dl, dl*dr
		if num > score*den && den > 0 {
			at, score = i, num/den
		}
	}
	return at, score
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

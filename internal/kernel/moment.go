package kernel

// Moment is what a regression split needs to know of some rows.
type Moment struct {
	Sum    float64 // of weight times target
	Weight float64
	Rows   int
}

// Add adds m to the moment.
func (t *Moment) Add(m Moment) {
	t.Sum += m.Sum
	t.Weight += m.Weight
	t.Rows += m.Rows
}

// Minus is the moment of the rows that are in t and not in m.
func (t Moment) Minus(m Moment) Moment {
	return Moment{t.Sum - m.Sum, t.Weight - m.Weight, t.Rows - m.Rows}
}

// MomentRows adds each row's moment to the histogram entry of its code and notes the code.
func MomentRows(codes []uint16, rows []int32, sums, weights []float64, hist []Moment, seen *Ranks) {
	for _, r := range rows {
		c := codes[r]
		h := &hist[c]
		h.Sum += sums[r]
		h.Weight += weights[r]
		h.Rows++
		seen.Add(c)
	}
}

// MomentUpTo sums the moments of the rows whose code is at most cut.
func MomentUpTo(codes []uint16, rows []int32, sums, weights []float64, cut uint16) Moment {
	var m Moment
	for _, r := range rows {
		if codes[r] <= cut {
			m.Sum += sums[r]
			m.Weight += weights[r]
			m.Rows++
		}
	}
	return m
}

// BestSquare finds the cut in the ordered codes that maximises the sum over both sides of Sum²/Weight: the one with the
// smallest squared error. It empties the histogram and returns the position of the last code on the left, or -1 if no
// cut keeps the limits.
func BestSquare(order []uint16, hist []Moment, total Moment, least Limits) (at int, proxy float64) {
	at, proxy = -1, -1.0
	var left Moment
	for i, c := range order {
		left.Add(hist[c])
		hist[c] = Moment{}
		if left.Rows < least.Rows || total.Rows-left.Rows < least.Rows || i == len(order)-1 {
			continue
		}
		wl, wr, sr := left.Weight, total.Weight-left.Weight, total.Sum-left.Sum
		num, den := left.Sum*left.Sum*wr+sr*sr*wl, wl*wr
		if num > proxy*den && wl >= least.Weight && wr >= least.Weight {
			at, proxy = i, num/den
		}
	}
	return at, proxy
}

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

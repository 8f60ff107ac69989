package kernel

// A Poll counts rows and up to four classes in the fields of a word, Bits wide each, the rows in the lowest; a row counts
// once, in its class any number of times.
type Poll struct {
	// the order of the fields is known to the assembly
	Bits  uint64
	Total int64 // of the node
}

// Gini finds the cut of lined up and added rows after which the sum of squared counts of the classes over their sum, added
// up over both sides, is largest, if above floor, at least 0: the first of them, as the place of the last row on the left,
// -1 if there is none. At least least rows stay on each side. The value is the quotient of whole numbers that floats hold,
// if rows and counts of classes add up to less than 2¹⁷.
func (p *Poll) Gini(l *Lineup, least int, floor float64) (at int, value float64) {
	lo, hi := least-1, l.n-1-least
	if lo > hi {
		return -1, floor
	}
	first, turns := l.between(lo, hi)
	if widest {
		return gini8(p, &l.sums[8*first], &l.ends[first], turns, 8*first, floor)
	}
	return p.gini(l, lo, hi, floor)
}

func (p *Poll) gini(l *Lineup, lo, hi int, floor float64) (at int, value float64) {
	at, value = -1, floor
	for i := lo; i <= hi; i++ {
		if l.ends[i>>3]>>(i&7)&1 == 0 {
			continue
		}
		if x := p.value(l.sums[i]); x > value {
			at, value = i, x
		}
	}
	return at, value
}

// value is that of the cut that sends the word left to the left.
func (p *Poll) value(left int64) float64 {
	b := p.Bits & 63
	m := int64(1)<<b - 1
	l, r := left>>b, (p.Total-left)>>b // no field of the difference is negative
	var wl, wr, sl, sr int64
	for range 4 {
		x, y := l&m, r&m
		wl, wr = wl+x, wr+y
		sl, sr = sl+x*x, sr+y*y
		l, r = l>>b, r>>b
	}
	return float64(sl*wr+sr*wl) / float64(wl*wr)
}

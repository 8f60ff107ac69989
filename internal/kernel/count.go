package kernel

// A Tally packs three counts of up to 21 bits each: rows, and the weights of the two classes. Adding tallies adds all
// three at once.
type Tally uint64

const tallyBits, tallyMask = 21, 1<<21 - 1

// MaxTally is the largest count that a Tally can hold.
const MaxTally = tallyMask

// NewTally is the tally of one row of the given class (0 or 1) that counts weight times.
func NewTally(class, weight int) Tally {
	return 1 | Tally(weight)<<(tallyBits*(1+class))
}

// Rows is the number of rows.
func (t Tally) Rows() int { return int(t & tallyMask) }

// Class0 and Class1 are the weights of the classes.
func (t Tally) Class0() int { return int(t >> tallyBits & tallyMask) }

// Class1 is the weight of the second class.
func (t Tally) Class1() int { return int(t >> (2 * tallyBits)) }

// TallyRows adds the tally of each row to the histogram entry of its code and notes the code. len(hist) is beyond every
// code.
func TallyRows(codes []uint16, rows []int32, tallies, hist []Tally, seen *Ranks) {
	for _, r := range rows {
		c := codes[r]
		hist[c] += tallies[r]
		seen.Add(c)
	}
}

// SumTallies adds up the tallies of the rows.
func SumTallies(rows []int32, tallies []Tally) Tally {
	sum := Tally(0)
	for _, r := range rows {
		sum += tallies[r]
	}
	return sum
}

// TallyUpTo sums the tallies of the rows whose code is at most cut.
func TallyUpTo(codes []uint16, rows []int32, tallies []Tally, cut uint16) Tally {
	sum := Tally(0)
	for _, r := range rows {
		keep := Tally((int64(codes[r]) - int64(cut) - 1) >> 63)
		sum += tallies[r] & keep
	}
	return sum
}

// Extent returns the smallest and the largest code of the rows, which are not empty.
func Extent(codes []uint16, rows []int32) (lo, hi uint16) {
	lo, hi = codes[rows[0]], codes[rows[0]]
	for _, r := range rows {
		lo, hi = min(lo, codes[r]), max(hi, codes[r])
	}
	return lo, hi
}

// Limits are what both sides of a split must have at least.
type Limits struct {
	Rows   int
	Weight float64
}

// BestGini finds the cut in the ordered codes that maximises the sum over both sides of (l₀²+l₁²)/(l₀+l₁), where l is
// the class weights times factor; this is the cut with the smallest mean Gini impurity. It empties the histogram
// and returns the position of the last code on the left, or -1 if no cut keeps the limits.
func BestGini(order []uint16, hist []Tally, total Tally, factor [2]float64, least Limits) (at int, proxy float64) {
	at, proxy = -1, -1.0
	rows, left := total.Rows(), Tally(0)
	t0, t1 := factor[0]*float64(total.Class0()), factor[1]*float64(total.Class1())
	for i, c := range order {
		left += hist[c]
		hist[c] = 0
		n := left.Rows()
		if n < least.Rows || rows-n < least.Rows || i == len(order)-1 {
			continue
		}
		l0, l1 := factor[0]*float64(left.Class0()), factor[1]*float64(left.Class1())
		r0, r1 := t0-l0, t1-l1
		wl, wr := l0+l1, r0+r1
		// num/den > proxy without dividing
		num, den := (l0*l0+l1*l1)*wr+(r0*r0+r1*r1)*wl, wl*wr
		if num > proxy*den && wl >= least.Weight && wr >= least.Weight {
			at, proxy = i, num/den
		}
	}
	return at, proxy
}

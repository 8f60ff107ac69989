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

// SumTallies adds up the tallies of the rows.
func SumTallies(rows []int32, tallies []Tally) Tally {
	sum := Tally(0)
	for _, r := range rows {
		sum += tallies[r]
	}
	return sum
}

// Limits are what both sides of a split must have at least.
type Limits struct {
	Rows   int
	Weight float64
}

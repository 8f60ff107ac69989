package kernel

import "math"

// A Ladder holds up to 256 ascending numbers for each of several columns, so that how many of them are at most a given
// number is found in two steps without a jump: of sixteen rungs far apart, then of the sixteen from there on.
type Ladder struct{ rungs []float64 }

// rungs is the number of rungs of a step; a column has that many far apart, and that many times that many.
const rungs = 16

const ladderLength = rungs + rungs*rungs

// NewLadder makes an empty one.
func NewLadder(columns int) Ladder {
	l := Ladder{make([]float64, columns*ladderLength)}
	for i := range l.rungs {
		l.rungs[i] = math.Inf(1)
	}
	return l
}

// Set sets the numbers of a column, at most 255 and none of them infinite.
func (l *Ladder) Set(column int, ascending []float64) {
	own := l.rungs[column*ladderLength:][:ladderLength]
	copy(own[rungs:], ascending)
	for i := range rungs {
		own[i] = own[rungs+i*rungs+rungs-1]
	}
}

// UpTo returns how many numbers of a column are at most v, none if v is NaN, and more than there are if v is infinite.
func (l *Ladder) UpTo(column int, v float64) int {
	own := (*[ladderLength]float64)(l.rungs[column*ladderLength:])
	if lined {
		return climb(own, v)
	}
	n := 0
	for _, x := range own[rungs:] {
		if x <= v {
			n++
		}
	}
	return n
}

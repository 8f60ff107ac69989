package tree

import (
	"context"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/kernel"
)

// lattice holds the codes of all columns row by row, a byte each, so that a node of few rows has all that it may look at
// in the fastest cache, whatever columns are drawn. Trees with random thresholds visit few rows of many columns. Behind the
// codes of a row stands its class.
type lattice struct {
	kernel.Lines
	columns int
	edges   edges
	ladder  kernel.Ladder // the smallest value of each code, for halves in single precision
}

// edges are the keys of the smallest value of each code of all columns, 256 each: in single precision, ascending, and above
// those that exist the largest key there is.
type edges []uint32

// singleKey orders numbers as they are.
func singleKey(v float32) uint32 {
	b := math.Float32bits(v)
	return b ^ (uint32(int32(b)>>31) | 1<<31)
}

// single is the inverse of singleKey.
func single(k uint32) float32 { return math.Float32frombits(k ^ (uint32(int32(^k)>>31) | 1<<31)) }

// draw returns the key of a number between the smallest values of codes lo and hi of a column, u of the way.
func (e edges) draw(column int32, lo, hi int, u float64) int64 {
	return int64(singleKey(e.between(column, lo, hi, u)))
}

// between is the number itself.
func (e edges) between(column int32, lo, hi int, u float64) float32 {
	own := e[int(column)*256:][:256]
	a, z := float64(single(own[lo&255])), float64(single(own[hi&255]))
	return float32(a+u*(z-a)) + 0 // not -0
}

// four finds the last codes whose smallest values are at most t; at holds the places of the columns' first codes and then
// of those found. No step is a jump, which the processor could not guess, and of four searches none waits for another.
func (e edges) four(at *[4]int, t *[4]int64) {
	a, b, c, d := at[0], at[1], at[2], at[3]
	ta, tb, tc, td := t[0]+1, t[1]+1, t[2]+1, t[3]+1
	for step := 128; step > 0; step /= 2 {
		a += step & int((int64(e[a+step])-ta)>>63)
		b += step & int((int64(e[b+step])-tb)>>63)
		c += step & int((int64(e[c+step])-tc)>>63)
		d += step & int((int64(e[d+step])-td)>>63)
	}
	at[0], at[1], at[2], at[3] = a, b, c, d
}

// newLattice makes one of columns with at most 255 codes each, with halves for a target of two classes; nil if there are too many
// rows for halves without lines, on all processors alike: their places in it would not fit into an int32.
func newLattice(ctx context.Context, t *table, x *dataset.Frame, class []int32, halves bool) (*lattice, error) {
	p := x.Cols()
	if x.Rows()*(p+kernel.LineWidth) > math.MaxInt32 {
		return nil, nil
	}
	l := &lattice{Lines: kernel.NewLines(x.Rows(), p+1), columns: p, edges: make(edges, 256*p), ladder: kernel.NewLadder(p)}
	singles := make([]float64, coarseRanks)
	for j := range p {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		col, e := t.ranked(int32(j)), l.edges[256*j:256*(j+1)]
		for k := range e {
			e[k] = math.MaxUint32
			if k < len(col.lo) {
				e[k] = singleKey(float32(max(-math.MaxFloat32, min(col.lo[k], math.MaxFloat32))))
			}
		}
		if halves {
			for k := range col.lo {
				singles[k] = float64(single(e[k]))
			}
			l.ladder.Set(j, singles[:len(col.lo)])
		} else {
			l.ladder.Set(j, col.lo)
		}
		l.Fill(j, col.code)
	}
	for r, k := range class {
		l.Row(r)[p] = uint8(k & 1)
	}
	return l, nil
}

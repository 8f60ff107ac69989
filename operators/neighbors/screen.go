package neighbors

import (
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
)

// screen passes over the rows that cannot be near. It works on |y|² - 2·x·y, which orders the rows y like the squared
// distance to x and comes from a matrix product at several times the speed; only rows that are near by that measure,
// allowing for its rounding errors, are measured exactly, so that it never changes the outcome.
type screen struct {
	norms   []float64 // squared norms of the training rows
	largest float64
}

type screenKey struct{}

func newScreen(rows linalg.Matrix) *screen {
	s := &screen{norms: make([]float64, rows.Rows)}
	for i := range s.norms {
		s.norms[i] = linalg.SquaredNorm(rows.Row(i))
		s.largest = max(s.largest, s.norms[i])
	}
	return s
}

// screenOf is shared by all who fit on x.
func screenOf(x *dataset.Frame) *screen {
	return x.Derive(screenKey{}, func() any { return newScreen(linalg.Of(x.Rows(), x.Cols(), x.Matrix())) }).(*screen)
}

// search finds the neighbours of queries among rows.
func (s *screen) search(found []nearest, queries, rows linalg.Matrix) {
	var work linalg.Workspace
	products := make([]float64, queries.Rows*rowBlock)
	shift := make([]float64, queries.Rows) // from a squared distance to what a row must not exceed
	for i := range shift {
		norm := linalg.SquaredNorm(queries.Row(i))
		shift[i] = 8*float64(rows.Cols+4)*0x1p-52*(norm+s.largest) - norm
	}
	for lo := 0; lo < rows.Rows; lo += rowBlock {
		hi := min(lo+rowBlock, rows.Rows)
		block := linalg.Of(hi-lo, rows.Cols, rows.Data[lo*rows.Cols:hi*rows.Cols])
		dots := linalg.Of(queries.Rows, hi-lo, products[:queries.Rows*(hi-lo)])
		work.MulT(dots, queries, block)
		for i := range found {
			s.sift(&found[i], queries.Row(i), block, lo, dots.Row(i), shift[i])
		}
	}
}

// sift offers the rows of a block, the first of which is row lo, that may be near.
func (s *screen) sift(found *nearest, query []float64, block linalg.Matrix, lo int, dots []float64, shift float64) {
	var exact [1]float64
	norms := s.norms[lo : lo+len(dots)]
	for j := 0; j < len(dots); j++ {
		if found.full() {
			if j += linalg.NotAbove(norms[j:], dots[j:], found.heap[0].distance+shift); j == len(dots) {
				return
			}
		}
		squared(query, block.Row(j), exact[:])
		found.offer(neighbour{exact[0], int32(lo + j)})
	}
}

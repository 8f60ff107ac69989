package svm

import (
	"fmt"

	"github.com/lren-chuv/automl/internal/linalg"
)

// cacheBytes bounds the kernel rows that one machine keeps.
const cacheBytes = 100 << 20

// gram is the matrix of the kernel between all rows of a sample. Its rows are computed when they are asked for; those
// asked for least recently make room for others.
type gram struct {
	kernel kernel
	x      linalg.Matrix
	norms  []float64
	diag   []float64

	parent *gram   // if set, rows are picked from it instead of computed
	rows   []int32 // their numbers in parent

	slot  []int32 // where each row is kept, or -1
	owner []int32 // row kept in each slot
	used  []int   // when each slot was asked for last
	kept  [][]float64
	clock int
}

func newGram(k kernel, x linalg.Matrix) (*gram, error) {
	g := &gram{kernel: k, x: x, norms: squaredNorms(x), diag: make([]float64, x.Rows)}
	for i := range g.diag {
		k.of(g.diag[i:i+1], x.Row(i), g.norms[i], linalg.Of(1, x.Cols, x.Row(i)), g.norms[i:i+1])
		if v := g.diag[i]; v-v != 0 {
			return nil, fmt.Errorf("the kernel of row %d with itself is %v", i, v)
		}
	}
	g.makeRoom()
	return g, nil
}

// makeRoom allots the slots; memory is taken as they fill.
func (g *gram) makeRoom() {
	n := len(g.diag)
	slots := min(n, max(2, cacheBytes/8/n))
	g.slot, g.owner, g.used = make([]int32, n), make([]int32, 0, slots), make([]int, 0, slots)
	for i := range g.slot {
		g.slot[i] = -1
	}
}

// whole reports whether all rows fit into the cache.
func (g *gram) whole() bool { return cap(g.owner) >= len(g.diag) }

// sub is the gram matrix of some of the rows.
func (g *gram) sub(rows []int32) *gram {
	s := &gram{kernel: g.kernel, diag: make([]float64, len(rows))}
	for i, r := range rows {
		s.diag[i] = g.diag[r]
	}
	if g.whole() {
		s.parent, s.rows = g, rows
	} else {
		s.x, s.norms = linalg.NewMatrix(len(rows), g.x.Cols), make([]float64, len(rows))
		for i, r := range rows {
			copy(s.x.Row(i), g.x.Row(int(r)))
			s.norms[i] = g.norms[r]
		}
	}
	s.makeRoom()
	return s
}

// row returns row i, which stays valid until two others have been asked for.
func (g *gram) row(i int) []float64 {
	g.clock++
	if at := g.slot[i]; at >= 0 {
		g.used[at] = g.clock
		return g.kept[at]
	}
	at := len(g.owner)
	if at < cap(g.owner) {
		g.owner, g.used = append(g.owner, 0), append(g.used, 0)
		g.kept = append(g.kept, make([]float64, len(g.slot)))
	} else {
		at = 0
		for s, when := range g.used {
			if when < g.used[at] {
				at = s
			}
		}
		g.slot[g.owner[at]] = -1
	}
	g.slot[i], g.owner[at], g.used[at] = int32(at), int32(i), g.clock
	g.fill(g.kept[at], i)
	return g.kept[at]
}

func (g *gram) fill(row []float64, i int) {
	if g.parent == nil {
		g.kernel.of(row, g.x.Row(i), g.norms[i], g.x, g.norms)
		return
	}
	from := g.parent.row(int(g.rows[i]))
	for j, r := range g.rows {
		row[j] = from[r]
	}
}

// variance of all elements, for gamma=scale.
func variance(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	_, _, sum := linalg.Extent(v)
	squares, _ := linalg.Deviation(v, sum/float64(len(v)))
	return squares / float64(len(v))
}

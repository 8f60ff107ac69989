package neighbors

import "math"

// scikit-learn compares with all rows where a table has more than so many columns.
const scanCols = 15

// scans reports whether scikit-learn would compare with all rows.
func (s *store) scans() bool { return s.Cols > scanCols || s.Neighbors >= s.rows()/2 }

// choose finds again the neighbours of query, now those that scikit-learn takes of equally near rows: its heap of the k
// best takes a row only if it is nearer than the worst, and which of several worst it gives up depends on where they
// stand in the heap.
func (s *store) choose(m metric, query []float64, h *nearest) {
	heap := h.heap[:h.k]
	for i := range heap {
		heap[i] = neighbour{math.Inf(1), -1}
	}
	var out [rowBlock]float64
	for lo := 0; lo < s.rows(); lo += rowBlock {
		hi := min(lo+rowBlock, s.rows())
		m.reduced(query, s.Rows[lo*s.Cols:], out[:hi-lo])
		for j, d := range out[:hi-lo] {
			if d < heap[0].distance {
				sink(heap, neighbour{d, int32(lo + j)})
			}
		}
	}
}

// sink puts n in the place of the top and moves it down; of two equal children the left one comes up.
func sink(heap []neighbour, n neighbour) {
	i := 0
	for {
		down := 2*i + 1
		if down >= len(heap) {
			break
		}
		if down+1 < len(heap) && heap[down+1].distance > heap[down].distance {
			down++
		}
		if heap[down].distance <= n.distance {
			break
		}
		heap[i] = heap[down]
		i = down
	}
	heap[i] = n
}

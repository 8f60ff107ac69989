package neighbors

import "slices"

// neighbour is a training row at some reduced distance.
type neighbour struct {
	distance float64
	row      int32
}

// before orders neighbours by distance, rows of equal distance by their number.
func (a neighbour) before(b neighbour) bool {
	return a.distance < b.distance || a.distance == b.distance && a.row < b.row
}

// nearest holds the k nearest rows met so far as a heap whose top is the worst of them.
type nearest struct {
	heap []neighbour
	k    int
	tie  float64 // the last distance at which one row was preferred to another, negative if there is none
}

// tied reports whether a row that was left out is as near as the last that was taken.
func (h *nearest) tied() bool { return h.full() && h.tie == h.heap[0].distance }

// full reports whether k rows have been met, so that the top bounds what is of interest.
func (h *nearest) full() bool { return len(h.heap) == h.k }

// offer takes n if it is among the k nearest. A distance that is not a number is never taken.
func (h *nearest) offer(n neighbour) {
	if n.distance != n.distance {
		return
	}
	if len(h.heap) < h.k {
		h.heap = append(h.heap, n)
		for i := len(h.heap) - 1; i > 0; {
			up := (i - 1) / 2
			if !h.heap[up].before(h.heap[i]) {
				break
			}
			h.heap[up], h.heap[i] = h.heap[i], h.heap[up]
			i = up
		}
		return
	}
	switch {
	case n.before(h.heap[0]):
		h.replace(n)
	case n.distance == h.heap[0].distance:
		h.tie = n.distance
	}
}

// replace puts n in the place of the worst.
func (h *nearest) replace(n neighbour) {
	i, heap, worst := 0, h.heap, h.heap[0].distance
	for {
		down := 2*i + 1
		if down >= len(heap) {
			break
		}
		if down+1 < len(heap) && heap[down].before(heap[down+1]) {
			down++
		}
		if !n.before(heap[down]) {
			break
		}
		heap[i] = heap[down]
		i = down
	}
	heap[i] = n
	if heap[0].distance == worst {
		h.tie = worst
	}
}

// sorted returns the rows, nearest first; after it the heap is one no more.
func (h *nearest) sorted() []neighbour {
	slices.SortFunc(h.heap, func(a, b neighbour) int {
		switch {
		case a.before(b):
			return -1
		case b.before(a):
			return 1
		}
		return 0
	})
	return h.heap
}

package tree

import "github.com/lren-chuv/automl/internal/kernel"

// share is some neighbouring blocks of a slab.
type share struct {
	slab   *slab
	lo, hi int // blocks
}

// desk is what a thread counts with: the bins of some of a node's rows, without gaps, and their words.
type desk struct {
	rows  []byte
	words [batch]int64
}

// batch is the number of rows whose bins are collected before they are counted: enough to change seldom from one block
// to the next, few enough to stay in the cache.
const batch = 2048

// nearby is the size in bytes of a slab whose rows may be visited in any order, block by block, since it stays in the
// cache. Of a larger one the rows are collected first, to fetch each once.
const nearby = 1 << 18

// divvy makes the shares, enough for all threads, of columns as equal in number as blocks allow, and the desks.
func (s *sprouter) divvy(rows int) {
	per := (s.threads() + len(s.t.slabs) - 1) / len(s.t.slabs) // of a slab
	width := 0
	for k := range s.t.slabs {
		b := &s.t.slabs[k]
		lo, n := b.first/blockWidth, b.stride/blockWidth
		cols := min(len(s.t.cols)-b.first, slabWidth)
		s.slabs = append(s.slabs, share{b, lo, lo + n})
		at := 0
		for i := range per {
			end := (2*(i+1)*cols + per*blockWidth) / (2 * per * blockWidth) // the nearest block
			if i == per-1 {
				end = n
			}
			if end > at {
				s.shares = append(s.shares, share{b, lo + at, lo + end})
				at = end
			}
		}
		if len(b.bins) > nearby {
			width = max(width, b.stride)
		}
	}
	for range max(len(s.shares), s.threads()) {
		s.desks = append(s.desks, &desk{rows: make([]byte, min(batch, rows)*width)})
	}
}

// count makes the part of a histogram that belongs to a share, of ascending rows; columns that the tree does not split
// are left undefined.
func (s *sprouter) count(d *desk, w *share, rows []int32, cells []int64) {
	if s.t.flat != nil {
		s.t.flat.count(w, rows, s.words, cells)
		return
	}
	for i := w.lo; i < w.hi; i++ {
		for _, j := range s.plots[i].columns {
			at := int(j) * kernel.Slots
			clear(cells[at:][:s.t.cols[j].bins])
			cells[at+kernel.MissingBin] = 0
		}
	}
	if len(rows) == 0 {
		return
	}
	all, stride, width := s.words, w.slab.stride, (w.hi-w.lo)*blockWidth
	bins := w.slab.bins[w.lo*blockWidth-w.slab.first:]
	if consecutive(rows) {
		first := int(rows[0])
		s.countRun(w, bins[first*stride:], stride, s.words[first:][:len(rows)], cells)
		return
	}
	for lo := 0; lo < len(rows); lo += batch {
		part := rows[lo:min(len(rows), lo+batch)]
		words := d.words[:len(part)]
		for i, r := range part {
			words[i] = all[r]
		}
		if len(w.slab.bins) <= nearby {
			s.countAt(w, bins, part, words, cells)
			continue
		}
		kernel.Collect(d.rows, bins, stride, width, part)
		s.countRun(w, d.rows, width, words, cells)
	}
}

// consecutive reports whether there are no rows between the ascending ones.
func consecutive(rows []int32) bool { return int(rows[len(rows)-1]-rows[0]) == len(rows)-1 }

// hist is the part of the cells that belongs to block i, nil if the tree does not split its columns, and whether only
// the first half of these exists.
func (s *sprouter) hist(i int, cells []int64) (h *kernel.Hist, few bool) {
	if len(s.plots[i].columns) == 0 {
		return nil, false
	}
	return (*kernel.Hist)(cells[i*blockWidth*kernel.Slots:]), len(s.t.cols)-i*blockWidth <= blockWidth/2
}

// countRun counts rows that follow each other, stride bytes apart.
func (s *sprouter) countRun(w *share, bins []byte, stride int, words, cells []int64) {
	for i := w.lo; i < w.hi; i++ {
		h, few := s.hist(i, cells)
		switch at := bins[(i-w.lo)*blockWidth:]; {
		case h == nil:
		case few:
			kernel.AccumulateFew(at, stride, words, h)
		default:
			kernel.Accumulate(at, stride, words, h)
		}
	}
}

// countAt counts some rows.
func (s *sprouter) countAt(w *share, bins []byte, rows []int32, words, cells []int64) {
	for i := w.lo; i < w.hi; i++ {
		h, few := s.hist(i, cells)
		switch at := bins[(i-w.lo)*blockWidth:]; {
		case h == nil:
		case few:
			kernel.AccumulateFewAt(at, w.slab.stride, rows, words, h)
		default:
			kernel.AccumulateAt(at, w.slab.stride, rows, words, h)
		}
	}
}

package tree

import "github.com/lren-chuv/automl/internal/kernel"

// Deep in a tree nodes are so small that most of a sorted column is not about them. So some of the nodes keep lists of
// their own rows, for those that grow below them.

// nest is a node with the rows of its columns in order, each from when it is first asked for.
type nest struct {
	lo, hi  int32 // its rows
	members kernel.Members
	stamp   int // tells it from those that had the memory before
	queues  []queue
	stamps  []int
}

// nests are those that lie in each other.
type nests struct {
	open  []nest // the memory of those closed stays behind
	depth int
	stamp int
}

// A node becomes a nest if it has at most a third of the rows of the one that it lies in, unless that is small anyway.
const nestShare, nestRows = 3, 96

// On more columns there are no nests: their lists, of every thread, would take more memory than the table.
const nestColumns = 1024

// enter closes the nests that the rows [lo, hi) do not lie in, and opens one for them if it pays; all is the number of rows
// of the columns.
func (s *nests) enter(lo, hi int32, all int, members *kernel.Members, grows bool) {
	for s.depth > 0 && (lo < s.open[s.depth-1].lo || hi > s.open[s.depth-1].hi) {
		s.depth--
	}
	if s.depth > 0 {
		x := &s.open[s.depth-1]
		all = int(x.hi - x.lo)
	}
	if !grows || all < nestRows || int(hi-lo)*nestShare > all {
		return
	}
	if s.depth == len(s.open) {
		s.open = append(s.open, nest{})
	}
	s.stamp++
	x := &s.open[s.depth]
	x.lo, x.hi, x.members, x.stamp = lo, hi, *members, s.stamp
	s.depth++
}

// queue is the rows of column j, of cols columns, in the innermost nest.
func (s *nests) queue(j int32, col *ranked, cols int) *queue { return s.at(s.depth-1, j, col, cols) }

func (s *nests) at(level int, j int32, col *ranked, cols int) *queue {
	if level < 0 {
		return col.queue
	}
	x := &s.open[level]
	if len(x.queues) < cols {
		x.queues, x.stamps = make([]queue, cols), make([]int, cols)
	}
	q := &x.queues[j]
	if x.stamps[j] != x.stamp {
		outer := s.at(level-1, j, col, cols)
		q.rows, q.codes = kernel.Narrow(outer.rows, outer.codes, &x.members, q.rows, q.codes)
		x.stamps[j] = x.stamp
	}
	return q
}

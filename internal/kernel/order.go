package kernel

// Sorter is scratch for [Sorter.Order].
type Sorter struct {
	seen  Ranks
	order []uint16
	head  []int32 // by code: one more than the position of the row that was met last
	next  []int32 // by position: the row met before it, counted alike
}

// NewSorter makes a Sorter for up to rows rows and codes below codes.
func NewSorter(rows, codes int) *Sorter {
	return &Sorter{order: make([]uint16, codes), head: make([]int32, codes), next: make([]int32, rows)}
}

// Order writes the rows to dst by ascending code, in time linear in their number. Rows of equal code come in reverse.
func (s *Sorter) Order(codes []uint16, rows, dst []int32) {
	for i, r := range rows {
		c := codes[r]
		s.next[i] = s.head[c]
		s.head[c] = int32(i + 1)
		s.seen.Add(c)
	}
	n := 0
	for _, c := range s.order[:s.seen.Drain(s.order, len(s.head)-1)] {
		for i := s.head[c]; i != 0; i = s.next[i-1] {
			dst[n] = rows[i-1]
			n++
		}
		s.head[c] = 0
	}
}

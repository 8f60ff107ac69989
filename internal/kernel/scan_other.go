//go:build !amd64

package kernel

// vectors and wide say whether there is assembly for this processor.
const vectors, wide = false, false

func scanSpans(s *Scan, cells *int64, columns *Span, n int, left int64, floor float64) (column, at int, score float64) {
	panic("kernel: no assembly for this processor")
}

func (s *Scan) vector(cells []int64, left int64, floor float64) (at int, score float64, end int64) {
	panic("kernel: no assembly for this processor")
}

func add(cells, other *int64, n int) { panic("kernel: no assembly for this processor") }

func subtract(large, small *int64, n int) { panic("kernel: no assembly for this processor") }

func extents32(table *float64, stride int, rows *int32, n int, lo, hi *float64) {
	panic("kernel: no assembly for this processor")
}

func extents8(table *float64, stride int, rows *int32, n int, lo, hi *float64) {
	panic("kernel: no assembly for this processor")
}

func sums32(table *float64, stride int, rows *int32, n int, words *int64, cuts *float64, sums *int64) {
	panic("kernel: no assembly for this processor")
}

func sums8(table *float64, stride int, rows *int32, n int, words *int64, cuts *float64, sums *int64) {
	panic("kernel: no assembly for this processor")
}

//go:build !amd64

package kernel

const widest = false

func split32(codes *uint16, n int, cut uint16, m, left, right *Members) {
	panic("kernel: no assembly for this processor")
}

func part16(rows *int32, n int, m *Members, spare *int32) (left int) {
	panic("kernel: no assembly for this processor")
}

func sift32(order *uint16, n int, m *Members, dst *uint16) int {
	panic("kernel: no assembly for this processor")
}

func siftBoth32(order, codes *uint16, n int, m *Members, dst, own *uint16) int {
	panic("kernel: no assembly for this processor")
}

func ends32(codes *uint16, n int, ends *uint8) { panic("kernel: no assembly for this processor") }

func sums1(rows *uint16, n int, words, sums *int64) { panic("kernel: no assembly for this processor") }

func line8(s *Scan, sums *int64, ends *uint8, turns, first int, floor float64) (at int, score float64) {
	panic("kernel: no assembly for this processor")
}

func lineEven8(s *Scan, sums *int64, ends *uint8, roots *float64, turns, first int, floor float64) (at int, score float64) {
	panic("kernel: no assembly for this processor")
}

func gini8(p *Poll, sums *int64, ends *uint8, turns, first int, floor float64) (at int, value float64) {
	panic("kernel: no assembly for this processor")
}

func roots8(n int, roots *float64) { panic("kernel: no assembly for this processor") }

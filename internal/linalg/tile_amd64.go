package linalg

import "golang.org/x/sys/cpu"

var hasAVX2 = cpu.X86.HasAVX2 && cpu.X86.HasFMA

// tileAVX2 is tileGo for processors with AVX2 and fused multiply-add.
//
//go:noescape
func tileAVX2(c *float64, cs int, a, b *float64, n int)

// tile adds to the 4×8 tile of c, whose rows are cs apart, the sum over n strips of the outer products of 4 numbers of
// a and 8 of b.
func tile(c []float64, cs int, a, b []float64, n int) {
	if !hasAVX2 {
		tileGo(c, cs, a, b, n)
		return
	}
	if n == 0 {
		return
	}
	_, _, _ = c[3*cs+7], a[(n-1)*strip+3], b[n*strip-1] // the assembly does not check
	tileAVX2(&c[0], cs, &a[0], &b[0], n)
}

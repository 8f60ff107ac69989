//go:build !amd64

package kernel

func odds8(dst, scores *float64, n int, far float64) {
	panic("kernel: no assembly for this processor")
}

func logistic8(odds, weight *float64, class *int32, out *Slope, n int) {
	panic("kernel: no assembly for this processor")
}

func extent8(slopes *Slope, n int, x *bitExtent) {
	panic("kernel: no assembly for this processor")
}

func pack8(slopes *Slope, words *int64, n int, p *runPacking) int64 {
	panic("kernel: no assembly for this processor")
}

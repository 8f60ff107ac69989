package kernel

// What follows takes a multiple of eight numbers.

//go:noescape
func odds8(dst, scores *float64, n int, far float64)

//go:noescape
func logistic8(odds, weight *float64, class *int32, out *Slope, n int)

//go:noescape
func extent8(slopes *Slope, n int, x *bitExtent)

//go:noescape
func pack8(slopes *Slope, words *int64, n int, p *runPacking) int64

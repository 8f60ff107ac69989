//go:build !amd64

package kernel

// lined says whether there is assembly for this processor.
const lined = false

func lineExtents64(codes *uint8, stride int, rows *int32, n int, lo, hi *uint8) {
	panic("kernel: no assembly for this processor")
}

func lineExtents32(codes *uint8, stride int, rows *int32, n int, lo, hi *uint8) {
	panic("kernel: no assembly for this processor")
}

func lineExtents16(codes *uint8, stride int, rows *int32, n int, lo, hi *uint8) {
	panic("kernel: no assembly for this processor")
}

func lineSums64(codes *uint8, stride int, rows *int32, n int, words *int64, t *Trial, goes *uint8) {
	panic("kernel: no assembly for this processor")
}

func lineSums32(codes *uint8, stride int, rows *int32, n int, words *int64, t *Trial, goes *uint8) {
	panic("kernel: no assembly for this processor")
}

func lineSums16(codes *uint8, stride int, rows *int32, n int, words *int64, t *Trial, goes *uint8) {
	panic("kernel: no assembly for this processor")
}

func divide16(rows, spare *int32, goes *uint8, n int, bit uint8) int {
	panic("kernel: no assembly for this processor")
}

func climb(own *[ladderLength]float64, v float64) int {
	panic("kernel: no assembly for this processor")
}

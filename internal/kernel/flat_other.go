//go:build !amd64

package kernel

const assembled = false

func accumulateFlat(numbers *uint16, stride, width int, rows *int32, n int, words, cells *int64) {
	panic("kernel: no assembly for this processor")
}

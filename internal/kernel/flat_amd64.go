package kernel

// assembled says that there is assembly for this processor, whatever its vectors.
const assembled = true

// accumulateFlat is [AccumulateFlat] for n > 0 rows and width > 0.
//
//go:noescape
func accumulateFlat(numbers *uint16, stride, width int, rows *int32, n int, words, cells *int64)

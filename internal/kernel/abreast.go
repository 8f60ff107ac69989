package kernel

// Lane is the number of columns that [Extents] and [SumsBelow] look at in one step; the stride of a table that stands
// row by row is a multiple of it.
const Lane = 8

// Abreast reports whether the processor looks at [Lane] columns at about the price of one.
func Abreast() bool { return wide }

// Extents finds the smallest and the largest value of every column in the rows, of which there is at least one. The table
// stands row by row; len(lo) is its stride. There must be no NaN.
func Extents(table []float64, rows []int32, lo, hi []float64) {
	stride := len(lo)
	hi = hi[:stride]
	for at := 0; at < stride; {
		switch {
		case wide && stride-at >= 4*Lane:
			extents32(&table[at], stride, &rows[0], len(rows), &lo[at], &hi[at])
			at += 4 * Lane
		case wide:
			extents8(&table[at], stride, &rows[0], len(rows), &lo[at], &hi[at])
			at += Lane
		default:
			extents(table, rows, lo, hi)
			return
		}
	}
}

func extents(table []float64, rows []int32, lo, hi []float64) {
	for k, r := range rows {
		for j, v := range table[int(r)*len(lo):][:len(lo)] {
			if k == 0 {
				lo[j], hi[j] = v, v
			}
			lo[j], hi[j] = min(lo[j], v), max(hi[j], v)
		}
	}
}

// SumsBelow adds up, for every column, the words of the rows whose value is at most the column's cut. The table stands
// row by row; len(cuts) is its stride.
func SumsBelow(table []float64, rows []int32, words []int64, cuts []float64, sums []int64) {
	stride := len(cuts)
	sums = sums[:stride]
	for at := 0; at < stride; {
		switch {
		case wide && stride-at >= 4*Lane:
			sums32(&table[at], stride, &rows[0], len(rows), &words[0], &cuts[at], &sums[at])
			at += 4 * Lane
		case wide:
			sums8(&table[at], stride, &rows[0], len(rows), &words[0], &cuts[at], &sums[at])
			at += Lane
		default:
			sumsBelow(table, rows, words, cuts, sums)
			return
		}
	}
}

func sumsBelow(table []float64, rows []int32, words []int64, cuts []float64, sums []int64) {
	clear(sums)
	for _, r := range rows {
		for j, v := range table[int(r)*len(cuts):][:len(cuts)] {
			if v <= cuts[j] {
				sums[j] += words[r]
			}
		}
	}
}

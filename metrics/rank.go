package metrics

import (
	"cmp"
	"math"
	"slices"
)

// ranked are rows by falling score.
type ranked []keyed

// keyed is a row with an integer that is the smaller the higher its score.
type keyed struct {
	key uint64
	row int32
}

// rank sorts the rows of positive weight; of those of classes a and b alone if a is not -1.
func rank(y []int32, score, w []float64, a, b int32) ranked {
	buffer := make([]keyed, 2*len(y))
	rows := buffer[:0:len(y)]
	for i, c := range y {
		if (a < 0 || c == a || c == b) && weight(w, i) > 0 {
			rows = append(rows, keyed{falling(score[i]), int32(i)})
		}
	}
	return sortKeyed(rows, buffer[len(y):])
}

// steps calls f for each distinct score, from the highest, with the weight of the rows of class pos and of the others
// that have it.
func (r ranked) steps(y []int32, w []float64, pos int32, f func(dt, df float64)) {
	for i := 0; i < len(r); {
		dt, df, key := 0.0, 0.0, r[i].key
		for ; i < len(r) && r[i].key == key; i++ {
			row := int(r[i].row)
			if y[row] == pos {
				dt += weight(w, row)
			} else {
				df += weight(w, row)
			}
		}
		f(dt, df)
	}
}

// falling maps a float to an integer of the opposite order; the two zeros become one.
func falling(v float64) uint64 {
	b := math.Float64bits(v + 0)
	if b>>63 != 0 {
		return b
	}
	return ^(b | 1<<63)
}

// sortKeyed sorts by key, stably, and returns where the result lies: in rows or in scratch, which is at least as long.
// Long slices are sorted by eleven bits at a time, from the lowest, in time linear in their length.
func sortKeyed(rows, scratch []keyed) []keyed {
	const bits, mask, small = 11, 1<<11 - 1, 2048
	if len(rows) < small {
		slices.SortFunc(rows, func(a, b keyed) int {
			return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.row, b.row))
		})
		return rows
	}
	from, to := rows, scratch[:len(rows)]
	for shift := 0; shift < 64; shift += bits {
		var start [1<<bits + 1]int
		for _, k := range from {
			start[k.key>>shift&mask+1]++
		}
		if slices.Contains(start[1:], len(from)) { // all alike in these bits
			continue
		}
		for d := 1; d < len(start); d++ {
			start[d] += start[d-1]
		}
		for _, k := range from {
			d := k.key >> shift & mask
			to[start[d]] = k
			start[d]++
		}
		from, to = to, from
	}
	return from
}

package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestLines holds the assembly to loops over rows and columns, and these to a look at one column after the other.
func TestLines(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 6))
	for range 400 {
		n, columns := 1+rng.IntN(90), 1+rng.IntN(200)
		l := NewLines(n, columns)
		top := 1 + rng.IntN(255)
		for r := range n {
			for j := range columns {
				l.Row(r)[j] = uint8(rng.IntN(top))
			}
		}
		words := make([]int64, n)
		for i := range words {
			words[i] = rng.Int64() - rng.Int64()
		}
		rows := make([]int32, 1+rng.IntN(n))
		for i := range rows {
			rows[i] = int32(rng.IntN(n))
		}
		k := rng.IntN(l.Count())
		width := min(LineWidth, columns-k*LineWidth)
		var lo, hi, lo2, hi2 [LineWidth]uint8
		l.Extents(k, rows, &lo, &hi)
		l.extents(k, rows, &lo2, &hi2)
		var trial Trial
		for i := range trial.Columns {
			trial.Columns[i], trial.Cuts[i] = uint8(rng.IntN(width)), uint8(rng.IntN(top))
		}
		other := trial
		goes, goes2 := make([]uint8, len(rows)), make([]uint8, len(rows))
		l.Sums(k, rows, words, &trial, goes)
		l.sums(k, rows, words, &other, goes2)
		if lo != lo2 || hi != hi2 || trial != other || !slices.Equal(goes, goes2) {
			t.Fatalf("%d rows of %d columns: assembly differs", len(rows), columns)
		}
		for i, j := range trial.Columns {
			var column []uint8
			sum := int64(0)
			for at, r := range rows {
				c := l.Row(int(r))[k*LineWidth+int(j)]
				column = append(column, c)
				if left := goes[at]>>i&1 == 1; left != (c <= trial.Cuts[i]) {
					t.Fatal("goes the wrong way")
				} else if left {
					sum += words[r]
				}
			}
			if lo[j] != slices.Min(column) || hi[j] != slices.Max(column) || trial.Sums[i] != sum {
				t.Fatal("wrong extent or sum")
			}
		}
		bit := rng.IntN(8)
		for range 2 {
			same, spare := slices.Clone(rows), make([]int32, len(rows))
			got, want := DivideBy(goes, bit, rows, spare), divideBy(goes, bit, same, spare)
			if got != want || !slices.Equal(rows, same) {
				t.Fatalf("divided %v, %d, want %v, %d", rows, got, same, want)
			}
		}
	}
}

package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestAbreast holds the assembly to loops over rows and columns.
func TestAbreast(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for range 300 {
		n, stride := 1+rng.IntN(40), Lane*(1+rng.IntN(11))
		table, words, cuts := make([]float64, n*stride), make([]int64, n), make([]float64, stride)
		for i := range table {
			table[i] = []float64{rng.NormFloat64() * 1e300, rng.NormFloat64(), float64(rng.IntN(3) - 1), math.Inf(1 - 2*rng.IntN(2))}[rng.IntN(4)]
		}
		for i := range words {
			words[i] = rng.Int64() - rng.Int64()
		}
		rows := make([]int32, 1+rng.IntN(n))
		for i := range rows {
			rows[i] = int32(rng.IntN(n))
		}
		for j := range cuts {
			cuts[j] = table[rng.IntN(n)*stride+j]
		}
		lo, hi, lo2, hi2 := make([]float64, stride), make([]float64, stride), make([]float64, stride), make([]float64, stride)
		Extents(table, rows, lo, hi)
		extents(table, rows, lo2, hi2)
		if !slices.Equal(lo, lo2) || !slices.Equal(hi, hi2) {
			t.Fatalf("%d rows of %d: wrong extents", len(rows), stride)
		}
		for j := range lo {
			column := make([]float64, len(rows))
			for i, r := range rows {
				column[i] = table[int(r)*stride+j]
			}
			if lo[j] != slices.Min(column) || hi[j] != slices.Max(column) {
				t.Fatal("wrong extent")
			}
		}
		sums, sums2 := make([]int64, stride), make([]int64, stride)
		SumsBelow(table, rows, words, cuts, sums)
		sumsBelow(table, rows, words, cuts, sums2)
		if !slices.Equal(sums, sums2) {
			t.Fatalf("%d rows of %d: wrong sums", len(rows), stride)
		}
	}
}

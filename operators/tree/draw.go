package tree

import (
	"math/bits"
	"math/rand/v2"
)

// drawBelow is rng.IntN(n), n > 0, with fewer calls on the way: trees on few rows draw more often than they look at rows.
func drawBelow(rng *rand.Rand, n int) int {
	m := uint64(n)
	x := rng.Uint64()
	if m&(m-1) == 0 {
		return int(x & (m - 1))
	}
	hi, lo := bits.Mul64(x, m)
	if lo < m {
		for least := -m % m; lo < least; {
			hi, lo = bits.Mul64(rng.Uint64(), m)
		}
	}
	return int(hi)
}

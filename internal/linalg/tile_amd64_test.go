package linalg

import "testing"

func TestTilesOfTheAssembly(t *testing.T) {
	if hasAVX2 {
		sameTile(t, "AVX2", tileAVX2)
	}
	if hasAVX512 {
		sameTile(t, "AVX-512", tileAVX512)
	}
}

package kernel

import (
	"math/rand/v2"
	"testing"
)

// BenchmarkScan is a column of 255 cells and of 30.
func BenchmarkScan(b *testing.B) {
	rng := rand.New(rand.NewPCG(9, 9))
	cells, words := make([]int64, 255), []int64{0}
	p := NewPacking(500, 4, 1, false)
	total := int64(0)
	for i := range cells {
		p.Pack([]int32{0}, []Slope{{rng.NormFloat64(), rng.Float64()}}, words)
		cells[i] = words[0]
	}
	for _, n := range []int{255, 30} {
		total = 0
		for _, v := range cells[:n] {
			total += v
		}
		s := NewScan(&p, total, Bounds{Least: 1, L2: 1})
		name := map[int]string{255: "255", 30: "30"}[n]
		b.Run(name+"/vectors", func(b *testing.B) {
			for b.Loop() {
				s.Best(cells[:n], 0, 0)
			}
		})
		b.Run(name+"/narrow", func(b *testing.B) {
			for b.Loop() {
				s.narrow(cells[:n], 0, 0)
			}
		})
		b.Run(name+"/plain", func(b *testing.B) {
			for b.Loop() {
				left, best, at := int64(0), 0.0, -1
				for i, v := range cells[:n] {
					left += v
					if c := left & s.countMask; c < s.least || c > s.last {
						continue
					}
					if x := s.score(left); x > best {
						best, at = x, i
					}
				}
				if at < -1 {
					b.Fatal()
				}
			}
		})
	}
}

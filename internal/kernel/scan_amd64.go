package kernel

import "golang.org/x/sys/cpu"

// vectors and wide say whether the processor has the instructions that the assembly uses.
var (
	vectors = cpu.X86.HasAVX2
	wide    = cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL
)

// vector is the loop of [Scan.Best] for a multiple of 4 cells; it also returns what has gone left at the end. Where
// several cuts score alike the first is taken.
func (s *Scan) vector(cells []int64, left int64, floor float64) (at int, score float64, end int64) {
	var best lanes
	end = scan(s, &cells[0], len(cells), left, floor, &best)
	at, score = -1, floor
	for k, x := range best.score {
		if i := int(best.at[k]); i >= 0 && (x > score || x == score && i < at) {
			at, score = i, x
		}
	}
	return at, score, end
}

// lanes are the best cuts among the cells of equal remainder modulo 4; at is -1 where there is none.
type lanes struct {
	score [4]float64
	at    [4]int64
}

// scan8 is [Scan.Best] for n > 0 cells.
//
//go:noescape
func scan8(s *Scan, cells *int64, n int, left int64, floor float64) (at int, score float64)

// scan finds the best cuts of n cells, a multiple of 4.
//
//go:noescape
func scan(s *Scan, cells *int64, n int, left int64, floor float64, best *lanes) (end int64)

// subtract takes n cells, a multiple of 8, of small away from those of large.
//
//go:noescape
func subtract(large, small *int64, n int)

// add adds n cells, a multiple of 8, of other to cells.
//
//go:noescape
func add(cells, other *int64, n int)

package kernel

import "golang.org/x/sys/cpu"

// vectors and wide say whether the processor has the instructions that the assembly uses.
var (
	vectors = cpu.X86.HasAVX2
	wide    = cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL && cpu.X86.HasBMI2
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

// scanSpans is [Scan.BestOf] for n > 0 columns, from each of which left goes left in any case.
//
//go:noescape
func scanSpans(s *Scan, cells *int64, columns *Span, n int, left int64, floor float64) (column, at int, score float64)

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

// extents32 is [Extents] for 32 columns of n > 0 rows.
//
//go:noescape
func extents32(table *float64, stride int, rows *int32, n int, lo, hi *float64)

// extents8 is the same for 8 columns.
//
//go:noescape
func extents8(table *float64, stride int, rows *int32, n int, lo, hi *float64)

// sums32 is [SumsBelow] for 32 columns of n > 0 rows.
//
//go:noescape
func sums32(table *float64, stride int, rows *int32, n int, words *int64, cuts *float64, sums *int64)

// sums8 is the same for 8 columns.
//
//go:noescape
func sums8(table *float64, stride int, rows *int32, n int, words *int64, cuts *float64, sums *int64)

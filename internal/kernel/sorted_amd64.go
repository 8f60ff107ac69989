package kernel

import "golang.org/x/sys/cpu"

// widest says whether the processor has the instructions that sets of rows want.
var widest = wide && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VBMI2 && cpu.X86.HasPOPCNT

// split32 is [Members.Split] for n > 0 codes and empty sides.
//
//go:noescape
func split32(codes *uint16, n int, cut uint16, m, left, right *Members)

// part16 is [Members.Part] for n rows, a multiple of 16, but for the move of those in spare.
//
//go:noescape
func part16(rows *int32, n int, m *Members, spare *int32) (left int)

// sift32 writes the members among n > 0 rows to dst, and up to 32 of rubbish behind them.
//
//go:noescape
func sift32(order *uint16, n int, m *Members, dst *uint16) int

// siftBoth32 does so with their codes, too.
//
//go:noescape
func siftBoth32(order, codes *uint16, n int, m *Members, dst, own *uint16) int

// ends32 is endsOf for n > 0 places; it may look at 32 codes and write 4 bytes behind them.
//
//go:noescape
func ends32(codes *uint16, n int, ends *uint8)

// sums1 is the loop of [Lineup.Add] for n > 0 rows.
//
//go:noescape
func sums1(rows *uint16, n int, words, sums *int64)

// line8 is [Scan.Line] for turns of eight places, the first of them at place first.
//
//go:noescape
func line8(s *Scan, sums *int64, ends *uint8, turns, first int, floor float64) (at int, score float64)

// roots8 stores the roots of l (n-l) for l from 1 to n, and up to 7 more, to 1e-4 of them.
//
//go:noescape
func roots8(n int, roots *float64)

// lineEven8 is line8 where hessians are counts, with the roots of as many rows.
//
//go:noescape
func lineEven8(s *Scan, sums *int64, ends *uint8, roots *float64, turns, first int, floor float64) (at int, score float64)

// gini8 is [Poll.Gini] for turns of eight places, the first of them at place first.
//
//go:noescape
func gini8(p *Poll, sums *int64, ends *uint8, turns, first int, floor float64) (at int, value float64)

package kernel

import "golang.org/x/sys/cpu"

// lined says whether the processor has the instructions that the assembly for lines uses.
var lined = cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL && cpu.X86.HasAVX512VBMI && cpu.X86.HasPOPCNT && cpu.X86.HasBMI2

//go:noescape
func lineExtents64(codes *uint8, stride int, rows *int32, n int, lo, hi *uint8)

//go:noescape
func lineExtents32(codes *uint8, stride int, rows *int32, n int, lo, hi *uint8)

//go:noescape
func lineExtents16(codes *uint8, stride int, rows *int32, n int, lo, hi *uint8)

//go:noescape
func lineSums64(codes *uint8, stride int, rows *int32, n int, words *int64, t *Trial, goes *uint8)

//go:noescape
func lineSums32(codes *uint8, stride int, rows *int32, n int, words *int64, t *Trial, goes *uint8)

//go:noescape
func lineSums16(codes *uint8, stride int, rows *int32, n int, words *int64, t *Trial, goes *uint8)

//go:noescape
func divide16(rows, spare *int32, goes *uint8, n int, bit uint8) int

//go:noescape
func climb(own *[ladderLength]float64, v float64) int

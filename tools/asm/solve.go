package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// solveStrip solves systems with a lower triangle for 8 right sides at once.
func solveStrip() {
	TEXT("solveStrip", NOSPLIT, "func(x, l *float64, stride, n int)")
	Doc("solveStrip replaces x, a strip of n > 0 numbers of each of 8 vectors, by the solutions of systems with the lower triangle l, whose rows are stride numbers apart.")
	Pragma("noescape")
	x, l, stride, n := Load(Param("x"), GP64()), Load(Param("l"), GP64()), Load(Param("stride"), GP64()), Load(Param("n"), GP64())
	SHLQ(U8(3), stride)
	own, done, at := GP64(), GP64(), GP64() // the number of each vector in question; how many are solved; one of those
	MOVQ(x, own)
	XORQ(done, done)
	Label("number")
	var sums [2]VecVirtual
	for k := range sums {
		sums[k] = YMM()
		VMOVUPD(Mem{Base: own, Disp: 32 * k}, sums[k])
	}
	from := GP64()
	MOVQ(x, from)
	XORQ(at, at)
	Label("solved")
	CMPQ(at, done)
	JGE(LabelRef("divide"))
	factor := YMM()
	VBROADCASTSD(Mem{Base: l, Index: at, Scale: 8}, factor)
	for k, s := range sums {
		VFNMADD231PD(Mem{Base: from, Disp: 32 * k}, factor, s)
	}
	ADDQ(U32(strip*double), from)
	INCQ(at)
	JMP(LabelRef("solved"))
	Label("divide")
	diagonal := YMM()
	VBROADCASTSD(Mem{Base: l, Index: done, Scale: 8}, diagonal)
	for k, s := range sums {
		VDIVPD(diagonal, s, s)
		VMOVUPD(s, Mem{Base: own, Disp: 32 * k})
	}
	ADDQ(U32(strip*double), own)
	ADDQ(stride, l)
	INCQ(done)
	CMPQ(done, n)
	JLT(LabelRef("number"))
	VZEROUPPER()
	RET()
}

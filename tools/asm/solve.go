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

// rotate turns pairs of numbers in the plane.
func rotate() {
	TEXT("rotatePairs", NOSPLIT, "func(x, y *float64, n int, c, s float64)")
	Doc("rotatePairs makes c·x − s·y of x and s·x + c·y of y, of 4n > 0 numbers each.")
	Pragma("noescape")
	x, y, n, a, b, c, s := Load(Param("x"), GP64()), Load(Param("y"), GP64()), Load(Param("n"), GP64()), XMM(), XMM(), YMM(), YMM()
	Load(Param("c"), a)
	VBROADCASTSD(a, c)
	Load(Param("s"), b)
	VBROADCASTSD(b, s)
	Label("loop")
	u, v, left, right := YMM(), YMM(), YMM(), YMM()
	VMOVUPD(Mem{Base: x}, u)
	VMOVUPD(Mem{Base: y}, v)
	VMULPD(c, u, left)
	VMULPD(s, v, right)
	VSUBPD(right, left, left)
	VMULPD(s, u, u)
	VMULPD(c, v, v)
	VADDPD(v, u, u)
	VMOVUPD(left, Mem{Base: x})
	VMOVUPD(u, Mem{Base: y})
	ADDQ(U32(4*double), x)
	ADDQ(U32(4*double), y)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// four loads the addresses of four vectors.
func four() [4]Register {
	table := Load(Param("x"), GP64())
	var x [4]Register
	for k := range x {
		p := GP64()
		MOVQ(Mem{Base: table, Disp: 8 * k}, p)
		x[k] = p
	}
	return x
}

// combine4 adds multiples of four vectors to one.
func combine4() {
	TEXT("combine4", NOSPLIT, "func(dst *float64, a *[4]float64, x *[4]*float64, n int)")
	Doc("combine4 adds a[0]·x[0], then a[1]·x[1] and so on to the n > 0 numbers of dst.")
	Pragma("noescape")
	dst, n, x := Load(Param("dst"), GP64()), Load(Param("n"), GP64()), four()
	factors := Load(Param("a"), GP64())
	var a [4]VecVirtual
	for k := range a {
		a[k] = YMM()
		VBROADCASTSD(Mem{Base: factors, Disp: 8 * k}, a[k])
	}
	at, body := GP64(), GP64()
	XORQ(at, at)
	MOVQ(n, body)
	ANDQ(I32(-4), body)
	JZ(LabelRef("tail"))
	Label("loop")
	sum := YMM()
	VMOVUPD(Mem{Base: dst, Index: at, Scale: 8}, sum)
	for k := range a {
		VFMADD231PD(Mem{Base: x[k], Index: at, Scale: 8}, a[k], sum)
	}
	VMOVUPD(sum, Mem{Base: dst, Index: at, Scale: 8})
	ADDQ(U32(4), at)
	CMPQ(at, body)
	JLT(LabelRef("loop"))
	Label("tail")
	CMPQ(at, n)
	JGE(LabelRef("done"))
	one := XMM()
	VMOVSD(Mem{Base: dst, Index: at, Scale: 8}, one)
	for k := range a {
		VFMADD231SD(Mem{Base: x[k], Index: at, Scale: 8}, a[k].AsX(), one)
	}
	VMOVSD(one, Mem{Base: dst, Index: at, Scale: 8})
	INCQ(at)
	JMP(LabelRef("tail"))
	Label("done")
	VZEROUPPER()
	RET()
}

// dot4 multiplies one vector by four, in four strands each.
func dot4() {
	TEXT("dot4", NOSPLIT, "func(dst *[4]float64, v *float64, x *[4]*float64, n int)")
	Doc("dot4 writes the products of v and each x, of n > 0 numbers, to dst.")
	Pragma("noescape")
	dst, v, n, x := Load(Param("dst"), GP64()), Load(Param("v"), GP64()), Load(Param("n"), GP64()), four()
	var sums [4]VecVirtual
	for k := range sums {
		sums[k] = YMM()
		VXORPD(sums[k], sums[k], sums[k])
	}
	at, body := GP64(), GP64()
	XORQ(at, at)
	MOVQ(n, body)
	ANDQ(I32(-4), body)
	JZ(LabelRef("fold"))
	Label("loop")
	part := YMM()
	VMOVUPD(Mem{Base: v, Index: at, Scale: 8}, part)
	for k := range sums {
		VFMADD231PD(Mem{Base: x[k], Index: at, Scale: 8}, part, sums[k])
	}
	ADDQ(U32(4), at)
	CMPQ(at, body)
	JLT(LabelRef("loop"))
	Label("fold")
	for _, s := range sums { // (0 + 2) + (1 + 3)
		high := XMM()
		VEXTRACTF128(U8(1), s, high)
		VADDPD(high, s.AsX(), s.AsX())
		VPERMILPD(U8(1), s.AsX(), high)
		VADDSD(high, s.AsX(), s.AsX())
	}
	Label("tail")
	CMPQ(at, n)
	JGE(LabelRef("done"))
	one := XMM()
	VMOVSD(Mem{Base: v, Index: at, Scale: 8}, one)
	for k := range sums {
		VFMADD231SD(Mem{Base: x[k], Index: at, Scale: 8}, one, sums[k].AsX())
	}
	INCQ(at)
	JMP(LabelRef("tail"))
	Label("done")
	for k, s := range sums {
		VMOVSD(s.AsX(), Mem{Base: dst, Disp: 8 * k})
	}
	VZEROUPPER()
	RET()
}

// dotAhead multiplies two vectors, in sixteen strands.
func dotAhead() {
	TEXT("dotAhead", NOSPLIT, "func(v, x, ahead *float64, n int) float64")
	Doc("dotAhead returns the product of v and x, of n > 0 numbers, and asks the memory for as many at ahead.")
	Pragma("noescape")
	v, x, ahead, n := Load(Param("v"), GP64()), Load(Param("x"), GP64()), Load(Param("ahead"), GP64()), Load(Param("n"), GP64())
	var sums [4]VecVirtual
	for k := range sums {
		sums[k] = YMM()
		VXORPD(sums[k], sums[k], sums[k])
	}
	at, end := GP64(), GP64()
	XORQ(at, at)
	PREFETCHT0(Mem{Base: ahead, Index: n, Scale: 8, Disp: -8})
	MOVQ(n, end)
	ANDQ(I32(-16), end)
	JZ(LabelRef("fours"))
	Label("loop")
	for k, s := range sums {
		part := YMM()
		VMOVUPD(Mem{Base: v, Index: at, Scale: 8, Disp: 32 * k}, part)
		VFMADD231PD(Mem{Base: x, Index: at, Scale: 8, Disp: 32 * k}, part, s)
	}
	PREFETCHT0(Mem{Base: ahead, Index: at, Scale: 8})
	PREFETCHT0(Mem{Base: ahead, Index: at, Scale: 8, Disp: 64})
	ADDQ(U32(16), at)
	CMPQ(at, end)
	JLT(LabelRef("loop"))
	Label("fours")
	MOVQ(n, end)
	ANDQ(I32(-4), end)
	Label("four")
	CMPQ(at, end)
	JGE(LabelRef("fold"))
	part := YMM()
	VMOVUPD(Mem{Base: v, Index: at, Scale: 8}, part)
	VFMADD231PD(Mem{Base: x, Index: at, Scale: 8}, part, sums[0])
	PREFETCHT0(Mem{Base: ahead, Index: at, Scale: 8})
	ADDQ(U32(4), at)
	JMP(LabelRef("four"))
	Label("fold")
	VADDPD(sums[1], sums[0], sums[0])
	VADDPD(sums[3], sums[2], sums[2])
	VADDPD(sums[2], sums[0], sums[0])
	sum, high := sums[0].AsX(), XMM()
	VEXTRACTF128(U8(1), sums[0], high)
	VADDPD(high, sum, sum)
	VPERMILPD(U8(1), sum, high)
	VADDSD(high, sum, sum)
	Label("tail")
	CMPQ(at, n)
	JGE(LabelRef("done"))
	one := XMM()
	VMOVSD(Mem{Base: v, Index: at, Scale: 8}, one)
	VFMADD231SD(Mem{Base: x, Index: at, Scale: 8}, one, sum)
	INCQ(at)
	JMP(LabelRef("tail"))
	Label("done")
	Store(sum, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// addMultiple adds a multiple of a vector to another.
func addMultiple() {
	TEXT("addMultiple", NOSPLIT, "func(dst, x *float64, a float64, n int)")
	Doc("addMultiple adds a·x to the n > 0 numbers of dst.")
	Pragma("noescape")
	dst, x, n, factor, a := Load(Param("dst"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64()), XMM(), YMM()
	Load(Param("a"), factor)
	VBROADCASTSD(factor, a)
	at, body := GP64(), GP64()
	XORQ(at, at)
	MOVQ(n, body)
	ANDQ(I32(-4), body)
	JZ(LabelRef("tail"))
	Label("loop")
	sum := YMM()
	VMOVUPD(Mem{Base: dst, Index: at, Scale: 8}, sum)
	VFMADD231PD(Mem{Base: x, Index: at, Scale: 8}, a, sum)
	VMOVUPD(sum, Mem{Base: dst, Index: at, Scale: 8})
	ADDQ(U32(4), at)
	CMPQ(at, body)
	JLT(LabelRef("loop"))
	Label("tail")
	CMPQ(at, n)
	JGE(LabelRef("done"))
	one := XMM()
	VMOVSD(Mem{Base: dst, Index: at, Scale: 8}, one)
	VFMADD231SD(Mem{Base: x, Index: at, Scale: 8}, a.AsX(), one)
	VMOVSD(one, Mem{Base: dst, Index: at, Scale: 8})
	INCQ(at)
	JMP(LabelRef("tail"))
	Label("done")
	VZEROUPPER()
	RET()
}

// addSquares adds the squares of numbers less a shift.
func addSquares() {
	TEXT("addSquares", NOSPLIT, "func(dst, src *float64, n int, shift float64)")
	Doc("addSquares adds (v − shift)² for 4n > 0 numbers v to dst.")
	Pragma("noescape")
	dst, src, n, x, shift, v := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("n"), GP64()), XMM(), YMM(), YMM()
	Load(Param("shift"), x)
	VBROADCASTSD(x, shift)
	Label("loop")
	VMOVUPD(Mem{Base: src}, v)
	VSUBPD(shift, v, v)
	VMULPD(v, v, v)
	VADDPD(Mem{Base: dst}, v, v)
	VMOVUPD(v, Mem{Base: dst})
	ADDQ(U32(4*double), src)
	ADDQ(U32(4*double), dst)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// divide divides numbers by others.
func divide() {
	TEXT("divide", NOSPLIT, "func(dst, src, by *float64, n int)")
	Doc("divide writes the quotients of 4n > 0 numbers.")
	Pragma("noescape")
	dst, src, by, n, v := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("by"), GP64()), Load(Param("n"), GP64()), YMM()
	Label("loop")
	VMOVUPD(Mem{Base: src}, v)
	VDIVPD(Mem{Base: by}, v, v)
	VMOVUPD(v, Mem{Base: dst})
	ADDQ(U32(4*double), src)
	ADDQ(U32(4*double), by)
	ADDQ(U32(4*double), dst)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// truncate takes what weights owe from them.
func truncate() {
	TEXT("truncate", NOSPLIT, "func(w, paid *float64, n int, owed, per, scale float64)")
	Doc("truncate is truncateGo for 4n > 0 weights.")
	Pragma("noescape")
	w, paid, n := Load(Param("w"), GP64()), Load(Param("paid"), GP64()), Load(Param("n"), GP64())
	all := func(name string) VecVirtual {
		one, v := XMM(), YMM()
		Load(Param(name), one)
		VBROADCASTSD(one, v)
		return v
	}
	owed, per, scale, mask, zero := all("owed"), all("per"), all("scale"), absolute(YMM()), YMM()
	VXORPD(zero, zero, zero)
	v, size, sign, was, debt := YMM(), YMM(), YMM(), YMM(), YMM()
	Label("loop")
	VMOVUPD(Mem{Base: w}, v)
	VMOVUPD(Mem{Base: paid}, was)
	VANDPD(mask, v, size)
	VANDNPD(v, mask, sign)
	VXORPD(sign, was, debt)
	VADDPD(owed, debt, debt)
	VMULPD(per, debt, debt)
	VSUBPD(debt, size, debt)
	VMINPD(debt, size, debt) // what is no number stays so
	VMAXPD(debt, zero, debt)
	VANDPD(mask, debt, debt)
	VORPD(sign, debt, debt)
	VMOVUPD(debt, Mem{Base: w})
	VSUBPD(v, debt, debt)
	VMULPD(scale, debt, debt)
	VADDPD(debt, was, was)
	VMOVUPD(was, Mem{Base: paid})
	ADDQ(U32(4*double), paid)
	step(w, n, nil, nil)
}

// keepLess keeps the lesser of two numbers and where it came from.
func keepLess() {
	TEXT("keepLess", NOSPLIT, "func(least *float64, at *int64, v *float64, n int, less float64, index int64)")
	Doc("keepLess puts less − v, of 4n > 0 numbers v, in the place of those of least that are greater, and index in that of at.")
	Pragma("noescape")
	least, at, v, n := Load(Param("least"), GP64()), Load(Param("at"), GP64()), Load(Param("v"), GP64()), Load(Param("n"), GP64())
	x, less, index, d, old, where, smaller := XMM(), YMM(), YMM(), YMM(), YMM(), YMM(), YMM()
	Load(Param("less"), x)
	VBROADCASTSD(x, less)
	i := Load(Param("index"), GP64())
	MOVQ(i, x)
	VPBROADCASTQ(x, index)
	Label("loop")
	VSUBPD(Mem{Base: v}, less, d)
	VMOVUPD(Mem{Base: least}, old)
	VMOVUPD(Mem{Base: at}, where)
	VCMPPD(U8(17), old, d, smaller) // d < old
	VBLENDVPD(smaller, d, old, old)
	VBLENDVPD(smaller, index, where, where)
	VMOVUPD(old, Mem{Base: least})
	VMOVUPD(where, Mem{Base: at})
	ADDQ(U32(4*double), v)
	ADDQ(U32(4*double), least)
	ADDQ(U32(4*double), at)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// notAbove looks for the first of many numbers that is small.
func notAbove() {
	TEXT("notAbove", NOSPLIT, "func(v, w *float64, n int, limit float64) int64")
	Doc("notAbove returns the first i of 8n > 0 for which v − 2·w is not above the limit, or 8n.")
	Pragma("noescape")
	v, w, n, x, limit := Load(Param("v"), GP64()), Load(Param("w"), GP64()), Load(Param("n"), GP64()), XMM(), YMM()
	Load(Param("limit"), x)
	VBROADCASTSD(x, limit)
	at, mask, high := GP64(), GP32(), GP32()
	XORQ(at, at)
	Label("loop")
	for half, m := range []GPVirtual{mask, high} {
		double := YMM()
		VMOVUPD(Mem{Base: w, Index: at, Scale: 8, Disp: 32 * half}, double)
		VADDPD(double, double, double)
		value := YMM()
		VMOVUPD(Mem{Base: v, Index: at, Scale: 8, Disp: 32 * half}, value)
		VSUBPD(double, value, value)
		VCMPPD(U8(0x1a), limit, value, value) // not above, or not comparable
		VMOVMSKPD(value, m)
	}
	SHLL(U8(4), high)
	ORL(high, mask)
	JNZ(LabelRef("found"))
	ADDQ(U32(8), at)
	DECQ(n)
	JNZ(LabelRef("loop"))
	JMP(LabelRef("done"))
	Label("found")
	BSFL(mask, mask)
	ADDQ(mask.As64(), at)
	Label("done")
	Store(at, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

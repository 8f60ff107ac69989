package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// extent finds the ends and the sum of numbers, in four strands.
func extent() {
	TEXT("extent", NOSPLIT, "func(v *float64, n int, lo, hi, sum *[4]float64)")
	Doc("extent takes 4n > 0 numbers into the least, greatest and sum of every fourth of them.")
	Pragma("noescape")
	v, n := Load(Param("v"), GP64()), Load(Param("n"), GP64())
	places := []Register{Load(Param("lo"), GP64()), Load(Param("hi"), GP64()), Load(Param("sum"), GP64())}
	strands := strandsAt(places)
	x := YMM()
	Label("loop")
	VMOVUPD(Mem{Base: v}, x)
	VMINPD(strands[0], x, strands[0])
	VMAXPD(strands[1], x, strands[1])
	VADDPD(x, strands[2], strands[2])
	step(v, n, strands, places)
}

// deviation sums squared and plain distances from a mean, in four strands.
func deviation() {
	TEXT("deviation", NOSPLIT, "func(v *float64, n int, mean float64, squares, rest *[4]float64)")
	Doc("deviation adds the squared and the plain differences of 4n > 0 numbers from mean to every fourth.")
	Pragma("noescape")
	v, n, m, mean := Load(Param("v"), GP64()), Load(Param("n"), GP64()), XMM(), YMM()
	places := []Register{Load(Param("squares"), GP64()), Load(Param("rest"), GP64())}
	Load(Param("mean"), m)
	VBROADCASTSD(m, mean)
	strands := strandsAt(places)
	x, square := YMM(), YMM()
	Label("loop")
	VMOVUPD(Mem{Base: v}, x)
	VSUBPD(mean, x, x)
	VMULPD(x, x, square)
	VADDPD(square, strands[0], strands[0])
	VADDPD(x, strands[1], strands[1])
	step(v, n, strands, places)
}

// standardize subtracts and divides.
func standardize() {
	TEXT("standardize", NOSPLIT, "func(dst, src *float64, n int, shift, scale float64)")
	Doc("standardize writes (v − shift)/scale for 4n > 0 numbers v.")
	Pragma("noescape")
	dst, src, n := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("n"), GP64())
	x, shift, scale, v := XMM(), YMM(), YMM(), YMM()
	Load(Param("shift"), x)
	VBROADCASTSD(x, shift)
	Load(Param("scale"), x)
	VBROADCASTSD(x, scale)
	Label("loop")
	VMOVUPD(Mem{Base: src}, v)
	VSUBPD(shift, v, v)
	VDIVPD(scale, v, v)
	VMOVUPD(v, Mem{Base: dst})
	ADDQ(U32(4*double), src)
	ADDQ(U32(4*double), dst)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

func strandsAt(places []Register) []VecVirtual {
	var strands []VecVirtual
	for _, p := range places {
		s := YMM()
		VMOVUPD(Mem{Base: p}, s)
		strands = append(strands, s)
	}
	return strands
}

// step ends a loop over v, then stores the strands.
func step(v, n Register, strands []VecVirtual, places []Register) {
	ADDQ(U32(4*double), v)
	DECQ(n)
	JNZ(LabelRef("loop"))
	for i, p := range places {
		VMOVUPD(strands[i], Mem{Base: p})
	}
	VZEROUPPER()
	RET()
}

// zeros multiplies numbers by zero.
func zeros() {
	TEXT("zeros", NOSPLIT, "func(v *float64, n int) float64")
	Doc("zeros returns a sum of zeros if all of 16n > 0 numbers are finite, else NaN.")
	Pragma("noescape")
	v, n := Load(Param("v"), GP64()), Load(Param("n"), GP64())
	zero := YMM()
	VXORPD(zero, zero, zero)
	var sums [4]VecVirtual
	for k := range sums {
		sums[k] = YMM()
		VXORPD(sums[k], sums[k], sums[k])
	}
	Label("loop")
	for k, s := range sums {
		VFMADD231PD(Mem{Base: v, Disp: 32 * k}, zero, s)
	}
	ADDQ(U32(16*double), v)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VADDPD(sums[1], sums[0], sums[0])
	VADDPD(sums[3], sums[2], sums[2])
	VADDPD(sums[2], sums[0], sums[0])
	sum, high := sums[0].AsX(), XMM()
	VEXTRACTF128(U8(1), sums[0], high)
	VADDPD(high, sum, sum)
	VPERMILPD(U8(1), sum, high)
	VADDSD(high, sum, sum)
	Store(sum, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// beyond looks for numbers that are too large.
func beyond() {
	TEXT("beyond", NOSPLIT, "func(v *float64, n int, far float64) int64")
	Doc("beyond returns 0 if all of 16n > 0 numbers are at most far from zero, and none is NaN, else another number.")
	Pragma("noescape")
	v, n, x, far, size := Load(Param("v"), GP64()), Load(Param("n"), GP64()), XMM(), YMM(), YMM()
	Load(Param("far"), x)
	VBROADCASTSD(x, far)
	VPCMPEQQ(size, size, size)
	VPSRLQ(U8(1), size, size) // all bits but the sign
	var found [4]VecVirtual
	for k := range found {
		found[k] = YMM()
		VXORPD(found[k], found[k], found[k])
	}
	Label("loop")
	for k, f := range found {
		part := YMM()
		VANDPD(Mem{Base: v, Disp: 32 * k}, size, part)
		VCMPPD(U8(0x16), far, part, part) // not at most, or not comparable
		VORPD(part, f, f)
	}
	ADDQ(U32(16*double), v)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VORPD(found[1], found[0], found[0])
	VORPD(found[3], found[2], found[2])
	VORPD(found[2], found[0], found[0])
	mask := GP32()
	VMOVMSKPD(found[0], mask)
	wide := GP64()
	MOVL(mask, wide.As32())
	Store(wide, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

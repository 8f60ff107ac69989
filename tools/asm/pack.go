package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// spread deals the numbers of a row to strips.
func spread() {
	TEXT("spreadRow", NOSPLIT, "func(dst, src *float64, stride, n int, shift float64)")
	Doc("spreadRow copies n > 0 times 8 numbers, less a shift, to places that are stride numbers apart.")
	Pragma("noescape")
	dst, src, stride, n := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("stride"), GP64()), Load(Param("n"), GP64())
	x, less, a, b := XMM(), YMM(), YMM(), YMM()
	Load(Param("shift"), x)
	VBROADCASTSD(x, less)
	SHLQ(U8(3), stride)
	Label("loop")
	VMOVUPD(Mem{Base: src}, a)
	VMOVUPD(Mem{Base: src, Disp: 32}, b)
	VSUBPD(less, a, a)
	VSUBPD(less, b, b)
	VMOVUPD(a, Mem{Base: dst})
	VMOVUPD(b, Mem{Base: dst, Disp: 32})
	ADDQ(U32(strip*double), src)
	ADDQ(stride, dst)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// interleave transposes 8 rows, 4 columns at a time.
func interleave() {
	TEXT("interleaveRows", NOSPLIT, "func(dst *float64, stride int, rows *[8]*float64, n int, shift *[8]float64)")
	Doc("interleaveRows writes the first number of each of 8 rows less its shift, stride numbers further the second, and so on, to 4n > 0 of them.")
	Pragma("noescape")
	dst, rows, n := Load(Param("dst"), GP64()), Load(Param("rows"), GP64()), Load(Param("n"), GP64())
	shift, at, stride := Load(Param("shift"), GP64()), GP64(), Load(Param("stride"), GP64())
	SHLQ(U8(3), stride)
	XORQ(at, at)
	from := GP64()
	Label("loop")
	for half := range 2 {
		var v [4]VecVirtual
		for r := range v {
			v[r] = YMM()
			less := YMM()
			VBROADCASTSD(Mem{Base: shift, Disp: 8 * (4*half + r)}, less)
			MOVQ(Mem{Base: rows, Disp: 8 * (4*half + r)}, from)
			VMOVUPD(Mem{Base: from, Index: at, Scale: 8}, v[r])
			VSUBPD(less, v[r], v[r])
		}
		low, high, low2, high2 := YMM(), YMM(), YMM(), YMM()
		VUNPCKLPD(v[1], v[0], low)
		VUNPCKHPD(v[1], v[0], high)
		VUNPCKLPD(v[3], v[2], low2)
		VUNPCKHPD(v[3], v[2], high2)
		out := [4]VecVirtual{YMM(), YMM(), YMM(), YMM()}
		VPERM2F128(U8(0x20), low2, low, out[0])
		VPERM2F128(U8(0x20), high2, high, out[1])
		VPERM2F128(U8(0x31), low2, low, out[2])
		VPERM2F128(U8(0x31), high2, high, out[3])
		to := GP64()
		MOVQ(dst, to)
		for l, o := range out {
			VMOVUPD(o, Mem{Base: to, Disp: half * 32})
			if l < 3 {
				ADDQ(stride, to)
			}
		}
	}
	ADDQ(U32(4), at)
	LEAQ(Mem{Base: dst, Index: stride, Scale: 4}, dst)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

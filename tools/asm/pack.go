package main

import (
	. "github.com/mmcloughlin/avo/build" //lint:ignore ST1001 the assembly reads as such
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// gatherRows copies 8 numbers of each of n rows.
func gatherRows() {
	TEXT("gatherRows", NOSPLIT, "func(dst, src *float64, stride, n int)")
	Doc("gatherRows copies 8 numbers of each of n > 0 rows, which are stride numbers apart.")
	Pragma("noescape")
	dst, src, stride, n := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("stride"), GP64()), Load(Param("n"), GP64())
	SHLQ(U8(3), stride)
	a, b := YMM(), YMM()
	Label("loop")
	VMOVUPD(Mem{Base: src}, a)
	VMOVUPD(Mem{Base: src, Disp: 32}, b)
	VMOVUPD(a, Mem{Base: dst})
	VMOVUPD(b, Mem{Base: dst, Disp: 32})
	ADDQ(stride, src)
	ADDQ(U32(strip*double), dst)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// gatherSlices copies 8 numbers of each of n slices.
func gatherSlices() {
	TEXT("gatherSlices", NOSPLIT, "func(dst *float64, slices *[]float64, at, n int, shift *float64)")
	Doc("gatherSlices copies the 8 numbers from at on of each of n > 0 slices, less a shift of each slice unless shift is nil.")
	Pragma("noescape")
	const header = 24
	dst, slices, at, n := Load(Param("dst"), GP64()), Load(Param("slices"), GP64()), Load(Param("at"), GP64()), Load(Param("n"), GP64())
	shift, from := Load(Param("shift"), GP64()), GP64()
	a, b, less := YMM(), YMM(), YMM()
	step := func(shifted bool) {
		MOVQ(Mem{Base: slices}, from)
		VMOVUPD(Mem{Base: from, Index: at, Scale: 8}, a)
		VMOVUPD(Mem{Base: from, Index: at, Scale: 8, Disp: 32}, b)
		if shifted {
			VBROADCASTSD(Mem{Base: shift}, less)
			VSUBPD(less, a, a)
			VSUBPD(less, b, b)
			ADDQ(U32(double), shift)
		}
		VMOVUPD(a, Mem{Base: dst})
		VMOVUPD(b, Mem{Base: dst, Disp: 32})
		ADDQ(U32(header), slices)
		ADDQ(U32(strip*double), dst)
		DECQ(n)
	}
	TESTQ(shift, shift)
	JZ(LabelRef("plain"))
	Label("shifted")
	step(true)
	JNZ(LabelRef("shifted"))
	VZEROUPPER()
	RET()
	Label("plain")
	step(false)
	JNZ(LabelRef("plain"))
	VZEROUPPER()
	RET()
}

// interleave transposes 8 rows, 4 columns at a time.
func interleave() {
	TEXT("interleaveRows", NOSPLIT, "func(dst *float64, rows *[8]*float64, n int, shift *[8]float64)")
	Doc("interleaveRows writes the first number of each of 8 rows less its shift, then the second, to 4n > 0 of them.")
	Pragma("noescape")
	dst, rows, n := Load(Param("dst"), GP64()), Load(Param("rows"), GP64()), Load(Param("n"), GP64())
	shift, at := Load(Param("shift"), GP64()), GP64()
	XORQ(at, at)
	var from [8]Register
	for r := range from {
		p := GP64()
		MOVQ(Mem{Base: rows, Disp: 8 * r}, p)
		from[r] = p
	}
	Label("loop")
	for half := range 2 {
		var v [4]VecVirtual
		for r := range v {
			v[r] = YMM()
			less := YMM()
			VBROADCASTSD(Mem{Base: shift, Disp: 8 * (4*half + r)}, less)
			VMOVUPD(Mem{Base: from[4*half+r], Index: at, Scale: 8}, v[r])
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
		for l, o := range out {
			VMOVUPD(o, Mem{Base: dst, Disp: l*strip*double + half*32})
		}
	}
	ADDQ(U32(4), at)
	ADDQ(U32(4*strip*double), dst)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// rectify replaces negative numbers by zero.
func rectify() {
	TEXT("rectify", NOSPLIT, "func(v *float64, n int)")
	Doc("rectify replaces those of 4n > 0 numbers that are negative by 0.")
	Pragma("noescape")
	v, n, zero, x := Load(Param("v"), GP64()), Load(Param("n"), GP64()), YMM(), YMM()
	VXORPD(zero, zero, zero)
	Label("loop")
	VMAXPD(Mem{Base: v}, zero, x)
	VMOVUPD(x, Mem{Base: v})
	step(v, n, nil, nil)
}

// silence replaces numbers by zero where others are zero.
func silence() {
	TEXT("silence", NOSPLIT, "func(v, by *float64, n int)")
	Doc("silence replaces those of 4n > 0 numbers by 0 that stand where those of by are 0.")
	Pragma("noescape")
	v, by, n, zero, x := Load(Param("v"), GP64()), Load(Param("by"), GP64()), Load(Param("n"), GP64()), YMM(), YMM()
	VXORPD(zero, zero, zero)
	Label("loop")
	VCMPPD(U8(4), Mem{Base: by}, zero, x)
	VANDPD(Mem{Base: v}, x, x)
	VMOVUPD(x, Mem{Base: v})
	ADDQ(U32(4*double), by)
	step(v, n, nil, nil)
}

// adam is one step of Kingma and Ba's.
func adam() {
	TEXT("adam", NOSPLIT, "func(theta, grad, m, v *float64, n int, rate float64)")
	Doc("adam is adamGo for 4n > 0 numbers.")
	Pragma("noescape")
	theta, grad := Load(Param("theta"), GP64()), Load(Param("grad"), GP64())
	m, v, n := Load(Param("m"), GP64()), Load(Param("v"), GP64()), Load(Param("n"), GP64())
	low, rate := XMM(), YMM()
	Load(Param("rate"), low)
	VBROADCASTSD(low, rate)
	var c [5]VecVirtual
	for k, x := range [5]float64{0.9, 1 - 0.9, 0.999, 1 - 0.999, 1e-8} {
		bits, one := GP64(), XMM()
		MOVQ(U64(math.Float64bits(x)), bits)
		MOVQ(bits, one)
		c[k] = YMM()
		VBROADCASTSD(one, c[k])
	}
	g, x, first, second := YMM(), YMM(), YMM(), YMM()
	Label("loop")
	VMOVUPD(Mem{Base: grad}, g)
	VMULPD(g, c[1], x)
	VMULPD(Mem{Base: m}, c[0], first)
	VADDPD(x, first, first)
	VMOVUPD(first, Mem{Base: m})
	VMULPD(g, c[3], x)
	VMULPD(g, x, x)
	VMULPD(Mem{Base: v}, c[2], second)
	VADDPD(x, second, second)
	VMOVUPD(second, Mem{Base: v})
	VSQRTPD(second, second)
	VADDPD(c[4], second, second)
	VMULPD(first, rate, first)
	VDIVPD(second, first, first)
	VMOVUPD(Mem{Base: theta}, x)
	VSUBPD(first, x, x)
	VMOVUPD(x, Mem{Base: theta})
	for _, p := range []Register{grad, m, v} {
		ADDQ(U32(4*double), p)
	}
	step(theta, n, nil, nil)
}

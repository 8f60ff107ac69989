package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// constant names a number that the curves use. Exponentials: x = k·ln 2 + r with |r| ≤ ln 2 / 2, a Taylor polynomial of
// degree 13 for exp(r), and the power of two. Cosines: x = k·π + r with |r| ≤ π/2, a Taylor polynomial of degree 20 for
// cos(r), and the sign of an odd k.
type constant int

const (
	highest constant = iota
	lowest
	perLn2
	ln2High
	ln2Low
	one
	minusTwo
	signBit
	bias
	perPi
	pi1 // π in three parts
	pi2
	pi3
	toInt
	half
	mantissa
	root2
	exponents            // what a biased exponent in the lowest bits of it adds to
	unbias               // what is subtracted from it then
	logs                 // seven coefficients of the logarithm
	taylor    = logs + 7 // 1/2!, 1/3!, …, 1/20!
	last      = taylor + 19
)

// bits are those of the constants.
func bits() [last]uint64 {
	f := math.Float64bits
	b := [last]uint64{
		highest: f(1000), lowest: f(-1000), perLn2: f(1 / math.Ln2), ln2High: 0x3fe62e42fee00000, ln2Low: 0x3dea39ef35793c76,
		one: f(1), minusTwo: f(-2), signBit: 1 << 63, bias: 1023,
		perPi: f(1 / math.Pi), pi1: f(math.Pi), pi2: f(0x1.1a62633145c07p-53), pi3: f(-0x1.f1976b7ed8fbcp-109), toInt: f(0x1.8p52),
	}
	b[half], b[mantissa], b[root2], b[exponents], b[unbias] = f(0.5), 1<<52-1, f(math.Sqrt2), 0x433<<52, f(1<<52+1023)
	for i, c := range []uint64{ // of FreeBSD's and Go's logarithm
		0x3fe5555555555593, 0x3fd999999997fa04, 0x3fd2492494229359, 0x3fcc71c51d8e78af, 0x3fc7466496cb03de, 0x3fc39a09d078c69f, 0x3fc2f112df3e5244,
	} {
		b[logs+constant(i)] = c
	}
	factorial := 1.0
	for n := 2; n <= 20; n++ {
		factorial *= float64(n)
		b[taylor+constant(n-2)] = f(1 / factorial)
	}
	return b
}

// constants writes the table of all, each four times.
func constants() Mem {
	table := GLOBL("curveTable", RODATA|NOPTR)
	for i, b := range bits() {
		for k := range 4 {
			DATA((4*i+k)*double, U64(b))
		}
	}
	return table
}

// lanes are the numbers that one register holds.
type lanes struct {
	count int
	table Mem
	held  map[constant]VecVirtual
}

func narrow(table Mem) lanes { return lanes{4, table, nil} }
func wide(table Mem) lanes   { return lanes{8, table, map[constant]VecVirtual{}} }

func (l lanes) reg() VecVirtual {
	if l.count == 8 {
		return ZMM()
	}
	return YMM()
}

// get is a constant as an operand: of wide lanes, a register that is filled before the loop.
func (l lanes) get(c constant) Op {
	if l.count == 8 {
		return l.held[c]
	}
	return l.table.Offset(int(c) * 4 * double)
}

// hold fills the registers of wide lanes.
func (l lanes) hold(constants ...constant) {
	if l.count < 8 {
		return
	}
	clear(l.held)
	for _, c := range constants {
		v := ZMM()
		VBROADCASTSD(l.table.Offset(int(c)*4*double), v)
		l.held[c] = v
	}
}

func (l lanes) load(c constant) VecVirtual {
	if l.count == 8 {
		v := ZMM()
		VMOVAPD(l.held[c], v)
		return v
	}
	v := YMM()
	VMOVUPD(l.get(c), v)
	return v
}

// curve writes the loop around body, which replaces its argument and may be called with further ones.
func (l lanes) curve(name, doc string, args []string, body func(x VecVirtual, args []VecVirtual, open bool)) {
	name = fmt.Sprintf("%sx%d", name, 64*l.count)
	signature := "func(v *float64, n int"
	for _, a := range args {
		signature += ", " + a + " float64"
	}
	TEXT(name, NOSPLIT, signature+")")
	Doc(name + " " + fmt.Sprintf(doc, l.count))
	Pragma("noescape")
	v, n := Load(Param("v"), GP64()), Load(Param("n"), GP64())
	var vectors []VecVirtual
	for _, a := range args {
		x, r := XMM(), l.reg()
		Load(Param(a), x)
		VBROADCASTSD(x, r)
		vectors = append(vectors, r)
	}
	body(nil, vectors, true)
	Label("loop")
	x := l.reg()
	VMOVUPD(Mem{Base: v}, x)
	body(x, vectors, false)
	VMOVUPD(x, Mem{Base: v})
	ADDQ(U32(l.count*double), v)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

func expConstants() []constant {
	c := []constant{highest, lowest, perLn2, ln2High, ln2Low, one}
	for n := range constant(12) {
		c = append(c, taylor+n)
	}
	return c
}

func (l lanes) exp(x VecVirtual, _ []VecVirtual, open bool) {
	if open {
		l.hold(expConstants()...)
		return
	}
	l.power(x)
}

// power replaces x by its exponential; a NaN, as the last operand of minimum and maximum, stays.
func (l lanes) power(x VecVirtual) {
	top, bottom, k := l.load(highest), l.load(lowest), l.reg()
	VMINPD(x, top, x)
	VMAXPD(x, bottom, x)
	VMULPD(l.get(perLn2), x, k)
	if l.count == 8 {
		VRNDSCALEPD(U8(0), k, k)
	} else {
		VROUNDPD(U8(0), k, k)
	}
	VFNMADD231PD(l.get(ln2High), k, x)
	VFNMADD231PD(l.get(ln2Low), k, x)
	p := l.load(taylor + 11)
	for n := taylor + 10; n >= taylor; n-- {
		VFMADD213PD(l.get(n), x, p)
	}
	VFMADD213PD(l.get(one), x, p)
	VFMADD213PD(l.get(one), x, p)
	if l.count == 8 {
		VSCALEFPD(k, p, x)
		return
	}
	whole, part, rest := XMM(), XMM(), XMM()
	VCVTPD2DQY(k, whole)
	VPSRAD(U8(1), whole, part)
	VPSUBD(part, whole, rest)
	for _, e := range []VecVirtual{part, rest} { // in two halves, so that results near the ends of the range are right
		y := YMM()
		VPMOVSXDQ(e, y)
		VPADDQ(l.get(bias), y, y)
		VPSLLQ(U8(52), y, y)
		VMULPD(y, p, p)
	}
	VMOVAPD(p, x)
}

// tanh is (1 − exp(−2|x|))/(1 + exp(−2|x|)) with the sign of x.
func (l lanes) tanh(x VecVirtual, _ []VecVirtual, open bool) {
	if open {
		l.hold(append(expConstants(), signBit, minusTwo)...)
		return
	}
	sign, up, down := l.reg(), l.reg(), l.load(one)
	if l.count == 8 {
		VPANDQ(l.get(signBit), x, sign)
		VPXORQ(sign, x, x)
	} else {
		VANDPD(l.get(signBit), x, sign)
		VXORPD(sign, x, x)
	}
	VMULPD(l.get(minusTwo), x, x)
	l.power(x)
	VADDPD(x, down, up)
	VSUBPD(x, down, down)
	VDIVPD(up, down, x)
	if l.count == 8 {
		VPORQ(sign, x, x)
	} else {
		VORPD(sign, x, x)
	}
}

// cos is scale times the cosine of x + offset.
func (l lanes) cos(x VecVirtual, args []VecVirtual, open bool) {
	even := []constant{taylor + 18, taylor + 16, taylor + 14, taylor + 12, taylor + 10, taylor + 8, taylor + 6, taylor + 4, taylor + 2, taylor}
	if open {
		l.hold(append(even, perPi, pi1, pi2, pi3, toInt, one)...)
		return
	}
	offset, scale := args[0], args[1]
	VADDPD(offset, x, x)
	k, odd, t := l.reg(), l.reg(), l.reg()
	VMOVAPD(x, k)
	round := l.load(toInt) // added and taken away again, it rounds to an integer
	VFMADD132PD(l.get(perPi), round, k)
	VPSLLQ(U8(63), k, odd)
	VSUBPD(round, k, k)
	VFNMADD231PD(l.get(pi1), k, x)
	VFNMADD231PD(l.get(pi2), k, x)
	VFNMADD231PD(l.get(pi3), k, x)
	VMULPD(x, x, t)
	p := l.load(even[0])
	for _, c := range append(even[1:], one) { // 1 − t·(1/2! − t·(1/4! − …))
		VFNMADD213PD(l.get(c), t, p)
	}
	VMULPD(scale, p, x)
	if l.count == 8 {
		VPXORQ(odd, x, x)
	} else {
		VXORPD(odd, x, x)
	}
}

// expm1 is 2^k·(exp(r) − 1) + (2^k − 1).
func (l lanes) expm1(x VecVirtual, _ []VecVirtual, open bool) {
	if open {
		l.hold(expConstants()...)
		return
	}
	k := l.reg()
	VMULPD(l.get(perLn2), x, k)
	if l.count == 8 {
		VRNDSCALEPD(U8(0), k, k)
	} else {
		VROUNDPD(U8(0), k, k)
	}
	VFNMADD231PD(l.get(ln2High), k, x)
	VFNMADD231PD(l.get(ln2Low), k, x)
	p, t := l.load(taylor+11), l.reg()
	for n := taylor + 10; n >= taylor; n-- {
		VFMADD213PD(l.get(n), x, p)
	}
	VFMADD213PD(l.get(one), x, p)
	VMULPD(x, p, p)
	if l.count == 8 {
		VSCALEFPD(k, l.get(one), t)
	} else {
		whole := XMM()
		VCVTPD2DQY(k, whole)
		VPMOVSXDQ(whole, t)
		VPADDQ(l.get(bias), t, t)
		VPSLLQ(U8(52), t, t)
	}
	less := l.load(one)
	VSUBPD(less, t, less)
	VMOVAPD(less, x)
	VFMADD231PD(p, t, x)
}

// log1p is the logarithm of 1 + |x| with the sign of x. With w = 1 + |x| = 2^e·(1 + f) and s = f/(2 + f), it is
// e·ln 2 + 2·atanh(s), less what rounding added to w divided by w.
func (l lanes) log1p(x VecVirtual, _ []VecVirtual, open bool) {
	if open {
		c := []constant{signBit, one, half, root2, ln2High, ln2Low}
		for n := range constant(7) {
			c = append(c, logs+n)
		}
		l.hold(c...)
		return
	}
	sign, w, lost, e, m := l.reg(), l.reg(), l.reg(), l.reg(), l.reg()
	if l.count == 8 {
		VPANDQ(l.get(signBit), x, sign)
		VPXORQ(sign, x, x)
	} else {
		VANDPD(l.get(signBit), x, sign)
		VXORPD(sign, x, x)
	}
	VADDPD(l.get(one), x, w)
	VSUBPD(l.get(one), w, lost)
	VSUBPD(x, lost, lost)
	if l.count == 8 {
		large := K()
		VGETEXPPD(w, e)
		VGETMANTPD(U8(0), w, m)
		VCMPPD(U8(0x1e), l.get(root2), m, large)
		VMULPD(l.get(half), m, large, m)
		VADDPD(l.get(one), e, large, e)
	} else {
		large, halved := YMM(), YMM()
		VPSRLQ(U8(52), w, e)
		VPOR(l.get(exponents), e, e)
		VSUBPD(l.get(unbias), e, e)
		VANDPD(l.get(mantissa), w, m)
		VORPD(l.get(one), m, m)
		VCMPPD(U8(0x1e), l.get(root2), m, large)
		VMULPD(l.get(half), m, halved)
		VBLENDVPD(large, halved, m, m)
		VANDPD(l.get(one), large, large)
		VADDPD(large, e, e)
	}
	s, z, h, f := l.reg(), l.reg(), l.reg(), m
	VSUBPD(l.get(one), m, f)
	VADDPD(l.get(one), f, s)
	VADDPD(l.get(one), s, s)
	VDIVPD(s, f, s)
	VMULPD(s, s, z)
	r := l.load(logs + 6)
	for n := logs + 5; n >= logs; n-- {
		VFMADD213PD(l.get(n), z, r)
	}
	VMULPD(z, r, r)
	VMULPD(l.get(half), f, h)
	VMULPD(f, h, h)
	VADDPD(h, r, r)
	VMULPD(s, r, r)
	VFMADD231PD(l.get(ln2Low), e, r)
	VSUBPD(r, h, h)
	VSUBPD(f, h, h)
	VFMSUB132PD(l.get(ln2High), h, e)
	VDIVPD(w, lost, lost)
	VSUBPD(lost, e, e)
	VSUBPD(x, x, x) // no number where x is none
	VADDPD(e, x, x)
	if l.count == 8 {
		VPORQ(sign, x, x)
	} else {
		VORPD(sign, x, x)
	}
}

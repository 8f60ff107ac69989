package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

const (
	strip  = 8 // numbers of a packed row
	double = 8 // bytes
)

// operands are the arguments of a tile, strides in bytes.
type operands struct{ c, cs, a, b, bs, n Register }

// tile opens a function and loads its arguments.
func tile(name, doc string) operands {
	TEXT(name, NOSPLIT, "func(c *float64, cs int, a, b *float64, bs, n int, first bool)")
	Doc(doc)
	Pragma("noescape")
	o := operands{Load(Param("c"), GP64()), Load(Param("cs"), GP64()), Load(Param("a"), GP64()), Load(Param("b"), GP64()), Load(Param("bs"), GP64()), Load(Param("n"), GP64())}
	SHLQ(U8(3), o.cs)
	SHLQ(U8(3), o.bs)
	return o
}

// loop repeats body n times, stepping through both operands.
func (o operands) loop(body func()) {
	Label("loop")
	body()
	ADDQ(U32(strip*double), o.a)
	ADDQ(U32(strip*double), o.b)
	DECQ(o.n)
	JNZ(LabelRef("loop"))
}

// store writes or adds the rows of accumulators to c.
func (o operands) store(sums [][]VecVirtual, width int) {
	first := Load(Param("first"), GP8())
	TESTB(first, first)
	JNZ(LabelRef("write"))
	for r, row := range sums {
		for s, v := range row {
			VADDPD(Mem{Base: o.c, Disp: s * width}, v, v)
			VMOVUPD(v, Mem{Base: o.c, Disp: s * width})
		}
		if r < len(sums)-1 {
			ADDQ(o.cs, o.c)
		}
	}
	VZEROUPPER()
	RET()
	Label("write")
	o.write(sums, width)
}

// strided are the arguments of a tile whose operands stand anywhere, strides in bytes; c and cs are loaded when they are needed.
type strided struct {
	a, av, as, b, bs, n Register
	odd                 [8]Register // 3, 5 and 7 times av, as far as there are rows
}

// product opens a function that multiplies and loads its arguments.
func product(name, doc string, rows int) strided {
	TEXT(name, NOSPLIT, "func(c *float64, cs int, a *float64, av, as int, b *float64, bv, bs, n int, first bool)")
	Doc(doc)
	Pragma("noescape")
	o := strided{a: Load(Param("a"), GP64()), av: Load(Param("av"), GP64()), as: Load(Param("as"), GP64()), b: Load(Param("b"), GP64()), bs: Load(Param("bs"), GP64()), n: Load(Param("n"), GP64())}
	for _, r := range []Register{o.av, o.as, o.bs} {
		SHLQ(U8(3), r)
	}
	for r, scale := range []uint8{3: 2, 5: 4} {
		if scale > 0 && r < rows {
			o.odd[r] = GP64()
			LEAQ(Mem{Base: o.av, Index: o.av, Scale: scale}, o.odd[r])
		}
	}
	if rows > 7 {
		o.odd[7] = GP64()
		LEAQ(Mem{Base: o.odd[3], Index: o.av, Scale: 4}, o.odd[7])
	}
	return o
}

// row is where the number of the r-th vector of a stands.
func (o strided) row(r int) Mem {
	switch r {
	case 0:
		return Mem{Base: o.a}
	case 6:
		return Mem{Base: o.a, Index: o.odd[3], Scale: 2}
	case 1, 2, 4:
		return Mem{Base: o.a, Index: o.av, Scale: uint8(r)}
	}
	return Mem{Base: o.a, Index: o.odd[r], Scale: 1}
}

// loop repeats body n times, stepping through both operands.
func (o strided) loop(body func()) {
	Label("loop")
	body()
	ADDQ(o.as, o.a)
	ADDQ(o.bs, o.b)
	DECQ(o.n)
	JNZ(LabelRef("loop"))
}

// store writes or adds the rows of accumulators to c.
func (o strided) store(sums [][]VecVirtual, width int) {
	c, cs := Load(Param("c"), GP64()), Load(Param("cs"), GP64())
	SHLQ(U8(3), cs)
	operands{c: c, cs: cs}.store(sums, width)
}

// tile512 makes the tile of some rows and strips of columns, each row of a strip in one register.
func tile512(rows, strips int) {
	o := product(fmt.Sprintf("tile512x%dx%d", rows, strips), fmt.Sprintf("tile512x%dx%d is tileGo for %d rows and %d columns.", rows, strips, rows, strips*strip), rows)
	from := []Mem{{Base: o.b}}
	if strips > 1 {
		second := Load(Param("bv"), GP64())
		SHLQ(U8(3), second)
		from = append(from, Mem{Base: o.b, Index: second, Scale: 1}, Mem{Base: o.b, Index: second, Scale: 2})
	}
	sums := make([][]VecVirtual, rows)
	for r := range sums {
		for range strips {
			v := ZMM()
			VPXORQ(v, v, v)
			sums[r] = append(sums[r], v)
		}
	}
	right, left := []VecVirtual{ZMM(), ZMM(), ZMM()}, []VecVirtual{ZMM(), ZMM()}
	o.loop(func() {
		for s := range strips {
			VMOVUPD(from[s], right[s])
		}
		for r, row := range sums {
			if strips == 1 {
				VFMADD231PD_BCST(o.row(r), right[0], row[0])
				continue
			}
			VBROADCASTSD(o.row(r), left[r%2])
			for s, v := range row {
				VFMADD231PD(right[s], left[r%2], v)
			}
		}
	})
	o.store(sums, strip*double)
}

// tile256 makes the tile of up to 4 rows and one strip of columns, each row of it in two registers.
func tile256(rows int) {
	o := product(fmt.Sprintf("tile256x%d", rows), fmt.Sprintf("tile256x%d is tileGo for %d rows and 8 columns; bv has no effect.", rows, rows), rows)
	sums := make([][]VecVirtual, rows)
	for r := range sums {
		sums[r] = []VecVirtual{YMM(), YMM()}
		for _, v := range sums[r] {
			VXORPD(v, v, v)
		}
	}
	right, left := []VecVirtual{YMM(), YMM()}, []VecVirtual{YMM(), YMM(), YMM(), YMM()}
	o.loop(func() {
		VMOVUPD(Mem{Base: o.b}, right[0])
		VMOVUPD(Mem{Base: o.b, Disp: 32}, right[1])
		for r := range sums {
			VBROADCASTSD(o.row(r), left[r])
		}
		for r, row := range sums {
			for s, v := range row {
				VFMADD231PD(right[s], left[r], v)
			}
		}
	})
	o.store(sums, 32)
}

// distances write a function for every measure: they add the distances of 8 or 4 vectors of a from those of one strip of b
// to c and go through the coordinates in their order.

func manhattan512() {
	o := tile("manhattan512", "manhattan512 is manhattanGo for 8 rows; bs has no effect.")
	mask := absolute(ZMM())
	o.distances512(func(d, right VecVirtual) {
		VSUBPD(right, d, d)
		VPANDQ(mask, d, d)
	})
}

func manhattan256() {
	o := tile("manhattan256", "manhattan256 is manhattanGo for 4 rows; bs has no effect.")
	mask := absolute(YMM())
	o.distances256(func(d, right VecVirtual) {
		VSUBPD(right, d, d)
		VANDPD(mask, d, d)
	})
}

func chi512() {
	o := tile("chi512", "chi512 is chiGo for 8 rows; bs has no effect.")
	zero := ZMM()
	VPXORQ(zero, zero, zero)
	o.distances512(func(d, right VecVirtual) {
		sum, some := ZMM(), K()
		VADDPD(right, d, sum)
		VSUBPD(right, d, d)
		VMULPD(d, d, d)
		VCMPPD(U8(4), zero, sum, some)
		VDIVPD_Z(sum, d, some, d)
	})
}

func chi256() {
	o := tile("chi256", "chi256 is chiGo for 4 rows; bs has no effect.")
	zero := YMM()
	VXORPD(zero, zero, zero)
	o.distances256(func(d, right VecVirtual) {
		sum, some := YMM(), YMM()
		VADDPD(right, d, sum)
		VSUBPD(right, d, d)
		VMULPD(d, d, d)
		VCMPPD(U8(4), zero, sum, some)
		VDIVPD(sum, d, d)
		VANDPD(some, d, d)
	})
}

func shared512() {
	o := tile("shared512", "shared512 is sharedGo for 8 rows; bs has no effect.")
	o.distances512(func(d, right VecVirtual) {
		some := K()
		VSUBPD(right, d, d)
		VCMPPD(U8(7), d, d, some)
		VMULPD_Z(d, d, some, d)
	})
}

func shared256() {
	o := tile("shared256", "shared256 is sharedGo for 4 rows; bs has no effect.")
	o.distances256(func(d, right VecVirtual) {
		some := YMM()
		VSUBPD(right, d, d)
		VCMPPD(U8(7), d, d, some)
		VMULPD(d, d, d)
		VANDPD(some, d, d)
	})
}

// distances512 adds what distance makes of d, a coordinate of one vector of a, and those of the vectors of b.
func (o operands) distances512(distance func(d, right VecVirtual)) {
	sums := o.started(8, 1, func() VecVirtual { return ZMM() })
	right := ZMM()
	o.loop(func() {
		VMOVUPD(Mem{Base: o.b}, right)
		for r, row := range sums {
			d := ZMM()
			VBROADCASTSD(Mem{Base: o.a, Disp: r * double}, d)
			distance(d, right)
			VADDPD(d, row[0], row[0])
		}
	})
	o.write(sums, strip*double)
}

func (o operands) distances256(distance func(d, right VecVirtual)) {
	sums := o.started(4, 2, func() VecVirtual { return YMM() })
	o.loop(func() {
		for s := range 2 {
			right := YMM()
			VMOVUPD(Mem{Base: o.b, Disp: 32 * s}, right)
			for r, row := range sums {
				d := YMM()
				VBROADCASTSD(Mem{Base: o.a, Disp: r * double}, d)
				distance(d, right)
				VADDPD(d, row[s], row[s])
			}
		}
	})
	o.write(sums, 32)
}

// absolute fills v with the mask that takes the sign away.
func absolute(v VecVirtual) VecVirtual {
	bits, x := GP64(), XMM()
	MOVQ(U64(1<<63-1), bits)
	MOVQ(bits, x)
	VPBROADCASTQ(x, v)
	return v
}

// started are accumulators that hold zero, or what stands in c.
func (o operands) started(rows, parts int, register func() VecVirtual) [][]VecVirtual {
	sums := make([][]VecVirtual, rows)
	for r := range sums {
		for range parts {
			v := register()
			if parts == 1 {
				VPXORQ(v, v, v)
			} else {
				VXORPD(v, v, v)
			}
			sums[r] = append(sums[r], v)
		}
	}
	first, at := Load(Param("first"), GP8()), GP64()
	TESTB(first, first)
	JNZ(LabelRef("loop"))
	MOVQ(o.c, at)
	for r, row := range sums {
		for s, v := range row {
			VMOVUPD(Mem{Base: at, Disp: s * strip * double / parts}, v)
		}
		if r < rows-1 {
			ADDQ(o.cs, at)
		}
	}
	return sums
}

// write puts the accumulators in the place of c.
func (o operands) write(sums [][]VecVirtual, width int) {
	for r, row := range sums {
		for s, v := range row {
			VMOVUPD(v, Mem{Base: o.c, Disp: s * width})
		}
		if r < len(sums)-1 {
			ADDQ(o.cs, o.c)
		}
	}
	VZEROUPPER()
	RET()
}

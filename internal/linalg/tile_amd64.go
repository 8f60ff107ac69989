package linalg

import "golang.org/x/sys/cpu"

var (
	hasAVX2   = cpu.X86.HasAVX2 && cpu.X86.HasFMA
	hasAVX512 = hasAVX2 && cpu.X86.HasAVX512F
)

// tile is tileGo, for up to 4 rows or 8, by the widest instructions that there are.
func tile(c []float64, cs int, a, b operand, n, rows, strips int, first bool) {
	switch {
	case hasAVX512:
		tileAVX512(c, cs, a, b, n, rows, strips, first)
	case hasAVX2:
		tileAVX2(c, cs, a, b, n, rows, strips, first)
	case cpu.X86.HasFMA:
		tileGo(c, cs, a, b, n, rows, strips, first)
	default:
		tileRounded(c, cs, a, b, n, rows, strips, first)
	}
}

// reach panics where a tile would leave its slices: the assembly does not check.
func reach(c []float64, cs int, a, b operand, n, rows, strips int) {
	if n < 1 || cs < 0 || min(a.vector, a.summand, b.vector, b.summand) < 0 || strips < 1 || strips > widest || rows < 1 || rows > 4 && rows != strip {
		panic("linalg: no such tile")
	}
	_, _ = c[(rows-1)*cs+strips*strip-1], a.v[(rows-1)*a.vector+(n-1)*a.summand]
	_ = b.v[(strips-1)*b.vector+(n-1)*b.summand+strip-1]
}

// packedReach is reach for operands in strips.
func packedReach(c []float64, cs int, a, b []float64, bs, n, strips int) {
	reach(c, cs, operand{a, 1, strip}, operand{b, bs, strip}, n, strip, strips)
}

func tileAVX512(c []float64, cs int, a, b operand, n, rows, strips int, first bool) {
	reach(c, cs, a, b, n, rows, strips)
	switch rows*widest + strips - 1 {
	case 8*widest + 0:
		tile512x8x1(&c[0], cs, &a.v[0], a.vector, a.summand, &b.v[0], b.vector, b.summand, n, first)
	case 8*widest + 1:
		tile512x8x2(&c[0], cs, &a.v[0], a.vector, a.summand, &b.v[0], b.vector, b.summand, n, first)
	case 8*widest + 2:
		tile512x8x3(&c[0], cs, &a.v[0], a.vector, a.summand, &b.v[0], b.vector, b.summand, n, first)
	case 4*widest + 0:
		tile512x4x1(&c[0], cs, &a.v[0], a.vector, a.summand, &b.v[0], b.vector, b.summand, n, first)
	case 4*widest + 1:
		tile512x4x2(&c[0], cs, &a.v[0], a.vector, a.summand, &b.v[0], b.vector, b.summand, n, first)
	case 4*widest + 2:
		tile512x4x3(&c[0], cs, &a.v[0], a.vector, a.summand, &b.v[0], b.vector, b.summand, n, first)
	case 3*widest + 0:
		tile512x3x1(&c[0], cs, &a.v[0], a.vector, a.summand, &b.v[0], b.vector, b.summand, n, first)
	case 3*widest + 1:
		tile512x3x2(&c[0], cs, &a.v[0], a.vector, a.summand, &b.v[0], b.vector, b.summand, n, first)
	case 3*widest + 2:
		tile512x3x3(&c[0], cs, &a.v[0], a.vector, a.summand, &b.v[0], b.vector, b.summand, n, first)
	case 2*widest + 0:
		tile512x2x1(&c[0], cs, &a.v[0], a.vector, a.summand, &b.v[0], b.vector, b.summand, n, first)
	case 2*widest + 1:
		tile512x2x2(&c[0], cs, &a.v[0], a.vector, a.summand, &b.v[0], b.vector, b.summand, n, first)
	case 2*widest + 2:
		tile512x2x3(&c[0], cs, &a.v[0], a.vector, a.summand, &b.v[0], b.vector, b.summand, n, first)
	case 1*widest + 0:
		tile512x1x1(&c[0], cs, &a.v[0], a.vector, a.summand, &b.v[0], b.vector, b.summand, n, first)
	case 1*widest + 1:
		tile512x1x2(&c[0], cs, &a.v[0], a.vector, a.summand, &b.v[0], b.vector, b.summand, n, first)
	case 1*widest + 2:
		tile512x1x3(&c[0], cs, &a.v[0], a.vector, a.summand, &b.v[0], b.vector, b.summand, n, first)
	}
}

func tileAVX2(c []float64, cs int, a, b operand, n, rows, strips int, first bool) {
	reach(c, cs, a, b, n, rows, strips)
	for s := range strips {
		to, right := c[s*strip:], &b.v[s*b.vector]
		switch rows {
		case 1:
			tile256x1(&to[0], cs, &a.v[0], a.vector, a.summand, right, b.vector, b.summand, n, first)
		case 2:
			tile256x2(&to[0], cs, &a.v[0], a.vector, a.summand, right, b.vector, b.summand, n, first)
		case 3:
			tile256x3(&to[0], cs, &a.v[0], a.vector, a.summand, right, b.vector, b.summand, n, first)
		case 4:
			tile256x4(&to[0], cs, &a.v[0], a.vector, a.summand, right, b.vector, b.summand, n, first)
		default:
			tile256x4(&to[0], cs, &a.v[0], a.vector, a.summand, right, b.vector, b.summand, n, first)
			tile256x4(&to[4*cs], cs, &a.v[4*a.vector], a.vector, a.summand, right, b.vector, b.summand, n, first)
		}
	}
}

// manhattan is manhattanGo by the widest instructions that there are.
func manhattan(c []float64, cs int, a, b []float64, bs, n, strips int, first bool) {
	switch {
	case hasAVX512:
		manhattanAVX512(c, cs, a, b, bs, n, strips, first)
	case hasAVX2:
		manhattanAVX2(c, cs, a, b, bs, n, strips, first)
	default:
		manhattanGo(c, cs, a, b, bs, n, strips, first)
	}
}

// chi is chiGo by the widest instructions that there are.
func chi(c []float64, cs int, a, b []float64, bs, n, strips int, first bool) {
	switch {
	case hasAVX512:
		chiAVX512(c, cs, a, b, bs, n, strips, first)
	case hasAVX2:
		chiAVX2(c, cs, a, b, bs, n, strips, first)
	default:
		chiGo(c, cs, a, b, bs, n, strips, first)
	}
}

// shared is sharedGo by the widest instructions that there are.
func shared(c []float64, cs int, a, b []float64, bs, n, strips int, first bool) {
	switch {
	case hasAVX512:
		sharedAVX512(c, cs, a, b, bs, n, strips, first)
	case hasAVX2:
		sharedAVX2(c, cs, a, b, bs, n, strips, first)
	default:
		sharedGo(c, cs, a, b, bs, n, strips, first)
	}
}

func sharedAVX512(c []float64, cs int, a, b []float64, bs, n, strips int, first bool) {
	packedReach(c, cs, a, b, bs, n, strips)
	for s := range strips {
		shared512(&c[s*strip], cs, &a[0], &b[s*bs], bs, n, first)
	}
}

func sharedAVX2(c []float64, cs int, a, b []float64, bs, n, strips int, first bool) {
	packedReach(c, cs, a, b, bs, n, strips)
	for s := range strips {
		shared256(&c[s*strip], cs, &a[0], &b[s*bs], bs, n, first)
		shared256(&c[4*cs+s*strip], cs, &a[4], &b[s*bs], bs, n, first)
	}
}

func manhattanAVX512(c []float64, cs int, a, b []float64, bs, n, strips int, first bool) {
	packedReach(c, cs, a, b, bs, n, strips)
	for s := range strips {
		manhattan512(&c[s*strip], cs, &a[0], &b[s*bs], bs, n, first)
	}
}

func manhattanAVX2(c []float64, cs int, a, b []float64, bs, n, strips int, first bool) {
	packedReach(c, cs, a, b, bs, n, strips)
	for s := range strips {
		manhattan256(&c[s*strip], cs, &a[0], &b[s*bs], bs, n, first)
		manhattan256(&c[4*cs+s*strip], cs, &a[4], &b[s*bs], bs, n, first)
	}
}

func chiAVX512(c []float64, cs int, a, b []float64, bs, n, strips int, first bool) {
	packedReach(c, cs, a, b, bs, n, strips)
	for s := range strips {
		chi512(&c[s*strip], cs, &a[0], &b[s*bs], bs, n, first)
	}
}

func chiAVX2(c []float64, cs int, a, b []float64, bs, n, strips int, first bool) {
	packedReach(c, cs, a, b, bs, n, strips)
	for s := range strips {
		chi256(&c[s*strip], cs, &a[0], &b[s*bs], bs, n, first)
		chi256(&c[4*cs+s*strip], cs, &a[4], &b[s*bs], bs, n, first)
	}
}

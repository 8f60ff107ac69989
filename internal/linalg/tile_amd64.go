package linalg

import "golang.org/x/sys/cpu"

var (
	hasAVX2   = cpu.X86.HasAVX2 && cpu.X86.HasFMA
	hasAVX512 = hasAVX2 && cpu.X86.HasAVX512F
)

// tile is tileGo by the widest instructions that there are.
func tile(c []float64, cs int, a, b []float64, bs, n, strips int, first bool) {
	switch {
	case hasAVX512:
		tileAVX512(c, cs, a, b, bs, n, strips, first)
	case hasAVX2:
		tileAVX2(c, cs, a, b, bs, n, strips, first)
	case cpu.X86.HasFMA:
		tileGo(c, cs, a, b, bs, n, strips, first)
	default:
		tileRounded(c, cs, a, b, bs, n, strips, first)
	}
}

// reach panics where a tile would leave its slices: the assembly does not check.
func reach(c []float64, cs int, a, b []float64, bs, n, strips int) {
	if n < 1 || cs < 0 || bs < 0 || strips < 1 || strips > widest {
		panic("linalg: no such tile")
	}
	_, _, _ = c[(strip-1)*cs+strips*strip-1], a[n*strip-1], b[(strips-1)*bs+n*strip-1]
}

func tileAVX512(c []float64, cs int, a, b []float64, bs, n, strips int, first bool) {
	reach(c, cs, a, b, bs, n, strips)
	switch strips {
	case 1:
		tile512x1(&c[0], cs, &a[0], &b[0], bs, n, first)
	case 2:
		tile512x2(&c[0], cs, &a[0], &b[0], bs, n, first)
	default:
		tile512x3(&c[0], cs, &a[0], &b[0], bs, n, first)
	}
}

func tileAVX2(c []float64, cs int, a, b []float64, bs, n, strips int, first bool) {
	reach(c, cs, a, b, bs, n, strips)
	for s := range strips {
		tile256(&c[s*strip], cs, &a[0], &b[s*bs], bs, n, first)
		tile256(&c[4*cs+s*strip], cs, &a[4], &b[s*bs], bs, n, first)
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
	reach(c, cs, a, b, bs, n, strips)
	for s := range strips {
		shared512(&c[s*strip], cs, &a[0], &b[s*bs], bs, n, first)
	}
}

func sharedAVX2(c []float64, cs int, a, b []float64, bs, n, strips int, first bool) {
	reach(c, cs, a, b, bs, n, strips)
	for s := range strips {
		shared256(&c[s*strip], cs, &a[0], &b[s*bs], bs, n, first)
		shared256(&c[4*cs+s*strip], cs, &a[4], &b[s*bs], bs, n, first)
	}
}

func manhattanAVX512(c []float64, cs int, a, b []float64, bs, n, strips int, first bool) {
	reach(c, cs, a, b, bs, n, strips)
	for s := range strips {
		manhattan512(&c[s*strip], cs, &a[0], &b[s*bs], bs, n, first)
	}
}

func manhattanAVX2(c []float64, cs int, a, b []float64, bs, n, strips int, first bool) {
	reach(c, cs, a, b, bs, n, strips)
	for s := range strips {
		manhattan256(&c[s*strip], cs, &a[0], &b[s*bs], bs, n, first)
		manhattan256(&c[4*cs+s*strip], cs, &a[4], &b[s*bs], bs, n, first)
	}
}

func chiAVX512(c []float64, cs int, a, b []float64, bs, n, strips int, first bool) {
	reach(c, cs, a, b, bs, n, strips)
	for s := range strips {
		chi512(&c[s*strip], cs, &a[0], &b[s*bs], bs, n, first)
	}
}

func chiAVX2(c []float64, cs int, a, b []float64, bs, n, strips int, first bool) {
	reach(c, cs, a, b, bs, n, strips)
	for s := range strips {
		chi256(&c[s*strip], cs, &a[0], &b[s*bs], bs, n, first)
		chi256(&c[4*cs+s*strip], cs, &a[4], &b[s*bs], bs, n, first)
	}
}

package main

import "github.com/mmcloughlin/avo/build"

func main() {
	build.ConstraintExpr("amd64")
	for _, rows := range []int{8, 4, 3, 2, 1} {
		for strips := 1; strips <= 3; strips++ {
			tile512(rows, strips)
		}
	}
	for rows := 4; rows >= 1; rows-- {
		tile256(rows)
	}
	manhattan512()
	manhattan256()
	chi512()
	chi256()
	shared512()
	shared256()
	spread()
	interleave()
	extent()
	deviation()
	standardize()
	zeros()
	beyond()
	combine4()
	dot4()
	dotAhead()
	addMultiple()
	addSquares()
	divide()
	truncate()
	keepLess()
	notAbove()
	solveStrip()
	rotate()
	rectify()
	silence()
	adam()
	c := constants()
	for _, l := range []lanes{narrow(c), wide(c)} {
		l.curve("exp", "replaces n times %d numbers by their exponentials.", nil, l.exp)
		l.curve("tanh", "replaces n times %d numbers by their hyperbolic tangents.", nil, l.tanh)
		l.curve("expm1", "replaces n times %d numbers, of at most 700, by their exponentials less one.", nil, l.expm1)
		l.curve("log1p", "replaces n times %d finite numbers or NaN x by log(1+|x|) with the sign of x.", nil, l.log1p)
		l.curve("cos", "replaces n times %d numbers x by scale·cos(x + offset), where that is below 1e6.", []string{"offset", "scale"}, l.cos)
	}
	build.Generate()
}

package main

import "github.com/mmcloughlin/avo/build"

func main() {
	build.ConstraintExpr("amd64")
	for strips := 1; strips <= 3; strips++ {
		tile512(strips)
	}
	tile256()
	build.Generate()
}

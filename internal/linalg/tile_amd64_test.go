package linalg

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestTilesOfTheAssembly(t *testing.T) {
	if hasAVX2 {
		sameProduct(t, "AVX2", tileAVX2)
		sameTile(t, "manhattan with AVX2", manhattanAVX2, manhattanGo)
		sameTile(t, "chi with AVX2", chiAVX2, chiGo)
		sameTile(t, "shared with AVX2", sharedAVX2, sharedGo)
	}
	if hasAVX512 {
		sameProduct(t, "AVX-512", tileAVX512)
		sameTile(t, "manhattan with AVX-512", manhattanAVX512, manhattanGo)
		sameTile(t, "chi with AVX-512", chiAVX512, chiGo)
		sameTile(t, "shared with AVX-512", sharedAVX512, sharedGo)
	}
}

func TestCurvesOfTheAssembly(t *testing.T) {
	cosines := func(v []float64) {
		for i, x := range v {
			v[i] = cosOf(x, 0.5, 0.25)
		}
	}
	within := func(f func(v []float64), most float64) func(v []float64) {
		return func(v []float64) {
			for i, x := range v {
				if math.Abs(x) > most {
					v[i] = 1
				}
			}
			f(v)
		}
	}
	lessOne := within(func(v []float64) {
		for i, x := range v {
			v[i] = expm1Of(x)
		}
	}, 699)
	logarithm := within(func(v []float64) {
		for i, x := range v {
			v[i] = log1pOf(x)
		}
	}, math.MaxFloat64)
	if hasAVX2 {
		sameCurve(t, "expm1", within(func(v []float64) { expm1x256(&v[0], len(v)/4) }, 699), lessOne)
		sameCurve(t, "log1p", within(func(v []float64) { log1px256(&v[0], len(v)/4) }, math.MaxFloat64), logarithm)
		sameCurve(t, "exp", func(v []float64) { expx256(&v[0], len(v)/4) }, expGo)
		sameCurve(t, "tanh", func(v []float64) { tanhx256(&v[0], len(v)/4) }, tanhGo)
		sameCurve(t, "cos", func(v []float64) { cosx256(&v[0], len(v)/4, 0.5, 0.25) }, cosines)
	}
	if hasAVX512 {
		sameCurve(t, "expm1", within(func(v []float64) { expm1x512(&v[0], len(v)/8) }, 699), lessOne)
		sameCurve(t, "log1p", within(func(v []float64) { log1px512(&v[0], len(v)/8) }, math.MaxFloat64), logarithm)
		sameCurve(t, "exp", func(v []float64) { expx512(&v[0], len(v)/8) }, expGo)
		sameCurve(t, "tanh", func(v []float64) { tanhx512(&v[0], len(v)/8) }, tanhGo)
		sameCurve(t, "cos", func(v []float64) { cosx512(&v[0], len(v)/8, 0.5, 0.25) }, cosines)
	}
}

func TestPackingOfTheAssembly(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	for _, n := range []int{1, 3, 4, 5, 8, 13, 100} {
		row, stride := random(rng, 1, n*strip).Data, 3*strip
		got, want := make([]float64, n*stride), make([]float64, n*stride)
		same := func(name string) {
			t.Helper()
			for i, v := range want {
				if got[i] != v {
					t.Fatalf("%s of %d: element %d is %v, want %v", name, n, i, got[i], v)
				}
			}
		}
		packRow(got, row, stride, 0.7)
		packRowGo(want, row, stride, 0.7)
		same("packRow")
		var rows, again [strip][]float64
		for k := range rows {
			rows[k] = random(rng, 1, n).Data
		}
		again = rows
		less := [strip]float64{1, 2, 3, 4, 5, 6, 7, 8}
		for _, stride := range []int{strip, strip + 3} {
			rows, again := rows, again
			packAcross(got, stride, &rows, &less)
			packAcrossGo(want, stride, &again, &less)
			same("packAcross")
		}
	}
}

func TestVectorsOfTheAssembly(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 1))
	for _, n := range []int{1, 2, 3, 4, 5, 8, 16, 30, 51, 100} {
		m, v, a := random(rng, 4, n), random(rng, 1, n).Data, [4]float64(random(rng, 1, 4).Data)
		got, want := append([]float64(nil), v...), append([]float64(nil), v...)
		x := [4][]float64{m.Row(0), m.Row(1), m.Row(2), m.Row(3)}
		addScaled4(got, &a, &x)
		addScaled4Go(want, &a, &x)
		var dots, plain [4]float64
		part := v[:n-n/3]
		dots4(&dots, part, m.Data, n)
		dots4Go(&plain, part, m.Data, n)
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("addScaled4 of %d: element %d is %v, want %v", n, i, got[i], want[i])
			}
		}
		AddFused(got, 0.7, m.Row(3))
		addFusedGo(want, 0.7, m.Row(3))
		if a, b := DotAhead(got, m.Row(2), m.Row(1)), dotGo(want, m.Row(2)); a != b {
			t.Fatalf("DotAhead of %d: %v, want %v", n, a, b)
		}
		one, same := append([]float64(nil), m.Row(0)...), append([]float64(nil), m.Row(0)...)
		rotate(got, one, 0.6, 0.8)
		rotateGo(want, same, 0.6, 0.8)
		if !slices.Equal(one, same) {
			t.Fatalf("rotate of %d: %v, want %v", n, one, same)
		}
		AddSquares(got, m.Row(0), 0.3)
		addSquaresGo(want, m.Row(0), 0.3)
		Divide(got, got, m.Row(1))
		divideGo(want, want, m.Row(1))
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("squares and quotients of %d: element %d is %v, want %v", n, i, got[i], want[i])
			}
		}
		first, second := make([]int64, n), make([]int64, n)
		got[n-1], want[n-1] = math.NaN(), math.NaN()
		KeepLess(got, first, m.Row(2), 0.1, 7)
		keepLessGo(want, second, m.Row(2), 0.1, 7)
		for i := range want {
			if got[i] != want[i] && want[i] == want[i] || first[i] != second[i] {
				t.Fatalf("KeepLess of %d: element %d is %v, %d, want %v, %d", n, i, got[i], first[i], want[i], second[i])
			}
		}
		if dots != plain {
			t.Fatalf("dots4 of %d: %v, want %v", n, dots, plain)
		}
	}
}

func TestTrianglesOfTheAssembly(t *testing.T) {
	rng := rand.New(rand.NewPCG(14, 1))
	for _, n := range []int{1, 2, 5, 32, 64} {
		l, x := random(rng, n, n+3), random(rng, n, strip)
		for i := range n {
			l.Data[i*l.Cols+i] += 3
		}
		got, want := x.Clone(), x.Clone()
		solveRows(got.Data, l.Data, l.Cols)
		solveRowsGo(want.Data, l.Data, l.Cols)
		for i, v := range want.Data {
			if got.Data[i] != v {
				t.Fatalf("%d rows: element %d is %v, want %v", n, i, got.Data[i], v)
			}
		}
		for k := range strip { // l·x is what it was
			for i := range n {
				sum := 0.0
				for j := range i + 1 {
					sum += l.At(i, j) * got.At(j, k)
				}
				if math.Abs(sum-x.At(i, k)) > 1e-9*(1+math.Abs(sum)) {
					t.Fatalf("%d rows: %v, want %v", n, sum, x.At(i, k))
				}
			}
		}
	}
}

func TestTruncate(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 1))
	odd := []float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), 1e-320}
	draw := func(n int) []float64 {
		v := random(rng, 1, n).Data
		for i := range v {
			if rng.IntN(5) == 0 {
				v[i] = odd[rng.IntN(len(odd))]
			}
		}
		return v
	}
	for n := range 40 {
		for _, scale := range []float64{1, 0.3, 0, math.Inf(1), math.NaN()} {
			w, paid := draw(n), draw(n)
			w2, paid2 := slices.Clone(w), slices.Clone(paid)
			Truncate(w, paid, 0.5, 1/scale, scale)
			truncateGo(w2, paid2, 0.5, 1/scale, scale)
			for i, v := range append(w2, paid2...) {
				if got := append(w, paid...)[i]; math.Float64bits(got) != math.Float64bits(v) && !(got != got && v != v) {
					t.Fatalf("%d weights, scale %v: number %d is %v, want %v", n, scale, i, got, v)
				}
			}
		}
	}
}

func TestNotAbove(t *testing.T) {
	rng := rand.New(rand.NewPCG(16, 1))
	for n := range 40 {
		v, w := random(rng, 1, n).Data, random(rng, 1, n).Data
		for _, limit := range []float64{-3, -1, -20, 20, math.NaN()} {
			if got, want := NotAbove(v, w, limit), notAboveGo(v, w, limit); got != want {
				t.Fatalf("%d numbers: %d, want %d", n, got, want)
			}
		}
		for i := range v {
			was := w[i]
			w[i] = math.NaN()
			if got, want := NotAbove(v, w, -20), notAboveGo(v, w, -20); got != want || want != i {
				t.Fatalf("NaN at %d of %d: %d, plain %d", i, n, got, want)
			}
			w[i] = was
		}
	}
}

package linalg

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// sameTile checks that a form of tile writes the same bits as the plain one.
func sameTile(t *testing.T, name string, fast, plain tiler) {
	t.Helper()
	rng := rand.New(rand.NewPCG(4, 1))
	for _, n := range []int{1, 2, 7, 130, 256} {
		for strips := 1; strips <= widest; strips++ {
			bs, cs := (n+3)*strip, strips*strip+5
			a, b := random(rng, n, strip), random(rng, strips, bs)
			for i, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 1e300, 5e-324} {
				a.Data[(i*5+3)%len(a.Data)] = v
				b.Data[(i*11+1)%len(b.Data)] = v
			}
			for _, first := range []bool{true, false} {
				got, want := random(rng, strip, cs), NewMatrix(strip, cs)
				copy(want.Data, got.Data)
				fast(got.Data, cs, a.Data, b.Data, bs, n, strips, first)
				plain(want.Data, cs, a.Data, b.Data, bs, n, strips, first)
				for i, v := range want.Data {
					if got.Data[i] != v && !(v != v && got.Data[i] != got.Data[i]) {
						t.Fatalf("%s: %d strips of %d: element %d is %v, want %v", name, strips, n, i, got.Data[i], v)
					}
				}
			}
		}
	}
}

// sameProduct checks that a form of tile writes the same bits as the plain one, and nothing else, wherever its operands stand.
func sameProduct(t *testing.T, name string, fast func(c []float64, cs int, a, b operand, n, rows, strips int, first bool)) {
	t.Helper()
	rng := rand.New(rand.NewPCG(4, 3))
	for _, n := range []int{1, 2, 7, 130, 256} {
		a, b := random(rng, n+strip, n+strip), random(rng, n+2*strip, 4*strip)
		for i, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 1e300, 5e-324} {
			a.Data[(i*5+3)%len(a.Data)] = v
			b.Data[(i*11+1)%len(b.Data)] = v
		}
		for _, left := range []operand{{a.Data, 1, strip}, {a.Data[3:], 1, a.Cols}, {a.Data[1:], a.Cols, 1}} {
			for _, right := range []operand{{b.Data, (n + 3) * strip, strip}, {b.Data[5:], strip, b.Cols}} {
				for k := range 2 * 5 * widest {
					rows, strips, first := [5]int{1, 2, 3, 4, strip}[k/2/widest], 1+k/2%widest, k%2 == 0
					cs := strips*strip + 5
					if (strips-1)*right.vector+n*strip > len(right.v) {
						continue
					}
					got, want := random(rng, strip+1, cs), NewMatrix(strip+1, cs)
					copy(want.Data, got.Data)
					fast(got.Data, cs, left, right, n, rows, strips, first)
					tileGo(want.Data, cs, left, right, n, rows, strips, first)
					for i, v := range want.Data {
						if got.Data[i] != v && !(v != v && got.Data[i] != got.Data[i]) {
							t.Fatalf("%s: %d rows and %d strips of %d: element %d is %v, want %v", name, rows, strips, n, i, got.Data[i], v)
						}
					}
				}
			}
		}
	}
}

// TestReadWhereItStands: products are the same numbers whether their operands are packed or not.
func TestReadWhereItStands(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for m := 1; m < 20; m++ {
		for _, d := range [][2]int{{1, 1}, {1, 9}, {2, 8}, {3, 21}, {19, 30}, {40, 104}, {200, 104}, {256, 127}, {80, 388}, {257, 12}} {
			k, n := d[0], d[1]
			a, b := random(rng, m, k), random(rng, k, n)
			slices := make([][]float64, k)
			for i := range slices {
				slices[i] = b.Row(i)
			}
			want, got := random(rng, m, n), random(rng, m, n)
			var w Workspace
			w.product(block{Matrix: want}, k, &side{m: a, across: true, shift: make([]float64, m)}, &side{slices: slices})
			same := func(name string) {
				t.Helper()
				for i, v := range want.Data {
					if got.Data[i] != v {
						t.Fatalf("%s of %d, %d and %d: element %d is %v, want %v", name, m, k, n, i, got.Data[i], v)
					}
				}
			}
			w.Mul(got, a, b)
			same("Mul")
			across := NewMatrix(k, m)
			for i := range across.Data {
				across.Data[i] = a.At(i%m, i/m)
			}
			got = random(rng, m, n)
			w.TMul(got, across, b)
			same("TMul")
		}
	}
}

func TestTile(t *testing.T) {
	sameProduct(t, "tile", tile)
	sameTile(t, "manhattan", manhattan, manhattanGo)
	sameTile(t, "chi", chi, chiGo)
	sameTile(t, "shared", shared, sharedGo)
	rng := rand.New(rand.NewPCG(4, 2))
	a, b := random(rng, 9, strip), random(rng, 2, 9*strip)
	got, want := NewMatrix(strip, 2*strip), NewMatrix(strip, 2*strip)
	left, right := operand{a.Data, 1, strip}, operand{b.Data, 9 * strip, strip}
	tileRounded(got.Data, 2*strip, left, right, 9, strip, 2, true)
	tileGo(want.Data, 2*strip, left, right, 9, strip, 2, true)
	near(t, "tileRounded", got, want)
}

func TestManhattan(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 1))
	var w Workspace
	for _, d := range [][3]int{{1, 1, 1}, {8, 5, 24}, {9, 300, 31}, {3, 0, 2}} {
		a, b := random(rng, d[0], d[1]), random(rng, d[2], d[1])
		got := random(rng, d[0], d[2])
		w.Manhattan(got, a, b)
		for i := range got.Rows {
			for j := range got.Cols {
				want := 0.0
				for k, v := range a.Row(i) {
					want += math.Abs(v - b.At(j, k))
				}
				if got.At(i, j) != want {
					t.Fatalf("%v: rows %d and %d are %v apart, want %v", d, i, j, got.At(i, j), want)
				}
			}
		}
	}
	c := NewMatrix(1, 1)
	if w.Shared(c, Of(1, 3, []float64{3, math.NaN(), 2}), Of(1, 3, []float64{1, 4, math.NaN()})); c.At(0, 0) != 4 {
		t.Error("Shared:", c.At(0, 0))
	}
	if w.ManhattanColumns(c, Of(1, 2, []float64{3, 0}), [][]float64{{1}, {4}}); c.At(0, 0) != 6 {
		t.Error("ManhattanColumns:", c.At(0, 0))
	}
	if w.Chi2Columns(c, Of(1, 3, []float64{3, 0, 3}), [][]float64{{1}, {0}, {5}}); c.At(0, 0) != 1.5 {
		t.Error("Chi2:", c.At(0, 0))
	}
	if w.MulT(c, Of(1, 1, []float64{2}), Of(1, 1, []float64{3})); c.At(0, 0) != 6 {
		t.Error("a product after distances:", c.At(0, 0))
	}
}

// What is not finite spoils its own row and column only.
func TestProductsOfInfinities(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	a, b := random(rng, 11, 13), random(rng, 13, 27)
	a.Set(10, 3, math.NaN())
	b.Set(12, 26, math.Inf(1))
	got, want := Mul(a, b), slowMul(a, b)
	for i := range got.Rows {
		for j := range got.Cols {
			g, w := got.At(i, j), want.At(i, j)
			if (g-g == 0) != (w-w == 0) || g-g == 0 && math.Abs(g-w) > 1e-12 {
				t.Errorf("element (%d, %d) is %v, want %v", i, j, g, w)
			}
		}
	}
}

func TestProductsOfColumns(t *testing.T) {
	rng, ctx := rand.New(rand.NewPCG(6, 1)), context.Background()
	for _, d := range [][3]int{{1, 1, 1}, {3, 0, 4}, {0, 2, 5}, {2, 6, 1025}, {9, 7, 30}, {3, 300, 17}, {11, 290, 420}, {5, 2, stretch + 11}} {
		a, x := random(rng, d[0], d[1]), random(rng, d[1], d[2])
		shift, less, slices := make([]float64, d[1]), x.Clone(), make([][]float64, d[1])
		for j := range slices {
			slices[j], shift[j] = x.Row(j), rng.NormFloat64()
			for i := range less.Row(j) {
				less.Row(j)[i] -= shift[j]
			}
		}
		dst := NewMatrix(d[0], d[2])
		for _, shift := range [][]float64{nil, shift} {
			want := x
			if shift != nil {
				want = less
			}
			if err := MulColumns(ctx, dst, a, slices, shift); err != nil {
				t.Fatal(err)
			}
			near(t, "MulColumns", dst, slowMul(a, want))
			packed := NewMatrix(d[0], d[2])
			new(Workspace).MulPacked(packed, a, Pack(slices, d[2], shift))
			for i, v := range packed.Data {
				if dst.Data[i] != v {
					t.Fatalf("%v: element %d is %v by MulColumns, %v by MulPacked", d, i, dst.Data[i], v)
				}
			}
			for rows := range min(d[2], 3) {
				some, all := random(rng, d[0], d[2]), want.T()
				left := some.Clone()
				new(Workspace).MulPackedInto(some, d[2]-rows, a, PackRows(all))
				for i := range d[0] {
					copy(left.Row(i)[:d[2]-rows], dst.Row(i))
				}
				near(t, "MulPackedInto", some, left)
			}
			if d[1] > 0 {
				wide := random(rng, d[0], d[2]+9)
				beside := wide.Clone()
				new(Workspace).MulColumnsInto(wide, 4, a, slices, shift)
				for i := range d[0] {
					copy(beside.Row(i)[4:], dst.Row(i))
				}
				near(t, "MulColumnsInto", wide, beside)
			}
			rows := NewMatrix(d[2], d[1])
			rows.FromColumns(slices, shift)
			near(t, "FromColumns", rows, want.T())
			g, err := GramOfColumns(ctx, slices, shift)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "GramOfColumns", g, slowMul(want, want.T()))
		}
	}
	done, stop := context.WithCancel(ctx)
	stop()
	x := [][]float64{{1, 2}}
	if MulColumns(done, NewMatrix(1, 2), NewMatrix(1, 1), x, nil) == nil {
		t.Error("MulColumns goes on after its context")
	}
	if _, err := GramOfColumns(done, x, nil); err == nil {
		t.Error("GramOfColumns goes on after its context")
	}
}

func TestGramWithoutSomeRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 1))
	a, w := random(rng, 700, 10), make([]float64, 700)
	kept, weights := NewMatrix(0, 10), []float64(nil)
	for i := range w {
		if i%3 > 0 {
			w[i] = rng.Float64()
			kept.Rows, kept.Data, weights = kept.Rows+1, append(kept.Data, a.Row(i)...), append(weights, w[i])
		}
	}
	got, want := a.Gram(w), kept.Gram(weights)
	for i, v := range want.Data {
		if got.Data[i] != v {
			t.Fatalf("element %d is %v with rows of weight zero, %v without them", i, got.Data[i], v)
		}
	}
}

func TestCombine(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 1))
	for _, k := range []int{0, 1, 3, 4, 6, 9} {
		a, x, dst := random(rng, 1, k), random(rng, k, 19), random(rng, 1, 19)
		want, slices := dst.Clone(), make([][]float64, k)
		for j := range slices {
			slices[j] = x.Row(j)
		}
		AddScaled(want.Data, 1, slowMul(a, x).Data)
		Combine(dst.Data, a.Data, slices)
		near(t, "Combine", dst, want)
	}
}

// BenchmarkMul compares with gonum.
func BenchmarkMul(b *testing.B) {
	for _, n := range []int{16, 50, 96, 256, 512, 960} {
		a := random(rand.New(rand.NewPCG(1, 1)), n, n)
		flops := 2 * float64(n) * float64(n) * float64(n) / 1e9
		b.Run(fmt.Sprintf("%d/ours", n), func(b *testing.B) {
			var w Workspace
			c := NewMatrix(n, n)
			for b.Loop() {
				w.Mul(c, a, a)
			}
			b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds(), "GFLOPS")
		})
		b.Run(fmt.Sprintf("%d/gonum", n), func(b *testing.B) {
			c, m := mat.NewDense(n, n, nil), mat.NewDense(n, n, a.Data)
			for b.Loop() {
				c.Mul(m, m)
			}
			b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds(), "GFLOPS")
		})
	}
}

// BenchmarkMulColumns projects a table of 10,000 × 50.
func BenchmarkMulColumns(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	x, slices := random(rng, 50, 10_000), make([][]float64, 50)
	for j := range slices {
		slices[j] = x.Row(j)
	}
	for _, k := range []int{1, 2, 3, 4, 8, 50, 100} {
		a, dst := random(rng, k, 50), NewMatrix(k, 10_000)
		b.Run(fmt.Sprint(k), func(b *testing.B) {
			for b.Loop() {
				if err := MulColumns(context.Background(), dst, a, slices, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(2*50*10_000*float64(k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOPS")
		})
	}
	b.Run("Gram", func(b *testing.B) {
		for b.Loop() {
			if _, err := GramOfColumns(context.Background(), slices, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}

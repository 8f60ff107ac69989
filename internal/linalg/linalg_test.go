package linalg

import (
	"errors"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
)

func random(rng *rand.Rand, rows, cols int) Matrix {
	m := NewMatrix(rows, cols)
	for i := range m.Data {
		m.Data[i] = rng.NormFloat64()
	}
	return m
}

// slowMul is the definition of a product.
func slowMul(a, b Matrix) Matrix {
	c := NewMatrix(a.Rows, b.Cols)
	for i := range c.Rows {
		for j := range c.Cols {
			for k := range a.Cols {
				c.Data[i*c.Cols+j] += a.At(i, k) * b.At(k, j)
			}
		}
	}
	return c
}

func near(t *testing.T, name string, got, want Matrix) {
	t.Helper()
	if got.Rows != want.Rows || got.Cols != want.Cols {
		t.Fatalf("%s: %d×%d, want %d×%d", name, got.Rows, got.Cols, want.Rows, want.Cols)
	}
	for i, v := range want.Data {
		if !(math.Abs(got.Data[i]-v) <= 1e-9*(1+math.Abs(v))) {
			t.Fatalf("%s: element %d is %v, want %v", name, i, got.Data[i], v)
		}
	}
}

func TestProducts(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, d := range [][3]int{{0, 3, 2}, {1, 1, 1}, {3, 0, 4}, {5, 7, 3}, {17, 9, 33}, {40, 64, 48}, {63, 130, 65}, {301, 12, 13}, {7, 600, 25}, {9, 3, 800}} {
		a, b := random(rng, d[0], d[1]), random(rng, d[1], d[2])
		want := slowMul(a, b)
		near(t, "Mul", Mul(a, b), want)
		near(t, "TMul", TMul(a.T(), b), want)
		near(t, "MulT", MulT(a, b.T()), want)
		w := make([]float64, a.Rows)
		wa := a.Clone()
		for i := range w {
			w[i] = rng.Float64()
			for j := range wa.Row(i) {
				wa.Row(i)[j] *= w[i]
			}
		}
		near(t, "Gram", a.Gram(nil), slowMul(a.T(), a))
		near(t, "weighted Gram", a.Gram(w), slowMul(a.T(), wa))
		v, u := random(rng, d[1], 1), random(rng, d[0], 1)
		av, tu := NewMatrix(d[0], 1), NewMatrix(d[1], 1)
		a.MulVec(av.Data, v.Data)
		a.TMulVec(tu.Data, u.Data)
		near(t, "MulVec", av, slowMul(a, v))
		near(t, "TMulVec", tu, slowMul(a.T(), u))
	}
}

func TestCholesky(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	for _, n := range []int{0, 1, 2, 7, 40, 64, 65, 200, 300} {
		a := random(rng, 2*n+1, n).Gram(nil)
		c, err := NewCholesky(a)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "L·L'", slowMul(c.L(), c.L().T()), a)
		x := random(rng, n, 1)
		b := slowMul(a, x)
		c.Solve(b.Data)
		near(t, "Solve", b, x)
		one := NewMatrix(n, n)
		for i := range n {
			one.Set(i, i, 1)
		}
		near(t, "Inverse", slowMul(a, c.Inverse()), one)
		near(t, "InverseL", slowMul(c.L(), c.InverseL()), one)
	}
	if _, err := NewCholesky(Of(2, 2, []float64{1, 2, 2, 1})); !errors.Is(err, ErrNotPositive) {
		t.Errorf("indefinite: %v", err)
	}
	if _, err := NewCholesky(Of(1, 1, []float64{math.NaN()})); !errors.Is(err, ErrNotFinite) {
		t.Errorf("NaN: %v", err)
	}
	if c, err := NewCholesky(Of(2, 2, []float64{4, 0, 0, 9})); err != nil || math.Abs(c.LogDet()-math.Log(36)) > 1e-12 {
		t.Errorf("LogDet: %v, %v", c.LogDet(), err)
	}
}

func TestSolve(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	for _, n := range []int{1, 2, 9, 30} {
		a, x := random(rng, n, n), random(rng, n, 1)
		a.Set(0, 0, 0) // asks for a row exchange
		if n == 1 {
			a.Set(0, 0, 3)
		}
		b := slowMul(a, x)
		if !Solve(a, b.Data) {
			t.Fatal("singular")
		}
		near(t, "Solve", b, x)
	}
	if Solve(Of(2, 2, []float64{1, 2, 2, 4}), []float64{1, 1}) {
		t.Error("a singular system was solved")
	}
}

func TestSolveLower(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	for _, d := range [][2]int{{0, 2}, {1, 1}, {7, 3}, {64, 9}, {150, 5}, {3, 0}} {
		l, x := NewMatrix(d[0], d[0]), random(rng, d[0], d[1])
		for i := range d[0] {
			for j := range i {
				l.Set(i, j, rng.NormFloat64()/float64(d[0]))
			}
			l.Set(i, i, 1+rng.Float64())
		}
		b := slowMul(l, x)
		SolveLower(l, b)
		near(t, "SolveLower", b, x)
	}
}

func scaled(m Matrix, s []float64) Matrix {
	c := m.Clone()
	for i := range c.Rows {
		for j := range c.Cols {
			c.Data[i*c.Cols+j] *= s[j]
		}
	}
	return c
}

func TestDecompositions(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	for _, d := range [][2]int{{0, 3}, {1, 1}, {9, 4}, {4, 9}, {60, 20}} {
		a := random(rng, d[0], d[1])
		svd, err := ThinSVD(a)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "U·S·V'", slowMul(scaled(svd.U, svd.S), svd.V.T()), a)
		g := a.Gram(nil)
		values, vectors, err := SymEigen(g)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "eigen", slowMul(scaled(vectors, values), vectors.T()), g)
		if d[0] >= d[1] {
			qr, err := ThinQR(a)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "Q·R", slowMul(qr.Q, qr.R), a)
		}
	}
	bad := Of(1, 1, []float64{math.Inf(1)})
	if _, err := ThinSVD(bad); !errors.Is(err, ErrNotFinite) {
		t.Errorf("SVD of an infinity: %v", err)
	}
	if _, _, err := SymEigen(bad); !errors.Is(err, ErrNotFinite) {
		t.Errorf("eigenvalues of an infinity: %v", err)
	}
	if _, err := ThinQR(bad); !errors.Is(err, ErrNotFinite) {
		t.Errorf("QR of an infinity: %v", err)
	}
}

// TestSymEigen: eigenvalues ascend, vectors are orthonormal and put the matrix together again, whatever its size, rank and
// scale.
func TestSymEigen(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 1))
	for _, n := range []int{1, 2, 3, 5, 16, 33, 100, 151} {
		for name, g := range map[string]Matrix{
			"full":     random(rng, n+3, n).Gram(nil),
			"rank 2":   random(rng, 2, n).Gram(nil),
			"signs":    symmetric(rng, n),
			"identity": diagonal(n, func(int) float64 { return 1 }),
			"graded":   diagonal(n, func(i int) float64 { return math.Pow(10, float64(-i%30)) }),
			"zero":     NewMatrix(n, n),
		} {
			for _, scale := range []float64{1, 0x1p-900, 0x1p900} {
				a := g.Clone()
				for i := range a.Data {
					a.Data[i] *= scale
				}
				values, v, err := SymEigen(a)
				if err != nil {
					t.Fatal(name, n, scale, err)
				}
				for i := range values {
					if values[i] /= scale; i > 0 && values[i] < values[i-1] {
						t.Fatalf("%s of %d: values %v", name, n, values)
					}
				}
				near(t, name, slowMul(scaled(v, values), v.T()), g)
				near(t, name, slowMul(v.T(), v), diagonal(n, func(int) float64 { return 1 }))
			}
		}
	}
}

func symmetric(rng *rand.Rand, n int) Matrix {
	m := random(rng, n, n)
	m.mirror()
	return m
}

func diagonal(n int, of func(i int) float64) Matrix {
	m := NewMatrix(n, n)
	for i := range n {
		m.Set(i, i, of(i))
	}
	return m
}

func BenchmarkSymEigen(b *testing.B) {
	for _, n := range []int{10, 50, 100, 300} {
		a := random(rand.New(rand.NewPCG(1, 1)), 2*n, n).Gram(nil)
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				if _, _, err := SymEigen(a); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestLeastSquaresHasTheSmallestNorm(t *testing.T) {
	x, err := LeastSquares(Of(3, 3, []float64{1, 1, 0, 2, 2, 0, 3, 3, 0}), []float64{2, 4, 6})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "x", Of(3, 1, x), Of(3, 1, []float64{1, 1, 0}))
}

func BenchmarkGram(b *testing.B) {
	a, w := random(rand.New(rand.NewPCG(1, 1)), 10_000, 50), make([]float64, 10_000)
	for i := range w {
		w[i] = 1
	}
	b.Run("ones", func(b *testing.B) {
		for b.Loop() {
			a.Gram(nil)
		}
	})
	b.Run("weights", func(b *testing.B) {
		for b.Loop() {
			a.Gram(w)
		}
	})
}

func BenchmarkMulVec(b *testing.B) {
	a := random(rand.New(rand.NewPCG(1, 1)), 10_000, 50)
	u, v := make([]float64, 10_000), make([]float64, 50)
	b.Run("X·v", func(b *testing.B) {
		for b.Loop() {
			a.MulVec(u, v)
		}
	})
	b.Run("X'·u", func(b *testing.B) {
		for b.Loop() {
			a.TMulVec(v, u)
		}
	})
}

func BenchmarkCholesky(b *testing.B) {
	for _, n := range []int{30, 50, 150, 455, 1000} {
		a := random(rand.New(rand.NewPCG(1, 1)), 2*n, n).Gram(nil)
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				if _, err := NewCholesky(a); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

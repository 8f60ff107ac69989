package dataset

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

func demo(n int) *Frame {
	values, codes := make([]float64, n), make([]int32, n)
	for i := range n {
		values[i] = float64(i)
		codes[i] = int32(i%3) - 1
	}
	return MustFrame(n, NewNumeric("x", values), NewCategorical("c", codes, []string{"a", "b"}))
}

func TestSlicesShareMemoryAndRows(t *testing.T) {
	f := demo(20)
	s := f.Slice(4, 12).Slice(2, 5)
	if s.Rows() != 3 || &s.Col(0).Float[0] != &f.Col(0).Float[6] || &s.Col(1).Code[0] != &f.Col(1).Code[6] {
		t.Error("a slice of a slice is not rows 6 to 8 of the base")
	}
	if cap(s.Col(0).Float) != 3 || cap(s.Col(1).Code) != 3 {
		t.Error("an append to a slice could overwrite its neighbours")
	}
	if f.Slice(0, 20) != f {
		t.Error("the whole frame should be itself, with what was derived from it")
	}
	g := f.Gather([]int32{7, 0, 7})
	if !slices.Equal(g.Col(0).Float, []float64{7, 0, 7}) || !slices.Equal(g.Col(1).Code, []int32{0, -1, 0}) {
		t.Error("gathered rows are wrong")
	}
	if w := f.With(NewNumeric("z", make([]float64, 20))); w.Cols() != 3 || f.Cols() != 2 || w.Index("z") != 2 || w.Index("q") != -1 {
		t.Error("With changes its receiver or loses a column")
	}
	if f.Select(1, 0).Col(0) != f.Col(1) || f.Bytes() != 20*12 {
		t.Error("Select or Bytes is wrong")
	}
}

func TestFramesThatDoNotFitAreRefused(t *testing.T) {
	if _, err := NewFrame(NewNumeric("a", make([]float64, 2)), NewNumeric("b", make([]float64, 3))); err == nil {
		t.Error("columns of different length are accepted")
	}
	for _, code := range []int32{-2, 2} {
		if _, err := NewFrame(NewCategorical("a", []int32{code}, []string{"x", "y"})); err == nil {
			t.Errorf("code %d of 2 levels is accepted", code)
		}
	}
}

func TestMissing(t *testing.T) {
	f := MustFrame(2, NewNumeric("x", []float64{math.NaN(), 0}), NewCategorical("c", []int32{-1, 0}, []string{"a"}))
	for j := range 2 {
		if !f.Col(j).Missing(0) || f.Col(j).Missing(1) {
			t.Errorf("column %d", j)
		}
	}
}

func TestMatrixIsRowMajorAndMadeOnce(t *testing.T) {
	f := MustFrame(2, NewNumeric("a", []float64{1, 2}), NewNumeric("b", []float64{3, 4}))
	m := f.Matrix()
	if !slices.Equal(m, []float64{1, 3, 2, 4}) || &f.Matrix()[0] != &m[0] {
		t.Error(m)
	}
}

type sumKey struct{}

// Equal slices, made by different goroutines, share what was derived; it is computed once for each row range.
func TestDeriveIsSharedBetweenEqualSlicesAndComputedOnce(t *testing.T) {
	f := demo(100)
	var calls atomic.Int32
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for k := range 10 {
				lo := (k + g) % 10
				c := f.Slice(lo, lo+50).Col(0).Rename("other").Slice(5, 25)
				got := c.Derive(sumKey{}, func() any {
					calls.Add(1)
					sum := 0.0
					for _, v := range c.Float {
						sum += v
					}
					return sum
				}).(float64)
				if want := float64(20*(lo+5) + 190); got != want {
					t.Errorf("rows from %d: %g, want %g", lo+5, got, want)
				}
			}
		})
	}
	wg.Wait()
	if n := calls.Load(); n != 10 {
		t.Errorf("computed %d times, want once for each of 10 row ranges", n)
	}
}

func TestDeriveNeedsNoConstructor(t *testing.T) {
	c := &Column{Float: []float64{1}}
	if c.Derive(sumKey{}, func() any { return 7 }) != 7 {
		t.Error("a column made by hand derives nothing")
	}
}

func TestFingerprintTellsContentsApart(t *testing.T) {
	x, c := []float64{1, 2, math.NaN()}, []int32{0, 1, -1}
	frame := func(name string, x []float64, c []int32, levels ...string) *Frame {
		return MustFrame(3, NewNumeric(name, x), NewCategorical("c", c, levels))
	}
	base := frame("x", x, c, "a", "b")
	same := frame("x", []float64{1, 2, math.Float64frombits(0x7ff8000000000123)}, slices.Clone(c), "a", "b")
	if base.Fingerprint() != same.Fingerprint() {
		t.Error("equal frames differ")
	}
	seen := map[Fingerprint]bool{base.Fingerprint(): true}
	for i, f := range []*Frame{
		frame("y", x, c, "a", "b"), frame("x", []float64{1, 2, 3}, c, "a", "b"), frame("x", x, []int32{1, 1, -1}, "a", "b"),
		frame("x", x, c, "ab", ""), frame("x", x, c, "a", "b", "c"), base.Select(1, 0), base.Slice(0, 2),
	} {
		if seen[f.Fingerprint()] {
			t.Errorf("frame %d has the fingerprint of another", i)
		}
		seen[f.Fingerprint()] = true
	}
	y := NewNumeric("y", []float64{1, 2, 3})
	s := Sample{X: base, Y: y}
	prints := map[Fingerprint]bool{}
	for _, s := range []Sample{s, {X: base, Y: y, W: []float64{1, 1, 1}}, {X: base, Y: y, Group: []int32{0, 0, 0}}, {X: base, Y: y.Rename("z")}} {
		prints[s.Fingerprint()] = true
	}
	if len(prints) != 4 {
		t.Error("samples that differ share a fingerprint")
	}
}

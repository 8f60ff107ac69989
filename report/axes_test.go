package report

import (
	"math"
	"slices"
	"testing"
)

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		want   []float64
	}{
		{0, 1, []float64{0, 0.2, 0.4, 0.6, 0.8, 1}},
		{-3, 7, []float64{-2, 0, 2, 4, 6}},
		{5, 5, []float64{5}},
		{0, math.Inf(1), []float64{0}},
		{0.992, 0.9996, []float64{0.992, 0.994, 0.996, 0.998}},
	} {
		got := scale{lo: c.lo, hi: c.hi}.ticks(6)
		if !slices.EqualFunc(got, c.want, func(a, b float64) bool { return math.Abs(a-b) < 1e-12 }) {
			t.Errorf("[%v, %v]: %v, want %v", c.lo, c.hi, got, c.want)
		}
	}
	if got := (scale{lo: 1e20, hi: math.Nextafter(1e20, 2e20)}).ticks(5); len(got) == 0 || len(got) > 20 {
		t.Errorf("numbers beside each other: %v", got)
	}
	ticks := scale{lo: -0.5, hi: 0.5}.ticks(4)
	var labels []string
	for _, v := range ticks {
		labels = append(labels, label(v, ticks))
	}
	if !slices.Equal(labels, []string{"−0.5", "0", "0.5"}) {
		t.Errorf("%q", labels)
	}
}

func TestNumbersForReaders(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.5: "0.5000", 12: "12", 1234567: "1234567", -0.25: "−0.2500", 77.0123: "77.01", 0.00001234: "1.23e−05", 0.00123456: "0.0012", math.Inf(1): "+Inf"} {
		if got := number(v); got != want {
			t.Errorf("%v: %q, want %q", v, got, want)
		}
	}
	for n, want := range map[int]string{7: "7", 1234: "1\u202f234", 1234567: "1\u202f234\u202f567", -1234: "-1\u202f234"} {
		if got := count(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

// TestGraphKeepsBoxesApart: no two boxes of a wide and deep pipeline overlap, and all lie on the page.
func TestGraphKeepsBoxesApart(t *testing.T) {
	leaf := func() *box { return &box{name: "table", settings: []string{"3 columns"}} }
	step := func(name string, n int, children ...*box) *box {
		b := &box{name: name, children: children, settings: make([]string, n)}
		for _, c := range children {
			b.level = max(b.level, c.level+1)
		}
		return b
	}
	root := step("Last", 5, step("union", 0, step("A", 4, leaf()), step("union", 0, step("QuadraticDiscriminantAnalysis", 1, step("C", 0, leaf())), leaf()), step("D", 9, leaf())))
	root.place(2)
	root.shift(2 - root.top())
	root.spread()
	var all []*box
	root.each(func(b *box) { all = append(all, b) })
	for i, a := range all {
		if a.y-a.height()/2 < 1 || a.x < 1 || a.x+a.width > root.x+root.width+1 || a.y+a.height()/2 > root.bottom()+1 {
			t.Errorf("%s lies off the page", a.name)
		}
		for _, b := range all[:i] {
			if a.x < b.x+b.width && b.x < a.x+a.width && math.Abs(a.y-b.y) < (a.height()+b.height())/2 {
				t.Errorf("%s and %s overlap", a.name, b.name)
			}
		}
	}
}

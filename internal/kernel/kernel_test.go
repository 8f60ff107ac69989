package kernel

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// scene is a random node: codes of all rows, and some of the rows.
type scene struct {
	codes []uint16
	rows  []int32
	top   int
}

func newScene(rng *rand.Rand) scene {
	n := 1 + rng.IntN(400)
	s := scene{codes: make([]uint16, n), top: 1 + rng.IntN([]int{3, 70, 5000, 65535}[rng.IntN(4)])}
	for i := range s.codes {
		s.codes[i] = uint16(rng.IntN(s.top))
		if rng.IntN(3) > 0 || i == 0 {
			s.rows = append(s.rows, int32(i))
		}
	}
	return s
}

// distinct is the obvious way to drain a set.
func (s scene) distinct() []uint16 {
	var out []uint16
	for _, r := range s.rows {
		out = append(out, s.codes[r])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func each(t *testing.T, f func(rng *rand.Rand, s scene)) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		f(rng, newScene(rng))
	}
}

func TestRanks(t *testing.T) {
	var seen Ranks
	each(t, func(_ *rand.Rand, s scene) {
		for _, r := range s.rows {
			seen.Add(s.codes[r])
		}
		got := make([]uint16, s.top)
		got = got[:seen.Drain(got, s.top-1)]
		if !slices.Equal(got, s.distinct()) {
			t.Fatalf("got %v, want %v", got, s.distinct())
		}
	})
}

func TestPartition(t *testing.T) {
	each(t, func(rng *rand.Rand, s scene) {
		cut := uint16(rng.IntN(s.top))
		want := slices.Clone(s.rows)
		slices.SortStableFunc(want, func(a, b int32) int {
			return cmp.Compare(btoi(s.codes[a] > cut), btoi(s.codes[b] > cut))
		})
		n := Partition(s.codes, s.rows, make([]int32, len(s.rows)), cut)
		if !slices.Equal(s.rows, want) || n < len(s.rows) && s.codes[s.rows[n]] <= cut {
			t.Fatalf("got %v, %d, want %v", s.rows, n, want)
		}
	})
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestOrder(t *testing.T) {
	each(t, func(_ *rand.Rand, s scene) {
		got := make([]int32, len(s.rows))
		NewSorter(len(s.codes), s.top).Order(s.codes, s.rows, got)
		if !slices.IsSortedFunc(got, func(a, b int32) int { return cmp.Compare(s.codes[a], s.codes[b]) }) {
			t.Fatal("not sorted")
		}
		slices.Sort(got)
		if !slices.Equal(got, s.rows) {
			t.Fatal("other rows")
		}
	})
}

func TestCodeKeys(t *testing.T) {
	each(t, func(_ *rand.Rand, s scene) {
		keys := make([]int64, len(s.rows))
		lo, hi := CodeKeys(s.codes, s.rows, keys)
		all := s.distinct()
		if lo != int64(all[0]) || hi != int64(all[len(all)-1]) {
			t.Fatal("wrong extent")
		}
		for i, r := range s.rows {
			if keys[i] != int64(s.codes[r]) {
				t.Fatal("wrong key")
			}
		}
	})
}

// TestSparse holds the two ways to a histogram of codes to each other and to sums of one row after the other.
func TestSparse(t *testing.T) {
	var seen Ranks
	each(t, func(rng *rand.Rand, s scene) {
		if rng.IntN(2) == 0 { // few rows have a way of their own
			s.rows = s.rows[:min(len(s.rows), 1+rng.IntN(12))]
		}
		words, hist, want := make([]int64, len(s.codes)), make([]int64, s.top), make([]int64, s.top)
		for i := range words {
			words[i] = rng.Int64N(1000) + 1
		}
		for _, r := range s.rows {
			want[s.codes[r]] += words[r]
		}
		Tabulate(s.codes, s.rows, words, hist)
		if !slices.Equal(hist, want) {
			t.Fatal("wrong histogram")
		}
		clear(hist)
		dst, order := make([]int64, s.top), make([]uint16, s.top)
		n := seen.Sparse(s.codes, s.rows, words, hist, dst, order)
		if !slices.Equal(order[:n], s.distinct()) {
			t.Fatalf("codes %v, want %v", order[:n], s.distinct())
		}
		for i, c := range order[:n] {
			if dst[i] != want[c] || hist[c] != 0 {
				t.Fatal("wrong entry or not emptied")
			}
		}
	})
}

func TestKeys(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for range 200 {
		n := 1 + rng.IntN(100)
		values, words, rows := make([]float64, n), make([]int64, n), make([]int32, n)
		for i := range values {
			values[i] = []float64{rng.NormFloat64() * 1e300, rng.NormFloat64(), float64(rng.IntN(3) - 1), math.Copysign(0, -1), math.Inf(1 - 2*rng.IntN(2))}[rng.IntN(5)]
			words[i], rows[i] = rng.Int64(), int32(i)
		}
		keys := make([]int64, n)
		lo, hi := Keys(values, rows, keys)
		if FromKey(lo) != slices.Min(values) || FromKey(hi) != slices.Max(values) {
			t.Fatal("wrong extent")
		}
		cut := values[rng.IntN(n)] + 0
		want, left := int64(0), []int32{}
		for i, v := range values {
			if v <= cut {
				want += words[i]
				left = append(left, int32(i))
			}
		}
		if SumBelow(keys, words, Key(cut)) != want {
			t.Fatal("wrong sum")
		}
		if k := Below(values, rows, make([]int32, n), cut); !slices.Equal(rows[:k], left) || !slices.IsSorted(rows[k:]) {
			t.Fatal("wrong rows")
		}
	}
}

func TestAscending(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for _, n := range []int{0, 1, 7, 256, 257, 5000} {
		values := make([]float64, n)
		for i := range values {
			values[i] = []float64{rng.NormFloat64() * 1e10, float64(rng.IntN(5) - 2), math.NaN(), math.Inf(1 - 2*rng.IntN(2)), math.Copysign(0, -1), 1 + 1e-12*rng.Float64(), 7e5 + 1e-6*float64(i%8)}[rng.IntN(7)]
		}
		want := make([]int32, n)
		for i := range want {
			want[i] = int32(i)
		}
		slices.SortStableFunc(want, func(a, b int32) int { // cmp.Compare puts NaN first
			x, y := values[a], values[b]
			if x != x || y != y {
				return btoi(x != x) - btoi(y != y)
			}
			return cmp.Compare(x, y)
		})
		if got := Ascending(values); !slices.Equal(got, want) {
			t.Fatalf("%d values: got %v, want %v", n, got, want)
		}
	}
}

// TestGradientHistogram holds packed histograms, their difference and the scan to sums of floats.
func TestGradientHistogram(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for trial := range 200 {
		n, bins := 2+rng.IntN(300), 2+rng.IntN(254)
		g, h, rows := make([]float64, n), make([]float64, n), make([]int32, 0, n)
		block := make([]byte, n*BlockWidth)
		column := make([]uint8, n)
		for i := range g {
			g[i], h[i] = rng.NormFloat64(), rng.Float64()
			if trial%2 == 0 {
				h[i] = 1
			}
			for j := range BlockWidth {
				block[i*BlockWidth+j] = uint8(rng.IntN(bins))
			}
			column[i] = block[i*BlockWidth+3]
			rows = append(rows, int32(i))
		}
		p := NewPacking(n, slices.Max(absAll(g)), slices.Max(h), trial%2 == 0)
		words, cells := make([]int64, n), new(Hist)
		p.Pack(rows, slopes(g, h), words)
		AccumulateAt(block, BlockWidth, rows, words, cells)
		half := new(Hist)
		AccumulateAt(block, BlockWidth, rows[:n/2], words, half)
		rest := *cells
		Subtract(rest[:], half[:])
		AccumulateAt(block, BlockWidth, rows[n/2:], words[n/2:], half)
		for i := range rest {
			if half[i] != cells[i] {
				t.Fatal("two halves do not make the whole")
			}
		}
		var sparse [Slots]int64
		var seen [Slots / 64]uint64
		Gather(column, rows, words, &sparse, &seen)
		mine := cells[3*Slots : 4*Slots]
		if !slices.Equal(sparse[:], mine) {
			t.Fatal("Gather and Accumulate differ")
		}
		total := int64(0)
		for _, w := range words {
			total += w
		}
		b := Bounds{Least: 1 + int64(rng.IntN(5)), Hessian: rng.Float64() * 2, L2: rng.Float64() * float64(rng.IntN(2))}
		l := Limited{L1: float64(trial%3) * 0.1}
		at, score := l.Best(&p, mine[:bins], total, 0, b, 0)
		wantAt, want := slowCut(column, rows, g, h, bins, b, l.L1)
		if at != wantAt && math.Abs(score-want) > 1e-4*(1+want) {
			t.Fatalf("trial %d: cut %d with %v, want %d with %v", trial, at, score, wantAt, want)
		}
		s := NewScan(&p, total, b)
		at, score = s.Best(mine[:bins], 0, max(0, s.Score(0)))
		wantAt, want = slowCut(column, rows, g, h, bins, b, 0)
		if at < 0 {
			score = s.Score(want)
		}
		if at != wantAt && math.Abs(s.Value(score)-want) > 1e-4*(1+want) {
			t.Fatalf("trial %d: cut %d with %v, want %d with %v", trial, at, s.Value(score), wantAt, want)
		}
	}
}

func absAll(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = math.Abs(x)
	}
	return out
}

func slowCut(column []uint8, rows []int32, g, h []float64, bins int, b Bounds, l1 float64) (at int, score float64) {
	at = -1
	for cut := range bins {
		var gs, hs [2]float64
		var ns [2]int64
		for _, r := range rows {
			side := btoi(int(column[r]) > cut)
			gs[side] += g[r]
			hs[side] += h[r]
			ns[side]++
		}
		if ns[0] < b.Least || ns[1] < b.Least || hs[0] < b.Hessian || hs[1] < b.Hessian {
			continue
		}
		s := 0.0
		for side := range 2 {
			x := Shrink(gs[side], l1)
			s += x * x / (hs[side] + b.L2)
		}
		if s > score {
			at, score = cut, s
		}
	}
	return at, score
}

func TestDivide(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for range 100 {
		n := 1 + rng.IntN(200)
		bins, rows := make([]uint8, n), make([]int32, n)
		var left [Slots]uint8
		for i := range left {
			left[i] = uint8(rng.IntN(2))
		}
		for i := range bins {
			bins[i], rows[i] = uint8(rng.IntN(256)), int32(i)
		}
		want := slices.Clone(rows)
		slices.SortStableFunc(want, func(a, b int32) int { return cmp.Compare(left[bins[b]], left[bins[a]]) })
		sifted, spare := slices.Clone(rows), make([]int32, n)
		k := Sift(bins, sifted, spare, &left)
		if got := append(sifted[:k:k], spare[:n-k]...); !slices.Equal(got, want) {
			t.Fatal("sifted wrongly")
		}
		k = Divide(bins, rows, make([]int32, n), &left)
		if !slices.Equal(rows, want) || k < n && left[bins[rows[k]]] == 1 {
			t.Fatal("wrong sides")
		}
	}
}

// TestScanVectors holds the assembly to the scan of one cell after the other, bit for bit.
func TestScanVectors(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for trial := range 3000 {
		n := 1 + rng.IntN(300)
		rows := 1 + rng.IntN(1<<(1+rng.IntN(19)))
		p := NewPacking(rows, 1, 1, trial%2 == 0)
		cells, left := make([]int64, n), int64(0)
		for range min(rows, 4*n) {
			g, h, w := []float64{rng.NormFloat64() / 8}, []float64{rng.Float64()}, []int64{0}
			if trial%3 == 0 { // many ties
				g[0] = float64(rng.IntN(3) - 1)
				h[0] = 0.5
			}
			p.Pack([]int32{0}, slopes(g, h), w)
			if k := rng.IntN(n + 1); k < n {
				cells[k] += w[0]
			} else {
				left += w[0]
			}
		}
		total := left
		for _, v := range cells {
			total += v
		}
		s := NewScan(&p, total, Bounds{Least: 1 + int64(rng.IntN(1+n/3)), Hessian: rng.Float64() * 2, L2: float64(rng.IntN(2))})
		floor := float64(rng.IntN(3)-1) * max(1, s.total*s.total*rng.Float64())
		floor = max(-1, floor)
		at, score := s.Best(cells, left, floor)
		if i, x := s.narrow(cells, left, floor); i != at || x != score {
			t.Fatalf("trial %d: cut %d with %v, narrow %d with %v", trial, at, score, i, x)
		}
		wantAt, want := -1, floor
		sum := left
		for i, v := range cells {
			sum += v
			if c := sum & s.countMask; c < s.least || c > s.last {
				continue
			}
			if x := s.score(sum); x > want {
				wantAt, want = i, x
			}
		}
		if at != wantAt || score != want {
			t.Fatalf("trial %d: cut %d with %v, want %d with %v", trial, at, score, wantAt, want)
		}
	}
}

func TestSubtract(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	for n := range 70 {
		large, small, want := make([]int64, n), make([]int64, n+3), make([]int64, n)
		for i := range large {
			large[i], small[i] = rng.Int64(), rng.Int64()
			want[i] = large[i] - small[i]
		}
		if Subtract(large, small); !slices.Equal(large, want) {
			t.Fatal(n)
		}
		for i := range want {
			want[i] += small[i]
		}
		if Add(large, small); !slices.Equal(large, want) {
			t.Fatal(n)
		}
	}
}

// TestRuler compares with sums of floats, and sums in two parts with sums at once, which are the same to the bit.
func TestRuler(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for _, n := range []int{1, 10, 1000, 100_000} {
		rows, x := make([]int32, n), make([]Slope, n)
		var g, h, size float64
		for i := range rows {
			rows[i], x[i] = int32(i), Slope{1e3 * rng.NormFloat64(), 1e-3 * rng.ExpFloat64()}
			g, h, size = g+x[i].G, h+x[i].H, size+math.Abs(x[i].G)
		}
		r := NewRuler(n, ExtentOf(rows, x))
		a, b := r.Sum(rows, x)
		if got := r.Slope(a, b); math.Abs(got.G-g) > 1e-11*size || math.Abs(got.H-h) > 1e-11*h {
			t.Errorf("%d rows: got %v, want %g, %g", n, got, g, h)
		}
		a1, b1 := r.Sum(rows[:n/3], x)
		if a2, b2 := r.Sum(rows[n/3:], x); a1+a2 != a || b1+b2 != b {
			t.Errorf("%d rows: the parts are not the whole", n)
		}
	}
}

func slopes(g, h []float64) []Slope {
	out := make([]Slope, len(g))
	for i := range out {
		out[i] = Slope{g[i], h[i]}
	}
	return out
}

package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// sortedCase is a column of n rows with up to codes codes, and some of its rows.
func sortedCase(rng *rand.Rand, n, codes int, share float64) (code, order, own []uint16, rows []int32) {
	code = make([]uint16, n)
	for i := range code {
		code[i] = uint16(rng.IntN(codes))
		order = append(order, uint16(i))
		if rng.Float64() < share {
			rows = append(rows, int32(i))
		}
	}
	slices.SortStableFunc(order, func(a, b uint16) int { return int(code[a]) - int(code[b]) })
	for _, r := range order {
		own = append(own, code[r])
	}
	return code, order, own, rows
}

func TestMembers(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 1))
	for range 300 {
		n := 1 + rng.IntN(MaxMembers)
		code, _, _, rows := sortedCase(rng, n, 1+rng.IntN(n), rng.Float64())
		var m, left, right, l, r Members
		m.Fill(rows)
		cut := code[rng.IntN(n)]
		m.Split(code, cut, &left, &right)
		m.split(code, cut, &l, &r)
		if left != l || right != r {
			t.Fatal("assembly and Go split differently")
		}
		for i := range MaxMembers {
			in := slices.Contains(rows, int32(i))
			if m.Has(i) != in || left.Has(i) != (in && code[i] <= cut) || right.Has(i) != (in && code[i] > cut) {
				t.Fatalf("row %d stands in the wrong set", i)
			}
		}
		rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		want, spare := slices.Clone(rows), make([]int32, len(rows))
		k := Partition(code, want, spare, cut)
		if got := left.Part(rows, spare); got != k || !slices.Equal(rows, want) {
			t.Fatalf("%d rows go left, want %d, or in another order", got, k)
		}
	}
}

// TestLine compares the search of lined up rows with that of a histogram, and the assembly with the Go form.
func TestLine(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 1))
	found := 0
	for k := range 1000 {
		n := 1 + rng.IntN(MaxMembers)
		codes := 1 + rng.IntN([]int{4, 40, n}[k%3])
		code, order, own, rows := sortedCase(rng, n, codes, rng.Float64())
		if len(rows) == 0 {
			continue
		}
		g, h := make([]float64, n), make([]float64, n)
		even := k%2 == 0
		for i := range g {
			g[i], h[i] = float64(rng.IntN(5)-2), 3
			if k%5 == 0 {
				g[i] = rng.NormFloat64()
			}
			if !even {
				h[i] = float64(rng.IntN(4))
			}
		}
		words := make([]int64, n)
		largest := 100.0
		if k%3 > 0 { // all bits are in use
			largest = 0
			for _, v := range g {
				largest = max(largest, math.Abs(v))
			}
		}
		p := NewPacking(n, largest, 3, even)
		p.PackAll(g, h, words)
		total := Sum(rows, words)
		s := NewScan(&p, total, Bounds{Least: int64(1 + rng.IntN(3)*rng.IntN(20)), Hessian: float64(rng.IntN(2) * rng.IntN(50))})
		floor := -1.0
		if k%7 == 0 {
			floor = rng.ExpFloat64() * s.all * s.all / 4
		}
		hist := make([]int64, codes)
		Tabulate(code, rows, words, hist)
		wantAt, want := s.narrow(hist, 0, floor)

		var m Members
		m.Fill(rows)
		l := NewLineup(n)
		l.Line(order, own, &m)
		l.Add(words)
		sorted := slices.Clone(l.sums[:l.n])
		at, got := s.Line(l, floor)
		if at >= 0 {
			found++
			at = int(code[l.Rows()[at]])
		}
		if at != wantAt || got != want {
			t.Fatalf("case %d: cut %d scores %v, want %d with %v", k, at, got, wantAt, want)
		}
		slow := NewLineup(n)
		slow.n = sift(order, own, &m, slow.rows, slow.codes)
		endsOf(slow.codes[:slow.n+1], slow.ends)
		slow.add(words)
		lo, hi := int(s.least)-1, slow.n-1-int(s.least)
		if at, again := s.line(slow, lo, hi, floor); at >= 0 && int(code[slow.rows[at]]) != wantAt || at < 0 != (wantAt < 0) || again != want {
			t.Fatalf("case %d: without assembly cut %d scores %v", k, at, again)
		}
		if !slices.Equal(slow.Rows(), l.Rows()) || !slices.Equal(slow.sums[:slow.n], sorted) {
			t.Fatalf("case %d: lined up differently without assembly", k)
		}
	}
	if found < 500 {
		t.Fatalf("only %d cuts", found)
	}
}

// TestLineDistinct is about columns whose codes are all different, where no codes are given.
func TestLineDistinct(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 1))
	for range 200 {
		n := 2 + rng.IntN(MaxMembers-1)
		code, order, own := make([]uint16, n), make([]uint16, n), make([]uint16, n)
		var rows []int32
		for i, r := range rng.Perm(n) {
			code[r], order[i], own[i] = uint16(i), uint16(r), uint16(i)
			if rng.IntN(3) > 0 {
				rows = append(rows, int32(i))
			}
		}
		g, h, words := make([]float64, n), make([]float64, n), make([]int64, n)
		for i := range g {
			g[i], h[i] = rng.NormFloat64(), 1
		}
		p := NewPacking(n, 6, 1, true)
		p.PackAll(g, h, words)
		s := NewScan(&p, Sum(rows, words), Bounds{Least: 2})
		var m Members
		m.Fill(rows)
		a, b := NewLineup(n), NewLineup(n)
		a.Line(order, own, &m)
		b.Line(order, nil, &m)
		a.Add(words)
		b.Add(words)
		i, x := s.Line(a, -1)
		j, y := s.Line(b, -1)
		if i != j || x != y || !slices.Equal(a.Rows(), b.Rows()) {
			t.Fatalf("cut %d scores %v with codes, %d and %v without", i, x, j, y)
		}
	}
}

// TestGini compares the assembly with the Go form, and cells with those of [Ranks.Sparse].
func TestGini(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 1))
	for k := range 1000 {
		n := 1 + rng.IntN(MaxMembers)
		codes := 1 + rng.IntN([]int{4, 40, n}[k%3])
		code, order, own, rows := sortedCase(rng, n, codes, rng.Float64())
		if len(rows) == 0 {
			continue
		}
		p := Poll{Bits: 11}
		words := make([]int64, n)
		for i := range words {
			words[i] = 1 + int64(rng.IntN(3))<<(p.Bits*uint64(1+rng.IntN(4)))
			if rng.IntN(20) == 0 {
				words[i] = 1 + 1<<p.Bits
			}
		}
		p.Total = Sum(rows, words)
		least, floor := 1+rng.IntN(2)*rng.IntN(30), 0.0
		if k%7 == 0 {
			floor = float64(len(rows)) * rng.Float64()
		}
		var m Members
		m.Fill(rows)
		l := NewLineup(n)
		l.Line(order, own, &m)
		l.Add(words)
		if l.Total() != p.Total {
			t.Fatalf("total %x, want %x", l.Total(), p.Total)
		}
		var seen Ranks
		hist, dst, cells := make([]int64, codes), make([]int64, n+1), make([]int64, n+1)
		at, place := make([]uint16, n+1), make([]uint16, n+1)
		a, b := seen.Sparse(code, rows, words, hist, dst, at), l.Cells(code, words, cells, place)
		if a != b || !slices.Equal(dst[:a], cells[:a]) || !slices.Equal(at[:a], place[:a]) {
			t.Fatalf("%d cells, want %d, or others", b, a)
		}
		ends := make([]uint16, n)
		for i, e := range ends[:l.Ends(ends)] {
			sum := l.Sum(int(e))
			if i > 0 {
				sum -= l.Sum(int(ends[i-1]))
			}
			if code[l.Rows()[e]] != place[i] || sum != cells[i] || i == b-1 && int(e) != len(rows)-1 {
				t.Fatalf("cell %d ends at place %d with %x", i, e, sum)
			}
		}
		wantAt, want := -1, floor
		if least <= len(rows)-least {
			wantAt, want = p.gini(l, least-1, len(rows)-1-least, floor)
		}
		if got, value := p.Gini(l, least, floor); got != wantAt || value != want {
			t.Fatalf("case %d: cut %d of value %v, want %d of %v", k, got, value, wantAt, want)
		}
	}
}

func BenchmarkLine(b *testing.B) {
	rng := rand.New(rand.NewPCG(14, 1))
	const n = 455
	for _, size := range []int{250, 125, 60, 30} {
		code, order, own, rows := sortedCase(rng, n, 100000, float64(size)/n)
		g, h, words := make([]float64, n), make([]float64, n), make([]int64, n)
		for i := range g {
			g[i], h[i] = rng.NormFloat64(), 1
		}
		for i, r := range order { // all distinct
			code[r], own[i] = uint16(i), uint16(i)
		}
		p := NewPacking(n, 6, 1, true)
		p.PackAll(g, h, words)
		s := NewScan(&p, Sum(rows, words), Bounds{Least: 2})
		var m Members
		m.Fill(rows)
		l := NewLineup(n)
		floor := 0.0
		l.Line(order, nil, &m)
		l.Add(words)
		_, floor = s.Line(l, -1)
		name := map[int]string{250: "250", 125: "125", 60: "60", 30: "30"}[size]
		b.Run("line/"+name, func(b *testing.B) {
			for range b.N {
				l.Line(order, nil, &m)
				l.Add(words)
				s.Line(l, floor)
			}
		})
		b.Run("ties/"+name, func(b *testing.B) {
			for range b.N {
				l.Line(order, own, &m)
				l.Add(words)
				s.Line(l, floor)
			}
		})
		b.Run("sift/"+name, func(b *testing.B) {
			for range b.N {
				l.Line(order, nil, &m)
			}
		})
		b.Run("add/"+name, func(b *testing.B) {
			for range b.N {
				l.Add(words)
			}
		})
		for _, codes := range []int{n, 60, 25} {
			few := slices.Clone(code)
			for i := range few {
				few[i] = uint16(int(few[i]) * codes / n)
			}
			hist := make([]int64, codes)
			b.Run("hist"+map[int]string{n: "n", 60: "60", 25: "25"}[codes]+"/"+name, func(b *testing.B) {
				for range b.N {
					Tabulate(few, rows, words, hist)
					s.Best(hist, 0, floor)
					clear(hist)
				}
			})
			var seen Ranks
			dst, ord := make([]int64, n), make([]uint16, n)
			b.Run("sparse"+map[int]string{n: "n", 60: "60", 25: "25"}[codes]+"/"+name, func(b *testing.B) {
				for range b.N {
					k := seen.Sparse(few, rows, words, hist, dst, ord)
					s.Best(dst[:k], 0, floor)
				}
			})
		}
	}
}

package kernel

import (
	"cmp"
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

func TestBestGini(t *testing.T) {
	var seen Ranks
	each(t, func(rng *rand.Rand, s scene) {
		tallies := make([]Tally, len(s.codes))
		for i := range tallies {
			tallies[i] = NewTally(rng.IntN(2), rng.IntN(4)+1)
		}
		factor, least := [2]float64{1, 0.25 + rng.Float64()}, Limits{Rows: 1 + rng.IntN(5), Weight: rng.Float64() * 5}
		hist, order := make([]Tally, s.top), make([]uint16, s.top)
		TallyRows(s.codes, s.rows, tallies, hist, &seen)
		order = order[:seen.Drain(order, s.top-1)]
		total := SumTallies(s.rows, tallies)
		at, proxy := BestGini(order, hist, total, factor, least)

		wantAt, want := -1, 0.0
		for i := range order[:len(order)-1] {
			left := TallyUpTo(s.codes, s.rows, tallies, order[i])
			p, ok := giniProxy(s, tallies, order[i], factor, least)
			if left.Rows()+(total-left).Rows() != len(s.rows) {
				t.Fatal("rows lost")
			}
			if ok && (wantAt < 0 || p > want*(1+1e-12)) {
				wantAt, want = i, p
			}
		}
		if at != wantAt && (at < 0 || wantAt < 0 || !near(proxy, want)) {
			t.Fatalf("got %d with %v, want %d with %v", at, proxy, wantAt, want)
		}
		if slices.ContainsFunc(hist, func(h Tally) bool { return h != 0 }) {
			t.Fatal("histogram not emptied")
		}
	})
}

func near(a, b float64) bool { return a-b <= 1e-9*b && b-a <= 1e-9*b }

func giniProxy(s scene, tallies []Tally, cut uint16, factor [2]float64, least Limits) (float64, bool) {
	var w [2][2]float64
	var n [2]int
	for _, r := range s.rows {
		side := btoi(s.codes[r] > cut)
		w[side][0] += factor[0] * float64(tallies[r].Class0())
		w[side][1] += factor[1] * float64(tallies[r].Class1())
		n[side]++
	}
	sum := 0.0
	for side := range 2 {
		total := w[side][0] + w[side][1]
		if n[side] < least.Rows || total < least.Weight {
			return 0, false
		}
		sum += (w[side][0]*w[side][0] + w[side][1]*w[side][1]) / total
	}
	return sum, true
}

func TestBestSquare(t *testing.T) {
	var seen Ranks
	each(t, func(rng *rand.Rand, s scene) {
		sums, weights := make([]float64, len(s.codes)), make([]float64, len(s.codes))
		for i := range sums {
			weights[i] = 0.1 + rng.Float64()
			sums[i] = weights[i] * rng.NormFloat64()
		}
		least := Limits{Rows: 1 + rng.IntN(5), Weight: rng.Float64()}
		hist, order := make([]Moment, s.top), make([]uint16, s.top)
		MomentRows(s.codes, s.rows, sums, weights, hist, &seen)
		order = order[:seen.Drain(order, s.top-1)]
		var total Moment
		for _, r := range s.rows {
			total.Add(Moment{sums[r], weights[r], 1})
		}
		at, proxy := BestSquare(order, hist, total, least)
		wantAt, want := -1, 0.0
		for i := range order[:len(order)-1] {
			l := MomentUpTo(s.codes, s.rows, sums, weights, order[i])
			r := total.Minus(l)
			if l.Rows < least.Rows || r.Rows < least.Rows || l.Weight < least.Weight || r.Weight < least.Weight {
				continue
			}
			if p := l.Sum*l.Sum/l.Weight + r.Sum*r.Sum/r.Weight; wantAt < 0 || p > want*(1+1e-12) {
				wantAt, want = i, p
			}
		}
		if at != wantAt && (at < 0 || wantAt < 0 || !near(proxy, want)) {
			t.Fatalf("got %d with %v, want %d with %v", at, proxy, wantAt, want)
		}
	})
}

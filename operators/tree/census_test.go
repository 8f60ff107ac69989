package tree

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/kernel"
)

// TestCensus holds counts in fields of words to the criterion that moves one row after the other.
func TestCensus(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for range 600 {
		n, k := 5+rng.IntN(300), 2+rng.IntN(9)
		values, class, times, weight := make([]float64, n), make([]int32, n), make([]int32, n), make([]float64, n)
		var factor []float64
		entropy := rng.IntN(2) == 0
		if !entropy && rng.IntN(2) == 0 {
			factor = make([]float64, k)
			for c := range factor {
				factor[c] = 0.5 + rng.Float64()
			}
		}
		var rows []int32
		total, left := 0, n
		for r := range values {
			values[r], class[r] = float64(rng.IntN(1+n/(1+rng.IntN(4)))), int32(rng.IntN(k))
			times[r] = int32(rng.IntN(min(4, left+1))) // as in a bootstrap sample, no more than there are rows
			left -= int(times[r])
			if weight[r] = float64(times[r]); factor != nil {
				weight[r] *= factor[class[r]]
			}
			if times[r] > 0 {
				rows = append(rows, int32(r))
				total++
			}
		}
		if total < 2 {
			continue
		}
		col := rank(dataset.NewNumeric("x", values), maxRanks)
		fast, slow := newCensus(n, k, len(col.lo), entropy), newClasses(class, weight, k, len(col.lo), entropy)
		fast.fill(class, times, factor)
		a, b := make([]float64, k), make([]float64, k)
		ia, wa := fast.measure(rows, a)
		ib, wb := slow.measure(rows, b)
		if !alike(ia, ib) || !alike(wa, wb) {
			t.Fatalf("impurity %v of weight %v, want %v, %v", ia, wa, ib, wb)
		}
		for c := range a {
			if !alike(a[c], b[c]) {
				t.Fatalf("shares %v, want %v", a, b)
			}
		}
		least := kernel.Limits{Rows: 1 + rng.IntN(total/2)}
		if rng.IntN(2) == 0 {
			least.Weight = wa * rng.Float64() / 2
		}
		one, other := offer{fresh: true}, offer{fresh: true}
		found := fast.search(col, rows, least, &one)
		if want := slow.search(col, rows, least, &other); found != want || found && !alike(one.proxy, other.proxy) {
			t.Fatalf("%v, %v, want %v, %v", found, one.proxy, want, other.proxy)
		}
		keys := make([]int64, len(rows))
		kernel.CodeKeys(col.code, rows, keys)
		for _, o := range []*offer{&one, &other} {
			o.keys, o.key, o.fresh = keys, int64(len(col.lo)/2), true
		}
		found = fast.search(nil, rows, least, &one)
		if want := slow.search(nil, rows, least, &other); found != want || found && !alike(one.proxy, other.proxy) {
			t.Fatalf("at random: %v, %v, want %v, %v", found, one.proxy, want, other.proxy)
		}
		for _, v := range fast.hist {
			if v != 0 {
				t.Fatal("the histogram is not empty")
			}
		}
	}
}

func alike(a, b float64) bool { return math.Abs(a-b) <= 1e-9*(1+math.Abs(b)) }

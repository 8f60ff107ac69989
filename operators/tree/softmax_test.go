package tree

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lren-chuv/automl/internal/kernel"
)

// TestProbabilitiesOfRows: those of one row at a time, whatever the number of rows, and never quite 0 in the hessian.
func TestProbabilitiesOfRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{0, 1, 7, curveBlock, 3*curveBlock + 5} {
		const k = 5
		score, rows := columns(2*n, k), make([]int32, n)
		for i := range rows {
			rows[i] = int32(2 * i)
			for j := range score {
				score[j][2*i] = rng.NormFloat64() * math.Pow(10, rng.Float64()*4-1)
			}
		}
		got := columns(n, k)
		softmaxRows(score, rows, got)
		for i, r := range rows {
			want := make([]float64, k)
			for j := range want {
				want[j] = score[j][r]
			}
			normalize(want)
			for j, w := range want {
				if !(math.Abs(got[j][i]-w) <= 1e-14*w+1e-303) || got[j][i] == 0 {
					t.Fatalf("%d rows: row %d, class %d: %g, want %g", n, r, j, got[j][i], w)
				}
			}
		}
		seen := 0
		logisticRows(score[0], rows, func(part []int32, p []float64) {
			for i, r := range part {
				if w := sigmoid(score[0][r]); r != rows[seen] || !(math.Abs(p[i]-w) <= 1e-14*w+1e-303) {
					t.Fatalf("%d rows: row %d: %g, want %g", n, r, p[i], w)
				}
				seen++
			}
		})
		if seen != n {
			t.Fatalf("%d of %d rows", seen, n)
		}
	}
}

// TestDrawByWeight: the same draws as by looking through all sums.
func TestDrawByWeight(t *testing.T) {
	for _, n := range []int{1, 2, 9, 300} {
		w, rows := make([]float64, n), make([]int32, n)
		rng := rand.New(rand.NewPCG(uint64(n), 2))
		for i := range rows {
			rows[i] = int32(n - 1 - i)
			w[i] = math.Pow(rng.Float64(), 8) * float64(rng.IntN(4)) // some are never drawn
		}
		w[n/2] = 3
		times := make([]int32, n)
		drawByWeight(times, rows, w, rand.New(rand.NewPCG(5, 6)))
		want, sum := make([]int32, n), 0.0
		for _, r := range rows {
			sum += w[r]
		}
		for again, i := rand.New(rand.NewPCG(5, 6)), 0; i < n; i++ {
			u, below := again.Float64()*sum, 0.0
			for _, r := range rows {
				if below += w[r]; below > u {
					want[r]++
					break
				}
			}
		}
		for r := range want {
			if times[r] != want[r] {
				t.Fatalf("%d rows: row %d is drawn %d times, want %d", n, r, times[r], want[r])
			}
		}
	}
}

// TestLogisticRun: rows without gaps have the same slopes as rows that are looked up.
func TestLogisticRun(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 2))
	for _, n := range []int{1, 7, 255, 256, 600} {
		var c course
		c.score, c.slope = columns(n+2, 1), [][]kernel.Slope{make([]kernel.Slope, n+2)}
		for r := range n + 2 {
			c.score[0][r] = 300 * rng.NormFloat64() * math.Pow(rng.Float64(), 4)
			c.weight, c.class = append(c.weight, rng.ExpFloat64()), append(c.class, int32(rng.IntN(2)))
			if r > 0 && r <= n {
				c.rows = append(c.rows, int32(r))
			}
		}
		if !logisticRun(&c) {
			t.Fatal("not seen")
		}
		got := slices.Clone(c.slope[0])
		clear(c.slope[0])
		c.rows = append(c.rows, 0) // there is a gap, so rows are looked up
		logistic().slopes(&c)
		if want := c.slope[0]; !slices.Equal(got[1:n+1], want[1:n+1]) {
			t.Fatalf("%d rows: other slopes", n)
		}
	}
}

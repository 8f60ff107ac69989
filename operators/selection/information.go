package selection

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"sort"

	"gonum.org/v1/gonum/mathext"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/stats"
)

// informationNeighbours is scikit-learn's n_neighbors.
const informationNeighbours = 3

// jittered returns the values of c divided by their standard deviation, moved by a few parts in 10^10, because the
// estimators below want no two values to be equal. The noise is always the same for the same stream, so that a score
// depends on nothing but the data.
func jittered(c *dataset.Column, stream int) []float64 {
	m := stats.Describe(c)
	scale := math.Sqrt(m.Var)
	if scale == 0 {
		scale = 1
	}
	out, size := make([]float64, c.Len()), 0.0
	for i, v := range c.Float {
		out[i] = v / scale
		size += math.Abs(out[i]) / float64(len(out))
	}
	rng := rand.New(rand.NewPCG(1, uint64(stream+1)))
	for i := range out {
		out[i] += 1e-10 * max(1, size) * rng.NormFloat64()
	}
	return out
}

// classInformation estimates the mutual information, in nats, of numbers x and classes y from the distances to the k-th
// neighbour in the same class (Ross 2014). Classes of one row are left out.
func classInformation(x []float64, y *dataset.Column, k int, psi digammas) float64 {
	byClass := make([][]float64, len(y.Levels))
	for i, c := range y.Code {
		byClass[c] = append(byClass[c], x[i])
	}
	var all []float64
	for _, v := range byClass {
		slices.Sort(v)
		if len(v) > 1 {
			all = append(all, v...)
		}
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	n, sum := float64(len(all)), 0.0
	for _, v := range byClass {
		if len(v) < 2 {
			continue
		}
		near := min(k, len(v)-1)
		sum += float64(len(v)) * (mathext.Digamma(float64(near)) - mathext.Digamma(float64(len(v))))
		for i := range v {
			sum -= psi.of(within(all, v[i], inside(kthDistance(v, i, near))))
		}
	}
	return max(0, mathext.Digamma(n)+sum/n)
}

// inside is the largest radius below d, so that the k-th neighbour itself does not count.
func inside(d float64) float64 { return math.Nextafter(d, 0) }

// kthDistance is the distance from sorted[i] to its k-th neighbour.
func kthDistance(sorted []float64, i, k int) float64 {
	lo, hi := i, i
	for range k {
		switch {
		case lo == 0:
			hi++
		case hi == len(sorted)-1:
			lo--
		case sorted[i]-sorted[lo-1] <= sorted[hi+1]-sorted[i]:
			lo--
		default:
			hi++
		}
	}
	return max(sorted[i]-sorted[lo], sorted[hi]-sorted[i])
}

// within counts the sorted values at most r away from v.
func within(sorted []float64, v, r float64) int {
	lo := sort.Search(len(sorted), func(j int) bool { return v-sorted[j] <= r })
	hi := sort.Search(len(sorted), func(j int) bool { return sorted[j]-v > r })
	return max(1, hi-lo)
}

// digammas remembers the digamma function of whole numbers, zero where it has not been asked for.
type digammas []float64

func (d digammas) of(n int) float64 {
	if d[n] == 0 {
		d[n] = mathext.Digamma(float64(n))
	}
	return d[n]
}

// numbers is a numeric target for the estimator of mutual information.
type numbers struct {
	y, sorted []float64
	psi       digammas
}

func newNumbers(y []float64, psi digammas) *numbers {
	n := &numbers{y, slices.Clone(y), psi}
	slices.Sort(n.sorted)
	return n
}

// information estimates the mutual information, in nats, of numbers x and y from the distances to the k-th
// neighbour in the plane (Kraskov, Stögbauer & Grassberger 2004, their first estimator with closed intervals). It polls ctx.
func (t *numbers) information(ctx context.Context, x []float64, k int) (float64, error) {
	n := len(x)
	if k = min(k, n-1); k < 1 {
		return 0, nil
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(x[a], x[b]) })
	xs, ys := make([]float64, n), make([]float64, n)
	for i, r := range order {
		xs[i], ys[i] = x[r], t.y[r]
	}
	sum, best := 0.0, make([]float64, 0, k+1)
	for i := range xs {
		if i%1024 == 0 && ctx.Err() != nil {
			return 0, ctx.Err()
		}
		r := inside(planeDistance(xs, ys, i, best[:0:k+1]))
		sum += t.psi.of(within(xs, xs[i], r)) + t.psi.of(within(t.sorted, ys[i], r))
	}
	return max(0, t.psi.of(n)+t.psi.of(k)-sum/float64(n)), nil
}

// planeDistance is the largest-coordinate distance of point i to its k-th neighbour, where k is one less than the
// capacity of best. xs ascends, so that the search can stop where x alone is farther away.
func planeDistance(xs, ys []float64, i int, best []float64) float64 {
	k := cap(best) - 1
	worst := math.Inf(1)
	visit := func(j int) bool {
		dx := math.Abs(xs[j] - xs[i])
		if dx >= worst {
			return false
		}
		if d := max(dx, math.Abs(ys[j]-ys[i])); d < worst {
			at, _ := slices.BinarySearch(best, d)
			best = slices.Insert(best, at, d)
			if len(best) > k {
				best = best[:k]
			}
			if len(best) == k {
				worst = best[k-1]
			}
		}
		return true
	}
	left, right := i-1, i+1
	for left >= 0 || right < len(xs) {
		if right >= len(xs) || left >= 0 && xs[i]-xs[left] <= xs[right]-xs[i] {
			if !visit(left) {
				break // the nearer side is already too far
			}
			left--
		} else {
			if !visit(right) {
				break
			}
			right++
		}
	}
	return worst
}

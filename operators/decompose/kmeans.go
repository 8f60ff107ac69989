package decompose

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/internal/stats"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// KMeans replaces the columns by the distances to n_clusters centres, found by Lloyd's algorithm (1982) from the start
// of k-means++ (Arthur & Vassilvitskii 2007). More clusters than rows are as many.
var KMeans = &operators.Spec{
	Name: "KMeans", Doc: "distances to the centres of clusters of rows", Role: operators.Transformer, Traits: operators.Random | operators.FewRows,
	Params: []operators.Param{
		{Name: "n_clusters", Scale: operators.LogInt, Lo: 2, Hi: 50, Default: 8},
		{Name: "max_iter", Scale: operators.Int, Default: 300, Fixed: true},
		{Name: "tol", Scale: operators.Log, Default: 1e-4, Fixed: true},
	},
	Ignored: []string{"n_init", "init", "verbose", "random_state", "copy_x", "algorithm"},
	New: func(v []float64) (operators.Operator, error) {
		if v[0] < 1 || v[0] > 1e5 || v[1] < 1 || v[2] < 0 {
			return nil, fmt.Errorf("KMeans: n_clusters=%g, max_iter=%g, tol=%g: want at least 1, 1 and 0", v[0], v[1], v[2])
		}
		return kMeans{clusters: int(v[0]), iterations: int(v[1]), tol: v[2]}, nil
	},
	Decode: operators.Decode[centres],
}

type kMeans struct {
	clusters, iterations int
	tol                  float64
}

// centres holds the centres, clusters × features.
type centres struct {
	Features int
	Centres  wire.Floats
}

// Fit moves the centres until they stay within tol times the mean variance of the columns.
func (o kMeans) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	n, p := s.X.Rows(), s.X.Cols()
	if n == 0 || p == 0 {
		return nil, errors.New("KMeans: no data")
	}
	spread, means := 0.0, make([]float64, p)
	for j, c := range s.X.Columns() {
		m := stats.Describe(c)
		if !(m.Max < 1e150 && m.Min > -1e150) {
			return nil, fmt.Errorf("KMeans: the values of column %q are too large", c.Name)
		}
		spread += m.Var / float64(p)
		means[j] = m.Mean
	}
	rows, err := newClusters(ctx, s.X.Floats(), means, min(o.clusters, n))
	if err != nil {
		return nil, err
	}
	at, err := rows.start(ctx, env.Rand)
	if err != nil {
		return nil, err
	}
	for range o.iterations {
		next, err := rows.moved(ctx, at)
		if err != nil {
			return nil, err
		}
		shift := squaredDistance(next.Data, at.Data)
		if at = next; shift <= o.tol*spread {
			break
		}
	}
	for i := range at.Rows {
		linalg.AddScaled(at.Row(i), 1, means)
	}
	return &centres{Features: p, Centres: at.Data}, nil
}

const slab = 2048 // rows whose distances are computed together

// clusters are the rows of a table, as a matrix and packed by slabs, and the cluster that each was last in.
type clusters struct {
	x      linalg.Matrix
	packed []*linalg.Packed
	of     []int32 // -1 is none
	sums   linalg.Matrix
	count  []float64
	rounds int
	work   linalg.Workspace
}

// newClusters takes the rows of the columns less their means: distances come from products, which are more accurate near
// zero.
func newClusters(ctx context.Context, columns [][]float64, means []float64, k int) (*clusters, error) {
	n, p := len(columns[0]), len(columns)
	c := &clusters{x: linalg.NewMatrix(n, p), of: make([]int32, n), sums: linalg.NewMatrix(k, p), count: make([]float64, k)}
	part := make([][]float64, p)
	for lo := 0; lo < n; lo += slab {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		hi := min(lo+slab, n)
		for j, v := range columns {
			part[j] = v[lo:hi]
		}
		linalg.Of(hi-lo, p, c.x.Data[lo*p:hi*p]).FromColumns(part, means)
		c.packed = append(c.packed, linalg.Pack(part, hi-lo, means))
	}
	return c, nil
}

// start draws rows as centres, each with a probability proportional to its squared distance from those before it: of a
// few such draws, the one that leaves the least distances (Arthur & Vassilvitskii 2007, section 6).
func (c *clusters) start(ctx context.Context, rng *rand.Rand) (linalg.Matrix, error) {
	k, n := c.sums.Rows, c.x.Rows
	at, drawn := linalg.NewMatrix(k, c.x.Cols), linalg.NewMatrix(2+int(math.Log(float64(k))), c.x.Cols)
	norms, left, total := make([]float64, n), make([]float64, n), 0.0
	for i := range norms {
		norms[i] = linalg.SquaredNorm(c.x.Row(i))
	}
	copy(at.Row(0), c.x.Row(rng.IntN(n)))
	first := linalg.NewMatrix(1, n)
	if err := c.distances(ctx, first, linalg.Of(1, c.x.Cols, at.Row(0)), norms); err != nil {
		return at, err
	}
	for i, d := range first.Row(0) {
		left[i] = d
		total += d
	}
	candidates := linalg.NewMatrix(drawn.Rows, n)
	for next := 1; next < k; next++ {
		for t := range drawn.Rows {
			copy(drawn.Row(t), c.x.Row(pick(left, rng.Float64()*total)))
		}
		if err := c.distances(ctx, candidates, drawn, norms); err != nil {
			return at, err
		}
		best, least := 0, math.Inf(1)
		for t := range drawn.Rows {
			sum, row := 0.0, candidates.Row(t)
			for i, d := range left {
				row[i] = min(d, row[i])
				sum += row[i]
			}
			if sum < least {
				best, least = t, sum
			}
		}
		copy(at.Row(next), drawn.Row(best))
		copy(left, candidates.Row(best))
		total = least
	}
	return at, nil
}

// pick returns the first element whose predecessors and itself sum to more than draw.
func pick(weights []float64, draw float64) int {
	for i, d := range weights {
		if draw -= d; draw < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// distances writes the squared distance of every centre from every row.
func (c *clusters) distances(ctx context.Context, dst, at linalg.Matrix, norms []float64) error {
	data := make([]float64, at.Rows*min(slab, c.x.Rows))
	for s, p := range c.packed {
		if err := ctx.Err(); err != nil {
			return err
		}
		lo := s * slab
		hi := min(lo+slab, c.x.Rows)
		products := linalg.Of(at.Rows, hi-lo, data[:at.Rows*(hi-lo)])
		c.work.MulPacked(products, at, p)
		for k := range at.Rows {
			norm, to := linalg.SquaredNorm(at.Row(k)), dst.Row(k)[lo:hi]
			for i, v := range products.Row(k) {
				to[i] = max(0, norm+norms[lo+i]-2*v)
			}
		}
	}
	return nil
}

// moved returns the means of the rows that are nearest to every centre; a centre without rows stays. It adds up all rows
// now and then, and in between moves only those that change sides from one sum to the other.
func (c *clusters) moved(ctx context.Context, at linalg.Matrix) (linalg.Matrix, error) {
	if c.rounds%16 == 0 {
		clear(c.sums.Data)
		clear(c.count)
		for i := range c.of {
			c.of[i] = -1
		}
	}
	c.rounds++
	size := min(slab, c.x.Rows)
	along, least, best := make([]float64, at.Rows*size), make([]float64, size), make([]int64, size)
	for s, p := range c.packed {
		if err := ctx.Err(); err != nil {
			return at, err
		}
		lo := s * slab
		rows := min(slab, c.x.Rows-lo)
		products := linalg.Of(at.Rows, rows, along[:at.Rows*rows])
		c.work.MulPacked(products, at, p)
		nearest(best[:rows], least[:rows], products, at)
		for i, k := range best[:rows] {
			if c.of[lo+i] != int32(k) {
				c.move(lo+i, int32(k))
			}
		}
	}
	next := linalg.NewMatrix(at.Rows, at.Cols)
	for k, m := range c.count {
		row := next.Row(k)
		if m == 0 {
			copy(row, at.Row(k))
			continue
		}
		for j, v := range c.sums.Row(k) {
			row[j] = v / m
		}
	}
	return next, nil
}

// move puts a row into cluster k.
func (c *clusters) move(row int, k int32) {
	if old := c.of[row]; old >= 0 {
		linalg.AddScaled(c.sums.Row(int(old)), -1, c.x.Row(row))
		c.count[old]--
	}
	linalg.AddScaled(c.sums.Row(int(k)), 1, c.x.Row(row))
	c.count[k]++
	c.of[row] = k
}

// nearest finds the centre that every row is nearest to, by half its squared distance less what is the same for all.
func nearest(best []int64, least []float64, products, at linalg.Matrix) {
	clear(best)
	for i := range least {
		least[i] = math.Inf(1)
	}
	for c := range at.Rows {
		linalg.KeepLess(least, best, products.Row(c), linalg.SquaredNorm(at.Row(c))/2, int64(c))
	}
}

// Apply measures the distances.
func (f *centres) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != f.Features {
		return nil, fmt.Errorf("KMeans: %d columns, learned from %d", x.Cols(), f.Features)
	}
	k := len(f.Centres) / f.Features
	at, middle := linalg.Of(k, f.Features, f.Centres).Clone(), make([]float64, f.Features)
	for c := range k {
		linalg.AddScaled(middle, 1/float64(k), at.Row(c))
	}
	for c := range k { // distances come from products, which are more accurate near zero
		linalg.AddScaled(at.Row(c), -1, middle)
	}
	axes, norms := at.T(), make([]float64, block)
	out, err := product(ctx, x, middle, axes, nil)
	if err != nil {
		return nil, fmt.Errorf("KMeans: %w", err)
	}
	err = blocks(ctx, x, func(lo, hi int, part [][]float64) error {
		squaredNorms(norms[:hi-lo], part, middle)
		for c := range k {
			f.measure(out.Row(c)[lo:hi], c, linalg.SquaredNorm(at.Row(c)), norms[:hi-lo], part)
			if !linalg.Finite(out.Row(c)[lo:hi]) {
				return errors.New("KMeans: the values are too large")
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return namedColumns("kmeans", out), nil
}

// measure replaces products with centre c by distances from it, given the squared norms of both.
func (f *centres) measure(products []float64, c int, norm float64, norms []float64, columns [][]float64) {
	for i, v := range products {
		d := norm + norms[i] - 2*v
		if !(d > 1e-3*(norm+norms[i])) { // most digits cancel
			d = 0
			for j, m := range f.Centres[c*f.Features : (c+1)*f.Features] {
				d += (columns[j][i] - m) * (columns[j][i] - m)
			}
		}
		products[i] = math.Sqrt(d)
	}
}

// Check refuses what Fit cannot have made.
func (f *centres) Check() error {
	if f.Features < 1 || len(f.Centres) == 0 || len(f.Centres)%f.Features != 0 || !linalg.Finite(f.Centres) {
		return errors.New("KMeans: its centres are cut short or not finite")
	}
	return nil
}

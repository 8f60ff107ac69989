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
	Name: "KMeans", Doc: "distances to the centres of clusters of rows", Role: operators.Transformer, Traits: operators.Random,
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
	spread, x, means := 0.0, linalg.NewMatrix(n, p), make([]float64, p) // centred, since distances come from products
	for j, c := range s.X.Columns() {
		m := stats.Describe(c)
		if !(m.Max < 1e150 && m.Min > -1e150) {
			return nil, fmt.Errorf("KMeans: the values of column %q are too large", c.Name)
		}
		spread += m.Var / float64(p)
		means[j] = m.Mean
	}
	copy(x.Data, s.X.Matrix())
	for i := range n {
		linalg.AddScaled(x.Row(i), -1, means)
	}
	at, err := o.start(ctx, x, env.Rand)
	if err != nil {
		return nil, err
	}
	for range o.iterations {
		next, err := moved(ctx, x, s.X.Floats(), means, at)
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

// start draws rows as centres, each with a probability proportional to its squared distance from those before it.
func (o kMeans) start(ctx context.Context, x linalg.Matrix, rng *rand.Rand) (linalg.Matrix, error) {
	k := min(o.clusters, x.Rows)
	at, nearest := linalg.NewMatrix(k, x.Cols), make([]float64, x.Rows)
	for i := range nearest {
		nearest[i] = math.Inf(1)
	}
	row := rng.IntN(x.Rows)
	for c := range k {
		if err := ctx.Err(); err != nil {
			return at, err
		}
		copy(at.Row(c), x.Row(row))
		total := 0.0
		for i := range nearest {
			nearest[i] = min(nearest[i], squaredDistance(x.Row(i), at.Row(c)))
			total += nearest[i]
		}
		draw := rng.Float64() * total
		for i, d := range nearest {
			if draw -= d; draw < 0 || i == len(nearest)-1 {
				row = i
				break
			}
		}
	}
	return at, nil
}

const slab = 2048 // rows whose distances are computed together

// moved returns the means of the rows that are nearest to every centre; a centre without rows stays. x holds the rows of
// the columns less their means.
func moved(ctx context.Context, x linalg.Matrix, columns [][]float64, means []float64, at linalg.Matrix) (linalg.Matrix, error) {
	next, count := linalg.NewMatrix(at.Rows, at.Cols), make([]float64, at.Rows)
	size := min(slab, x.Rows)
	along, least, best := make([]float64, at.Rows*size), make([]float64, size), make([]int32, size)
	part := make([][]float64, len(columns))
	var work linalg.Workspace
	for lo := 0; lo < x.Rows; lo += slab {
		if err := ctx.Err(); err != nil {
			return next, err
		}
		rows := min(slab, x.Rows-lo)
		for j, c := range columns {
			part[j] = c[lo : lo+rows]
		}
		products := linalg.Of(at.Rows, rows, along[:at.Rows*rows])
		work.MulColumns(products, at, part, means)
		nearest(best[:rows], least[:rows], products, at)
		for i, c := range best[:rows] {
			count[c]++
			linalg.AddScaled(next.Row(int(c)), 1, x.Row(lo+i))
		}
	}
	for c, m := range count {
		row := next.Row(c)
		if m == 0 {
			copy(row, at.Row(c))
			continue
		}
		for j := range row {
			row[j] /= m
		}
	}
	return next, nil
}

// nearest finds the centre that every row is nearest to, by half its squared distance less what is the same for all.
func nearest(best []int32, least []float64, products, at linalg.Matrix) {
	clear(best)
	for c := range at.Rows {
		half := linalg.SquaredNorm(at.Row(c)) / 2
		for i, v := range products.Row(c) {
			if d := half - v; c == 0 || d < least[i] {
				best[i], least[i] = int32(c), d
			}
		}
	}
}

// Apply measures the distances.
func (f *centres) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != f.Features {
		return nil, fmt.Errorf("KMeans: %d columns, learned from %d", x.Cols(), f.Features)
	}
	k := len(f.Centres) / f.Features
	at, middle, columns := linalg.Of(k, f.Features, f.Centres).Clone(), make([]float64, f.Features), x.Floats()
	for c := range k {
		linalg.AddScaled(middle, 1/float64(k), at.Row(c))
	}
	for c := range k { // distances come from products, which are more accurate near zero
		linalg.AddScaled(at.Row(c), -1, middle)
	}
	out := linalg.NewMatrix(k, x.Rows())
	if err := linalg.MulColumns(ctx, out, at, columns, middle); err != nil {
		return nil, err
	}
	norms := squaredNorms(columns, x.Rows(), middle)
	for c := range k {
		norm, row := linalg.SquaredNorm(at.Row(c)), out.Row(c)
		for i, v := range row {
			d := norm + norms[i] - 2*v
			if !(d > 1e-3*(norm+norms[i])) { // most digits cancel
				d = 0
				for j, m := range f.Centres[c*f.Features : (c+1)*f.Features] {
					d += (columns[j][i] - m) * (columns[j][i] - m)
				}
			}
			row[i] = math.Sqrt(d)
		}
	}
	if !linalg.Finite(out.Data) {
		return nil, errors.New("KMeans: the values are too large")
	}
	return namedColumns("kmeans", out), nil
}

// Check refuses what Fit cannot have made.
func (f *centres) Check() error {
	if f.Features < 1 || len(f.Centres) == 0 || len(f.Centres)%f.Features != 0 || !linalg.Finite(f.Centres) {
		return errors.New("KMeans: its centres are cut short or not finite")
	}
	return nil
}

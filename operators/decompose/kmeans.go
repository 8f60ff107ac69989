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
	spread, x, means := 0.0, linalg.NewMatrix(n, p), make([]float64, p) // centred, since distances come from products
	for j, c := range s.X.Columns() {
		m := stats.Describe(c)
		if !(m.Max < 1e150 && m.Min > -1e150) {
			return nil, fmt.Errorf("KMeans: the values of column %q are too large", c.Name)
		}
		spread += m.Var / float64(p)
		means[j] = m.Mean
		for i, v := range c.Float {
			x.Data[i*p+j] = v - m.Mean
		}
	}
	at, err := o.start(ctx, x, env.Rand)
	if err != nil {
		return nil, err
	}
	for range o.iterations {
		next, err := moved(ctx, x, at)
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

// moved returns the means of the rows that are nearest to every centre; a centre without rows stays.
func moved(ctx context.Context, x, at linalg.Matrix) (linalg.Matrix, error) {
	next, count := linalg.NewMatrix(at.Rows, at.Cols), make([]float64, at.Rows)
	norms, near := make([]float64, at.Rows), linalg.NewMatrix(slab, at.Rows)
	for c := range norms {
		norms[c] = linalg.SquaredNorm(at.Row(c)) / 2
	}
	var work linalg.Workspace
	for i := range x.Rows {
		if i%slab == 0 {
			if err := ctx.Err(); err != nil {
				return next, err
			}
			rows := min(slab, x.Rows-i)
			work.MulT(linalg.Of(rows, at.Rows, near.Data[:rows*at.Rows]), linalg.Of(rows, x.Cols, x.Data[i*x.Cols:(i+rows)*x.Cols]), at)
		}
		best, least := 0, math.Inf(1)
		for c, along := range near.Row(i % slab) {
			if d := norms[c] - along; d < least { // half the squared distance, less what is the same for all
				best, least = c, d
			}
		}
		count[best]++
		sum := next.Row(best)
		for j, v := range x.Row(i) {
			sum[j] += v
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

// Apply measures the distances.
func (f *centres) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != f.Features {
		return nil, fmt.Errorf("KMeans: %d columns, learned from %d", x.Cols(), f.Features)
	}
	k, m := len(f.Centres)/f.Features, x.Matrix()
	out := linalg.NewMatrix(k, x.Rows())
	for i := range x.Rows() {
		if i%256 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		row := m[i*f.Features : (i+1)*f.Features]
		for c := range k {
			out.Data[c*out.Cols+i] = math.Sqrt(squaredDistance(row, f.Centres[c*f.Features:(c+1)*f.Features]))
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

package decompose

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

var (
	linkages = []string{"ward", "complete", "average", "single"}
	metrics  = []string{"euclidean", "l1", "l2", "manhattan", "cosine"}
	poolings = []string{"mean", "median", "max"}
)

// FeatureAgglomeration joins similar columns step by step until n_clusters are left, and replaces every cluster by the
// mean of its columns in the row. affinity is the old name of metric and overrides it; ward linkage is always
// euclidean. More clusters than columns are as many.
var FeatureAgglomeration = &operators.Spec{
	Name: "FeatureAgglomeration", Doc: "means of groups of similar columns", Role: operators.Transformer,
	Params: []operators.Param{
		{Name: "n_clusters", Scale: operators.LogInt, Lo: 2, Hi: 400, Default: 2},
		{Name: "linkage", Scale: operators.Choice, Choices: linkages},
		{Name: "metric", Scale: operators.Choice, Choices: metrics, When: &operators.Condition{Param: "linkage", Is: linkages[1:]}},
		{Name: "affinity", Scale: operators.Choice, Choices: append([]string{"None"}, metrics...), Fixed: true},
		{Name: "pooling_func", Scale: operators.Choice, Choices: poolings},
	},
	Ignored: []string{"memory", "connectivity", "compute_full_tree", "distance_threshold", "compute_distances"},
	New: func(v []float64) (operators.Operator, error) {
		if v[0] < 1 {
			return nil, fmt.Errorf("FeatureAgglomeration: n_clusters=%g: want at least 1", v[0])
		}
		o := agglomeration{clusters: int(v[0]), linkage: linkages[int(v[1])], metric: metrics[int(v[2])], pooling: poolings[int(v[4])]}
		if v[3] > 0 {
			o.metric = metrics[int(v[3])-1]
		}
		if o.linkage == "ward" {
			o.metric = "euclidean"
		}
		return o, nil
	},
	Decode: operators.Decode[pooled],
	Memory: func(shape operators.Shape, _ []float64) int64 { return int64(shape.Cols) * int64(shape.Cols) * 8 },
}

type agglomeration struct {
	clusters                 int
	linkage, metric, pooling string
}

// pooled gives every column its cluster; clusters are numbered by their first column.
type pooled struct {
	Cluster  wire.Ints
	Clusters int
	Pooling  string
}

type agglomerationKey struct{ linkage, metric string }

// Fit joins the columns; the joins of a frame are computed once for any number of clusters.
func (o agglomeration) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	p := s.X.Cols()
	if p == 0 || s.X.Rows() == 0 {
		return nil, errors.New("FeatureAgglomeration: no data")
	}
	joins, err := o.joins(ctx, s.X)
	if err != nil {
		return nil, fmt.Errorf("FeatureAgglomeration: %w", err)
	}
	first := make([]int, p) // the smallest column of the cluster, once all joins are followed
	for j := range first {
		first[j] = j
	}
	for _, pair := range joins[:p-min(p, o.clusters)] {
		a, b := first[pair[0]], first[pair[1]]
		for j := range first {
			if first[j] == a || first[j] == b {
				first[j] = min(a, b)
			}
		}
	}
	f := &pooled{Cluster: make(wire.Ints, p), Pooling: o.pooling}
	for j, a := range first {
		if a == j {
			f.Cluster[j] = int32(f.Clusters)
			f.Clusters++
		} else {
			f.Cluster[j] = f.Cluster[a]
		}
	}
	return f, nil
}

// joins returns the pairs of columns whose clusters are joined, nearest first, until one is left.
func (o agglomeration) joins(ctx context.Context, x *dataset.Frame) ([][2]int, error) {
	type result struct {
		joins [][2]int
		err   error
	}
	compute := func() any {
		d, err := distances(ctx, x, o.metric)
		if err != nil {
			return result{nil, err}
		}
		t := &linkage{distance: d, size: make([]float64, x.Cols()), kind: o.linkage}
		joins, err := t.run(ctx)
		return result{joins, err}
	}
	r := x.Derive(agglomerationKey{o.linkage, o.metric}, compute).(result)
	if r.err != nil && ctx.Err() == nil { // perhaps it was another fit that was cancelled
		r = compute().(result)
	}
	return r.joins, r.err
}

// distances between all columns.
func distances(ctx context.Context, x *dataset.Frame, metric string) ([][]float64, error) {
	p, columns := x.Cols(), x.Floats()
	d := make([][]float64, p)
	for j := range d {
		d[j] = make([]float64, p)
	}
	absolute := metric == "l1" || metric == "manhattan"
	var gram linalg.Matrix
	var err error
	if !absolute {
		if gram, err = linalg.GramOfColumns(ctx, columns, nil); err != nil {
			return nil, err
		}
	}
	for a := range p {
		for b := range a {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			var dist float64
			switch {
			case absolute:
				dist = absoluteDistance(columns[a], columns[b])
			case metric == "cosine":
				dist = 1
				if u, v := gram.At(a, a), gram.At(b, b); u > 0 && v > 0 {
					dist = 1 - gram.At(a, b)/math.Sqrt(u)/math.Sqrt(v)
				}
			default:
				dist = apart(gram, columns, a, b)
			}
			if dist-dist != 0 {
				return nil, errors.New("the values are too large")
			}
			d[a][b], d[b][a] = dist, dist
		}
	}
	return d, nil
}

// apart is the Euclidean distance of columns a and b, from their products unless that would cancel most digits.
func apart(gram linalg.Matrix, columns [][]float64, a, b int) float64 {
	both := gram.At(a, a) + gram.At(b, b)
	if d := both - 2*gram.At(a, b); d > 1e-2*both {
		return math.Sqrt(d)
	}
	return math.Sqrt(squaredDistance(columns[a], columns[b]))
}

// linkage joins the two nearest clusters again and again, keeping the nearest neighbour of every cluster (Müllner
// 2011, the generic algorithm, without its heap).
type linkage struct {
	kind     string
	distance [][]float64
	size     []float64
	nearest  []int // among the later clusters
	gone     []bool
}

func (t *linkage) run(ctx context.Context) ([][2]int, error) {
	p := len(t.distance)
	t.nearest, t.gone = make([]int, p), make([]bool, p)
	for j := range p {
		t.size[j] = 1
	}
	for j := range p {
		t.search(j)
	}
	var joins [][2]int
	for range p - 1 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		a := -1
		for j := range p {
			if !t.gone[j] && t.nearest[j] >= 0 && (a < 0 || t.distance[j][t.nearest[j]] < t.distance[a][t.nearest[a]]) {
				a = j
			}
		}
		b := t.nearest[a]
		joins = append(joins, [2]int{a, b})
		t.join(a, b)
	}
	return joins, nil
}

// search finds the nearest later cluster of a.
func (t *linkage) search(a int) {
	t.nearest[a] = -1
	for b := a + 1; b < len(t.gone); b++ {
		if !t.gone[b] && (t.nearest[a] < 0 || t.distance[a][b] < t.distance[a][t.nearest[a]]) {
			t.nearest[a] = b
		}
	}
}

// join makes a and b one cluster in the place of b.
func (t *linkage) join(a, b int) {
	between := t.distance[a][b]
	t.gone[a] = true
	for c := range t.gone {
		if t.gone[c] || c == b {
			continue
		}
		d := t.merged(t.distance[a][c], t.distance[b][c], between, [3]float64{t.size[a], t.size[b], t.size[c]})
		t.distance[b][c], t.distance[c][b] = d, d
	}
	t.size[b] += t.size[a]
	for c := range t.gone {
		switch {
		case t.gone[c]:
		case c == b, t.nearest[c] == a, t.nearest[c] == b:
			t.search(c)
		case c < b && t.distance[c][b] < t.distance[c][t.nearest[c]]:
			t.nearest[c] = b
		}
	}
}

// merged is the distance of c to the union of a and b (Lance & Williams 1967).
func (t *linkage) merged(ac, bc, ab float64, size [3]float64) float64 {
	na, nb, nc := size[0], size[1], size[2]
	switch t.kind {
	case "complete":
		return max(ac, bc)
	case "single":
		return min(ac, bc)
	case "average":
		return (na*ac + nb*bc) / (na + nb)
	}
	return math.Sqrt(max(0, ((na+nc)*ac*ac+(nb+nc)*bc*bc-nc*ab*ab)/(na+nb+nc)))
}

// Apply pools the columns of every cluster; a cluster of one column is that column.
func (f *pooled) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != len(f.Cluster) {
		return nil, fmt.Errorf("FeatureAgglomeration: %d columns, learned from %d", x.Cols(), len(f.Cluster))
	}
	members := make([][]*dataset.Column, f.Clusters)
	for j, k := range f.Cluster {
		members[k] = append(members[k], x.Col(j))
	}
	cols := make([]*dataset.Column, f.Clusters)
	for k, m := range members {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if cols[k] = m[0]; len(m) > 1 {
			name := fmt.Sprintf("%s(%s+%d)", f.Pooling, m[0].Name, len(m)-1)
			cols[k] = dataset.NewNumeric(name, f.pool(m, x.Rows()))
		}
		for _, v := range cols[k].Float {
			if v-v != 0 {
				return nil, errors.New("FeatureAgglomeration: the values are too large")
			}
		}
	}
	return dataset.MustFrame(x.Rows(), cols...), nil
}

// pool takes the mean, median or maximum of the columns in every row.
func (f *pooled) pool(members []*dataset.Column, rows int) []float64 {
	v := make([]float64, rows)
	switch f.Pooling {
	case "max":
		copy(v, members[0].Float)
		for _, c := range members[1:] {
			for i, u := range c.Float {
				v[i] = max(v[i], u)
			}
		}
	case "median":
		row, n := make([]float64, len(members)), len(members)
		for i := range v {
			for k, c := range members {
				row[k] = c.Float[i]
			}
			slices.Sort(row)
			v[i] = row[(n-1)/2]/2 + row[n/2]/2
		}
	default:
		for _, c := range members {
			for i, u := range c.Float {
				v[i] += u
			}
		}
		for i := range v {
			v[i] /= float64(len(members))
		}
	}
	return v
}

// Check refuses what Fit cannot have made.
func (f *pooled) Check() error {
	if !slices.Contains(poolings, f.Pooling) || f.Clusters < 1 || f.Clusters > len(f.Cluster) {
		return fmt.Errorf("FeatureAgglomeration: %d clusters of %d columns, pooled by %q", f.Clusters, len(f.Cluster), f.Pooling)
	}
	used := make([]bool, f.Clusters)
	for _, k := range f.Cluster {
		if k < 0 || int(k) >= f.Clusters {
			return fmt.Errorf("FeatureAgglomeration: cluster %d of %d", k, f.Clusters)
		}
		used[k] = true
	}
	if slices.Contains(used, false) {
		return errors.New("FeatureAgglomeration: an empty cluster")
	}
	return nil
}

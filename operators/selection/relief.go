package selection

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/stats"
	"github.com/lren-chuv/automl/operators"
)

// The Relief family scores a column by how much it differs between neighbours of different classes, less how much it
// differs between neighbours of the same class: it sees columns that matter only together. The algorithms differ in who
// is a neighbour. A numeric target has two classes from the point of view of a row: those whose target is within one
// standard deviation of its own, and the others.
var (
	// ReliefF takes the n_neighbors nearest rows of every class (Kononenko 1994).
	ReliefF = reliefSpec("ReliefF", "columns that differ between near rows of different classes", nearestOfClass, operators.Param{
		Name: "n_neighbors", Scale: operators.LogInt, Lo: 2, Hi: 500, Default: 100})
	// SURF takes all rows nearer than the mean distance of two rows (Greene et al. 2009).
	SURF = reliefSpec("SURF", "ReliefF with all rows nearer than the mean distance", withinMean)
	// SURFstar also takes the far rows, with the opposite sign (Greene et al. 2010).
	SURFstar = reliefSpec("SURFstar", "SURF that also learns from far rows", withinMeanAndBeyond)
	// MultiSURF takes the rows nearer than the row's own mean distance less half a standard deviation (Urbanowicz et
	// al. 2018).
	MultiSURF = reliefSpec("MultiSURF", "ReliefF with the neighbourhood fitted to every row", withinOwnMean)
)

func reliefSpec(name, doc string, choose neighbourhood, more ...operators.Param) *operators.Spec {
	return &operators.Spec{
		Name: name, Doc: doc, Role: operators.Selector, Traits: operators.Supervised,
		Params: append([]operators.Param{
			{Name: "n_features_to_select", Scale: operators.LogInt, Lo: 1, Hi: 100, Default: 10},
			{Name: "discrete_threshold", Scale: operators.Int, Default: 10, Fixed: true},
		}, more...),
		Ignored: []string{"n_jobs", "verbose"},
		New: func(v []float64) (operators.Operator, error) {
			o := relief{name: name, keep: int(v[0]), discrete: int(v[1]), choose: choose}
			if len(v) > 2 {
				o.neighbours = int(v[2])
			}
			if o.keep < 1 || o.discrete < 0 || o.discrete > 100 || len(v) > 2 && o.neighbours < 1 {
				return nil, fmt.Errorf("%s: %v: want at least one column and neighbour, and at most 100 discrete values", name, v)
			}
			return o, nil
		},
		Decode: operators.Decode[selected],
	}
}

type relief struct {
	name                       string
	keep, discrete, neighbours int
	choose                     neighbourhood
}

// reliefBlock is the number of rows that one task of env.Each scores.
const reliefBlock = 32

// Fit compares every row with every other: n²·p/2 operations on numbers, an eighth of that on discrete columns.
func (o relief) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	n, p := s.X.Rows(), s.X.Cols()
	if n < 2 || p == 0 {
		return nil, fmt.Errorf("%s: wants at least one column and two rows", o.name)
	}
	r, err := newRows(ctx, s.X, o.discrete)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.name, err)
	}
	t := newTeacher(s.Y)
	blocks := make([][]float64, (n+reliefBlock-1)/reliefBlock)
	err = env.Each(ctx, len(blocks), func(b int, _ *rand.Rand) error {
		score := make([]float64, p)
		w := newScorer(r, t, o.neighbours)
		for i := b * reliefBlock; i < min(n, (b+1)*reliefBlock); i++ {
			if err := ctx.Err(); err != nil {
				return err
			}
			w.row(i, o.choose, score)
		}
		blocks[b] = score
		return nil
	})
	if err != nil {
		return nil, err
	}
	score := make([]float64, p)
	for _, b := range blocks {
		for j, v := range b {
			score[j] += v
		}
	}
	f := &selected{Name: o.name, Features: p}
	order := byScore(score)
	f.Keep = append(f.Keep, order[p-min(p, o.keep):]...)
	slices.Sort(f.Keep)
	return f, nil
}

// teacher says of which class a row is from the point of view of another.
type teacher struct {
	code    []int32   // classification
	number  []float64 // regression: two classes, hit 0 and miss 1
	sd      float64
	classes int
	share   []float64 // of every class among the rows; regression has none
}

func newTeacher(y *dataset.Column) *teacher {
	if y.Kind == dataset.Numeric {
		return &teacher{number: y.Float, sd: math.Sqrt(stats.Describe(y).Var), classes: 2}
	}
	t := &teacher{code: y.Code, classes: len(y.Levels), share: make([]float64, len(y.Levels))}
	for _, c := range y.Code {
		t.share[c] += 1 / float64(len(y.Code))
	}
	return t
}

// class of row j as row i sees it.
func (t *teacher) class(i, j int) int {
	if t.number == nil {
		return int(t.code[j])
	}
	if math.Abs(t.number[i]-t.number[j]) < t.sd {
		return 0
	}
	return 1
}

// weight of class c in the score of row i: −1 for its own, the others share 1 by how frequent they are.
func (t *teacher) weight(i, c int) float64 {
	own := 0
	if t.number == nil {
		own = int(t.code[i])
	}
	switch {
	case c == own:
		return -1
	case t.share == nil:
		return 1
	case t.share[own] == 1:
		return 0
	}
	return t.share[c] / (1 - t.share[own])
}

// scorer scores the columns by one row after the other; every task has its own.
type scorer struct {
	rows       *rows
	teacher    *teacher
	neighbours int
	distance   []float64
	near, far  []bool
	sorted     []float64      // scratch of nearestOfClass
	sums       []*differences // by class
}

func newScorer(r *rows, t *teacher, neighbours int) *scorer {
	w := &scorer{rows: r, teacher: t, neighbours: neighbours, distance: make([]float64, r.n),
		near: make([]bool, r.n), far: make([]bool, r.n), sorted: make([]float64, 0, r.n)}
	for range t.classes {
		w.sums = append(w.sums, newDifferences(r))
	}
	return w
}

// row adds what row i tells to the score.
func (w *scorer) row(i int, choose neighbourhood, score []float64) {
	for j := range w.distance {
		w.distance[j] = w.rows.distance(i, j)
	}
	clear(w.near)
	clear(w.far)
	choose(w, i)
	w.add(i, w.near, 1, score)
	if slices.Contains(w.far, true) {
		w.add(i, w.far, -1, score)
	}
}

// add adds sign times the mean differences to the chosen rows.
func (w *scorer) add(i int, chosen []bool, sign float64, score []float64) {
	for _, d := range w.sums {
		d.reset()
	}
	for j, yes := range chosen {
		if yes && j != i {
			w.sums[w.teacher.class(i, j)].add(w.rows, i, j)
		}
	}
	for c, d := range w.sums {
		if d.count > 0 {
			d.into(score, w.rows, sign*w.teacher.weight(i, c)/float64(d.count))
		}
	}
}

// neighbourhood marks the near and far rows of row i, from its distances.
type neighbourhood func(w *scorer, i int)

func nearestOfClass(w *scorer, i int) {
	for c := range w.teacher.classes {
		w.sorted = w.sorted[:0]
		for j, d := range w.distance {
			if j != i && w.teacher.class(i, j) == c {
				w.sorted = append(w.sorted, d)
			}
		}
		slices.Sort(w.sorted)
		k := min(w.neighbours, len(w.sorted))
		if k == 0 {
			continue
		}
		limit := w.sorted[k-1]
		below, _ := slices.BinarySearch(w.sorted, limit)
		ties := k - below // of the rows at the limit, the first ones
		for j, d := range w.distance {
			if j == i || d > limit || w.teacher.class(i, j) != c {
				continue
			}
			if d == limit {
				if ties == 0 {
					continue
				}
				ties--
			}
			w.near[j] = true
		}
	}
}

func withinMean(w *scorer, _ int) {
	for j, d := range w.distance {
		w.near[j] = d < w.rows.mean
	}
}

func withinMeanAndBeyond(w *scorer, _ int) {
	for j, d := range w.distance {
		w.near[j], w.far[j] = d < w.rows.mean, d > w.rows.mean
	}
}

func withinOwnMean(w *scorer, i int) {
	n, mean, squares := float64(len(w.distance)-1), 0.0, 0.0
	for j, d := range w.distance {
		if j != i {
			mean += d / n
		}
	}
	for j, d := range w.distance {
		if j != i {
			squares += (d - mean) * (d - mean)
		}
	}
	limit := mean - math.Sqrt(squares/n)/2
	for j, d := range w.distance {
		w.near[j] = d < limit
	}
}

// errNotNumbers is returned for values that have no difference.
var errNotNumbers = errors.New("the values are too large")

package neighbors

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// store holds the training rows and finds the nearest of them.
type store struct {
	Rows      *wire.Rows // row-major, laid out by the first search or by who writes them down
	Cols      int
	Neighbors int
	Metric    int // index into metricNames
	P         float64

	count int       // rows
	tree  *tree     // for few columns
	near  *screened // for squared distances in many, else nil
	ties  *ties
}

// screened makes the screen of the rows when they are first searched.
type screened struct {
	once   sync.Once
	screen *screen
	make   func() *screen // until it has been called
}

func (s *screened) get() *screen {
	s.once.Do(func() { s.screen, s.make = s.make(), nil })
	return s.screen
}

var metricNames = []string{"minkowski", "euclidean", "manhattan", "chebyshev"}

func (s *store) metric() metric {
	switch metricNames[s.Metric] {
	case "euclidean":
		return minkowski(2)
	case "manhattan":
		return minkowski(1)
	case "chebyshev":
		return metric{chebyshev, identity}
	}
	return minkowski(s.P)
}

// A tree pays off with few columns and many rows, a screen with many columns. The finds are the same, so this is about
// speed alone.
const (
	treeCols   = 8
	treeRows   = 400
	screenCols = 12
)

type treeKey struct{}

// fill takes the training rows from x, which shares its matrix and its tree with all who fit on it.
func (s *store) fill(x *dataset.Frame) error {
	if s.Neighbors > x.Rows() {
		return fmt.Errorf("%d neighbours of %d training rows", s.Neighbors, x.Rows())
	}
	if x.Cols() == 0 {
		return errors.New("no columns")
	}
	for _, c := range x.Floats() {
		if lo, hi, sum := linalg.Extent(c); !(sum == sum && lo >= -math.MaxFloat64 && hi <= math.MaxFloat64) {
			return errors.New("a value among the training rows is missing or not finite")
		}
	}
	s.Rows, s.Cols, s.count = wire.RowsOf(x.Matrix), x.Cols(), x.Rows()
	s.ties = &ties{}
	if s.wantsTree() {
		s.tree = x.Derive(treeKey{}, func() any { return newTree(s.values(), s.Cols) }).(*tree)
	}
	if s.wantsScreen() {
		s.near = &screened{make: func() *screen { return screenOf(x) }}
	}
	return nil
}

func (s *store) values() []float64 { return s.Rows.Values() }

// row returns row i.
func (s *store) row(i int) []float64 { return s.values()[i*s.Cols : (i+1)*s.Cols] }

func (s *store) wantsTree() bool { return s.Cols <= treeCols && s.count >= treeRows }

func (s *store) wantsScreen() bool {
	name := metricNames[s.Metric]
	return s.Cols >= screenCols && (name == "euclidean" || name == "minkowski" && s.P == 2)
}

// check reports what a decoded store cannot be, and grows its tree.
func (s *store) check() error {
	rows := s.values()
	if s.Cols < 1 || len(rows) == 0 || len(rows)%s.Cols != 0 || s.Neighbors < 1 || s.Neighbors > len(rows)/s.Cols {
		return fmt.Errorf("neighbors: %d neighbours of %d values in %d columns", s.Neighbors, len(rows), s.Cols)
	}
	s.count = len(rows) / s.Cols
	if s.Metric < 0 || s.Metric >= len(metricNames) || !(s.P >= 1 && s.P <= math.MaxFloat64) {
		return fmt.Errorf("neighbors: metric %d, p %v", s.Metric, s.P)
	}
	for _, v := range rows {
		if v-v != 0 {
			return fmt.Errorf("neighbors: value %v among the training rows", v)
		}
	}
	s.ties = &ties{}
	if s.wantsTree() {
		s.tree = newTree(rows, s.Cols)
	}
	if s.wantsScreen() {
		s.near = &screened{make: func() *screen { return newScreen(linalg.Of(s.count, s.Cols, rows)) }}
	}
	return nil
}

const (
	queryBlock = 128 // query rows per task, and between two looks at the context
	rowBlock   = 256 // training rows that stay in the cache while a block of queries passes
)

// each calls use for every row of x with its neighbours, nearest first and with true distances. use may run on several
// goroutines at once and must not keep the neighbours.
func (s *store) each(ctx context.Context, env *operators.Env, x *dataset.Frame, use func(i int, found []neighbour)) error {
	if x.Cols() != s.Cols {
		return fmt.Errorf("neighbors: %d columns, trained on %d", x.Cols(), s.Cols)
	}
	queries, m := x.Matrix(), s.metric()
	return env.Each(ctx, (x.Rows()+queryBlock-1)/queryBlock, func(b int, _ *rand.Rand) error {
		lo := b * queryBlock
		block := queries[lo*s.Cols : min(lo+queryBlock, x.Rows())*s.Cols]
		for i, h := range s.search(m, block) {
			if h.tied() {
				s.choose(m, block[i*s.Cols:][:s.Cols], &h)
			}
			found := h.sorted()
			if len(found) < s.Neighbors || math.IsInf(found[len(found)-1].distance, 1) {
				return fmt.Errorf("neighbors: row %d is at no finite distance from %d training rows", lo+i, s.Neighbors)
			}
			for k := range found {
				found[k].distance = m.full(found[k].distance)
			}
			use(lo+i, found)
		}
		return ctx.Err()
	})
}

// search finds the neighbours of a block of queries.
func (s *store) search(m metric, queries []float64) []nearest {
	n := len(queries) / s.Cols
	found, heaps := make([]nearest, n), make([]neighbour, n*s.Neighbors)
	for i := range found {
		found[i] = nearest{heap: heaps[i*s.Neighbors:][:0:s.Neighbors], k: s.Neighbors, tie: -1}
	}
	rows := linalg.Of(s.count, s.Cols, s.values())
	if s.near != nil {
		s.near.get().search(found, linalg.Of(n, s.Cols, queries), rows)
		return found
	}
	if s.tree != nil {
		v := visit{tree: s.tree, m: m, inner: make([]float64, s.Cols)}
		for i := range found {
			v.found = &found[i]
			v.search(queries[i*s.Cols:][:s.Cols])
		}
		return found
	}
	if name := metricNames[s.Metric]; name == "manhattan" || name == "minkowski" && s.P == 1 {
		s.byTiles(found, linalg.Of(n, s.Cols, queries), rows)
		return found
	}
	var out [rowBlock]float64
	for lo := 0; lo < rows.Rows; lo += rowBlock {
		hi := min(lo+rowBlock, rows.Rows)
		for i := range found {
			m.reduced(queries[i*s.Cols:][:s.Cols], rows.Data[lo*s.Cols:], out[:hi-lo])
			found[i].scan(out[:hi-lo], int32(lo))
		}
	}
	return found
}

// byTiles is search for Manhattan distances, many at a time; they are those that the metric gives.
func (s *store) byTiles(found []nearest, queries, rows linalg.Matrix) {
	var work linalg.Workspace
	all := make([]float64, len(found)*rowBlock)
	for lo := 0; lo < rows.Rows; lo += rowBlock {
		hi := min(lo+rowBlock, rows.Rows)
		distances := linalg.Of(len(found), hi-lo, all[:len(found)*(hi-lo)])
		work.Manhattan(distances, queries, linalg.Of(hi-lo, s.Cols, rows.Data[lo*s.Cols:hi*s.Cols]))
		for i := range found {
			found[i].scan(distances.Row(i), int32(lo))
		}
	}
}

// scan offers the rows first, first+1, … at the given distances; all met before have smaller numbers.
func (h *nearest) scan(distances []float64, first int32) {
	for i, d := range distances {
		switch {
		case !h.full():
			h.offer(neighbour{d, first + int32(i)})
		case d > h.heap[0].distance:
		case d == h.heap[0].distance:
			h.tie = d
		default:
			h.replace(neighbour{d, first + int32(i)})
		}
	}
}

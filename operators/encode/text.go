package encode

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// StringEncoder reads the levels of every categorical column as texts: it counts their terms, weights them by how rare
// they are (TF-IDF, with scikit-learn's smoothing, rows of unit length) and projects them onto the n_components
// directions of largest weight, found by subspace iteration (Halko, Martinsson & Tropp 2011). Terms are words, or runs
// of three and four characters within words. New texts are encoded by the terms that they share with training, missing
// ones as zeros. Numeric columns pass. The name is that of skrub's estimator.
var StringEncoder = &operators.Spec{
	Name:   "StringEncoder",
	Doc:    "texts become a few numbers by the terms they have in common",
	Role:   operators.Encoder,
	Useful: operators.HasCategories,
	Traits: operators.Categories | operators.Missing | operators.Random,
	Params: []operators.Param{
		{Name: "n_components", Scale: operators.LogInt, Lo: 2, Hi: 60, Default: 10},
		{Name: "analyzer", Scale: operators.Choice, Choices: analyzers},
	},
	Ignored: []string{"vectorizer", "ngram_range", "stop_words", "random_state"},
	New: func(v []float64) (operators.Operator, error) {
		if v[0] < 1 || v[0] > 1000 {
			return nil, fmt.Errorf("StringEncoder: n_components=%g: want 1 to 1000", v[0])
		}
		return stringEncoder{components: int(v[0]), analyzer: analyzers[int(v[1])]}, nil
	},
	Decode: operators.Decode[coded[texts, *texts]],
}

var analyzers = []string{"char_wb", "word"}

const (
	maxTerms   = 3000 // the most frequent terms of a column
	powerSteps = 4    // of the subspace iteration
)

type stringEncoder struct {
	components int
	analyzer   string
}

// texts holds what was learned about one column.
type texts struct {
	Name       string
	Analyzer   string
	Terms      []string    // ascending
	Weight     wire.Floats // per term
	Components int
	Axes       wire.Floats // terms × components
}

// Fit learns the terms and directions of every column.
func (o stringEncoder) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	var failed error
	f, err := learnCoders(ctx, "StringEncoder", s.X, func(c *dataset.Column) *texts {
		t := &texts{Name: c.Name, Analyzer: o.analyzer}
		err := t.learn(ctx, c, o.components, env.Rand)
		failed = cmp.Or(failed, err)
		return t
	})
	if err = cmp.Or(failed, err); err != nil {
		return nil, err
	}
	return f, nil
}

func (t *texts) learn(ctx context.Context, c *dataset.Column, components int, rng *rand.Rand) error {
	rows, docs := counts(c), make([][]string, len(c.Levels))
	frequency, n := map[string]int{}, 0
	for l, text := range c.Levels {
		if l%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if rows[l] == 0 {
			continue
		}
		n += rows[l]
		docs[l] = terms(text, t.Analyzer)
		for k, term := range docs[l] {
			if k == 0 || term != docs[l][k-1] {
				frequency[term] += rows[l]
			}
		}
	}
	for term := range frequency {
		t.Terms = append(t.Terms, term)
	}
	slices.SortFunc(t.Terms, func(a, b string) int {
		return cmp.Or(cmp.Compare(frequency[b], frequency[a]), cmp.Compare(a, b))
	})
	t.Terms = slices.Clone(t.Terms[:min(len(t.Terms), maxTerms)])
	slices.Sort(t.Terms)
	for _, term := range t.Terms {
		t.Weight = append(t.Weight, math.Log(float64(1+n)/float64(1+frequency[term]))+1)
	}
	m := &termMatrix{terms: len(t.Terms)}
	for l, doc := range docs {
		if len(doc) > 0 {
			m.docs = append(m.docs, t.vector(doc))
			m.rows = append(m.rows, float64(rows[l]))
		}
	}
	axes, err := m.directions(ctx, components, rng)
	if err != nil {
		return err
	}
	t.Components, t.Axes = axes.Cols, axes.Data
	return nil
}

// terms lists the terms of a text in ascending order, each as often as it occurs.
func terms(text, analyzer string) []string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if analyzer == "word" {
		slices.Sort(words)
		return words
	}
	var out []string
	for _, w := range words {
		runes := []rune(" " + w + " ")
		for size := 3; size <= 4; size++ {
			for k := 0; k+size <= len(runes); k++ {
				out = append(out, string(runes[k:k+size]))
			}
		}
	}
	slices.Sort(out)
	return out
}

// entry is one number of a sparse row.
type entry struct {
	term  int
	value float64
}

// vector is the weighted row of a text, of unit length.
func (t *texts) vector(doc []string) []entry {
	var out []entry
	squares := 0.0
	for lo := 0; lo < len(doc); {
		hi := lo + 1
		for hi < len(doc) && doc[hi] == doc[lo] {
			hi++
		}
		if k, ok := slices.BinarySearch(t.Terms, doc[lo]); ok {
			v := float64(hi-lo) * t.Weight[k]
			out = append(out, entry{k, v})
			squares += v * v
		}
		lo = hi
	}
	for k := range out {
		out[k].value /= math.Sqrt(squares)
	}
	return out
}

// termMatrix is a sparse matrix of texts and how many rows each has.
type termMatrix struct {
	terms int
	docs  [][]entry
	rows  []float64
}

// directions returns the first right singular vectors, terms × components.
func (m *termMatrix) directions(ctx context.Context, components int, rng *rand.Rand) (linalg.Matrix, error) {
	k := min(components, m.terms, len(m.docs))
	if k == 0 {
		return linalg.NewMatrix(m.terms, 0), nil
	}
	q := linalg.NewMatrix(m.terms, min(k+8, m.terms))
	for i := range q.Data {
		q.Data[i] = rng.NormFloat64()
	}
	for range powerSteps {
		if err := ctx.Err(); err != nil {
			return q, err
		}
		f, err := linalg.ThinQR(m.back(m.times(q)))
		if err != nil {
			return q, err
		}
		q = f.Q
	}
	// The directions within the subspace are the eigenvectors of its Gram matrix, of which the last are the largest.
	_, vectors, err := linalg.SymEigen(linalg.TMul(q, m.back(m.times(q))))
	if err != nil {
		return q, err
	}
	last := linalg.NewMatrix(q.Cols, k)
	for c := range k {
		for j := range q.Cols {
			last.Set(j, c, vectors.At(j, q.Cols-1-c))
		}
	}
	return linalg.Mul(q, last), nil
}

// times multiplies by q, each text counting as often as it has rows.
func (m *termMatrix) times(q linalg.Matrix) linalg.Matrix {
	y := linalg.NewMatrix(len(m.docs), q.Cols)
	for d, doc := range m.docs {
		row := y.Row(d)
		for _, e := range doc {
			for c, v := range q.Row(e.term) {
				row[c] += m.rows[d] * e.value * v
			}
		}
	}
	return y
}

// back multiplies the transposed matrix by y.
func (m *termMatrix) back(y linalg.Matrix) linalg.Matrix {
	z := linalg.NewMatrix(m.terms, y.Cols)
	for d, doc := range m.docs {
		for _, e := range doc {
			row := z.Row(e.term)
			for c, v := range y.Row(d) {
				row[c] += e.value * v
			}
		}
	}
	return z
}

func (t *texts) apply(c *dataset.Column) []*dataset.Column {
	k, n := t.Components, c.Len()
	levels := linalg.NewMatrix(len(c.Levels), k)
	for l, text := range c.Levels {
		row := levels.Row(l)
		for _, e := range t.vector(terms(text, t.Analyzer)) {
			for j := range row {
				row[j] += e.value * t.Axes[e.term*k+j]
			}
		}
	}
	block := make([]float64, n*k)
	for i, l := range c.Code {
		if l >= 0 {
			for j, v := range levels.Row(int(l)) {
				block[j*n+i] = v
			}
		}
	}
	out := make([]*dataset.Column, k)
	for j := range out {
		out[j] = dataset.NewNumeric(fmt.Sprintf("%s text %d", t.Name, j), block[j*n:(j+1)*n:(j+1)*n])
	}
	return out
}

func (t *texts) check() error {
	switch {
	case !slices.Contains(analyzers, t.Analyzer) || !slices.IsSorted(t.Terms):
		return errors.New("encode: the terms are not in order")
	case t.Components < 0 || t.Components > 1000 || len(t.Weight) != len(t.Terms) || len(t.Axes) != len(t.Terms)*t.Components:
		return errors.New("encode: the weights do not fit the terms")
	}
	for _, w := range t.Weight {
		if !(w > 0 && w < 1e6) {
			return fmt.Errorf("encode: a term weighs %v", w)
		}
	}
	if !linalg.Finite(t.Axes) {
		return errors.New("encode: an axis is not finite")
	}
	return nil
}

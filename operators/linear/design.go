// Package linear fits linear models.
package linear

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
)

// design is the training frame as linear models see it: the columns minus their weighted means. It is made once per
// frame (and once per fit when there are weights) and never written to afterwards.
type design struct {
	n, p int
	x    []float64 // n×p, row by row, centred
	mean []float64
	gram []float64 // p×p, X'WX of the centred columns; nil for wide tables
	w    []float64 // weights scaled to a mean of one, nil for equal ones
	unit float64   // what one was before the scaling
}

// wide is the number of columns beyond which no p×p matrix is made.
const wide = 2000

type designKey struct{}

var errHuge = errors.New("columns with values beyond 1e150 cannot be used")

// newDesign centres the columns.
func newDesign(s dataset.Sample) (*design, error) {
	if s.X.Cols() == 0 {
		return nil, errors.New("no columns to learn from")
	}
	for _, c := range s.X.Columns() {
		for _, v := range c.Float {
			if !(math.Abs(v) < 1e150) {
				return nil, errHuge
			}
		}
	}
	if s.W != nil {
		return centred(s)
	}
	got := s.X.Derive(designKey{}, func() any {
		d, err := centred(dataset.Sample{X: s.X})
		return pair{d, err}
	}).(pair)
	return got.d, got.err
}

type pair struct {
	d   *design
	err error
}

func centred(s dataset.Sample) (*design, error) {
	d := &design{n: s.X.Rows(), p: s.X.Cols(), unit: 1}
	total := float64(d.n)
	if s.W != nil {
		total = floats.Sum(s.W)
		if !(total > 0) {
			return nil, errors.New("all weights are zero")
		}
		d.unit = float64(d.n) / total
		d.w = make([]float64, d.n)
		for i, w := range s.W {
			d.w[i] = w * float64(d.n) / total
		}
		total = float64(d.n)
	}
	d.mean = make([]float64, d.p)
	d.x = make([]float64, d.n*d.p)
	for j, c := range s.X.Columns() {
		m := 0.0
		for i, v := range c.Float {
			m += v * d.weight(i)
		}
		m /= total
		d.mean[j] = m
		for i, v := range c.Float {
			d.x[i*d.p+j] = v - m
		}
	}
	if d.p <= wide {
		d.gram = d.weighted(nil)
	}
	return d, nil
}

func (d *design) weight(i int) float64 {
	if d.w == nil {
		return 1
	}
	return d.w[i]
}

func (d *design) row(i int) []float64 { return d.x[i*d.p : i*d.p+d.p] }

// weighted is X'WX, with extra weights h if not nil; the full symmetric matrix.
func (d *design) weighted(h []float64) []float64 {
	out := make([]float64, d.p*d.p)
	x := d.x
	if h != nil || d.w != nil {
		x = make([]float64, len(d.x))
		for i := range d.n {
			v := d.weight(i)
			if h != nil {
				v = h[i]
			}
			floats.ScaleTo(x[i*d.p:(i+1)*d.p], math.Sqrt(max(0, v)), d.row(i))
		}
	}
	c := blas64.Symmetric{N: d.p, Stride: d.p, Data: out, Uplo: blas.Upper}
	blas64.Syrk(blas.Trans, 1, blas64.General{Rows: d.n, Cols: d.p, Stride: d.p, Data: x}, 0, c)
	for i := range d.p {
		for j := range i {
			out[i*d.p+j] = out[j*d.p+i]
		}
	}
	return out
}

// times is X·b.
func (d *design) times(b, out []float64) {
	a := blas64.General{Rows: d.n, Cols: d.p, Stride: d.p, Data: d.x}
	blas64.Gemv(blas.NoTrans, 1, a, blas64.Vector{N: d.p, Inc: 1, Data: b}, 0, blas64.Vector{N: d.n, Inc: 1, Data: out})
}

// transposeTimes is X'·v.
func (d *design) transposeTimes(v, out []float64) {
	a := blas64.General{Rows: d.n, Cols: d.p, Stride: d.p, Data: d.x}
	blas64.Gemv(blas.Trans, 1, a, blas64.Vector{N: d.n, Inc: 1, Data: v}, 0, blas64.Vector{N: d.p, Inc: 1, Data: out})
}

// model is a fitted linear model: scores = X·Coef' + Intercept, one row of Coef per output.
type model struct {
	Name      string
	Levels    []string
	Features  int
	Coef      wire.Floats
	Intercept wire.Floats
}

// check refuses what cannot predict.
func (m *model) check(outputs int) error {
	if m.Features < 0 || len(m.Intercept) != outputs || len(m.Coef) != outputs*m.Features {
		return fmt.Errorf("%s: %d coefficients for %d columns and %d outputs", m.Name, len(m.Coef), m.Features, outputs)
	}
	for _, v := range append(append([]float64(nil), m.Coef...), m.Intercept...) {
		if v-v != 0 {
			return fmt.Errorf("%s: a coefficient is %v", m.Name, v)
		}
	}
	return nil
}

// scores computes every output for every row.
func (m *model) scores(x *dataset.Frame) ([][]float64, error) {
	if x.Cols() != m.Features {
		return nil, fmt.Errorf("%s: %d columns, learned from %d", m.Name, x.Cols(), m.Features)
	}
	out := make([][]float64, len(m.Intercept))
	for k := range out {
		s := make([]float64, x.Rows())
		for i := range s {
			s[i] = m.Intercept[k]
		}
		for j, c := range x.Columns() {
			if b := m.Coef[k*m.Features+j]; b != 0 {
				floats.AddScaled(s, b, c.Float)
			}
		}
		out[k] = s
	}
	return out, nil
}

// Coefficients returns one row of coefficients per output, and the intercepts.
func (m *model) Coefficients() (coef [][]float64, intercept []float64) {
	for k := range m.Intercept {
		coef = append(coef, m.Coef[k*m.Features:(k+1)*m.Features])
	}
	return coef, m.Intercept
}

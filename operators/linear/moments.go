package linear

import (
	"context"
	"errors"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
)

// moments are all that least squares needs to know of some rows: sums over z, a row of the design, and y, the target
// less a constant. Those of disjoint parts add up.
type moments struct {
	zz linalg.Matrix // Σ w·z·z'
	zy []float64     // Σ w·z·y
	yy float64       // Σ w·y²
	w  float64       // Σ w
	n  int           // rows
}

// problem is a least squares problem with the moments of each of its consecutive chunks.
type problem struct {
	design *design
	y      []float64 // target less yshift
	yshift float64
	w      []float64 // nil: ones
	chunks []moments
}

var errNoWeight = errors.New("no row has a positive weight")

// newProblem sums up s in k chunks.
func newProblem(ctx context.Context, s dataset.Sample, intercept bool, k int) (*problem, error) {
	d, err := designOf(s.X, basisFor(intercept))
	if err != nil {
		return nil, err
	}
	return d.problem(ctx, s, k)
}

// newNarrowProblem is newProblem for models that narrowDesignOf is for.
func newNarrowProblem(ctx context.Context, s dataset.Sample, intercept bool, k int) (*problem, error) {
	d, err := narrowDesignOf(s.X, basisFor(intercept))
	if err != nil {
		return nil, err
	}
	return d.problem(ctx, s, k)
}

func (d *design) problem(ctx context.Context, s dataset.Sample, k int) (*problem, error) {
	var err error
	p := &problem{design: d, y: s.Y.Float, w: s.W, chunks: make([]moments, k)}
	if d.basis == centred {
		p.yshift = mean(s.Y.Float)
		p.y = make([]float64, s.Rows())
		for i, v := range s.Y.Float {
			p.y[i] = v - p.yshift
		}
	}
	var grams []linalg.Matrix
	if s.W == nil {
		if grams, err = d.chunkGrams(ctx, k); err != nil {
			return nil, err
		}
	}
	wy := p.y
	if s.W != nil {
		wy = make([]float64, len(p.y))
		for i, v := range p.y {
			wy[i] = v * s.W[i]
		}
	}
	total := 0.0
	for i := range p.chunks {
		lo, hi := chunkBounds(s.Rows(), k, i)
		m := moments{zy: make([]float64, d.z.Cols), yy: linalg.Dot(p.y[lo:hi], wy[lo:hi]), w: float64(hi - lo), n: hi - lo}
		if s.W == nil {
			m.zz = grams[i]
		} else {
			if m.zz, err = d.gramOf(ctx, new(linalg.Workspace), s.W, lo, hi); err != nil {
				return nil, err
			}
			m.w = sum(s.W[lo:hi])
		}
		d.chunk(lo, hi).TMulVec(m.zy, wy[lo:hi])
		if !linalg.Finite(m.zy) || !linalg.Finite([]float64{m.yy}) {
			return nil, linalg.ErrNotFinite
		}
		total += m.w
		p.chunks[i] = m
	}
	if !(total > 0) {
		return nil, errNoWeight
	}
	return p, nil
}

func sum(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += x
	}
	return s
}

// without adds up all chunks but one; -1 leaves none out.
func (p *problem) without(skip int) moments {
	if len(p.chunks) == 1 && skip < 0 {
		return p.chunks[0]
	}
	q := p.design.z.Cols
	t := moments{zz: linalg.NewMatrix(q, q), zy: make([]float64, q)}
	for i, m := range p.chunks {
		if i == skip {
			continue
		}
		linalg.AddScaled(t.zz.Data, 1, m.zz.Data)
		linalg.AddScaled(t.zy, 1, m.zy)
		t.yy, t.w, t.n = t.yy+m.yy, t.w+m.w, t.n+m.n
	}
	return t
}

// system is a least squares problem whose intercept has been eliminated: with x̄ and ȳ the weighted means (zero without
// an intercept), gram = Σ w(x−x̄)(x−x̄)', xy = Σ w(x−x̄)(y−ȳ), yy = Σ w(y−ȳ)².
type system struct {
	gram linalg.Matrix
	xy   []float64
	yy   float64
	w    float64 // Σ w
	n    int     // rows

	design *design
	xmean  []float64 // x̄ and ȳ on the frame's own scale
	ymean  float64
}

// system of all chunks but one; -1 leaves none out.
func (p *problem) system(skip int) *system {
	m, f := p.without(skip), p.design.features()
	s := &system{design: p.design, gram: linalg.NewMatrix(f, f), xy: make([]float64, f), yy: m.yy, w: m.w, n: m.n, xmean: make([]float64, f)}
	q := p.design.z.Cols
	for i := range f {
		copy(s.gram.Row(i), m.zz.Data[i*q:i*q+f])
	}
	copy(s.xy, m.zy)
	if p.design.basis == plain || !(m.w > 0) {
		return s
	}
	ones := m.zz.Data[f*q : f*q+f] // Σ w·x: the design's last column is ones
	for i, v := range ones {
		linalg.AddScaled(s.gram.Row(i), -v/m.w, ones)
		s.xmean[i] = v/m.w + p.design.shift[i]
	}
	linalg.AddScaled(s.xy, -m.zy[f]/m.w, ones)
	s.yy = max(0, s.yy-m.zy[f]*m.zy[f]/m.w)
	s.ymean = m.zy[f]/m.w + p.yshift
	s.dropConstants(p.design, m)
	return s
}

// dropConstants zeroes what rounding left of columns that do not vary.
func (s *system) dropConstants(d *design, m moments) {
	for j := range s.xy {
		noise := 0x1p-52 * (max(d.shift[j], -d.shift[j]))
		if s.gram.At(j, j) <= 100*noise*noise*s.w {
			s.drop(j)
			s.xy[j] = 0
		}
	}
}

func (s *system) drop(j int) {
	clear(s.gram.Row(j))
	for i := range s.xy {
		s.gram.Set(i, j, 0)
	}
}

// line adds the intercept to coefficients.
func (s *system) line(coef []float64) *line {
	return &line{Coef: s.design.coef(coef), Intercept: s.intercept(coef)}
}

func (s *system) intercept(coef []float64) float64 { return s.ymean - linalg.Dot(s.xmean, coef) }

// loss is Σ w(y − ŷ)² over chunk i, from its moments, of coefficients found in sys.
func (p *problem) loss(i int, sys *system, coef []float64) float64 {
	m, f := p.chunks[i], p.design.features()
	theta := make([]float64, p.design.z.Cols)
	copy(theta, coef)
	if p.design.basis == centred {
		theta[f] = sys.intercept(coef) - p.yshift + linalg.Dot(p.design.shift, coef)
	}
	total := m.yy
	for j, v := range theta {
		if v == 0 { // most are, on a lasso path
			continue
		}
		total -= 2 * v * m.zy[j]
		row := m.zz.Row(j)
		for k, u := range theta {
			if u != 0 {
				total += v * u * row[k]
			}
		}
	}
	return max(0, total)
}

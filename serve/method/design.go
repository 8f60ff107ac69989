package method

import (
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/mathext"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
)

// term is a column of the table as columns of a design matrix: itself if it is numeric, else an indicator per level but the first
// (treatment coding).
type term struct {
	name string
	cols [][]float64
	of   []string // names of the columns
}

// complete lists the rows in which nothing is missing.
func complete(x *dataset.Frame, y *dataset.Column) []int32 {
	var rows []int32
	for i := range y.Len() {
		ok := !y.Missing(i)
		for _, c := range x.Columns() {
			ok = ok && !c.Missing(i)
		}
		if ok {
			rows = append(rows, int32(i))
		}
	}
	return rows
}

// maxColumns bounds a design matrix: the cost grows with their square, and people wait.
const maxColumns = 400

// terms codes the columns of x, which miss nothing. Levels that no row has get no column.
func terms(x *dataset.Frame) ([]term, error) {
	var out []term
	n := 1
	for _, c := range x.Columns() {
		t := term{name: c.Name}
		if c.Kind == dataset.Numeric {
			t.cols, t.of = [][]float64{c.Float}, []string{c.Name}
		} else {
			t.indicators(c)
		}
		if len(t.cols) == 0 {
			continue // constant
		}
		if n += len(t.cols); n > maxColumns {
			return nil, unsuitable("The categories of the co-variables make more than %d columns.", maxColumns)
		}
		out = append(out, t)
	}
	return out, nil
}

func (t *term) indicators(c *dataset.Column) {
	rows := make([]int, len(c.Levels))
	for _, k := range c.Code {
		rows[k]++
	}
	var order []int
	for k, n := range rows {
		if n > 0 {
			order = append(order, k)
		}
	}
	sort.SliceStable(order, func(a, b int) bool { return c.Levels[order[a]] < c.Levels[order[b]] })
	for _, k := range order[min(1, len(order)):] {
		v := make([]float64, len(c.Code))
		for i, code := range c.Code {
			if int(code) == k {
				v[i] = 1
			}
		}
		t.cols, t.of = append(t.cols, v), append(t.of, c.Name+"["+c.Levels[k]+"]")
	}
}

// interaction is the term of all products.
func interaction(a, b term) term {
	t := term{name: a.name + ":" + b.name}
	for i, u := range a.cols {
		for j, v := range b.cols {
			w := make([]float64, len(u))
			for r := range w {
				w[r] = u[r] * v[r]
			}
			t.cols, t.of = append(t.cols, w), append(t.of, a.of[i]+":"+b.of[j])
		}
	}
	return t
}

// fitted is a linear model by ordinary least squares. Columns that are combinations of earlier ones are left out, as R does.
type fitted struct {
	names    []string // of the columns that are used, the intercept first
	coef     []float64
	err      []float64 // standard errors
	left     []string  // of the columns that are not
	rows, df int       // df: of the residuals
	rss, tss float64   // tss: about the mean
}

// tolerance is the share of a column's length below which what earlier columns leave of it counts as nothing.
const tolerance = 1e-9

// regress fits y on the intercept and the terms. Columns are centred, so that the intercept is taken out first, then made orthogonal
// one by one (modified Gram-Schmidt, twice, which is as exact as a QR decomposition by reflections).
func regress(y []float64, ts []term) *fitted {
	f := &fitted{rows: len(y), names: []string{"(Intercept)"}}
	var q [][]float64 // orthonormal
	var r [][]float64 // upper triangle by columns, in terms of q
	var means []float64
	for _, t := range ts {
		for j, col := range t.cols {
			v, mean := centred(col)
			size := math.Sqrt(linalg.SquaredNorm(v))
			up := make([]float64, len(q)+1)
			for range 2 {
				for k := range q {
					d := linalg.Dot(q[k], v)
					up[k] += d
					linalg.AddScaled(v, -d, q[k])
				}
			}
			norm := math.Sqrt(linalg.SquaredNorm(v))
			if !(norm > tolerance*size) || len(q)+2 > len(y) {
				f.left = append(f.left, t.of[j])
				continue
			}
			for i := range v {
				v[i] /= norm
			}
			up[len(q)] = norm
			q, r, means = append(q, v), append(r, up), append(means, mean)
			f.names = append(f.names, t.of[j])
		}
	}
	f.solve(y, q, r, means)
	return f
}

func centred(col []float64) ([]float64, float64) {
	mean := 0.0
	for i, x := range col {
		mean += (x - mean) / float64(i+1)
	}
	v := make([]float64, len(col))
	for i, x := range col {
		v[i] = x - mean
	}
	return v, mean
}

// solve finds the coefficients and their standard errors from the decomposition.
func (f *fitted) solve(y []float64, q, r [][]float64, means []float64) {
	p := len(q)
	res, ybar := centred(y)
	f.tss = linalg.SquaredNorm(res)
	z := make([]float64, p)
	for range 2 {
		for k := range q {
			d := linalg.Dot(q[k], res)
			z[k] += d
			linalg.AddScaled(res, -d, q[k])
		}
	}
	f.rss, f.df = linalg.SquaredNorm(res), len(y)-p-1
	beta := back(r, z)
	inverse := make([][]float64, p) // column k of the inverse of the triangle
	for k := range inverse {
		e := make([]float64, p)
		e[k] = 1
		inverse[k] = back(r, e)
	}
	sigma2 := math.NaN()
	if f.df > 0 {
		sigma2 = f.rss / float64(f.df)
	}
	intercept, variance := ybar, 1/float64(len(y))
	f.coef, f.err = make([]float64, p+1), make([]float64, p+1)
	for i := range p {
		intercept -= beta[i] * means[i]
		v := 0.0
		for k := range p {
			v += inverse[k][i] * inverse[k][i]
		}
		f.coef[i+1], f.err[i+1] = beta[i], math.Sqrt(sigma2*v)
	}
	for k := range p { // the variance of the mean of the linear part at zero
		d := linalg.Dot(inverse[k], means)
		variance += d * d
	}
	f.coef[0], f.err[0] = intercept, math.Sqrt(sigma2*variance)
}

// back solves the triangular system by columns.
func back(r [][]float64, z []float64) []float64 {
	x := slices.Clone(z)
	for k := len(r) - 1; k >= 0; k-- {
		x[k] /= r[k][k]
		for i := range k {
			x[i] -= r[k][i] * x[k]
		}
	}
	return x
}

// tailT is the probability of a Student t of df degrees of freedom beyond ±t.
func tailT(t, df float64) float64 {
	if !(df > 0) || math.IsNaN(t) {
		return math.NaN()
	}
	if math.IsInf(t, 0) {
		return 0
	}
	return mathext.RegIncBeta(df/2, 0.5, df/(df+t*t))
}

// tailF is the probability of an F of a and b degrees of freedom above f.
func tailF(f, a, b float64) float64 {
	if !(a > 0) || !(b > 0) || math.IsNaN(f) {
		return math.NaN()
	}
	if math.IsInf(f, 0) {
		return 0
	}
	return mathext.RegIncBeta(b/2, a/2, b/(b+a*f))
}

// quantileT is the t beyond ± which the probability is alpha.
func quantileT(alpha, df float64) float64 {
	if !(df > 0) {
		return math.NaN()
	}
	x := mathext.InvRegIncBeta(df/2, 0.5, alpha)
	return math.Sqrt(df * (1 - x) / x)
}

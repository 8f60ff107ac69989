package svm

import (
	"context"
	"errors"
	"math"

	"github.com/lren-chuv/automl/internal/interior"
	"github.com/lren-chuv/automl/internal/linalg"
)

const (
	maxRank    = 800           // of a kernel matrix that is worth a factor
	maxProduct = 1_000_000_000 // multiplications per step of the interior point method
	noResidual = 1e-13         // of the largest diagonal element: what the factor may leave out
	atBound    = 1e-8          // of the bound: a weight this near to an end is at it
)

// span, of at most so many columns, returns z with z·z' = K up to an offset that is the same for all points, which the bias makes up for, or false
// if there is none of a rank that pays. Of a linear kernel it is the table itself, of others a pivoted Cholesky factor
// (Fine and Scheinberg, Efficient SVM training using low-rank kernel representations, JMLR 2, 2001).
func (g *gram) span(ctx context.Context, most int) (linalg.Matrix, bool, error) {
	n := len(g.diag)
	for most > 1 && n*most*most > maxProduct {
		most -= most / 8
	}
	if x := g.table(); g.kernel.Name == "linear" && x.Cols < min(n, most) {
		return withOnes(x.T()), true, nil
	}
	z := linalg.NewMatrix(0, n) // one row per rank
	rest := append([]float64(nil), g.diag...)
	top := 0.0
	for _, v := range rest {
		top = max(top, v)
	}
	for z.Rows < n {
		pivot := 0
		for i, v := range rest {
			if v < -1e-6*top { // an indefinite kernel
				return z, false, nil
			}
			if v > rest[pivot] {
				pivot = i
			}
		}
		if rest[pivot] <= noResidual*top {
			break
		}
		if z.Rows == most {
			return z, false, nil
		}
		if err := ctx.Err(); err != nil {
			return z, false, err
		}
		row := append([]float64(nil), g.row(pivot)...)
		for r := range z.Rows {
			linalg.AddScaled(row, -z.At(r, pivot), z.Row(r))
		}
		root := 1 / math.Sqrt(rest[pivot])
		for i, v := range row {
			row[i] = root * v
			rest[i] -= row[i] * row[i]
		}
		rest[pivot] = 0
		z.Data = append(z.Data, row...)
		z.Rows++
	}
	return withOnes(z), true, nil
}

// withOnes turns one row per column of the factor into one row per point, centred, with a one at the end for the bias.
func withOnes(z linalg.Matrix) linalg.Matrix {
	out := linalg.NewMatrix(z.Cols, z.Rows+1)
	for r := range z.Rows {
		row, mean := z.Row(r), 0.0
		for _, v := range row {
			mean += v / float64(len(row))
		}
		for i, v := range row {
			out.Set(i, r, v-mean)
		}
	}
	for i := range out.Rows {
		out.Set(i, z.Rows, 1)
	}
	return out
}

// table is the rows of the sample that the matrix is of.
func (g *gram) table() linalg.Matrix {
	if g.parent == nil {
		return g.x
	}
	all := g.parent.table()
	x := linalg.NewMatrix(len(g.rows), all.Cols)
	for i, r := range g.rows {
		copy(x.Row(i), all.Row(int(r)))
	}
	return x
}

// jump goes to the optimum by an interior point method, whose time does not depend on how hard the problem is, and
// reports whether it could: steps on pairs may then do what is left to do.
func (s *smo) jump(ctx context.Context, rank int) (bool, error) {
	z, ok, err := s.gram.span(ctx, rank)
	if err != nil || !ok {
		return false, err
	}
	hinges := make([]interior.Hinge, 0, len(s.sign))
	var of []int32
	for t := range s.sign {
		if s.bound[t] > 0 {
			hinges = append(hinges, interior.Hinge{Row: int(s.point(int32(t))), Sign: s.sign[t], C: s.bound[t], At: s.sign[t] * s.target[t]})
			of = append(of, int32(t))
		}
	}
	l2 := make([]float64, z.Cols)
	for j := range z.Cols - 1 {
		l2[j] = 1
	}
	least, err := interior.Minimise(ctx, z, hinges, l2)
	switch {
	case errors.Is(err, linalg.ErrNotPositive) || errors.Is(err, linalg.ErrNotFinite):
		return false, nil
	case err != nil:
		return false, err
	}
	clear(s.a)
	clear(s.beta)
	for i, t := range of {
		s.a[t] = settle(least.Weight[i], s.bound[t])
		s.look(t)
	}
	s.balance()
	for t, a := range s.a {
		s.beta[s.point(int32(t))] += s.sign[t] * a
	}
	return true, s.refresh(ctx)
}

// settle puts a weight that is all but at an end of its range there.
func settle(a, bound float64) float64 {
	switch {
	case a <= atBound*bound:
		return 0
	case a >= (1-atBound)*bound:
		return bound
	}
	return a
}

// balance makes the signed weights sum to zero again, by those inside their range.
func (s *smo) balance() {
	sum := 0.0
	for t, a := range s.a {
		sum += s.sign[t] * a
	}
	for t := range s.a {
		move := max(-s.a[t], min(s.bound[t]-s.a[t], -s.sign[t]*sum))
		if s.up(int32(t)) && s.down(int32(t)) {
			s.a[t] += move
			s.look(int32(t))
			sum += s.sign[t] * move
		}
	}
}

// refresh computes f from the weights and takes every variable into play.
func (s *smo) refresh(ctx context.Context) error {
	clear(s.f)
	for p, b := range s.beta {
		if b == 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		linalg.AddScaled(s.f, b, s.gram.row(p))
	}
	s.activateAll()
	return nil
}

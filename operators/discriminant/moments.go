package discriminant

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/internal/posterior"
)

// groups is a training sample sorted by class.
type groups struct {
	classes posterior.Classes
	cols    int
	x       []linalg.Matrix // rows of each class; rows of weight zero are left out
	w       [][]float64     // their weights, of mean one over all classes, or nil
	size    []float64       // total weight of each class
	total   float64
	prior   []float64
	mean    linalg.Matrix // classes × columns
}

func newGroups(ctx context.Context, s dataset.Sample, uniform bool) (*groups, error) {
	classes, codes, err := posterior.Of(s.Y, s.W)
	if err != nil {
		return nil, err
	}
	if s.X.Cols() == 0 {
		return nil, errors.New("no columns")
	}
	if s.X.Matrix(); ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if !linalg.Finite(s.X.Matrix()) {
		return nil, linalg.ErrNotFinite
	}
	g := &groups{classes: classes, cols: s.X.Cols()}
	g.x, g.w, g.size = make([]linalg.Matrix, classes.Len()), make([][]float64, classes.Len()), make([]float64, classes.Len())
	if g.collect(s, codes); ctx.Err() != nil {
		return nil, ctx.Err()
	}
	g.prior = make([]float64, classes.Len())
	if !uniform {
		copy(g.prior, g.size)
	}
	posterior.Normalize(g.prior)
	g.mean = linalg.NewMatrix(classes.Len(), g.cols)
	for k := range g.x {
		if g.average(k); ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	if !linalg.Finite(g.mean.Data) {
		return nil, linalg.ErrNotFinite
	}
	return g, ctx.Err()
}

func (g *groups) collect(s dataset.Sample, codes []int32) {
	x, sum := s.X.Matrix(), 0.0
	count := make([]int, len(g.x))
	for _, k := range codes {
		if k >= 0 {
			count[k]++
		}
	}
	for k, n := range count {
		g.x[k].Data = make([]float64, 0, n*g.cols)
	}
	for i, k := range codes {
		if k < 0 || s.W != nil && s.W[i] == 0 {
			continue
		}
		g.x[k].Rows++
		g.x[k].Data = append(g.x[k].Data, x[i*g.cols:(i+1)*g.cols]...)
		g.total++
		g.size[k]++
		if s.W != nil {
			g.w[k] = append(g.w[k], s.W[i])
			sum += s.W[i]
		}
	}
	for k := range g.x {
		g.x[k].Cols = g.cols
		if s.W == nil {
			continue
		}
		g.size[k] = 0
		for i := range g.w[k] {
			g.w[k][i] *= g.total / sum
			g.size[k] += g.w[k][i]
		}
	}
}

// average sets the mean of class k and subtracts it from the class's rows.
func (g *groups) average(k int) {
	mean := g.mean.Row(k)
	for i := range g.x[k].Rows {
		w := 1.0
		if g.w[k] != nil {
			w = g.w[k][i]
		}
		linalg.AddScaled(mean, w/g.size[k], g.x[k].Row(i))
	}
	for i := range g.x[k].Rows {
		linalg.AddScaled(g.x[k].Row(i), -1, mean)
	}
}

// scatter returns the sum of squares and products of class k around its mean.
func (g *groups) scatter(ctx context.Context, k int) (linalg.Matrix, error) {
	const block = 1024 // rows between two looks at the context
	sum := linalg.NewMatrix(g.cols, g.cols)
	for lo := 0; lo < g.x[k].Rows; lo += block {
		hi := min(lo+block, g.x[k].Rows)
		var w []float64
		if g.w[k] != nil {
			w = g.w[k][lo:hi]
		}
		linalg.AddGram(sum, linalg.Of(hi-lo, g.cols, g.x[k].Data[lo*g.cols:hi*g.cols]), w)
		if err := ctx.Err(); err != nil {
			return sum, err
		}
	}
	if !linalg.Finite(sum.Data) {
		return sum, linalg.ErrNotFinite
	}
	return sum, nil
}

// covariances calls use with the covariance (divided by the class's weight) of each class.
func (g *groups) covariances(ctx context.Context, use func(k int, cov linalg.Matrix) error) error {
	for k := range g.x {
		cov, err := g.scatter(ctx, k)
		if err != nil {
			return err
		}
		scale(cov, 1/g.size[k])
		if err := use(k, cov); err != nil {
			return err
		}
	}
	return nil
}

func scale(m linalg.Matrix, by float64) {
	for i := range m.Data {
		m.Data[i] *= by
	}
}

// grandMean is the mean of the class means, weighted by the priors.
func (g *groups) grandMean() []float64 {
	mean := make([]float64, g.cols)
	for k, p := range g.prior {
		linalg.AddScaled(mean, p, g.mean.Row(k))
	}
	return mean
}

// pseudoInverse of a symmetric matrix; directions of no variance to working precision are left out.
func pseudoInverse(a linalg.Matrix) (linalg.Matrix, error) {
	values, vectors, err := linalg.SymEigen(a)
	if err != nil {
		return a, err
	}
	top := values[len(values)-1]
	scaled := vectors.Clone()
	for j, v := range values {
		f := 0.0
		if v > 0x1p-52*float64(a.Rows)*top {
			f = 1 / v
		}
		for i := range scaled.Rows {
			scaled.Data[i*scaled.Cols+j] *= f
		}
	}
	return linalg.MulT(scaled, vectors), nil
}

// ledoitWolf is the share of shrinkage towards a multiple of the identity that minimises the expected squared error of
// the covariance, for rows x of zero mean and weights w. Ledoit and Wolf (2004), section 3.
func ledoitWolf(x linalg.Matrix, w []float64, cov linalg.Matrix, size float64) float64 {
	p := float64(x.Cols)
	fourth, trace, squares := 0.0, 0.0, linalg.SquaredNorm(cov.Data)
	for i := range x.Rows {
		r := linalg.SquaredNorm(x.Row(i))
		if w != nil {
			r *= math.Sqrt(w[i])
		}
		fourth += r * r
	}
	for j := range x.Cols {
		trace += cov.At(j, j)
	}
	noise := (fourth/size - squares) / (p * size)
	spread := (squares - trace*trace/p) / p
	if noise = min(noise, spread); noise <= 0 {
		return 0
	}
	return noise / spread
}

// shrink mixes cov with its mean variance times the identity.
func shrink(cov linalg.Matrix, share float64) {
	mu := 0.0
	for j := range cov.Rows {
		mu += cov.At(j, j) / float64(cov.Rows)
	}
	scale(cov, 1-share)
	for j := range cov.Rows {
		cov.Set(j, j, cov.At(j, j)+share*mu)
	}
}

func wrongColumns(got, want int) error {
	return fmt.Errorf("discriminant: %d columns, trained on %d", got, want)
}

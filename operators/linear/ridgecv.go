package linear

import (
	"context"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/operators"
)

// RidgeCV is [Ridge] with alpha chosen from 0.1, 1 and 10: by the squared errors of leaving out one row at a time, or
// if cv is a number by the mean R² over so many consecutive, unshuffled parts of the rows.
var RidgeCV = &operators.Spec{
	Name: "RidgeCV", Doc: "ridge regression that chooses its penalty by cross-validation", Role: operators.Regressor, Traits: operators.Weights,
	Params: []operators.Param{
		{Name: "cv", Scale: operators.Int, Choices: []string{"None"}, Default: operators.Word(0), Fixed: true},
		fitIntercept,
	},
	Ignored: []string{"gcv_mode", "store_cv_values", "alpha_per_target", "normalize"},
	New: func(v []float64) (operators.Operator, error) {
		o := ridgeCV{alphas: []float64{0.1, 1, 10}, intercept: v[1] != 0}
		if _, none := operators.IsWord(v[0]); !none {
			o.cv = int(v[0])
			if o.cv < 2 {
				return nil, failed("ridge cv", errTooFewFolds)
			}
		}
		return o, nil
	},
	Decode: operators.Decode[line],
	Memory: spanMemory,
}

type ridgeCV struct {
	alphas    []float64
	cv        int // 0: leave one out
	intercept bool
}

func (o ridgeCV) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	const name = "ridge cv"
	p, err := newNarrowProblem(ctx, s, o.intercept, max(1, min(o.cv, s.Rows())))
	if err != nil {
		return nil, failed(name, err)
	}
	whole := p.system(-1)
	var marks []float64
	if len(p.chunks) > 1 {
		marks, err = p.foldScores(o.alphas)
	} else {
		marks, err = p.leaveOneOut(ctx, whole, o.alphas)
	}
	if err != nil {
		return nil, failed(name, err)
	}
	best := 0
	for i, v := range marks {
		if v > marks[best] {
			best = i
		}
	}
	coef, err := p.ridge(whole, o.alphas[best])
	if err != nil {
		return nil, failed(name, err)
	}
	out := whole.line(coef)
	out.Alpha, out.Score = o.alphas[best], marks[best]
	return out.fitted(name)
}

// foldScores returns the mean over the chunks of their R² when they are left out, for each alpha.
func (p *problem) foldScores(alphas []float64) ([]float64, error) {
	marks := make([]float64, len(alphas))
	for k, part := range p.chunks {
		sys := p.system(k)
		if !(part.w > 0) || !(sys.w > 0) {
			continue
		}
		mean := 0.0
		lo, hi := chunkBounds(len(p.y), len(p.chunks), k)
		for i, y := range p.y[lo:hi] {
			mean += y * p.weight(lo+i) / part.w
		}
		total := part.yy - mean*mean*part.w
		for i, alpha := range alphas {
			a := sys.gram.Clone()
			for j := range a.Rows {
				a.Data[j*a.Cols+j] += alpha
			}
			chol, err := linalg.NewCholesky(a)
			if err != nil {
				return nil, err
			}
			coef := append([]float64(nil), sys.xy...)
			chol.Solve(coef)
			if total > 0 {
				marks[i] += (1 - p.loss(k, sys, coef)/total) / float64(len(p.chunks))
			}
		}
	}
	return marks, nil
}

func (p *problem) weight(i int) float64 {
	if p.w == nil {
		return 1
	}
	return p.w[i]
}

// leaveOneOut returns minus the mean of the rows' squared errors when each is left out in turn, for each alpha. With
// the eigenvectors V of the Gram matrix the residual r of row x becomes r/(1 − h), where h/w is 1/Σw for the intercept
// plus Σ (x·v)²/(λ + alpha) (Golub, Heath, Wahba, Technometrics 21(2), 1979).
func (p *problem) leaveOneOut(ctx context.Context, sys *system, alphas []float64) ([]float64, error) {
	values, vectors, err := linalg.SymEigen(sys.gram)
	if err != nil {
		return nil, err
	}
	f, z := len(sys.xy), p.design.z
	projected := make([]float64, f) // V'·xy
	vectors.TMulVec(projected, sys.xy)
	base, shrunk, coefs := 0.0, make([][]float64, len(alphas)), make([][]float64, len(alphas))
	if p.design.basis != plain {
		base = 1 / sys.w
	}
	for a, alpha := range alphas {
		shrunk[a], coefs[a] = make([]float64, f), make([]float64, f)
		for j, v := range values {
			if d := max(v, 0) + alpha; d > 0 {
				shrunk[a][j] = 1 / d
			}
			coefs[a][j] = projected[j] * shrunk[a][j]
		}
	}
	at := p.centre(sys)
	marks := make([]float64, len(alphas))
	const block = 256
	for lo := 0; lo < z.Rows; lo += block {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		hi := min(lo+block, z.Rows)
		x := linalg.NewMatrix(hi-lo, f)
		for i := range x.Rows {
			row := x.Row(i)
			copy(row, z.Row(lo+i))
			linalg.AddScaled(row, -1, at)
		}
		turned := linalg.Mul(x, vectors)
		for i := range x.Rows {
			row, w := turned.Row(i), p.weight(lo+i)
			y := p.y[lo+i] - (sys.ymean - p.yshift)
			for a := range alphas {
				r, h := y-linalg.Dot(row, coefs[a]), base
				for j, v := range row {
					h += v * v * shrunk[a][j]
				}
				e := r / max(1-w*h, 1e-300)
				marks[a] -= w * e * e / float64(z.Rows)
			}
		}
	}
	for _, v := range marks {
		if math.IsNaN(v) {
			return nil, linalg.ErrNotFinite
		}
	}
	return marks, nil
}

// centre is the weighted mean of the rows of the design, one value per feature.
func (p *problem) centre(sys *system) []float64 {
	at := make([]float64, len(sys.xy))
	if p.design.basis != plain {
		for j := range at {
			at[j] = sys.xmean[j] - p.design.shift[j]
		}
	}
	return at
}

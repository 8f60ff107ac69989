package pfa

import (
	"math"

	"github.com/lren-chuv/automl/internal/wire"
)

// gaussians adds, for every class, −½ log 2πσ² − (x−μ)²/2σ² over the columns to the logarithm of the prior.
func gaussians(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct {
		Classes          storedClasses
		Prior, Mean, Var wire.Floats
	}](data)
	if err != nil {
		return nil, err
	}
	classes := len(f.Classes.Present)
	if err := wantColumns(len(in), len(f.Mean)/max(1, classes)); err != nil {
		return nil, err
	}
	x := b.vector(b.settle(in))
	deviation := b.function("deviation", []any{param("x", "double"), param("mean", "double"), param("factor", "double")}, "double",
		// where the variance vanishes, 0 times infinity would be no number
		when(call("==", "x", "mean"), number(0), call("*", call("*", call("-", "x", "mean"), call("-", "x", "mean")), "factor")))
	scores := make([]column, classes)
	for k := range scores {
		start := math.Log(f.Prior[k])
		mean, factor := make([]float64, len(in)), make([]float64, len(in))
		for j := range in {
			mean[j], factor[j] = f.Mean[j*classes+k], max(-0.5/f.Var[j*classes+k], -math.MaxFloat64)
			start -= 0.5 * math.Log(2*math.Pi*f.Var[j*classes+k])
		}
		means, factors := b.cell("mean", arrayOf("double"), mean), b.cell("factor", arrayOf("double"), factor)
		parts := call("a.zipmap", x, wholeCell(means), wholeCell(factors), map[string]any{"fcn": deviation})
		scores[k] = numeric(call("+", number(start), call("a.sum", parts)))
	}
	return among(len(f.Classes.Levels), f.Classes.Present, b.softmax(scores)), nil
}

// countBayes has log-likelihoods that are linear in the values, or in whether they exceed a threshold.
func countBayes(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct {
		Classes         storedClasses
		Intercept, Coef wire.Floats
		Binarize        *float64
	}](data)
	if err != nil {
		return nil, err
	}
	classes := len(f.Classes.Present)
	if err := wantColumns(len(in), len(f.Coef)/max(1, classes)); err != nil {
		return nil, err
	}
	cols := b.settle(in)
	if f.Binarize != nil {
		cols, err = b.each(cols, len(cols), func(_ int, x expr) expr { return when(call(">", x, number(*f.Binarize)), number(1), number(0)) })
		if err != nil {
			return nil, err
		}
	}
	coeff := make([][]float64, classes)
	for k := range coeff {
		coeff[k] = make([]float64, len(in))
		for j := range in {
			coeff[k][j] = f.Coef[j*classes+k]
		}
	}
	scores := b.affine(b.vector(b.settle(cols)), coeff, f.Intercept)
	return among(len(f.Classes.Levels), f.Classes.Present, b.softmax(scores)), nil
}

// quadraticRule takes each class as normal with principal axes of its own.
func quadraticRule(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct {
		Classes      storedClasses
		Cols         int
		Prior, Mean  wire.Floats
		Rank         wire.Ints
		Axes, LogVar wire.Floats
	}](data)
	if err != nil {
		return nil, err
	}
	if err := wantColumns(len(in), f.Cols); err != nil {
		return nil, err
	}
	in = b.settle(in)
	square := lambda([]any{param("v", "double")}, "double", call("*", "v", "v"))
	scores := make([]column, len(f.Rank))
	at := 0
	for k, rank := range f.Rank {
		mean := f.Mean[k*f.Cols : (k+1)*f.Cols]
		centred, err := b.each(in, f.Cols, func(j int, x expr) expr { return call("-", x, number(mean[j])) })
		if err != nil {
			return nil, err
		}
		size := int(rank) * f.Cols
		z := b.affine(b.vector(b.settle(centred)), rowsOf(f.Axes[at:at+size], int(rank)), make([]float64, rank))
		at += size
		distance := call("a.sum", call("a.map", z[0].in, square))
		scores[k] = numeric(call("-", number(math.Log(f.Prior[k])), call("/", call("+", distance, number(f.LogVar[k])), number(2))))
	}
	return among(len(f.Classes.Levels), f.Classes.Present, b.softmax(scores)), nil
}

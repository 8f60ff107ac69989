package preprocess

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/internal/stats"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// PowerTransformer makes every column as normal as a power can: Yeo & Johnson (2000), or Box & Cox (1964) for positive
// values, with the exponent of greatest likelihood, then zero mean and unit variance. Missing values stay.
var PowerTransformer = &operators.Spec{
	Name: "PowerTransformer", Doc: "nearly normal by powers", Role: operators.Scaler, Traits: operators.Missing,
	Params: []operators.Param{
		{Name: "method", Scale: operators.Choice, Choices: []string{"yeo-johnson", "box-cox"}, Fixed: true},
		{Name: "standardize", Scale: operators.Bool, Default: 1, Fixed: true},
	},
	Ignored: []string{"copy"},
	New: func(v []float64) (operators.Operator, error) {
		return powerTransformer{boxCox: v[0] != 0, standardize: v[1] != 0}, nil
	},
	Decode: operators.Decode[powered],
}

type powerTransformer struct{ boxCox, standardize bool }

// powered holds one exponent, mean and scale per column.
type powered struct {
	BoxCox                bool
	Lambda, Shift, Factor wire.Floats
}

type powerKey struct{ boxCox bool }

// power is what was found for one column: the exponent and the moments of the result.
type power struct{ lambda, mean, scale float64 }

func (o powerTransformer) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f := &powered{BoxCox: o.boxCox}
	for _, c := range s.X.Columns() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m := stats.Describe(c)
		if m.Max > 1e100 || m.Min < -1e100 {
			return nil, fmt.Errorf("PowerTransformer: the values of column %q are too large", c.Name)
		}
		if o.boxCox && m.Min <= 0 && m.Count > 0 {
			return nil, fmt.Errorf("PowerTransformer: box-cox wants positive values, column %q has %g", c.Name, m.Min)
		}
		p := c.Derive(powerKey{o.boxCox}, func() any { return findPower(stats.Sorted(c), o.boxCox) }).(power)
		if !o.standardize {
			p.mean, p.scale = 0, 1
		}
		f.Lambda, f.Shift, f.Factor = append(f.Lambda, p.lambda), append(f.Shift, p.mean), append(f.Factor, p.scale)
	}
	return f, nil
}

// findPower maximises the likelihood of the exponent; a column of one value keeps the exponent 1.
func findPower(x []float64, boxCox bool) power {
	if len(x) == 0 || x[0] == x[len(x)-1] {
		p := power{lambda: 1, scale: 1}
		if len(x) > 0 {
			y := logarithms(x[:1], boxCox)
			raise(y, 1, boxCox)
			p.mean = y[0]
		}
		return p
	}
	logs, sum := logarithms(x, boxCox), 0.0
	for _, v := range logs {
		sum += v
	}
	y := make([]float64, len(x))
	lambda := minimise(func(l float64) float64 {
		_, sd := powerMoments(y, logs, l, boxCox)
		return float64(len(x))*math.Log(sd) - (l-1)*sum
	}, -2, 2)
	mean, sd := powerMoments(y, logs, lambda, boxCox)
	if !(sd > 10*epsilon*math.Abs(mean)) {
		sd = 1
	}
	return power{lambda, mean, sd}
}

// powerMoments returns the moments of the image, which it writes to y, given the signed logarithms of the values.
func powerMoments(y, logs []float64, lambda float64, boxCox bool) (mean, sd float64) {
	copy(y, logs)
	raise(y, lambda, boxCox)
	if len(y) == 0 {
		return 0, 0
	}
	_, _, sum := linalg.Extent(y)
	n := float64(len(y))
	mean = sum / n
	squares, rest := linalg.Deviation(y, mean)
	return mean, math.Sqrt(max(0, squares-rest*rest/n) / n)
}

// logarithms are those of the values, for Yeo and Johnson of one more than their absolute values, with their signs.
func logarithms(x []float64, boxCox bool) []float64 {
	logs := append([]float64(nil), x...)
	if !boxCox {
		linalg.Log1p(logs)
		return logs
	}
	for i, v := range x {
		logs[i] = math.Log(v)
	}
	return logs
}

// raise is the transformation itself, given the logarithms u: (exp(l·u)−1)/l, and u in the limit of small l; below zero,
// Yeo and Johnson take 2−l and reflect.
func raise(u []float64, l float64, boxCox bool) {
	const small = 1e-12
	t := make([]float64, len(u))
	for i, v := range u {
		if v >= 0 || boxCox {
			t[i] = l * v
		} else {
			t[i] = (l - 2) * v
		}
	}
	linalg.Expm1(t)
	for i, v := range u {
		switch {
		case v >= 0 || boxCox:
			if math.Abs(l) >= small {
				u[i] = t[i] / l
			}
		case math.Abs(2-l) >= small:
			u[i] = t[i] / (l - 2)
		}
	}
}

// minimise brackets a minimum from [a, b] outwards and narrows it by golden sections and parabolas (Brent 1973, ch. 5).
func minimise(f func(float64) float64, a, b float64) float64 {
	lo, hi := bracket(f, a, b)
	const golden, tol = 0.3819660112501051, 1e-9
	x := lo + golden*(hi-lo)
	w, v, fx := x, x, f(x)
	fw, fv, step, last := fx, fx, 0.0, 0.0
	for range 200 {
		mid, t := (lo+hi)/2, tol*math.Abs(x)+1e-11
		if math.Abs(x-mid) <= 2*t-(hi-lo)/2 {
			break
		}
		p, q := parabola(x, w, v, fx, fw, fv)
		before := last
		last = step
		if math.Abs(p) < math.Abs(q*before/2) && p > q*(lo-x) && p < q*(hi-x) {
			step = p / q
		} else {
			last = hi - x
			if x >= mid {
				last = lo - x
			}
			step = golden * last
		}
		u := x + step
		if math.Abs(step) < t {
			u = x + math.Copysign(t, step)
		}
		fu := f(u)
		if fu <= fx {
			if u < x {
				hi = x
			} else {
				lo = x
			}
			v, fv, w, fw, x, fx = w, fw, x, fx, u, fu
			continue
		}
		if u < x {
			lo = u
		} else {
			hi = u
		}
		if fu <= fw || w == x {
			v, fv, w, fw = w, fw, u, fu
		} else if fu <= fv || v == x || v == w {
			v, fv = u, fu
		}
	}
	return x
}

// parabola returns the step p/q from x to the minimum of the parabola through three points; q is positive.
func parabola(x, w, v, fx, fw, fv float64) (p, q float64) {
	r := (x - w) * (fx - fv)
	q = (x - v) * (fx - fw)
	p = (x-v)*q - (x-w)*r
	if q = 2 * (q - r); q > 0 {
		p = -p
	}
	return p, math.Abs(q)
}

// bracket widens [a, b] while the function still falls at an end, at most to a hundred times its width.
func bracket(f func(float64) float64, a, b float64) (lo, hi float64) {
	lo, hi = a, b
	for width := b - a; width < 100*(b-a); width *= 2 {
		if !(f(lo) < f(lo+width/8)) {
			break
		}
		lo -= width
	}
	for width := b - a; width < 100*(b-a); width *= 2 {
		if !(f(hi) < f(hi-width/8)) {
			break
		}
		hi += width
	}
	return lo, hi
}

// Check refuses what Fit cannot have made.
func (f *powered) Check() error {
	if len(f.Lambda) != len(f.Shift) || len(f.Lambda) != len(f.Factor) {
		return errors.New("PowerTransformer: its arrays do not fit together")
	}
	for j, s := range f.Factor {
		if !(s > 0) || f.Lambda[j]-f.Lambda[j] != 0 || f.Shift[j]-f.Shift[j] != 0 {
			return fmt.Errorf("PowerTransformer: column %d is scaled by %v", j, s)
		}
	}
	return nil
}

func (f *powered) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != len(f.Lambda) {
		return nil, fmt.Errorf("PowerTransformer: %d columns, learned from %d", x.Cols(), len(f.Lambda))
	}
	cols := make([]*dataset.Column, x.Cols())
	for j, c := range x.Columns() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		v := logarithms(c.Float, f.BoxCox)
		raise(v, f.Lambda[j], f.BoxCox)
		for i, u := range c.Float {
			v[i] = (v[i] - f.Shift[j]) / f.Factor[j]
			if v[i]-v[i] != 0 && u == u {
				return nil, fmt.Errorf("PowerTransformer: column %q row %d: %g has no finite image", c.Name, i, u)
			}
		}
		cols[j] = dataset.NewNumeric(c.Name, v)
	}
	return dataset.MustFrame(x.Rows(), cols...), nil
}

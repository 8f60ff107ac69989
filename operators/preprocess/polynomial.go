package preprocess

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// PolynomialFeatures adds the products of columns up to a degree, in the order of scikit-learn: by degree, then by
// column.
var PolynomialFeatures = &operators.Spec{
	Name: "PolynomialFeatures", Doc: "products of columns up to a degree", Role: operators.Transformer,
	Params: []operators.Param{
		{Name: "degree", Scale: operators.Int, Lo: 2, Hi: 3, Default: 2},
		{Name: "interaction_only", Scale: operators.Bool},
		{Name: "include_bias", Scale: operators.Bool, Fixed: true},
	},
	Ignored: []string{"order"},
	New: func(v []float64) (operators.Operator, error) {
		if v[0] < 0 || v[0] > 8 {
			return nil, fmt.Errorf("PolynomialFeatures: degree=%g: want 0 to 8", v[0])
		}
		return polynomial{int(v[0]), v[1] != 0, v[2] != 0}, nil
	},
	Decode: operators.Decode[products],
	Memory: func(shape operators.Shape, v []float64) int64 {
		return int64(float64(shape.Rows) * 8 * math.Pow(float64(shape.Cols), v[0]) / 2)
	},
}

// maxProducts bounds the columns that are made.
const maxProducts = 4000

type polynomial struct {
	degree          int
	interactionOnly bool
	bias            bool
}

// products lists the factors of every output column, one after the other.
type products struct {
	Features int
	Factors  wire.Ints
	Ends     wire.Ints // where each column's factors end
}

func (o polynomial) Fit(_ context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f := &products{Features: s.X.Cols()}
	if o.bias {
		f.Ends = append(f.Ends, 0)
	}
	var factors []int32
	for d := 1; d <= o.degree; d++ {
		if !o.choose(f, factors, d) {
			return nil, fmt.Errorf("PolynomialFeatures: %d columns make more than %d products: select columns first", f.Features, maxProducts)
		}
	}
	if len(f.Ends) == 0 {
		return nil, errors.New("PolynomialFeatures: no columns")
	}
	return f, nil
}

// choose appends every combination of d more factors; false if there are too many.
func (o polynomial) choose(f *products, factors []int32, d int) bool {
	if d == 0 {
		f.Factors = append(f.Factors, factors...)
		f.Ends = append(f.Ends, int32(len(f.Factors)))
		return len(f.Ends) <= maxProducts
	}
	first := int32(0)
	if n := len(factors); n > 0 {
		first = factors[n-1]
		if o.interactionOnly {
			first++
		}
	}
	for j := first; int(j) < f.Features; j++ {
		if !o.choose(f, append(slices.Clip(factors), j), d-1) {
			return false
		}
	}
	return true
}

func (f *products) Check() error {
	last := int32(0)
	for _, e := range f.Ends {
		if e < last || int(e) > len(f.Factors) {
			return errors.New("PolynomialFeatures: its factors are cut short")
		}
		last = e
	}
	for _, j := range f.Factors {
		if j < 0 || int(j) >= f.Features {
			return fmt.Errorf("PolynomialFeatures: column %d of %d", j, f.Features)
		}
	}
	return nil
}

func (f *products) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != f.Features {
		return nil, fmt.Errorf("PolynomialFeatures: %d columns, learned from %d", x.Cols(), f.Features)
	}
	cols, n := make([]*dataset.Column, len(f.Ends)), x.Rows()
	start := int32(0)
	for k, end := range f.Ends {
		if k%64 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if cols[k] = product(x, f.Factors[start:end], n); !finite(cols[k].Float) {
			return nil, fmt.Errorf("PolynomialFeatures: %s overflows", cols[k].Name)
		}
		start = end
	}
	return dataset.MustFrame(n, cols...), nil
}

// finite reports whether v has no infinity and no NaN.
func finite(v []float64) bool {
	sum := 0.0
	for _, u := range v {
		sum += u * 0 // 0 for every finite number, NaN for others
	}
	return sum == 0
}

// product multiplies the columns; no factors make a column of ones, one factor is the column itself.
func product(x *dataset.Frame, factors []int32, rows int) *dataset.Column {
	switch len(factors) {
	case 0:
		ones := make([]float64, rows)
		for i := range ones {
			ones[i] = 1
		}
		return dataset.NewNumeric("1", ones)
	case 1:
		return x.Col(int(factors[0]))
	}
	v := make([]float64, rows)
	a, b := x.Col(int(factors[0])), x.Col(int(factors[1]))
	combine(v, "product", a.Float, b.Float)
	name := a.Name + "*" + b.Name
	for _, j := range factors[2:] {
		c := x.Col(int(j))
		name += "*" + c.Name
		for i, u := range c.Float {
			v[i] *= u
		}
	}
	return dataset.NewNumeric(name, v)
}

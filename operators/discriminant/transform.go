package discriminant

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// LDATransform projects rows onto the directions that separate the classes best (Fisher 1936; Rao 1948): what
// scikit-learn's LinearDiscriminantAnalysis does as a transformer, with its svd solver. There are at most as many
// directions as classes but one; n_components=None keeps all. Each is scaled to unit variance within the classes, and
// its largest coefficient is positive.
var LDATransform = &operators.Spec{
	Name: "LDATransform", Doc: "projection that separates the classes", Role: operators.Transformer,
	Tasks: []dataset.Task{dataset.Binary, dataset.Multiclass}, Traits: operators.Supervised | operators.Weights,
	Params: []operators.Param{
		{Name: "n_components", Scale: operators.Int, Lo: 1, Hi: 5, Choices: []string{"None"}, Default: operators.Word(0)},
		{Name: "tol", Scale: operators.Log, Default: 1e-4, Fixed: true},
	},
	New: func(v []float64) (operators.Operator, error) {
		t := projection{components: math.MaxInt32, tol: v[1]}
		if _, all := operators.IsWord(v[0]); !all {
			t.components = int(v[0])
		}
		if t.components < 1 || t.tol < 0 {
			return nil, fmt.Errorf("discriminant projection: n_components %v, tol %v", v[0], v[1])
		}
		return t, nil
	},
	Decode: operators.Decode[projected],
	Memory: momentMemory,
}

type projection struct {
	components int
	tol        float64
}

// Fit finds the directions.
func (t projection) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	g, err := newGroups(ctx, s, false)
	if err != nil {
		return nil, fmt.Errorf("discriminant projection: %w", err)
	}
	axes, err := discriminantAxes(ctx, g, t.tol)
	if err == nil && axes.Cols == 0 {
		err = errors.New("the classes have the same mean")
	}
	if err != nil {
		return nil, fmt.Errorf("discriminant projection: %w", err)
	}
	rows := firstColumns(axes, min(t.components, axes.Cols)).T()
	f := &projected{Axes: rows.Data, Count: rows.Rows}
	center := g.grandMean()
	for k := range rows.Rows {
		axis := rows.Row(k)
		top := 0.0
		for _, v := range axis {
			if math.Abs(v) > math.Abs(top) {
				top = v
			}
		}
		if top < 0 {
			linalg.AddScaled(axis, -2, append([]float64(nil), axis...))
		}
		f.Shift = append(f.Shift, -linalg.Dot(axis, center))
	}
	if !linalg.Finite(f.Axes) || !linalg.Finite(f.Shift) {
		return nil, fmt.Errorf("discriminant projection: %w", linalg.ErrNotFinite)
	}
	return f, nil
}

// projected is a fitted LDATransform.
type projected struct {
	Count int
	Axes  wire.Floats // Count × columns
	Shift wire.Floats // per axis, added after the product
}

// Check reports what a decoded value cannot be.
func (f *projected) Check() error {
	if f.Count < 1 || len(f.Shift) != f.Count || len(f.Axes) == 0 || len(f.Axes)%f.Count != 0 {
		return errors.New("discriminant: bad projection")
	}
	return nil
}

// Apply returns one column per direction, lda0 first.
func (f *projected) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	p := len(f.Axes) / f.Count
	if x.Cols() != p {
		return nil, wrongColumns(x.Cols(), p)
	}
	cols, out := make([]*dataset.Column, f.Count), linalg.NewMatrix(f.Count, x.Rows())
	if err := linalg.MulColumns(ctx, out, linalg.Of(f.Count, p, f.Axes), x.Floats(), nil); err != nil {
		return nil, err
	}
	for k := range cols {
		v := out.Row(k)
		for i := range v {
			if v[i] += f.Shift[k]; v[i]-v[i] != 0 {
				return nil, fmt.Errorf("discriminant projection: row %d: %w", i, linalg.ErrNotFinite)
			}
		}
		cols[k] = dataset.NewNumeric(fmt.Sprintf("lda%d", k), v)
	}
	return dataset.MustFrame(x.Rows(), cols...), ctx.Err()
}

package preprocess

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// MDR is multifactor dimensionality reduction (Ritchie et al. 2001): every combination of values of the columns becomes
// 1 if the second class is more frequent in it than in all training rows, else 0. A tie is tie_break, a combination that
// did not occur default_label. It is meant for a few columns of few values, such as genotypes.
var MDR = &operators.Spec{
	Name: "MDR", Doc: "one column: whether the combination of values is one of high risk", Role: operators.Transformer,
	Tasks: []dataset.Task{dataset.Binary}, Useful: combinable, Traits: operators.Supervised | operators.Weights | operators.FewRows,
	Params: []operators.Param{
		{Name: "tie_break", Scale: operators.Int, Lo: 0, Hi: 1, Default: 1},
		{Name: "default_label", Scale: operators.Int, Lo: 0, Hi: 1},
	},
	New:    func(v []float64) (operators.Operator, error) { return newMDR("MDR", v) },
	Decode: operators.Decode[combinations],
}

// ContinuousMDR is MDR for numeric targets (Moore et al. 2017): combinations whose mean target exceeds the mean of all
// become 1.
var ContinuousMDR = &operators.Spec{
	Name: "ContinuousMDR", Doc: "one column: whether the combination of values has a high mean target", Role: operators.Transformer,
	Tasks: []dataset.Task{dataset.Regression}, Useful: combinable, Traits: operators.Supervised | operators.Weights | operators.FewRows,
	Params: MDR.Params,
	New:    func(v []float64) (operators.Operator, error) { return newMDR("ContinuousMDR", v) },
	Decode: operators.Decode[combinations],
}

func newMDR(name string, v []float64) (operators.Operator, error) {
	for _, label := range v {
		if label != 0 && label != 1 {
			return nil, fmt.Errorf("%s: label %g: want 0 or 1", name, label)
		}
	}
	return mdr{name: name, tie: v[0], unknown: v[1]}, nil
}

type mdr struct {
	name         string
	tie, unknown float64
}

// combinations holds the combinations of values that occurred, in the order of their first row, with their labels.
type combinations struct {
	Name     string
	Features int
	Values   wire.Floats // combinations × features
	Label    wire.Floats
	Unknown  float64
}

// tally sums up the target over the rows of one combination.
type tally struct{ weight, sum float64 }

// Fit sums up the target by combination.
func (o mdr) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f := &combinations{Name: o.name, Features: s.X.Cols(), Unknown: o.unknown}
	if f.Features == 0 || s.X.Rows() == 0 {
		return nil, fmt.Errorf("%s: no data", o.name)
	}
	var tallies []tally
	var all tally
	number, key := map[string]int{}, make([]byte, 8*f.Features)
	for i := range s.X.Rows() {
		if i%512 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		w, y := 1.0, 0.0
		if s.W != nil {
			w = s.W[i]
		}
		if w == 0 {
			continue
		}
		if s.Y.Kind == dataset.Numeric {
			y = s.Y.Float[i]
		} else if s.Y.Code[i] == 1 {
			y = 1
		}
		rowKey(key, s.X, i)
		k, ok := number[string(key)]
		if !ok {
			k = len(tallies)
			number[string(key)] = k
			tallies = append(tallies, tally{})
			for _, c := range s.X.Columns() {
				f.Values = append(f.Values, c.Float[i])
			}
		}
		tallies[k].weight, tallies[k].sum = tallies[k].weight+w, tallies[k].sum+w*y
		all.weight, all.sum = all.weight+w, all.sum+w*y
	}
	if all.sum-all.sum != 0 {
		return nil, fmt.Errorf("%s: the target is too large", o.name)
	}
	for _, t := range tallies {
		f.Label = append(f.Label, o.label(t, all))
	}
	return f, nil
}

// label compares the mean of a combination with the mean of all; what rounding makes of equal means is a tie.
func (o mdr) label(t, all tally) float64 {
	a, b := t.sum*all.weight, all.sum*t.weight
	switch {
	case math.Abs(a-b) <= 1e-12*(math.Abs(a)+math.Abs(b)):
		return o.tie
	case a > b:
		return 1
	}
	return 0
}

// rowKey writes the values of row i; −0 counts as 0.
func rowKey(key []byte, x *dataset.Frame, i int) {
	for j, c := range x.Columns() {
		binary.LittleEndian.PutUint64(key[8*j:], math.Float64bits(c.Float[i]+0))
	}
}

// Apply looks up the combination of every row.
func (f *combinations) Apply(ctx context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != f.Features {
		return nil, fmt.Errorf("%s: %d columns, learned from %d", f.Name, x.Cols(), f.Features)
	}
	label, key := make(map[string]float64, len(f.Label)), make([]byte, 8*f.Features)
	for k, l := range f.Label {
		for j, v := range f.Values[k*f.Features : (k+1)*f.Features] {
			binary.LittleEndian.PutUint64(key[8*j:], math.Float64bits(v+0))
		}
		label[string(key)] = l
	}
	out := make([]float64, x.Rows())
	for i := range out {
		if i%512 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		rowKey(key, x, i)
		l, ok := label[string(key)]
		if !ok {
			l = f.Unknown
		}
		out[i] = l
	}
	return dataset.MustFrame(x.Rows(), dataset.NewNumeric(f.Name, out)), nil
}

// Check refuses what Fit cannot have made.
func (f *combinations) Check() error {
	if f.Features < 1 || len(f.Values)%f.Features != 0 || len(f.Values)/f.Features != len(f.Label) {
		return fmt.Errorf("%s: its combinations are cut short", f.Name)
	}
	for _, v := range append([]float64{f.Unknown}, f.Label...) {
		if v != 0 && v != 1 {
			return fmt.Errorf("%s: label %v", f.Name, v)
		}
	}
	return nil
}

// combinable reports whether there are columns whose combinations of values repeat.
func combinable(x *dataset.Frame) bool {
	return operators.HasFewValued(x, 10) || operators.HasCategories(x)
}

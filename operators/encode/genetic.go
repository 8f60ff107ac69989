package encode

import (
	"context"
	"fmt"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// The genetic encoders map genotypes, the number of minor alleles 0, 1 or 2, to what a model of inheritance makes of
// them; other values pass. Names and codes are TPOT's.
var (
	DominantEncoder       = geneticSpec("DominantEncoder", "genotypes 0 1 2 become 1 1 0", [3]float64{1, 1, 0})
	RecessiveEncoder      = geneticSpec("RecessiveEncoder", "genotypes 0 1 2 become 0 1 1", [3]float64{0, 1, 1})
	HeterosisEncoder      = geneticSpec("HeterosisEncoder", "genotypes 0 1 2 become 0 1 0", [3]float64{0, 1, 0})
	UnderDominanceEncoder = geneticSpec("UnderDominanceEncoder", "genotypes 0 1 2 become 2 0 1", [3]float64{2, 0, 1})
	OverDominanceEncoder  = geneticSpec("OverDominanceEncoder", "genotypes 0 1 2 become 1 2 0", [3]float64{1, 2, 0})
)

func geneticSpec(name, doc string, codes [3]float64) *operators.Spec {
	return &operators.Spec{
		Name: name, Doc: doc, Role: operators.Encoder, Traits: operators.Missing, Useful: genotyped,
		New:    func([]float64) (operators.Operator, error) { return genotypes{Name: name, Codes: codes}, nil },
		Decode: operators.Decode[inherited],
	}
}

// genotyped reports whether a column may hold genotypes.
func genotyped(x *dataset.Frame) bool { return operators.HasFewValued(x, 3) }

type genotypes struct {
	Name  string
	Codes [3]float64
}

// inherited replaces genotypes by their codes.
type inherited struct {
	Genotypes genotypes
	Features  int
}

// Fit learns nothing.
func (o genotypes) Fit(_ context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	return &inherited{Genotypes: o, Features: s.X.Cols()}, nil
}

// Apply recodes every column.
func (f *inherited) Apply(_ context.Context, _ *operators.Env, x *dataset.Frame) (*dataset.Frame, error) {
	if x.Cols() != f.Features {
		return nil, fmt.Errorf("%s: %d columns, learned from %d", f.Genotypes.Name, x.Cols(), f.Features)
	}
	cols := make([]*dataset.Column, x.Cols())
	for j, c := range x.Columns() {
		v := make([]float64, c.Len())
		for i, u := range c.Float {
			if u == 0 || u == 1 || u == 2 {
				u = f.Genotypes.Codes[int(u)]
			}
			v[i] = u
		}
		cols[j] = dataset.NewNumeric(c.Name, v)
	}
	return dataset.MustFrame(x.Rows(), cols...), nil
}

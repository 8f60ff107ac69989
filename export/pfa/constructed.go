package pfa

import (
	"math"

	"github.com/lren-chuv/automl/internal/wire"
)

// genotypes replaces 0, 1 and 2 by the codes of a model of inheritance.
func genotypes(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct {
		Genotypes struct{ Codes [3]float64 }
		Features  int
	}](data)
	if err != nil {
		return nil, err
	}
	return b.each(in, f.Features, func(_ int, x expr) expr {
		e := x
		for k, code := range f.Genotypes.Codes {
			e = when(call("==", x, number(float64(k))), number(code), e)
		}
		return unlessMissing(x, e)
	})
}

// cosines maps a row x to √(2/k)·cos(x·w + offset).
func cosines(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct{ Weights, Offset wire.Floats }](data)
	if err != nil {
		return nil, err
	}
	k := len(f.Offset)
	if err := wantColumns(len(in), len(f.Weights)/max(1, k)); err != nil {
		return nil, err
	}
	out := b.affine(b.vector(b.settle(in)), transposed(f.Weights, k), f.Offset)
	for c := range out {
		out[c] = numeric(call("*", number(math.Sqrt(2/float64(k))), call("m.cos", out[c].read())))
	}
	return out, nil
}

// transposed cuts a row-major matrix of k columns into these.
func transposed(v []float64, k int) [][]float64 {
	out := make([][]float64, k)
	for c := range out {
		for i := c; i < len(v); i += k {
			out[c] = append(out[c], v[i])
		}
	}
	return out
}

// pooled takes the mean, median or maximum of the columns of every cluster.
func pooled(b *builder, data []byte, in []column) ([]column, error) {
	f, err := stored[struct {
		Pooling  string
		Clusters int
		Cluster  wire.Ints
	}](data)
	if err != nil {
		return nil, err
	}
	if err := wantColumns(len(in), len(f.Cluster)); err != nil {
		return nil, err
	}
	in = b.settle(in)
	members := make([][]column, f.Clusters)
	for j, k := range f.Cluster {
		members[k] = append(members[k], in[j])
	}
	out := make([]column, f.Clusters)
	for k, m := range members {
		if len(m) == 1 {
			out[k] = m[0]
			continue
		}
		out[k] = numeric(call("a."+f.Pooling, b.vector(m)))
	}
	return out, nil
}

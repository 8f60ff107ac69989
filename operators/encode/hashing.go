package encode

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// HashingEncoder gives every level of a categorical column one of n_components columns, and a sign, by a hash of its
// name (Weinberger et al. 2009), so that the number of columns does not grow with the number of levels and new levels
// are no exception. Missing values are zeros. Numeric columns pass.
var HashingEncoder = &operators.Spec{
	Name:    "HashingEncoder",
	Doc:     "categories share a few columns by a hash of their name",
	Role:    operators.Encoder,
	Useful:  operators.HasCategories,
	Traits:  operators.Categories | operators.Missing,
	Params:  []operators.Param{{Name: "n_components", Scale: operators.LogInt, Lo: 2, Hi: 64, Default: 8}},
	Ignored: []string{"hash_method", "max_process", "max_sample", "verbose", "cols"},
	New: func(v []float64) (operators.Operator, error) {
		if v[0] < 1 || v[0] > maxBuckets {
			return nil, fmt.Errorf("HashingEncoder: n_components=%g: want 1 to %d", v[0], maxBuckets)
		}
		return hashingEncoder{buckets: int(v[0])}, nil
	},
	Decode: operators.Decode[coded[hashed, *hashed]],
}

const maxBuckets = 4096

type hashingEncoder struct{ buckets int }

// hashed needs to know nothing but the number of columns.
type hashed struct{ Buckets int }

// Fit learns nothing.
func (o hashingEncoder) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	return learnCoders(ctx, "HashingEncoder", s.X, func(*dataset.Column) *hashed { return &hashed{o.buckets} })
}

func (h *hashed) apply(c *dataset.Column) []*dataset.Column {
	bucket, sign := make([]int, len(c.Levels)), make([]float64, len(c.Levels))
	for l, name := range c.Levels {
		sum := fnv.New64a()
		_, _ = sum.Write([]byte(name)) // never fails
		v := sum.Sum64()
		bucket[l], sign[l] = int(v>>1%uint64(h.Buckets)), float64(v&1)*2-1
	}
	n := c.Len()
	block := make([]float64, n*h.Buckets)
	for i, k := range c.Code {
		if k >= 0 {
			block[bucket[k]*n+i] = sign[k]
		}
	}
	out := make([]*dataset.Column, h.Buckets)
	for j := range out {
		out[j] = dataset.NewNumeric(fmt.Sprintf("%s hash %d", c.Name, j), block[j*n:(j+1)*n:(j+1)*n])
	}
	return out
}

func (h *hashed) check() error {
	if h.Buckets < 1 || h.Buckets > maxBuckets {
		return errors.New("encode: no columns to hash to")
	}
	return nil
}

package tree

import (
	"context"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/lren-chuv/automl/internal/kernel"
)

// TestAbreast holds the search that looks at all columns of a row together to the one column after the other: the same
// trees, whatever the criterion and the limits.
func TestAbreast(t *testing.T) {
	if !kernel.Abreast() {
		t.Skip("the processor has no such instructions")
	}
	ctx, rng := context.Background(), rand.New(rand.NewPCG(5, 7))
	for _, classes := range []int{0, 2, 4} {
		criteria := []string{"gini", "entropy"}
		if classes == 0 {
			criteria = []string{"squared_error"}
		}
		for _, criterion := range criteria {
			for range 8 {
				s := benchTable(30+rng.IntN(200), 1+rng.IntN(40), classes, 0)
				target, err := newTarget(s)
				if err != nil {
					t.Fatal(err)
				}
				cols, err := tableOf(ctx, s.X, maxRanks, true)
				if err != nil {
					t.Fatal(err)
				}
				g := growth{maxDepth: 1 + rng.IntN(20), minSplit: 2 + rng.IntN(5), minLeaf: 1 + rng.IntN(5), minFraction: float64(rng.IntN(2)) / 50, random: true}
				g.maxFeatures = 1 + rng.IntN(s.X.Cols())
				var factor []float64
				if classes == 2 && rng.IntN(2) == 0 {
					factor = target.balance(nil)
				}
				times := make([]int32, s.Rows())
				for range times {
					times[rng.IntN(len(times))]++
				}
				crit, prepare := target.judge(criterion, s.Rows(), factor)
				prepare(bag{times, factor})
				b := newGrower(g, cols, crit, target.outputs(), s.Rows())
				if b.abreast == nil {
					if s.X.Cols() > mostIdle*g.maxFeatures {
						continue
					}
					t.Fatalf("%s of %d classes: not abreast", criterion, classes)
				}
				seed := rng.Uint64()
				grow := func() ([]branch, []float64) {
					for j := range b.features {
						b.features[j] = int32(j)
					}
					if err := b.grow(ctx, target.chosen(times, nil), rand.New(rand.NewPCG(seed, 1))); err != nil {
						t.Fatal(err)
					}
					return slices.Clone(b.nodes), slices.Clone(b.values)
				}
				nodes, values := grow()
				b.abreast = nil
				plain, same := grow()
				if !reflect.DeepEqual(nodes, plain) || !reflect.DeepEqual(values, same) {
					t.Fatalf("%s of %d classes: other trees", criterion, classes)
				}
			}
		}
	}
}

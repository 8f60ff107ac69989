package automl

import (
	"cmp"
	"math"
	"slices"

	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/operators"
)

// library keeps the individuals that may become part of the model, with their out-of-fold predictions: of every
// predictor the best few, so that close relatives of the leader do not crowd out what would complement it, and the best
// recipe, which no search has fitted to the folds.
type library struct {
	limit   int              // individuals
	kept    []*gp.Individual // lowest loss first
	recipes []*gp.Individual // likewise, one per predictor
}

const (
	perPredictor  = 8
	libraryLimit  = 80
	libraryLeast  = 12
	libraryMemory = 256 << 20 // bytes of out-of-fold predictions
)

// newLibrary is for tables of so many rows whose predictions have so many columns.
func newLibrary(rows, columns int) *library {
	fit := libraryMemory / (4 * max(1, rows*columns))
	return &library{limit: max(libraryLeast, min(libraryLimit, fit))}
}

func predictor(ind *gp.Individual) *operators.Spec { return ind.Tree.Root().Spec }

// add takes in an individual if it is among the best of its kind. Of two with the same loss to the last bit, the same
// model in other words, the first stays.
func (l *library) add(ind *gp.Individual) {
	if math.IsInf(ind.Cost[0], 1) {
		return
	}
	if isRecipe(ind) {
		l.addRecipe(ind)
	}
	at, same, worst := 0, 0, -1
	for i, k := range l.kept {
		if k.Cost[0] <= ind.Cost[0] {
			at = i + 1
		}
		if predictor(k) == predictor(ind) {
			if k.Cost[0] == ind.Cost[0] {
				return
			}
			same, worst = same+1, i
		}
	}
	if same >= perPredictor {
		if worst < at {
			return
		}
		l.kept = slices.Delete(l.kept, worst, worst+1)
	}
	l.kept = slices.Insert(l.kept, at, ind)
	if len(l.kept) > l.limit {
		l.drop()
	}
}

func isRecipe(ind *gp.Individual) bool { return ind.Origin == "start" }

func (l *library) addRecipe(ind *gp.Individual) {
	same := slices.IndexFunc(l.recipes, func(r *gp.Individual) bool { return predictor(r) == predictor(ind) })
	if same >= 0 {
		if l.recipes[same].Cost[0] <= ind.Cost[0] {
			return
		}
		l.recipes = slices.Delete(l.recipes, same, same+1)
	}
	l.recipes = append(l.recipes, ind)
	slices.SortStableFunc(l.recipes, func(a, b *gp.Individual) int { return cmp.Compare(a.Cost[0], b.Cost[0]) })
}

// drop removes the worst individual that is not the only one of its predictor.
func (l *library) drop() {
	count := map[*operators.Spec]int{}
	for _, k := range l.kept {
		count[predictor(k)]++
	}
	at := len(l.kept) - 1
	for i := at; i >= 0; i-- {
		if count[predictor(l.kept[i])] > 1 {
			at = i
			break
		}
	}
	l.kept = slices.Delete(l.kept, at, at+1)
}

const finalistsPerPredictor = 4

// finalists returns up to n individuals and up to eight recipes, lowest loss first: half of the n places go to the best
// of each predictor, the others to the best of all, no more than four with the same predictor.
func (l *library) finalists(n int) []*gp.Individual {
	count := map[*operators.Spec]int{}
	taken := make([]bool, len(l.kept))
	total := 0
	take := func(i int) {
		taken[i] = true
		count[predictor(l.kept[i])]++
		total++
	}
	for i, k := range l.kept {
		if total < n/2 && count[predictor(k)] == 0 {
			take(i)
		}
	}
	for i, k := range l.kept {
		if total < n && !taken[i] && count[predictor(k)] < finalistsPerPredictor {
			take(i)
		}
	}
	out := slices.Clone(l.recipes[:min(leading, len(l.recipes))])
	for i, k := range l.kept {
		if taken[i] && !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	slices.SortStableFunc(out, func(a, b *gp.Individual) int { return cmp.Compare(a.Cost[0], b.Cost[0]) })
	return out
}

package tree

import (
	"cmp"
	"slices"

	"github.com/lren-chuv/automl/internal/kernel"
)

// searchLevels is searchCells for a categorical column, where missing is one more level: ordered by their mean gradient
// the best two groups of levels are neighbours (Fisher, On grouping for maximum homogeneity, 1958), so that one scan
// finds them. Rare levels are drawn to the middle, and catL2 is added to L2, as groups found like this are flattered.
func (s *sprouter) searchLevels(p *prospect, j int32, cells []int64, at []uint8, best *fission) {
	var order [kernel.Slots]int16
	n := 0
	for i, w := range cells {
		if w != 0 {
			order[n] = int16(i)
			n++
		}
	}
	ratio := func(i int16) float64 { return s.pack.Gradient(cells[i]) / (s.pack.Hessian(cells[i]) + max(1, s.catL2)) }
	slices.SortFunc(order[:n], func(a, b int16) int {
		if c := cmp.Compare(ratio(a), ratio(b)); c != 0 {
			return c
		}
		return int(a - b)
	})
	var words [kernel.Slots]int64
	for i, k := range order[:n] {
		words[i] = cells[k]
	}
	bounds := p.bounds
	bounds.L2 += s.catL2
	cut, score := -1, best.score
	if s.limited {
		cut, score = s.limits(p.x, 0).Best(&s.pack, words[:n], p.x.total, 0, bounds, score)
	} else { // L2 is part of the unit of scores
		scan := kernel.NewScan(&s.pack, p.x.total, bounds)
		cut, score = scan.Best(words[:n], 0, max(0, scan.Score(p.scan.Value(score))))
		score = p.scan.Score(scan.Value(score))
	}
	f := fission{score: score, column: j}
	if cut < 0 || !f.beats(best) {
		return
	}
	set := new([kernel.Slots]uint8)
	for _, k := range order[:cut+1] {
		b := uint8(k)
		if at != nil {
			b = at[k]
		}
		set[b] = 1
	}
	f.set, f.holeLeft = set, set[kernel.MissingBin] == 1
	*best = f
}

// levelSet appends the levels whose bins go left to e.Sets and returns where they stand.
func (e *Ensemble) levelSet(level []uint8, goes *[kernel.Slots]uint8) float64 {
	at := len(e.Sets)
	words := (len(level) + 31) / 32
	e.Sets = append(e.Sets, int32(words))
	for range words {
		e.Sets = append(e.Sets, 0)
	}
	for k, b := range level {
		if goes[b] != 0 {
			e.Sets[at+1+k>>5] |= 1 << (k & 31)
		}
	}
	return float64(at)
}

package tree

import (
	"cmp"
	"math"
	"slices"

	"github.com/lren-chuv/automl/internal/kernel"
)

// searchLevels is searchCells for a categorical column, where missing is one more level: ordered by their mean gradient
// the best two groups of levels are neighbours (Fisher, On grouping for maximum homogeneity, 1958), so that one scan
// finds them. Groups found like this are flattered, the more the more levels there are. So rare levels are drawn to the
// middle and catL2 is added to L2 (where catRows is set, what so many rows weigh), and of more than
// a few levels only those with some rows are sorted and only groups of many rows count (these remedies and their sizes are
// LightGBM's: cat_smooth, cat_l2, max_cat_to_onehot, min_data_per_group). Besides, every level beyond [manyLevels] costs
// what sorting pure noise gains from it, or half of that.
func (s *sprouter) searchLevels(p *prospect, j int32, cells []int64, at []uint8, best *fission) {
	bounds, smooth := p.bounds, max(1, s.catL2)
	var order [kernel.Slots]int16
	n := s.present(cells, 0, &order)
	bounds.L2 += s.catL2
	if s.catRows > 0 {
		rows := int(p.x.hi - p.x.lo)
		smooth = float64(s.catRows) * s.pack.Hessian(p.x.total) / float64(rows)
		bounds.L2 += smooth
		if n > fewLevels {
			n = s.present(cells, s.pack.Counts(s.catRows, rows, p.x.total), &order)
			bounds.Least = max(bounds.Least, s.pack.Counts(10*s.catRows, rows, p.x.total))
		}
	}
	ratio := func(i int16) float64 { return s.pack.Gradient(cells[i]) / (s.pack.Hessian(cells[i]) + smooth) }
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
	cut, score := -1, best.score
	flattery := s.flattery * float64(max(0, n-manyLevels))
	if s.limited {
		cut, score = s.limits(p.x, 0).Best(&s.pack, words[:n], p.x.total, 0, bounds, score+flattery)
		score -= flattery
	} else { // L2 is part of the unit of scores
		scan := kernel.NewScan(&s.pack, p.x.total, bounds)
		cut, score = scan.Best(words[:n], 0, max(0, scan.Score(p.scan.Value(score)+flattery)))
		score = p.scan.Score(scan.Value(score) - flattery)
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

// levelRows is catRows of boosters whose models say nothing about categorical columns or leave them to the user.
const levelRows = 10

// fewLevels is how many levels cannot flatter much.
const fewLevels = 4

// manyLevels is how many levels do not flatter so much that the other remedies would not do.
const manyLevels = 10

// flattery is what a level that means nothing adds to the score of the best of all groups, or half of that. Its own score
// G²/H is σ² on average, σ² being the variance of the gradients over their hessians, one where the loss is a likelihood
// that fits; of levels sorted by their sign about 2/π of that is left.
func flattery(slopes []kernel.Slope, rows []int32) float64 {
	gg, hh := 0.0, 0.0
	for _, i := range rows {
		gg += slopes[i].G * slopes[i].G
		hh += slopes[i].H
	}
	if !(hh > 0) {
		return 0
	}
	return gg / hh / math.Pi
}

// present lists the cells of at least so many rows, as the packing counts them, and returns how many there are.
func (s *sprouter) present(cells []int64, least int64, order *[kernel.Slots]int16) int {
	n := 0
	for i, w := range cells {
		if w != 0 && w&s.pack.CountMask >= least {
			order[n] = int16(i)
			n++
		}
	}
	return n
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

package gp

import (
	"math/rand/v2"
	"slices"
)

// niches are the best few individuals of each predictor, the leading predictor first. Some parents come from a niche,
// whichever it is: otherwise the relatives of one leader soon are all there is, and an ensemble of them gains little.
type niches [][]*Individual

const (
	nicheShare = 0.4 // of the parents that come from a niche
	nicheSize  = 8
)

// add folds in an individual that was evaluated on all folds.
func (n *niches) add(ind *Individual) {
	at := slices.IndexFunc(*n, func(kind []*Individual) bool { return predictor(kind[0]) == predictor(ind) })
	var kind []*Individual
	if at >= 0 {
		kind = (*n)[at]
		*n = slices.Delete(*n, at, at+1)
	}
	place, _ := slices.BinarySearchFunc(kind, ind, compareCost)
	if kind = slices.Insert(kind, place, ind); len(kind) > nicheSize {
		kind = kind[:nicheSize]
	}
	rank, _ := slices.BinarySearchFunc(*n, kind, func(a, b []*Individual) int { return compareCost(a[0], b[0]) })
	*n = slices.Insert(*n, rank, kind)
}

// draw picks an individual of one of the leading niches, the better of two.
func (n niches) draw(rng *rand.Rand) *Individual {
	kind := n[rng.IntN(min(rivals, len(n)))]
	return kind[min(rng.IntN(len(kind)), rng.IntN(len(kind)))]
}

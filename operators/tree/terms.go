package tree

// terms are p log p for shares p of a few rows, which most nodes of a tree have: a logarithm takes longer than to look one
// up. What is not yet known is 0. The zero value works.
type terms struct{ known [fewTerms * fewTerms]float64 }

const fewTerms = 32

// of returns p log p of p, which is v of weight.
func (t *terms) of(v, weight, p float64) float64 {
	i, n := int(v), int(weight)
	if !(weight < fewTerms) || float64(i) != v || float64(n) != weight {
		return xlogx(p)
	}
	if i == 0 || i == n {
		return 0
	}
	at := &t.known[(n*fewTerms+i)&(fewTerms*fewTerms-1)]
	if *at == 0 {
		*at = xlogx(p)
	}
	return *at
}

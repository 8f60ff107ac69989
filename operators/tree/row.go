package tree

import "errors"

var errRow = errors.New("tree: a row must have one number per training column, its prediction one per output")

// PredictRow predicts one row without allocating and gives the same bits as Apply. The row holds one number per training
// column: the value, or the code of the category among the levels of the training column, NaN where missing or unknown.
// out gets the probability of every class, or the predicted number.
func (a *average) PredictRow(row, out []float64) error {
	if len(row) != a.Trees.Columns || len(out) != max(1, len(a.Classes)) {
		return errRow
	}
	sums := out[:a.Trees.Outputs]
	clear(sums)
	for _, root := range a.Trees.Roots {
		a.Trees.addLeaf(a.Trees.leaf(root, row), sums)
	}
	a.finish(sums, func(c int, v float64) { out[c] = v })
	return nil
}

// PredictRow is as for forests.
func (b *boosted) PredictRow(row, out []float64) error {
	if len(row) != b.Trees.Columns || len(out) != max(1, len(b.Classes)) {
		return errRow
	}
	k := len(b.Start)
	copy(out, b.Start)
	for t, root := range b.Trees.Roots {
		out[t%k] += b.Trees.Nodes[b.Trees.leaf(root, row)].Threshold
	}
	b.respond(out[:k], func(c int, v float64) { out[c] = v })
	if b.Classes == nil {
		return nil
	}
	at := 0
	for c := range out {
		if at < len(b.Present) && int(b.Present[at]) == c {
			at++
		} else {
			out[c] = 0
		}
	}
	return nil
}

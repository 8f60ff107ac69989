package tree

// votes are the predictions of one tree for the rows it has not seen.
type votes struct {
	rows   []int32
	values []float64 // outputs per row
}

// leftOut predicts the rows that the last bag of the gardener left out.
func (g *gardener) leftOut(e *Ensemble) votes {
	var v votes
	row := make([]float64, len(g.cols))
	for _, r := range g.t.rows {
		if g.times[r] > 0 {
			continue
		}
		for j, c := range g.cols {
			row[j] = c.Float[r]
		}
		x := e.Nodes[e.leaf(0, row)]
		v.rows = append(v.rows, r)
		if e.Outputs == 1 {
			v.values = append(v.values, x.Threshold)
		} else {
			v.values = append(v.values, e.Values[int(x.Feature)*e.Outputs:int(x.Feature+1)*e.Outputs]...)
		}
	}
	return v
}

// outOfBag is the accuracy or the R² of the mean of the votes on the rows that got any.
func (t *target) outOfBag(missed []votes) float64 {
	k := t.outputs()
	n := max(len(t.class), len(t.y))
	sum, count := make([]float64, n*k), make([]float64, n)
	for _, m := range missed {
		for i, r := range m.rows {
			count[r]++
			for c := range k {
				sum[int(r)*k+c] += m.values[i*k+c]
			}
		}
	}
	hits, rows, mean := 0.0, 0.0, 0.0
	for _, r := range t.rows {
		if count[r] == 0 {
			continue
		}
		rows++
		if t.levels == nil {
			mean += t.y[r]
		} else if t.vote(sum[int(r)*k:int(r+1)*k], count[r]) == t.class[r] {
			hits++
		}
	}
	if t.levels != nil || rows == 0 {
		return hits / max(1, rows)
	}
	mean /= rows
	rest, total := 0.0, 0.0
	for _, r := range t.rows {
		if count[r] > 0 {
			d := t.y[r] - sum[r]/count[r]
			rest += d * d
			total += (t.y[r] - mean) * (t.y[r] - mean)
		}
	}
	if total == 0 {
		return 0
	}
	return 1 - rest/total
}

// vote is the class with the most votes.
func (t *target) vote(sum []float64, count float64) int32 {
	if len(sum) == 1 {
		if 2*sum[0] > count {
			return 1
		}
		return 0
	}
	best := 0
	for c := range sum {
		if sum[c] > sum[best] {
			best = c
		}
	}
	return int32(best)
}

package tree

// FeatureImportances is each column's share of what all splits gained, averaged over the trees: scikit-learn's
// feature_importances_. All are 0 where nothing was split.
func (e *Ensemble) FeatureImportances() []float64 {
	out, tree := make([]float64, e.Columns), make([]float64, e.Columns)
	for t := range e.Roots {
		clear(tree)
		total := 0.0
		lo, hi := e.span(t)
		for i := lo; i < hi; i++ {
			if x := e.Nodes[i]; x.Left != 0 {
				tree[x.Feature&column] += e.Gain[i]
				total += e.Gain[i]
			}
		}
		for j, g := range tree {
			if total > 0 {
				out[j] += g / total
			}
		}
	}
	sum := 0.0
	for _, v := range out {
		sum += v
	}
	for j := range out {
		if sum > 0 {
			out[j] /= sum
		}
	}
	return out
}

// FeatureImportances is that of the trees, see [Ensemble.FeatureImportances].
func (a *average) FeatureImportances() []float64 { return a.Trees.FeatureImportances() }

// FeatureImportances is that of the trees, see [Ensemble.FeatureImportances].
func (b *boosted) FeatureImportances() []float64 { return b.Trees.FeatureImportances() }

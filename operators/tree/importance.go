package tree

// Every tree model of this package tells what its splits say about the columns in the same two ways, so that whoever
// wants to know can ask by an interface of its own: FeatureImportances, shares of what was gained, and SplitCounts.

// FeatureImportances is each column's share of what all splits gained, averaged over the trees: scikit-learn's
// feature_importances_. All are 0 where nothing was split.
func (e *Ensemble) FeatureImportances() []float64 { return e.importances(nil) }

// importances averages the shares of every tree with the given weights, equal ones if nil.
func (e *Ensemble) importances(weights []float64) []float64 {
	out, tree := make([]float64, e.Columns), make([]float64, e.Columns)
	for t := range e.Roots {
		clear(tree)
		total := e.addGains(t, tree)
		w := 1.0
		if weights != nil {
			w = weights[t]
		}
		for j, g := range tree {
			if total > 0 {
				out[j] += w * g / total
			}
		}
	}
	return shares(out)
}

// addGains adds to out, by column, what the splits of tree t gained, and returns their sum.
func (e *Ensemble) addGains(t int, out []float64) (total float64) {
	lo, hi := e.span(t)
	for i := lo; i < hi; i++ {
		if x := e.Nodes[i]; x.Left != 0 {
			out[x.Feature&column] += e.Gain[i]
			total += e.Gain[i]
		}
	}
	return total
}

// weighLast scales the gains of the last tree so that they sum to weight per unit of its cover.
func (e *Ensemble) weighLast(weight float64) {
	t := e.trees() - 1
	lo, hi := e.span(t)
	total := e.addGains(t, make([]float64, e.Columns))
	for i := lo; i < hi; i++ {
		if total > 0 {
			e.Gain[i] *= weight * e.Cover[lo] / total
		}
	}
}

// shares scales v to a sum of one, in place, unless all are zero.
func shares(v []float64) []float64 {
	normalizeSum(v)
	return v
}

// SplitCounts is the number of splits at each column in all trees: LightGBM's importance_type "split".
func (e *Ensemble) SplitCounts() []int {
	out := make([]int, e.Columns)
	for _, x := range e.Nodes {
		if x.Left != 0 {
			out[x.Feature&column]++
		}
	}
	return out
}

// FeatureImportances is that of the trees, see [Ensemble.FeatureImportances].
func (a *average) FeatureImportances() []float64 { return a.Trees.FeatureImportances() }

// SplitCounts is that of the trees, see [Ensemble.SplitCounts].
func (a *average) SplitCounts() []int { return a.Trees.SplitCounts() }

// FeatureImportances is each column's share of what all splits of all trees gained, later trees thus counting less, each
// gain being per unit of its tree's cover: the feature_importances_ of scikit-learn's GradientBoosting, and LightGBM's
// importance_type "gain" but for its scale.
func (b *boosted) FeatureImportances() []float64 {
	out, tree := make([]float64, b.Trees.Columns), make([]float64, b.Trees.Columns)
	for t, root := range b.Trees.Roots {
		clear(tree)
		b.Trees.addGains(t, tree)
		for j, g := range tree {
			if cover := b.Trees.Cover[root]; cover > 0 {
				out[j] += g / cover
			}
		}
	}
	return shares(out)
}

// SplitCounts is that of the trees, see [Ensemble.SplitCounts].
func (b *boosted) SplitCounts() []int { return b.Trees.SplitCounts() }

// FeatureImportances is that of the trees by their weights, see [Ensemble.FeatureImportances].
func (m *medians) FeatureImportances() []float64 { return m.Trees.importances(m.Weights) }

// SplitCounts is that of the trees, see [Ensemble.SplitCounts].
func (m *medians) SplitCounts() []int { return m.Trees.SplitCounts() }

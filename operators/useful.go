package operators

import "github.com/lren-chuv/automl/dataset"

// HasCategories reports whether x has a categorical column: what most encoders need to be useful.
func HasCategories(x *dataset.Frame) bool {
	for _, c := range x.Columns() {
		if c.Kind == dataset.Categorical {
			return true
		}
	}
	return false
}

// HasMissing reports whether a value of x is missing: what imputers need to be useful.
func HasMissing(x *dataset.Frame) bool {
	for _, c := range x.Columns() {
		for i := range c.Len() {
			if c.Missing(i) {
				return true
			}
		}
	}
	return false
}

// HasFewValued reports whether a numeric column of x has at least two and at most k different values, with k below 256.
func HasFewValued(x *dataset.Frame, k int) bool {
	for _, c := range x.Columns() {
		if c.Kind == dataset.Categorical {
			continue
		}
		seen := make(map[float64]bool, k+1)
		for _, v := range c.Float {
			if v == v {
				seen[v] = true
			}
			if len(seen) > k {
				break
			}
		}
		if len(seen) >= 2 && len(seen) <= k {
			return true
		}
	}
	return false
}

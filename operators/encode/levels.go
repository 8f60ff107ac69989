// Package encode turns categories and text into numbers.
package encode

import (
	"slices"

	"github.com/lren-chuv/automl/dataset"
)

// codesIn returns the codes of categorical column c in terms of levels, those of the training column. A level that is
// not among them is coded -1, as a missing value is.
func codesIn(c *dataset.Column, levels []string) []int32 {
	if slices.Equal(c.Levels, levels) {
		return c.Code
	}
	position := make(map[string]int32, len(levels))
	for k, l := range levels {
		position[l] = int32(k)
	}
	translate := make([]int32, len(c.Levels))
	for k, l := range c.Levels {
		translate[k] = -1
		if p, ok := position[l]; ok {
			translate[k] = p
		}
	}
	codes := make([]int32, len(c.Code))
	for i, k := range c.Code {
		codes[i] = -1
		if k >= 0 {
			codes[i] = translate[k]
		}
	}
	return codes
}

type countsKey struct{}

// counts returns how many rows each level of a categorical column has, the missing ones last.
func counts(c *dataset.Column) []int {
	return c.Derive(countsKey{}, func() any {
		n := make([]int, len(c.Levels)+1)
		for _, k := range c.Code {
			if k < 0 {
				k = int32(len(c.Levels))
			}
			n[k]++
		}
		return n
	}).([]int)
}

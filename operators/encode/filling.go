package encode

import (
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/stats"
)

// filling replaces the missing values of a numeric column.
type filling struct {
	Value  float64
	Marker string // name of the column that marks them; empty if training had none
}

// apply returns c itself if it is complete, and the marker beside it.
func (f *filling) apply(c *dataset.Column) []*dataset.Column {
	filled := c
	if stats.Missing(c) > 0 {
		v := make([]float64, c.Len())
		for i, x := range c.Float {
			if x != x {
				x = f.Value
			}
			v[i] = x
		}
		filled = dataset.NewNumeric(c.Name, v)
	}
	if f.Marker == "" {
		return []*dataset.Column{filled}
	}
	mark := make([]float64, c.Len())
	for i, x := range c.Float {
		if x != x {
			mark[i] = 1
		}
	}
	return []*dataset.Column{filled, dataset.NewNumeric(f.Marker, mark)}
}

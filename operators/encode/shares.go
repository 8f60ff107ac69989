package encode

import (
	"fmt"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
)

// shares replaces the levels of a categorical column by their frequency in the training rows.
type shares struct {
	Levels []string
	Share  wire.Floats // per level, then of missing values
	Name   string
}

// learnShares counts the levels of c. A level that did not occur in training has the share 0.
func learnShares(c *dataset.Column) *shares {
	n := counts(c)
	s := &shares{Levels: c.Levels, Share: make(wire.Floats, len(n)), Name: c.Name + " frequency"}
	for k := range n {
		s.Share[k] = float64(n[k]) / float64(max(1, c.Len()))
	}
	return s
}

func (s *shares) apply(c *dataset.Column) []*dataset.Column {
	v := make([]float64, c.Len())
	for i, k := range codesIn(c, s.Levels) {
		switch {
		case k >= 0:
			v[i] = s.Share[k]
		case c.Code[i] < 0:
			v[i] = s.Share[len(s.Levels)]
		}
	}
	return []*dataset.Column{dataset.NewNumeric(s.Name, v)}
}

func (s *shares) check() error {
	if len(s.Share) != len(s.Levels)+1 {
		return fmt.Errorf("encode: %d shares for %d levels", len(s.Share), len(s.Levels))
	}
	return nil
}

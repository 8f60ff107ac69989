package tree

import (
	"math"

	"github.com/lren-chuv/automl/operators"
)

// settings reads parameter values by name.
type settings struct {
	params []operators.Param
	values []float64
}

// get is the value of a parameter, 0 if there is no such parameter.
func (s settings) get(name string) float64 {
	for i := range s.params {
		if s.params[i].Name == name {
			return s.values[i]
		}
	}
	return 0
}

// choice is the text of a Choice.
func (s settings) choice(name string) string {
	for i := range s.params {
		if s.params[i].Name == name {
			return s.params[i].Choices[int(s.values[i])]
		}
	}
	return ""
}

// limit is a whole number, 0 for None or what is too large to matter.
func (s settings) limit(name string) int {
	v := s.get(name)
	if _, none := operators.IsWord(v); none || v > math.MaxInt32 || v < 0 {
		return 0
	}
	return int(v)
}

// within reports whether all named values lie in [lo, hi].
func (s settings) within(lo, hi float64, names ...string) bool {
	for _, n := range names {
		if v := s.get(n); !(v >= lo && v <= hi) {
			return false
		}
	}
	return true
}

package operators

import (
	"fmt"
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
)

// Role is an operator's place in a pipeline.
type Role uint8

const (
	Cleaner     Role = iota // fills or drops what is missing or useless
	Encoder                 // turns categories, dates and text into numbers
	Scaler                  // rescales every column by itself
	Transformer             // constructs new columns
	Selector                // keeps some of the columns
	Classifier              // predicts class probabilities
	Regressor               // predicts a number
)

var roleNames = [...]string{"cleaner", "encoder", "scaler", "transformer", "selector", "classifier", "regressor"}

// String is the role in lower case, as templates and lists name it.
func (r Role) String() string { return roleNames[r] }

// Traits are facts about an operator that the pipeline, the grammar and the conformance suite act on.
type Traits uint16

const (
	Categories  Traits = 1 << iota // takes categorical columns; other operators get them encoded first
	Missing                        // takes missing values; other operators get them imputed first
	Weights                        // uses sample weights
	Random                         // draws random numbers
	Instances                      // the fitted form holds training rows (nearest neighbours, kernel machines)
	Supervised                     // a transformer or selector that looks at the target
	NonNegative                    // refuses negative values
	FewRows                        // the fitted form holds values of single rows or of very few: extremes, fine quantiles, small clusters and cells
	Baseline                       // a predictor that looks at no column: what others are compared with, and no search draws
)

// Spec describes an operator: an entry of the catalogue. It is a constant.
type Spec struct {
	Name    string         // scikit-learn's name
	Doc     string         // one line for users
	Role    Role           //
	Tasks   []dataset.Task // the tasks it serves; nil means all
	Traits  Traits         //
	Params  []Param        //
	Ignored []string       // parameters of scikit-learn's that are accepted in text and have no effect here

	// New makes the operator from one value per Param, or says which value is wrong.
	New func(values []float64) (Operator, error)
	// Decode reads back what Encode wrote of a Fitted; hostile bytes give an error. See [Decode].
	Decode func(data []byte) (Fitted, error)
	// Useful reports whether the operator can change a table like x at all, an encoder for instance one without categories;
	// nil means always. A search leaves out what is of no use.
	Useful func(x *dataset.Frame) bool
	// Memory estimates the bytes that Fit needs beside its input; nil means a small multiple of the input.
	Memory func(shape Shape, values []float64) int64
}

// Shape is the size of a fit: training rows, feature columns, and classes of the target, 0 for regression.
type Shape struct{ Rows, Cols, Classes int }

// Has reports whether the operator has all the given traits.
func (s *Spec) Has(t Traits) bool { return s.Traits&t == t }

// TellsOfRows reports whether the fitted form holds training rows, or values or statistics of single ones.
func (s *Spec) TellsOfRows() bool { return s.Traits&(Instances|FewRows) != 0 }

// Predicts reports whether the operator is a classifier or regressor.
func (s *Spec) Predicts() bool { return s.Role == Classifier || s.Role == Regressor }

// Serves reports whether the operator can be used for a task.
func (s *Spec) Serves(t dataset.Task) bool {
	if s.Role == Classifier && t == dataset.Regression || s.Role == Regressor && t != dataset.Regression {
		return false
	}
	return len(s.Tasks) == 0 || slices.Contains(s.Tasks, t)
}

// Served lists the names of the tasks that the operator can be used for.
func (s *Spec) Served() []string {
	var names []string
	for _, t := range []dataset.Task{dataset.Binary, dataset.Multiclass, dataset.Regression} {
		if s.Serves(t) {
			names = append(names, t.String())
		}
	}
	return names
}

// Index returns the position of the parameter called name, or -1.
func (s *Spec) Index(name string) int {
	return slices.IndexFunc(s.Params, func(p Param) bool { return p.Name == name })
}

// Defaults returns a fresh slice with every parameter at its default.
func (s *Spec) Defaults() []float64 {
	values := make([]float64, len(s.Params))
	for i := range s.Params {
		values[i] = s.Params[i].Default
	}
	return values
}

// Active reports whether parameter i has an effect, given the values of those it depends on.
func (s *Spec) Active(i int, values []float64) bool {
	c := s.Params[i].When
	if c == nil {
		return true
	}
	j := s.Index(c.Param)
	return s.Active(j, values) && slices.Contains(c.Is, s.Params[j].Format(values[j]))
}

// Canonical returns values with every inactive parameter at its default, so that equal behaviour has equal values.
func (s *Spec) Canonical(values []float64) []float64 {
	out := slices.Clone(values)
	for i := range s.Params {
		if !s.Active(i, values) {
			out[i] = s.Params[i].Default
		}
	}
	return out
}

// Check reports the first value that its parameter cannot have.
func (s *Spec) Check(values []float64) error {
	if len(values) != len(s.Params) {
		return fmt.Errorf("%s: %d values for %d parameters", s.Name, len(values), len(s.Params))
	}
	for i := range s.Params {
		if math.IsNaN(values[i]) {
			return fmt.Errorf("%s: %s is not a number", s.Name, s.Params[i].Name)
		}
		if err := s.Params[i].Check(values[i]); err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	return nil
}

// Encode writes a fitted operator for a model file.
func Encode(f Fitted) ([]byte, error) { return wire.Marshal(f) }

// Decode reads a fitted operator of type *T as Encode wrote it. If *T has a method Check() error, it is called, so that
// no inconsistent value ever reaches Apply: a Spec names its decoder as operators.Decode[fittedThing].
func Decode[T any, P interface {
	*T
	Fitted
}](data []byte) (Fitted, error) {
	f := P(new(T))
	if err := wire.Unmarshal(data, f); err != nil {
		return nil, err
	}
	if c, ok := any(f).(interface{ Check() error }); ok {
		if err := c.Check(); err != nil {
			return nil, err
		}
	}
	return f, nil
}

package operators

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Range narrows one hyper-parameter of a [Spec]. What is left out stays as it is.
type Range struct {
	Low, High *float64 // bounds of what is drawn; they may lie beyond the Spec's own
	Choices   []string // of the Spec's Choices those to keep; empty but not nil: none
	Default   string   // in text form, also beyond the bounds; if left out, the Spec's default, moved within new bounds
	Fixed     bool     // every pipeline has the default
}

// Narrow returns the operator with other ranges for some of its hyper-parameters, s itself if nothing changes. What New
// makes of values is the same; it refuses those outside the ranges. The error says what is wrong with which parameter.
func (s *Spec) Narrow(ranges map[string]Range) (*Spec, error) {
	params := slices.Clone(s.Params)
	changed := false
	for name, r := range ranges {
		i := s.Index(name)
		if i < 0 {
			return nil, fmt.Errorf("%s has no parameter %q; it has %s", s.Name, name, s.paramNames())
		}
		if err := r.narrow(&params[i]); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", s.Name, name, err)
		}
		changed = changed || !params[i].same(&s.Params[i])
	}
	if !changed {
		return s, nil
	}
	out := s.with(params)
	return out, out.tryBounds()
}

// with is the operator with other ranges.
func (s *Spec) with(params []Param) *Spec {
	out := *s
	out.Params = params
	w := narrowed{s, params}
	out.New = w.make
	if s.Memory != nil {
		out.Memory = func(shape Shape, values []float64) int64 { return s.Memory(shape, w.original(values)) }
	}
	return &out
}

// WithParams returns the operator that has params, the Params of what Narrow made of the same operator, perhaps on another
// machine; s itself if nothing differs. What could not come from Narrow is an error.
func (s *Spec) WithParams(params []Param) (*Spec, error) {
	if len(params) != len(s.Params) {
		return nil, fmt.Errorf("%s: %d parameters instead of %d", s.Name, len(params), len(s.Params))
	}
	params, changed := slices.Clone(params), false
	for i := range params {
		p, q := &params[i], &s.Params[i]
		if p.Name != q.Name || p.Scale != q.Scale {
			return nil, fmt.Errorf("%s: parameter %s instead of %s", s.Name, p.Name, q.Name)
		}
		for _, c := range p.Choices {
			if !slices.Contains(q.Choices, c) {
				return nil, fmt.Errorf("%s: %s has no choice %q", s.Name, p.Name, c)
			}
		}
		if err := p.Check(p.Default); err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
		params[i].When = q.When
		changed = changed || !p.same(q) || p.Named != q.Named
	}
	if !changed {
		return s, nil
	}
	return s.with(params), nil
}

func (s *Spec) paramNames() string {
	if len(s.Params) == 0 {
		return "none"
	}
	names := make([]string, len(s.Params))
	for i := range s.Params {
		names[i] = s.Params[i].Name
	}
	return strings.Join(names, ", ")
}

func (p *Param) same(q *Param) bool {
	return p.Lo == q.Lo && p.Hi == q.Hi && slices.Equal(p.Choices, q.Choices) && p.Default == q.Default && p.Fixed == q.Fixed
}

func (r *Range) narrow(p *Param) error {
	old := *p
	if err := r.choices(p); err != nil {
		return err
	}
	if err := r.bounds(p); err != nil {
		return err
	}
	if p.numeric() && p.Lo == p.Hi && len(p.Choices) > 0 && (r.Low != nil || r.High != nil) {
		return fmt.Errorf("low and high are both %g: want low < high beside %s", p.Lo, strings.Join(p.Choices, ", "))
	}
	ranged := r.Low != nil || r.High != nil || r.Choices != nil
	single := p.Scale == Choice && len(p.Choices) == 1 || p.numeric() && p.Lo == p.Hi && len(p.Choices) == 0
	p.Fixed = r.Fixed || ranged && single || old.Fixed && !ranged
	if err := r.defaults(p, old.Format(old.Default)); err != nil {
		return err
	}
	p.Named = p.Fixed && !(old.Fixed && p.Format(p.Default) == old.Format(old.Default))
	return nil
}

func (r *Range) choices(p *Param) error {
	if r.Choices == nil {
		return nil
	}
	for _, c := range r.Choices {
		if !slices.Contains(p.Choices, c) {
			return fmt.Errorf("%q is none of its choices: %s", c, strings.Join(p.Choices, ", "))
		}
	}
	if p.Choices = r.Choices; p.Scale == Choice && len(r.Choices) == 0 {
		return errors.New("no choice is left")
	}
	return nil
}

// defaults sets the default that is asked for, or else keeps the old one or what is nearest to it.
func (r *Range) defaults(p *Param, old string) error {
	if r.Default != "" {
		v, err := p.Parse(r.Default)
		p.Default = v
		return err
	}
	v, err := p.Parse(old)
	switch {
	case err != nil && p.Scale == Choice:
		v = 0
	case err != nil:
		v = p.Lo
	}
	if _, word := IsWord(v); !word && p.numeric() && v >= 0 && (r.Low != nil || r.High != nil) {
		v = max(p.Lo, min(p.Hi, v))
	}
	p.Default = v
	return nil
}

// bounds takes over the limits of the range.
func (r *Range) bounds(p *Param) error {
	if r.Low == nil && r.High == nil {
		return nil
	}
	if !p.numeric() {
		return errors.New("it has no low and high, only choices")
	}
	if r.Low != nil {
		p.Lo = *r.Low
	}
	if r.High != nil {
		p.Hi = *r.High
	}
	for _, v := range []float64{p.Lo, p.Hi} {
		switch {
		case (p.Scale == Int || p.Scale == LogInt) && v != math.Trunc(v):
			return fmt.Errorf("%g: want an integer", v)
		case (p.Scale == Log || p.Scale == LogInt) && v <= 0:
			return fmt.Errorf("%g: want a positive number, it is spaced logarithmically", v)
		case p.Scale == Fraction && !(v > 0 && v <= 1):
			return fmt.Errorf("%g: want a share in (0, 1]", v)
		}
	}
	if !(p.Lo <= p.Hi) || math.IsInf(p.Lo, 0) || math.IsInf(p.Hi, 0) {
		return fmt.Errorf("low %g and high %g: want low ≤ high", p.Lo, p.Hi)
	}
	return nil
}

func (p *Param) numeric() bool { return p.Scale != Choice && p.Scale != Bool }

// contains reports whether the search could draw v.
func (p *Param) contains(v float64) bool {
	if p.Fixed {
		return v == p.Default
	}
	if _, word := IsWord(v); word || !p.numeric() {
		return true // parsed, so one of Choices
	}
	return v == p.Default || v >= p.Lo && v <= p.Hi || v < 0 && p.Scale == Fraction
}

// tryBounds makes the operator at both ends of every range, so that a bound that it refuses is an error at once.
func (s *Spec) tryBounds() error {
	try := func(i int, v float64) error {
		values := s.Defaults()
		values[i] = v
		_, err := s.New(s.Canonical(values))
		return err
	}
	for i := range s.Params {
		p := &s.Params[i]
		at := []float64{p.Default}
		if p.numeric() && !p.Fixed {
			at = append(at, p.Lo, p.Hi)
		}
		for _, v := range at {
			if err := try(i, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// narrowed turns values of the narrowed parameters into those of the original ones, whose choices have other numbers.
type narrowed struct {
	spec   *Spec
	params []Param
}

func (w narrowed) original(values []float64) []float64 {
	out := slices.Clone(values)
	for i, v := range values {
		p, full := &w.params[i], &w.spec.Params[i]
		word, isWord := IsWord(v)
		switch {
		case p.Scale == Choice:
			out[i] = float64(slices.Index(full.Choices, p.Choices[int(v)]))
		case isWord:
			out[i] = Word(slices.Index(full.Choices, p.Choices[word]))
		}
	}
	return out
}

func (w narrowed) make(values []float64) (Operator, error) {
	s := *w.spec
	s.Params = w.params
	if err := s.Check(values); err != nil {
		return nil, err
	}
	for i, v := range values {
		if p := &w.params[i]; s.Active(i, values) && !p.contains(v) {
			return nil, fmt.Errorf("%s: %s=%s is outside the search space", s.Name, p.Name, p.Format(v))
		}
	}
	return w.spec.New(w.spec.Canonical(w.original(values)))
}

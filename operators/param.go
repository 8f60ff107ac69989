package operators

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Scale says how the values of a hyper-parameter are spaced.
type Scale uint8

const (
	Linear   Scale = iota // a real number, drawn uniformly
	Log                   // a positive real number, drawn log-uniformly
	Int                   // an integer
	LogInt                // a positive integer, drawn log-uniformly
	Fraction              // a share in (0, 1], written with a point (1.0 is all), or a count, written as an integer (1 is one)
	Choice                // one of Choices
	Bool                  // false or true
)

// Param describes one hyper-parameter. Whatever its type, a value is one float64: the number itself; the index of a
// Choice; 0 or 1 of a Bool; minus the count of a Fraction that counts; Word(i) where the i-th of Choices stands in place
// of a number (such as None for an unlimited depth).
type Param struct {
	Name    string     // scikit-learn's name
	Scale   Scale      //
	Lo, Hi  float64    // range that the search draws from (numbers only); text may go beyond it
	Choices []string   // the values of a Choice, or words that may stand instead of a number
	Default float64    // scikit-learn's, or the best known; it may lie outside the range
	Fixed   bool       // not varied by the search: a tolerance, an iteration limit
	Named   bool       // written in text even if it is Fixed and at its default
	When    *Condition // if set, the parameter only has an effect when it holds; otherwise it rests at its default
}

// Condition holds when the Choice or Bool parameter called Param has one of the values in Is.
type Condition struct {
	Param string   // name of another parameter of the same Spec
	Is    []string // values in text form
}

const wordBase = -1 << 40

// Word is the value of a numeric parameter for which the i-th of its Choices stands.
func Word(i int) float64 { return wordBase - float64(i) }

// IsWord reports which word v is, if it is one.
func IsWord(v float64) (int, bool) {
	if v <= wordBase {
		return int(wordBase - v), true
	}
	return 0, false
}

// Count is the value of a Fraction parameter that counts k things.
func Count(k int) float64 { return -float64(k) }

// Resolve turns the value of a Fraction parameter into a number of things out of n, at least 1 and at most n.
func Resolve(v float64, n int) int {
	k := int(v * float64(n))
	if v < 0 {
		k = int(-v)
	}
	return max(1, min(k, n))
}

// Format writes v as it stands in the text of a pipeline.
func (p *Param) Format(v float64) string {
	if i, ok := IsWord(v); ok && i < len(p.Choices) {
		return p.Choices[i]
	}
	switch p.Scale {
	case Choice:
		return p.Choices[int(v)]
	case Bool:
		return strconv.FormatBool(v != 0)
	case Fraction:
		if v < 0 {
			return strconv.Itoa(int(-v))
		}
		s := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(s, ".e") {
			s += ".0"
		}
		return s
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// Parse reads a value as Format writes it; Python's True, False and None are understood too. The value may lie outside
// the range that the search draws from; whether it makes sense is for Spec.New to say.
func (p *Param) Parse(s string) (float64, error) {
	for i, c := range p.Choices {
		if c == s {
			if p.Scale == Choice {
				return float64(i), nil
			}
			return Word(i), nil
		}
	}
	switch p.Scale {
	case Choice:
		return 0, fmt.Errorf("%s=%s: want one of %s", p.Name, s, strings.Join(p.Choices, ", "))
	case Bool:
		switch s {
		case "true", "True":
			return 1, nil
		case "false", "False":
			return 0, nil
		}
		return 0, fmt.Errorf("%s=%s: want true or false", p.Name, s)
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || v <= wordBase {
		return 0, fmt.Errorf("%s=%s: want a number%s", p.Name, s, orWords(p.Choices))
	}
	switch {
	case p.Scale == Fraction && !strings.ContainsAny(s, ".eE"):
		if v < 1 {
			return 0, fmt.Errorf("%s=%s: want a share in (0, 1] or a count of at least 1%s", p.Name, s, orWords(p.Choices))
		}
		return Count(int(v)), nil
	case p.Scale == Fraction && !(v > 0 && v <= 1):
		return 0, fmt.Errorf("%s=%s: want a share in (0, 1] or a whole count%s", p.Name, s, orWords(p.Choices))
	case (p.Scale == Int || p.Scale == LogInt) && v != math.Trunc(v):
		return 0, fmt.Errorf("%s=%s: want an integer%s", p.Name, s, orWords(p.Choices))
	}
	return v, nil
}

func orWords(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return " or " + strings.Join(words, ", ")
}

// Check reports whether v is a value that the parameter's text could have.
func (p *Param) Check(v float64) error {
	if _, err := p.Parse(p.formatSafe(v)); err != nil {
		return err
	}
	return nil
}

func (p *Param) formatSafe(v float64) string {
	if p.Scale == Choice && (v < 0 || int(v) >= len(p.Choices) || v != math.Trunc(v)) {
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return p.Format(v)
}

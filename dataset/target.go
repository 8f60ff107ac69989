package dataset

import (
	"fmt"
	"math"
	"slices"
)

// A numeric target is taken for classes if it is integers, at most this many different ones, each on average in so many
// rows; or if it has two values.
const (
	autoClasses   = 20
	rowsPerNumber = 20
)

// target makes the target column, with missing values where the raw column has them, and notes its field.
func (p *picker) target(at int) (*Column, error) {
	raw, kind := p.cols[at], p.Fields[at].Type
	if missingRows(raw) == p.rows {
		return nil, p.errorf(raw.Name, "the target is missing in all rows")
	}
	classes, err := p.wantsClasses(raw, kind)
	if err != nil {
		return nil, err
	}
	p.schema.Target = Field{Name: raw.Name, Type: Number}
	if !classes {
		values, err := p.numbers(raw)
		if err != nil {
			return nil, err
		}
		return NewNumeric(raw.Name, values), nil
	}
	if raw.Kind == Numeric {
		if _, err := p.numbers(raw); err != nil {
			return nil, err
		}
	}
	text := raw.strings()
	p.schema.Target = Field{Name: raw.Name, Type: Category, Levels: sortedLevels(text)}
	if err := p.countClasses(); err != nil {
		return nil, err
	}
	return p.schema.Target.recode(text), nil
}

// wantsClasses decides between classification and regression.
func (p *picker) wantsClasses(raw *Column, kind Type) (bool, error) {
	switch p.opt.Task {
	case "binary", "multiclass":
		return true, nil
	case "regression":
		return false, nil
	case "", "auto":
	default:
		return false, fmt.Errorf("dataset: unknown task %q: want auto, binary, multiclass or regression", p.opt.Task)
	}
	if kind == Date {
		return false, p.errorf(raw.Name, "the target is a date: give a number or classes instead, or its type as categorical")
	}
	if raw.Kind == Categorical {
		return true, nil
	}
	distinct, integers := countNumbers(raw.Float)
	switch {
	case distinct <= 2:
		return true, nil
	case integers && distinct <= autoClasses && distinct*rowsPerNumber <= p.rows:
		p.warnf("target %q has %d different integers, which are taken for classes; choose the task regression to predict a number", raw.Name, distinct)
		return true, nil
	}
	return false, nil
}

// countNumbers counts the different numbers, as far as a few more than autoClasses, and reports whether all are integers.
func countNumbers(values []float64) (distinct int, integers bool) {
	var seen []float64
	integers = true
	for _, v := range values {
		if v != v || slices.Contains(seen, v) {
			continue
		}
		seen = append(seen, v)
		integers = integers && v == math.Trunc(v)
		if len(seen) > autoClasses {
			break
		}
	}
	return len(seen), integers
}

// countClasses refuses a number of classes that does not fit the task.
func (p *picker) countClasses() error {
	n := len(p.schema.Target.Levels)
	switch {
	case n == 1:
		return p.errorf(p.opt.Target, "the target has a single class, %s: nothing to learn", shown(p.schema.Target.Levels[0]))
	case p.opt.Task == "binary" && n != 2:
		return p.errorf(p.opt.Target, "the target has %d classes, not the two of a binary task; choose the task multiclass or regression", n)
	case p.opt.Task == "multiclass" && n == 2:
		return p.errorf(p.opt.Target, "the target has two classes; choose the task binary")
	}
	return nil
}

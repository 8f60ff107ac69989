package dataset

import (
	"fmt"
	"slices"
)

// SampleOptions say what to learn from a table.
type SampleOptions struct {
	Target  string   // name of the column to predict
	Weights string   // name of the column of row weights, or ""
	Groups  string   // name of the column whose equal values mark rows that belong together, or ""
	Ignore  []string // names of columns to leave out
	Task    string   // auto (or ""), binary, multiclass or regression
	MinRows int      // categories of features that fewer rows have count as missing
}

// Sample picks the target and the features out of the table. Identifiers, constants and ignored columns are left out,
// and so are rows without target. What cannot be learned from is a [*DataError]; what the user should know is in the
// schema's Warnings.
func (t *Table) Sample(opt SampleOptions) (Sample, *Schema, error) {
	if t.rows == 0 {
		return Sample{}, nil, t.errorf("", "no rows below the header")
	}
	apart, err := t.setApart(opt)
	if err != nil {
		return Sample{}, nil, err
	}
	p := &picker{Table: t, opt: opt, schema: &Schema{Missing: t.missing}}
	s := Sample{}
	if s.Y, err = p.target(apart[opt.Target]); err != nil {
		return Sample{}, nil, err
	}
	if opt.Weights != "" {
		if s.W, err = t.weights(t.cols[apart[opt.Weights]]); err != nil {
			return Sample{}, nil, err
		}
	}
	if opt.Groups != "" {
		if s.Group, err = t.groups(t.cols[apart[opt.Groups]]); err != nil {
			return Sample{}, nil, err
		}
	}
	if s.X, err = p.features(apart); err != nil {
		return Sample{}, nil, err
	}
	s = p.dropUnlabelled(s)
	return s, p.schema, p.check(s)
}

// setApart finds the columns that are no features.
func (t *Table) setApart(opt SampleOptions) (map[string]int, error) {
	apart := map[string]int{}
	for i, name := range append([]string{opt.Target, opt.Weights, opt.Groups}, opt.Ignore...) {
		if name == "" && i > 0 {
			continue
		}
		at := t.index(name)
		if at < 0 {
			return nil, t.unknown(name)
		}
		if i < 3 && t.cols[at].Len() != t.rows {
			return nil, t.errorf(name, "the column was not read, as its type is ignore")
		}
		if _, twice := apart[name]; twice && i < 3 {
			return nil, t.errorf(name, "one column cannot be two of target, weights and groups")
		}
		if i >= 3 && name == opt.Target {
			return nil, t.errorf(name, "the target cannot be ignored")
		}
		apart[name] = at
	}
	return apart, nil
}

// picker makes one sample of a table.
type picker struct {
	*Table
	opt    SampleOptions
	schema *Schema
}

func (p *picker) warnf(format string, args ...any) {
	p.schema.Warnings = append(p.schema.Warnings, fmt.Sprintf(format, args...))
}

// features makes the feature columns of all fields that are not set apart.
func (p *picker) features(apart map[string]int) (*Frame, error) {
	var cols []*Column
	for j, f := range p.Fields {
		if f.Name == p.opt.Target {
			continue
		}
		if _, other := apart[f.Name]; other {
			f = Field{Name: f.Name, Type: Ignore}
		} else if f.Type == ID || f.Type == Constant {
			p.warnf("column %q is left out: %s", f.Name, why[f.Type])
		}
		if f.Type == Category && p.opt.MinRows > 1 {
			f = p.common(f, p.cols[j])
		}
		p.schema.Fields = append(p.schema.Fields, f)
		made, err := f.features(p.Table, p.cols[j])
		if err != nil {
			return nil, err
		}
		cols = append(cols, made...)
	}
	if len(cols) == 0 {
		return nil, p.errorf("", "no column to learn from: all but the target are left out (identifiers, constants, ignored)")
	}
	return MustFrame(p.rows, cols...), nil
}

// common is the field with only those of its levels that enough rows have, left out if these are fewer than two.
func (p *picker) common(f Field, c *Column) Field {
	c = f.recode(c.strings())
	rows := make([]int, len(f.Levels))
	for _, k := range c.Code {
		if k >= 0 {
			rows[k]++
		}
	}
	var levels []string
	for k, level := range f.Levels {
		if rows[k] >= p.opt.MinRows {
			levels = append(levels, level)
		}
	}
	rare := len(f.Levels) - len(levels)
	switch {
	case rare == 0:
		return f
	case len(levels) < 2:
		p.warnf("column %q is left out: it has no two categories of at least %d rows", f.Name, p.opt.MinRows)
		return Field{Name: f.Name, Type: Ignore}
	}
	p.warnf("%d categories of column %q count as missing: fewer than %d rows have each", rare, f.Name, p.opt.MinRows)
	f.Levels = levels
	return f
}

var why = map[Type]string{
	ID:       "it names the rows (give it another type to keep it)",
	Constant: "all of its values are the same",
}

// dropUnlabelled leaves out the rows whose target is missing.
func (p *picker) dropUnlabelled(s Sample) Sample {
	missing := missingRows(s.Y)
	if missing == 0 {
		return s
	}
	p.warnf("%d of %d rows are left out: their target %q is missing", missing, p.rows, p.opt.Target)
	keep := make([]int32, 0, p.rows-missing)
	for i := range p.rows {
		if !s.Y.Missing(i) {
			keep = append(keep, int32(i))
		}
	}
	return s.Gather(keep)
}

// check refuses a sample that nothing can be learned from.
func (p *picker) check(s Sample) error {
	if s.Rows() < 3 {
		return p.errorf("", "%d rows with a target: too few to learn from; at least 3 are needed, better 50 or more", s.Rows())
	}
	if s.Y.Kind == Numeric {
		if slices.Min(s.Y.Float) == slices.Max(s.Y.Float) {
			return p.errorf(s.Y.Name, "the target has the same value in all rows: nothing to learn")
		}
		return nil
	}
	size := make([]int, len(s.Y.Levels))
	for _, k := range s.Y.Code {
		size[k]++
	}
	var single []string
	for k, n := range size {
		if n == 1 {
			single = append(single, s.Y.Levels[k])
		}
	}
	switch {
	case len(single) == len(size):
		return p.errorf(s.Y.Name, "every class has a single row: is this an identifier, or a number to be predicted by regression?")
	case len(single) > 0:
		some := single[:min(5, len(single))]
		p.warnf("target %q: %d of %d classes have a single row, which some fold cannot learn: %s", s.Y.Name, len(single), len(size), quotedList(some, "and"))
	}
	return nil
}

func (t *Table) weights(c *Column) ([]float64, error) {
	w, err := t.numbers(c)
	if err != nil {
		return nil, err
	}
	positive := false
	for i, v := range w {
		if !(v >= 0) {
			return nil, t.errorAt(i, c.Name, "a weight must be a number of at least 0")
		}
		positive = positive || v > 0
	}
	if !positive {
		return nil, t.errorf(c.Name, "all weights are 0")
	}
	return w, nil
}

func (t *Table) groups(c *Column) ([]int32, error) {
	codes := c.strings().Code
	if i := slices.Index(codes, -1); i >= 0 {
		return nil, t.errorAt(i, c.Name, "the group is missing")
	}
	return codes, nil
}

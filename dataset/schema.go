package dataset

import (
	"context"
	"errors"
	"fmt"
)

// Schema remembers how a sample was made of a table, so that a model can be given the like of it again. It is encoded
// with the model.
type Schema struct {
	Fields   []Field  // all columns but the target, those left out included, in the order of the file
	Target   Field    // Category (its levels are the classes) or Number
	Missing  []string // texts of missing values beside the empty one
	Warnings []string `msgpack:"-"` // what the user should know of the choice of the sample, one line each
}

// SchemaOf describes a sample made in memory.
func SchemaOf(s Sample) *Schema {
	out := &Schema{Target: fieldOf(s.Y), Missing: defaultMissing}
	for _, c := range s.X.Columns() {
		out.Fields = append(out.Fields, fieldOf(c))
	}
	return out
}

// Check reports what no encoder of ours would have written.
func (s *Schema) Check() error {
	for j := range s.Fields {
		if err := s.Fields[j].Check(); err != nil {
			return err
		}
	}
	if s.Target.Type != Number && s.Target.Type != Category {
		return fmt.Errorf("dataset: the target is %v", s.Target.Type)
	}
	if s.Target.Type == Category && len(s.Target.Levels) < 2 {
		return errors.New("dataset: the target has fewer than two classes")
	}
	return s.Target.Check()
}

// Task is the kind of problem the target poses.
func (s *Schema) Task() Task {
	switch {
	case s.Target.Type == Number:
		return Regression
	case len(s.Target.Levels) > 2:
		return Multiclass
	}
	return Binary
}

// ReadAs reads a file for a model: the feature columns in the schema's order, found by name, and the target, nil if the
// file has none or no value of it. Other columns are ignored. A category that the schema does not know is a missing
// value; a class that it does not know, a missing column, and text where numbers or dates belong are a [*DataError].
// A file without rows is as good as any. opt.Types is not used, opt.Missing is the schema's unless given.
func ReadAs(ctx context.Context, path string, s *Schema, opt ReadOptions) (x *Frame, y *Column, err error) {
	if opt.Missing == nil {
		opt.Missing = s.Missing
	}
	opt.Types, opt.onlyTyped = s.types(opt.NoTarget), true
	t, err := readRaw(ctx, path, opt)
	if err != nil {
		return nil, nil, err
	}
	if x, err = s.Features(t); err != nil || opt.NoTarget {
		return x, nil, err
	}
	y, err = s.TargetIn(t)
	return x, y, err
}

// types says how to read each column that the schema needs.
func (s *Schema) types(noTarget bool) map[string]Type {
	types := make(map[string]Type, len(s.Fields)+1)
	for _, f := range s.Fields {
		if f.Type.Used() {
			types[f.Name] = f.Type
		}
	}
	if !noTarget {
		types[s.Target.Name] = s.Target.Type
	}
	return types
}

// Features returns the feature columns made of a table.
func (s *Schema) Features(t *Table) (*Frame, error) {
	at := make(map[string]int, len(t.cols))
	for j, c := range t.cols {
		at[c.Name] = j
	}
	var cols []*Column
	for j := range s.Fields {
		f := &s.Fields[j]
		if !f.Type.Used() {
			continue
		}
		k, found := at[f.Name]
		if !found {
			return nil, t.errorf(f.Name, "the column is missing; the model needs it")
		}
		made, err := f.features(t, t.cols[k])
		if err != nil {
			return nil, err
		}
		cols = append(cols, made...)
	}
	return MustFrame(t.rows, cols...), nil
}

// TargetIn returns the target column of a table, nil if there is none or all of it is missing.
func (s *Schema) TargetIn(t *Table) (*Column, error) {
	at := t.index(s.Target.Name)
	if at < 0 {
		return nil, nil
	}
	raw := t.cols[at]
	if missingRows(raw) == raw.Len() {
		return nil, nil
	}
	made, err := s.Target.features(t, raw)
	if err != nil {
		return nil, err
	}
	y := made[0]
	for i := range y.Len() {
		if y.Missing(i) && !raw.Missing(i) {
			text := raw.strings()
			return nil, t.errorAt(i, y.Name, "%s is none of the model's classes %s", shown(text.Levels[text.Code[i]]), quotedList(s.Target.Levels, "and"))
		}
	}
	return y, nil
}

func missingRows(c *Column) int {
	n := 0
	for i := range c.Len() {
		if c.Missing(i) {
			n++
		}
	}
	return n
}

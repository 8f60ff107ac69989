package golearn

import (
	"errors"
	"fmt"
	"slices"

	"github.com/sjwhitworth/golearn/base"

	"github.com/lren-chuv/automl/dataset"
)

// FromGrid copies all attributes of a grid, class attributes included, in golearn's order. Float attributes become
// numeric columns, in which NaN is missing, binary ones columns of 0 and 1, categorical ones categorical columns with
// their values as levels in sorted order. A panic of the grid becomes an error.
func FromGrid(g base.FixedDataGrid) (*dataset.Frame, error) {
	cols, err := columns(g, g.AllAttributes())
	if err != nil {
		return nil, err
	}
	return dataset.NewFrame(cols...)
}

// FromInstances copies a grid with one class attribute, which becomes the target: a categorical one makes it
// classification, a float one regression.
func FromInstances(g base.FixedDataGrid) (dataset.Sample, error) {
	class := g.AllClassAttributes()
	if len(class) != 1 {
		return dataset.Sample{}, fmt.Errorf("golearn: %d class attributes, want one", len(class))
	}
	y, err := columns(g, class)
	if err != nil {
		return dataset.Sample{}, err
	}
	x, err := columns(g, slices.DeleteFunc(g.AllAttributes(), class[0].Equals))
	if err != nil {
		return dataset.Sample{}, err
	}
	s := dataset.Sample{X: dataset.MustFrame(y[0].Len(), x...), Y: y[0]}
	return s, s.Check()
}

// columns copies attributes of a grid.
func columns(g base.FixedDataGrid, attributes []base.Attribute) (cols []*dataset.Column, err error) {
	defer recovered("reading the grid", &err)
	for _, a := range attributes {
		spec, err := g.GetAttribute(a)
		if err != nil {
			return nil, fmt.Errorf("golearn: %w", err)
		}
		c, err := column(g, spec)
		if err != nil {
			return nil, fmt.Errorf("golearn: attribute %q: %w", a.GetName(), err)
		}
		cols = append(cols, c)
	}
	return cols, nil
}

func column(g base.FixedDataGrid, spec base.AttributeSpec) (*dataset.Column, error) {
	_, rows := g.Size()
	name := spec.GetAttribute().GetName()
	switch a := spec.GetAttribute().(type) {
	case *base.CategoricalAttribute:
		codes, err := codes(g, spec, len(a.GetValues()))
		if err != nil {
			return nil, err
		}
		return sorted(name, codes, a.GetValues()), nil
	case *base.FloatAttribute:
		values := make([]float64, rows)
		for i := range values {
			values[i] = base.UnpackBytesToFloat(g.Get(spec, i))
		}
		return dataset.NewNumeric(name, values), nil
	case *base.BinaryAttribute:
		values := make([]float64, rows)
		for i := range values {
			if g.Get(spec, i)[0] != 0 {
				values[i] = 1
			}
		}
		return dataset.NewNumeric(name, values), nil
	default:
		return nil, fmt.Errorf("unknown type %T", a)
	}
}

func codes(g base.FixedDataGrid, spec base.AttributeSpec, levels int) ([]int32, error) {
	_, rows := g.Size()
	out := make([]int32, rows)
	for i := range out {
		v := base.UnpackBytesToU64(g.Get(spec, i))
		if v >= uint64(levels) {
			return nil, fmt.Errorf("row %d: value number %d of %d", i, v, levels)
		}
		out[i] = int32(v)
	}
	return out, nil
}

// sorted makes a categorical column of golearn's values, which stand in order of first appearance.
func sorted(name string, codes []int32, values []string) *dataset.Column {
	levels := slices.Clone(values)
	slices.Sort(levels)
	levels = slices.Compact(levels)
	for i, k := range codes {
		at, _ := slices.BinarySearch(levels, values[k])
		codes[i] = int32(at)
	}
	return dataset.NewCategorical(name, codes, levels)
}

// ToGrid copies a frame: numeric columns become float attributes, categorical ones categorical attributes with the same
// values in the same order. Missing values are errors, as golearn has none, and so are equal names, by which it finds
// its attributes.
func ToGrid(f *dataset.Frame) (*base.DenseInstances, error) {
	return grid(f.Columns(), f.Rows(), nil)
}

// ToInstances copies a sample; the target becomes the class attribute. Weights and groups have no place in golearn and
// are left behind.
func ToInstances(s dataset.Sample) (*base.DenseInstances, error) {
	return grid(append(slices.Clone(s.X.Columns()), s.Y), s.Rows(), s.Y)
}

func grid(cols []*dataset.Column, rows int, class *dataset.Column) (g *base.DenseInstances, err error) {
	defer recovered("making the grid", &err)
	if err := check(cols); err != nil {
		return nil, err
	}
	g = base.NewDenseInstances()
	specs := make([]base.AttributeSpec, len(cols))
	for j, c := range cols {
		a := attribute(c)
		specs[j] = g.AddAttribute(a)
		if c == class {
			if err := g.AddClassAttribute(a); err != nil {
				return nil, fmt.Errorf("golearn: %w", err)
			}
		}
	}
	if err := g.Extend(rows); err != nil {
		return nil, fmt.Errorf("golearn: %w", err)
	}
	for j, c := range cols {
		for i, v := range c.Float {
			g.Set(specs[j], i, base.PackFloatToBytes(v))
		}
		for i, k := range c.Code {
			g.Set(specs[j], i, base.PackU64ToBytes(uint64(k)))
		}
	}
	return g, nil
}

// check reports what golearn could not hold.
func check(cols []*dataset.Column) error {
	if len(cols) == 0 {
		return errors.New("golearn: a grid needs an attribute")
	}
	seen := make(map[string]bool, len(cols))
	for _, c := range cols {
		if seen[c.Name] {
			return fmt.Errorf("golearn: two columns are called %q", c.Name)
		}
		seen[c.Name] = true
		for i := range c.Len() {
			if c.Missing(i) {
				return fmt.Errorf("golearn: column %q row %d: golearn has no missing values", c.Name, i)
			}
		}
	}
	return nil
}

func attribute(c *dataset.Column) base.Attribute {
	if c.Kind == dataset.Numeric {
		return base.NewFloatAttribute(c.Name)
	}
	a := base.NewCategoricalAttribute()
	a.SetName(c.Name)
	for _, level := range c.Levels {
		a.GetSysValFromString(level) // adds it
	}
	return a
}

// recovered turns a panic of golearn's into an error.
func recovered(doing string, err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("golearn: %s: %v", doing, p)
	}
}

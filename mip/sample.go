package mip

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/export/pfa"
)

// DefaultMinCount is the smallest number of patients that a statistic may be about.
const DefaultMinCount = automl.DefaultMinCount

// learning says how a table becomes a sample.
type learning struct {
	target   string
	features []string
	meta     map[string]Variable
	minCount int    // categories and classes of fewer rows are merged or dropped
	task     string // "" decides by metadata and the database's types
	dates    bool   // dates become days; otherwise they are left out
	log      *slog.Logger
}

// prepared is what to learn from, and how the documents of PFA read its columns.
type prepared struct {
	sample  dataset.Sample
	schema  *dataset.Schema
	inputs  map[string]pfa.Input
	dropped []string // columns and rows that were left out, for people

	minCount int
}

// dataError is a mistake in what the job was given, rather than in how it works.
type dataError struct{ msg string }

func (e dataError) Error() string { return e.msg }

func badData(format string, args ...any) error { return dataError{fmt.Sprintf(format, args...)} }

// errNoRows has the words that users of the platform know.
var errNoRows = dataError{"No data left after removing NULL values, cannot fit model."}

// prepare picks the columns of t, decides what they are and drops what is of no use.
func (l learning) prepare(t *table) (*prepared, error) {
	if l.target == "" {
		return nil, badData("No variable to predict is given (PARAM_variables).")
	}
	if len(l.features) == 0 {
		return nil, badData("No covariables selected.")
	}
	p := &prepared{inputs: map[string]pfa.Input{}, minCount: l.minCount}
	y := t.column(l.target)
	if y == nil {
		return nil, badData("The query does not return the variable %q; it returns %s.", l.target, strings.Join(t.names(), ", "))
	}
	target, err := l.targetColumn(y, p)
	if err != nil {
		return nil, err
	}
	cols := []*dataset.Column{target}
	for _, name := range l.features {
		c := t.column(name)
		if c == nil {
			return nil, badData("The query does not return the covariable %q; it returns %s.", name, strings.Join(t.names(), ", "))
		}
		if made := l.feature(c, p); made != nil {
			cols = append(cols, made)
		}
	}
	if t.rows == 0 || unlabelled(target) == t.rows {
		return nil, errNoRows
	}
	if len(cols) == 1 {
		return nil, badData("No covariable is of any use: %s.", strings.Join(p.dropped, "; "))
	}
	return p, p.assemble(cols, l)
}

// assemble makes the sample of the columns, the target first.
func (p *prepared) assemble(cols []*dataset.Column, l learning) error {
	dt, err := dataset.NewTable(cols...)
	if err != nil {
		return err
	}
	task := "regression"
	if cols[0].Kind == dataset.Categorical {
		task = "binary"
		if classes(cols[0]) > 2 {
			task = "multiclass"
		}
	}
	p.sample, p.schema, err = dt.Sample(dataset.SampleOptions{Target: cols[0].Name, Task: task})
	var bad *dataset.DataError
	if errors.As(err, &bad) {
		return dataError{bad.Error()}
	}
	if err != nil {
		return err
	}
	for _, w := range p.dropped {
		l.log.Info("left out", "what", w)
	}
	return nil
}

func (p *prepared) drop(format string, args ...any) {
	p.dropped = append(p.dropped, fmt.Sprintf(format, args...))
}

func unlabelled(c *dataset.Column) int {
	n := 0
	for i := range c.Len() {
		if c.Missing(i) {
			n++
		}
	}
	return n
}

// classes counts the levels that occur.
func classes(c *dataset.Column) int {
	n := 0
	for _, k := range levelCounts(c.Code, len(c.Levels)) {
		if k > 0 {
			n++
		}
	}
	return n
}

func levelCounts(codes []int32, levels int) []int {
	n := make([]int, levels)
	for _, k := range codes {
		if k >= 0 {
			n[k]++
		}
	}
	return n
}

// targetColumn decides between classes and a quantity.
func (l learning) targetColumn(c *values, p *prepared) (*dataset.Column, error) {
	m, known := l.meta[strings.ToLower(c.name)]
	nominal := m.Nominal()
	if !known || !nominal && !m.Number() {
		nominal = c.kind == text || c.kind == boolean
	}
	switch l.task {
	case "regression":
		nominal = false
	case "classification", "binary", "multiclass":
		nominal = true
	}
	if c.kind == other || c.kind == date {
		return nil, badData("The variable %q is of a type that cannot be predicted.", c.name)
	}
	if !nominal {
		if c.kind != number && !c.becomeNumber() {
			return nil, badData("The variable %q is declared as a quantity, but holds text.", c.name)
		}
		return dataset.NewNumeric(c.name, c.number), nil
	}
	if c.kind == number {
		c.becomeText()
	}
	keep := l.allowedClasses(c, m, p)
	codes, levels := relabelled(c, keep)
	return dataset.NewCategorical(c.name, codes, levels), nil
}

// allowedClasses tells which levels of the target may be learned: those of the enumeration, as the platform's
// validation knows no others, and none of too few patients, as long as two are left.
func (l learning) allowedClasses(c *values, m Variable, p *prepared) []bool {
	n := levelCounts(c.code, len(c.levels))
	keep := make([]bool, len(c.levels))
	for k := range keep {
		keep[k] = true
	}
	restrict := func(why string, allowed func(k int) bool) {
		next, left, rows := make([]bool, len(keep)), 0, 0
		for k := range keep {
			if next[k] = keep[k] && allowed(k); next[k] && n[k] > 0 {
				left++
			} else if keep[k] {
				rows += n[k]
			}
		}
		switch {
		case rows == 0:
		case left >= 2:
			p.drop("%d rows: the class of %s is %s", rows, c.name, why)
			keep = next
		default:
			p.drop("nothing, though %d rows have a class of %s that is %s: fewer than two classes would be left", rows, c.name, why)
		}
	}
	if len(m.Enumeration) > 0 {
		restrict("outside the enumeration", func(k int) bool { return slices.Contains(m.Enumeration, c.levels[k]) })
	}
	restrict(fmt.Sprintf("one of fewer than %d rows", l.minCount), func(k int) bool { return n[k] >= l.minCount })
	return keep
}

// relabelled sorts the levels that are kept; others become missing.
func relabelled(c *values, keep []bool) ([]int32, []string) {
	var levels []string
	for k, level := range c.levels {
		if keep[k] {
			levels = append(levels, level)
		}
	}
	slices.Sort(levels)
	to := make([]int32, len(c.levels))
	for k, level := range c.levels {
		to[k] = int32(slices.Index(levels, level))
	}
	codes := make([]int32, len(c.code))
	for i, k := range c.code {
		codes[i] = -1
		if k >= 0 {
			codes[i] = to[k]
		}
	}
	return codes, levels
}

// feature makes the column to learn from, or nil where there is nothing to learn.
func (l learning) feature(c *values, p *prepared) *dataset.Column {
	m := l.meta[strings.ToLower(c.name)]
	switch {
	case c.kind == other:
		p.drop("column %s: its type holds no features", c.name)
		return nil
	case c.kind == date && !l.dates:
		p.drop("column %s: dates cannot be handed to other engines", c.name)
		return nil
	case c.missing() == len(c.number)+len(c.code):
		p.drop("column %s: all of its values are NULL", c.name)
		return nil
	case m.Nominal() && c.kind == number:
		in := pfa.Input{Avro: "double"}
		if c.integer {
			in.Avro = "int"
		}
		if in.Avro == "double" { // numbers that name categories, and arrive as numbers
			return l.quantity(c, p)
		}
		p.inputs[c.name] = in
		c.becomeText()
	case m.Number() && c.kind == text && c.becomeNumber():
		// arrives as text, which a double takes
	}
	if c.kind == number || c.kind == date {
		return l.quantity(c, p)
	}
	return l.categories(c, p)
}

func (l learning) quantity(c *values, p *prepared) *dataset.Column {
	lo, hi := bounds(c.number)
	if lo == hi {
		p.drop("column %s: all of its values are the same", c.name)
		return nil
	}
	return dataset.NewNumeric(c.name, c.number)
}

// bounds are the smallest and largest of the values that are there.
func bounds(v []float64) (lo, hi float64) {
	some := false
	for _, x := range v {
		if x != x {
			continue
		}
		if !some {
			lo, hi, some = x, x, true
		}
		lo, hi = min(lo, x), max(hi, x)
	}
	return lo, hi
}

// categories keeps the levels that enough patients share; the others count as missing, so that no statistic is about
// few.
func (l learning) categories(c *values, p *prepared) *dataset.Column {
	if c.kind == boolean {
		p.inputs[c.name] = pfa.Input{Avro: "boolean"}
	} else if c.padded {
		p.inputs[c.name] = pfa.Input{Avro: "string", Pad: true}
	}
	n := levelCounts(c.code, len(c.levels))
	keep, kept, rare := make([]bool, len(n)), 0, 0
	for k := range keep {
		if keep[k] = n[k] >= l.minCount; keep[k] {
			kept++
		} else {
			rare++
		}
	}
	if rare > 0 {
		p.drop("%d categories of column %s, as fewer than %d rows have each", rare, c.name, l.minCount)
	}
	if kept == 0 || kept == 1 && rare == 0 && c.missing() == 0 {
		p.drop("column %s: no two categories of at least %d rows", c.name, l.minCount)
		return nil
	}
	codes, levels := relabelled(c, keep)
	return dataset.NewCategorical(c.name, codes, levels)
}

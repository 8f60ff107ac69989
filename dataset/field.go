package dataset

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Field is what is remembered of a column to read the like of it again.
type Field struct {
	Name   string   // of the column in the file
	Type   Type     // what becomes of the column
	Levels []string // Category: the levels, sorted by value if all are numbers, else as text
	Layout string   // Date: in the notation of package time
	Parts  []string // Date: the parts that become features, of days, year, month, weekday, hour
}

// fieldOf describes a column from memory.
func fieldOf(c *Column) Field {
	if c.Kind == Categorical {
		return Field{Name: c.Name, Type: Category, Levels: c.Levels}
	}
	return Field{Name: c.Name, Type: Number}
}

// Check reports what no reader would have written.
func (f *Field) Check() error {
	if f.Type > Ignore {
		return fmt.Errorf("dataset: field %q: %v", f.Name, f.Type)
	}
	if f.Type == Date && !slices.Contains(dateLayouts, f.Layout) {
		return fmt.Errorf("dataset: field %q: unknown date layout %q", f.Name, f.Layout)
	}
	for _, p := range f.Parts {
		if partOf(p) == nil {
			return fmt.Errorf("dataset: field %q: unknown part of a date %q", f.Name, p)
		}
	}
	seen := make(map[string]bool, len(f.Levels))
	for _, level := range f.Levels {
		if seen[level] {
			return fmt.Errorf("dataset: field %q: level %q occurs twice", f.Name, level)
		}
		seen[level] = true
	}
	return nil
}

// features makes the feature columns of the field from its raw column in t.
func (f *Field) features(t *Table, raw *Column) ([]*Column, error) {
	switch f.Type {
	case Number:
		values, err := t.numbers(raw)
		if err != nil {
			return nil, err
		}
		if raw.Kind == Numeric {
			return []*Column{raw}, nil
		}
		return []*Column{NewNumeric(f.Name, values)}, nil
	case Boolean:
		return []*Column{truths(raw.strings())}, nil
	case Date:
		return f.calendar(t, raw.strings())
	case Category:
		return []*Column{f.recode(raw.strings())}, nil
	}
	return nil, nil
}

// recode expresses text by the field's levels; a text that is none of them is missing. Numbers are found by value: "1"
// is the level "1.0" if there is no level "1".
func (f *Field) recode(raw *Column) *Column {
	if slices.Equal(raw.Levels, f.Levels) {
		return raw
	}
	index := make(map[string]int32, len(f.Levels))
	for k, level := range f.Levels {
		index[level] = int32(k)
	}
	for k, level := range f.Levels {
		if same := canonical(level); same != level {
			if _, taken := index[same]; !taken {
				index[same] = int32(k)
			}
		}
	}
	to := make([]int32, len(raw.Levels))
	for k, level := range raw.Levels {
		code, known := index[level]
		if !known {
			code, known = index[canonical(level)]
		}
		if !known {
			code = -1
		}
		to[k] = code
	}
	codes := make([]int32, raw.Len())
	for i, k := range raw.Code {
		codes[i] = -1
		if k >= 0 {
			codes[i] = to[k]
		}
	}
	return NewCategorical(f.Name, codes, f.Levels)
}

// canonical writes a number in its shortest form and returns other text as it is.
func canonical(text string) string {
	if v, ok := parseNumber([]byte(text)); ok {
		return formatNumber(v)
	}
	return text
}

// calendar takes dates apart.
func (f *Field) calendar(t *Table, raw *Column) ([]*Column, error) {
	dates, bad := f.dates(raw.Levels)
	if bad >= 0 {
		row := slices.Index(raw.Code, int32(bad))
		return nil, t.errorAt(row, f.Name, "%s is not a date of the form %q; correct it or leave the field empty", shown(raw.Levels[bad]), f.Layout)
	}
	out := make([]*Column, len(f.Parts))
	of := make([]float64, len(dates))
	for p, name := range f.Parts {
		part := partOf(name)
		for k, d := range dates {
			of[k] = part(d)
		}
		out[p] = spread(f.Name+"."+name, raw.Code, of)
	}
	return out, nil
}

// dates parses all texts; bad is the first that is no date, or -1.
func (f *Field) dates(texts []string) (dates []time.Time, bad int) {
	dates = make([]time.Time, len(texts))
	for k, text := range texts {
		d, err := time.Parse(f.Layout, text)
		if err != nil {
			return nil, k
		}
		dates[k] = d
	}
	return dates, -1
}

// spread makes a numeric column of the value of each code.
func spread(name string, codes []int32, of []float64) *Column {
	values := make([]float64, len(codes))
	for i, k := range codes {
		values[i] = math.NaN()
		if k >= 0 {
			values[i] = of[k]
		}
	}
	return NewNumeric(name, values)
}

// truths makes 1 and 0 of words for true and false, and a missing value of other words.
func truths(raw *Column) *Column {
	of := make([]float64, len(raw.Levels))
	for k, level := range raw.Levels {
		of[k] = truth(level)
	}
	return spread(raw.Name, raw.Code, of)
}

// truth is 1 or 0, or NaN if word is neither true nor false.
func truth(word string) float64 {
	switch strings.ToLower(canonical(word)) {
	case "true", "yes", "t", "y", "1":
		return 1
	case "false", "no", "f", "n", "0":
		return 0
	}
	return math.NaN()
}

// sortedLevels returns the levels that occur in a column of text, sorted by value if all are numbers, else as text.
func sortedLevels(c *Column) []string {
	occurs := make([]bool, len(c.Levels))
	for _, k := range c.Code {
		if k >= 0 {
			occurs[k] = true
		}
	}
	var levels []string
	numbers := map[string]float64{}
	for k, level := range c.Levels {
		if !occurs[k] {
			continue
		}
		levels = append(levels, level)
		if v, ok := parseNumber([]byte(level)); ok {
			numbers[level] = v
		}
	}
	slices.SortFunc(levels, func(a, b string) int {
		if len(numbers) == len(levels) && numbers[a] != numbers[b] {
			return cmp.Compare(numbers[a], numbers[b])
		}
		return cmp.Compare(a, b)
	})
	return levels
}

package dataset

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// A column of unique texts, or of unique integers with a telling name, is an identifier from this many rows on.
const idRows = 20

// infer finds the field of every column from all of its rows, within the types asked for.
func (t *Table) infer(asked map[string]Type) error {
	t.Fields = make([]Field, len(t.cols))
	for j, c := range t.cols {
		f := &t.Fields[j]
		f.Name = c.Name
		kind, given := asked[c.Name]
		switch {
		case given:
			f.Type = kind
		case c.Kind == Numeric:
			f.Type = numberType(c)
		default:
			f.Type = textType(c)
			f.Type = t.unlessNumbers(f.Type, c)
		}
		if err := t.complete(f, c); err != nil {
			return err
		}
	}
	return nil
}

// complete fills in what a field of a known type remembers.
func (t *Table) complete(f *Field, c *Column) error {
	switch f.Type {
	case Number:
		if c.Kind == Categorical {
			_, err := t.numbers(c)
			return err
		}
	case Boolean:
		c = c.strings()
		for k, level := range c.Levels {
			if v := truth(level); v != v {
				return t.errorAt(slices.Index(c.Code, int32(k)), c.Name, "%s is not a word for true or false", shown(level))
			}
		}
	case Date:
		c = c.strings()
		layouts := layoutsOf(c.Levels)
		if len(layouts) == 0 {
			return t.errorf(c.Name, "no layout of dates fits all of its values; write them like 2006-01-31, or give the column another type")
		}
		f.Layout = layouts[0]
		if len(layouts) > 1 && strings.HasPrefix(f.Layout, "2/1") {
			t.Warnings = append(t.Warnings, fmt.Sprintf("column %q: day and month cannot be told apart; the day is taken to come first", c.Name))
		}
		dates, _ := f.dates(c.Levels)
		f.Parts = varyingParts(dates)
	case Category:
		f.Levels = sortedLevels(c.strings())
	}
	return nil
}

// textType infers the type of a column of text.
func textType(c *Column) Type {
	present := 0
	for _, k := range c.Code {
		if k >= 0 {
			present++
		}
	}
	distinct := len(c.Levels)
	switch {
	case distinct == 0 || distinct == 1 && present == c.Len():
		return Constant
	case distinct == 2 && isTruth(c.Levels):
		return Boolean
	case distinct > 1 && len(layoutsOf(c.Levels)) > 0:
		return Date
	case present >= idRows && float64(distinct) >= 0.95*float64(present):
		return ID
	}
	return Category
}

// unlessNumbers turns an identifier into a category if most of its texts are numbers: the others rather spoil a column of
// numbers, which is said.
func (t *Table) unlessNumbers(kind Type, c *Column) Type {
	if kind != ID && kind != Category {
		return kind
	}
	numbers, other := 0, -1
	for k, level := range c.Levels {
		if _, ok := parseNumber([]byte(level)); ok {
			numbers++
		} else if other < 0 {
			other = k
		}
	}
	if other < 0 || 2*numbers < len(c.Levels) || numbers < 10 {
		return kind
	}
	line := t.lineOf(slices.Index(c.Code, int32(other)))
	t.Warnings = append(t.Warnings, fmt.Sprintf("column %q: most values are numbers, but line %d holds %s, so all are taken for categories; correct it or name it as a missing value", c.Name, line, shown(c.Levels[other])))
	return Category
}

// isTruth reports whether two levels are a pair of words for true and false.
func isTruth(levels []string) bool {
	a, b := strings.ToLower(levels[0]), strings.ToLower(levels[1])
	if a > b {
		a, b = b, a
	}
	switch a + " " + b {
	case "false true", "no yes", "f t", "n y":
		return true
	}
	return false
}

// numberType infers the type of a column of numbers. A single value beside missing ones is a category, because there
// the absence may tell something.
func numberType(c *Column) Type {
	missing, distinct, first := 0, 0, 0.0
	for _, v := range c.Float {
		switch {
		case v != v:
			missing++
		case distinct == 0:
			distinct, first = 1, v
		case v != first:
			distinct = 2
		}
		if distinct == 2 {
			break
		}
	}
	switch {
	case distinct == 0 || distinct == 1 && missing == 0:
		return Constant
	case distinct == 1:
		return Category
	case identifies(c):
		return ID
	}
	return Number
}

// identifies reports whether a column of numbers is named like an identifier and numbers the rows: all are integers,
// and no two are equal.
func identifies(c *Column) bool {
	if c.Len() < idRows || !namedLikeID(c.Name) {
		return false
	}
	seen := make(map[float64]bool, c.Len())
	for _, v := range c.Float {
		if v != float64(int64(v)) || seen[v] {
			return false
		}
		seen[v] = true
	}
	return true
}

// namedLikeID reports whether name says that a column names or counts the rows: id, index, patient_id, SubjectID,
// "Unnamed: 0", column_1 (a first column without a name) …
func namedLikeID(name string) bool {
	switch lower := strings.ToLower(name); lower {
	case "id", "index", "idx", "row", "rownames", "row_number", "rownum", "nr", "no", "#", "key", "column_1", "unnamed: 0":
		return true
	default:
		for _, ending := range []string{"_id", " id", "-id", ".id", "_index", " index", "_key", "_no", "_nr", "uuid", "guid"} {
			if strings.HasSuffix(lower, ending) {
				return true
			}
		}
	}
	before, isID := strings.CutSuffix(name, "ID")
	if !isID {
		before, isID = strings.CutSuffix(name, "Id")
	}
	return isID && unicode.IsLower(rune(before[len(before)-1]))
}

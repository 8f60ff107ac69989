package dataset

import (
	"fmt"
	"strconv"
)

const maxColumns = 200_000

// checkHeader names unnamed columns and refuses names that cannot be meant.
func checkHeader(file string, names []string) error {
	if len(names) > maxColumns {
		return &DataError{File: file, Row: 1, Msg: fmt.Sprintf("%d columns: at most %d are possible", len(names), maxColumns)}
	}
	if looksLikeData(names) {
		return &DataError{File: file, Row: 1, Msg: "the first line holds numbers: a header line with the columns' names is needed"}
	}
	first := make(map[string]int, len(names))
	for j, name := range names {
		if name == "" {
			names[j] = "column_" + strconv.Itoa(j+1)
			name = names[j]
		}
		if at, twice := first[name]; twice {
			return &DataError{File: file, Row: 1, Column: name,
				Msg: fmt.Sprintf("the name stands twice, for columns %d and %d: rename one", at+1, j+1)}
		}
		first[name] = j
	}
	return nil
}

// looksLikeData reports whether all names are numbers, other than a plain count of the columns.
func looksLikeData(names []string) bool {
	counting := true
	var first float64
	for j, name := range names {
		v, ok := parseNumber([]byte(name))
		if !ok {
			return false
		}
		if j == 0 {
			first = v
		}
		counting = counting && (first == 0 || first == 1) && v == first+float64(j)
	}
	return !counting
}

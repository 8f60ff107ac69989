package dataset

import (
	"slices"
	"strings"
)

// nearest returns up to three of names that name may be a misspelling of, the likeliest first.
func nearest(name string, names []string) []string {
	const tooLong = 200
	if len(name) > tooLong {
		return nil
	}
	type match struct {
		name     string
		distance int
	}
	var found []match
	for _, n := range names {
		if len(n) > tooLong {
			continue
		}
		a, b := strings.ToLower(name), strings.ToLower(n)
		if d := distance(a, b); d <= max(1, min(len(a), len(b))/3) && d < max(len(a), len(b)) {
			found = append(found, match{n, d})
		}
	}
	slices.SortStableFunc(found, func(a, b match) int { return a.distance - b.distance })
	var out []string
	for _, m := range found[:min(3, len(found))] {
		out = append(out, m.name)
	}
	return out
}

// distance is the number of bytes to insert, delete or replace to turn a into b (Levenshtein 1966).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

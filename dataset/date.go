package dataset

import (
	"math"
	"slices"
	"time"
)

// dateLayouts are the layouts that dates are recognised in, in the notation of package time. Where day and month may be
// taken for each other the day comes first in the list, as in most countries.
var dateLayouts = []string{
	"2006-01-02",
	"2006-01-02 15:04:05",
	"2006-01-02T15:04:05",
	time.RFC3339,
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04",
	"2006-01-02T15:04",
	"2006/01/02",
	"2006/01/02 15:04:05",
	"2.1.2006",
	"2.1.2006 15:04",
	"2.1.2006 15:04:05",
	"2/1/2006",
	"2/1/2006 15:04",
	"2/1/2006 15:04:05",
	"1/2/2006",
	"1/2/2006 15:04",
	"1/2/2006 15:04:05",
	"2-1-2006",
	"2-Jan-2006",
	"2 Jan 2006",
	"2 January 2006",
	"January 2, 2006",
	"Jan 2, 2006",
}

// layoutsOf returns the layouts that fit all texts.
func layoutsOf(texts []string) []string {
	fitting := slices.Clone(dateLayouts)
	for _, text := range texts {
		fitting = slices.DeleteFunc(fitting, func(layout string) bool {
			_, err := time.Parse(layout, text)
			return err != nil
		})
		if len(fitting) == 0 {
			return nil
		}
	}
	return fitting
}

// datePart is one number taken from a date.
type datePart struct {
	name string
	of   func(time.Time) float64
}

// dateParts are the features made of a date column; they are called like the column, a dot, and their name.
var dateParts = []datePart{
	{"days", func(t time.Time) float64 { return float64(t.Unix())/86400 + float64(t.Nanosecond())/86400e9 }}, // since 1970-01-01 UTC
	{"year", func(t time.Time) float64 { return float64(t.Year()) }},
	{"month", func(t time.Time) float64 { return float64(t.Month()) }},     // 1–12
	{"weekday", func(t time.Time) float64 { return float64(t.Weekday()) }}, // Sunday is 0
	{"hour", func(t time.Time) float64 { return float64(t.Hour()) + float64(t.Minute())/60 }},
}

// partOf returns the part called name, nil if there is none.
func partOf(name string) func(time.Time) float64 {
	for _, p := range dateParts {
		if p.name == name {
			return p.of
		}
	}
	return nil
}

// varyingParts returns the names of the parts that differ between some of the dates.
func varyingParts(dates []time.Time) []string {
	var names []string
	for _, p := range dateParts {
		lo, hi := math.Inf(1), math.Inf(-1)
		for _, d := range dates {
			lo, hi = min(lo, p.of(d)), max(hi, p.of(d))
		}
		if lo < hi {
			names = append(names, p.name)
		}
	}
	return names
}

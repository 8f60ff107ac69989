// Package data is where the tables of experiments come from: files that people upload, and tables of a PostgreSQL database.
// It says what is in them, selects rows by filters and makes samples to learn from.
package data

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/explain"
	"github.com/lren-chuv/automl/export/pfa"
	"github.com/lren-chuv/automl/mip"
)

// Table describes a table.
type Table struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Source  string    `json:"source"` // upload or database
	Schema  string    `json:"schema,omitempty"`
	Rows    *int      `json:"rows,omitempty"` // not known of tables of the database before they are looked at
	Bytes   int64     `json:"bytes,omitempty"`
	Created time.Time `json:"created,omitzero"`
	Columns []Column  `json:"columns,omitempty"`
	Notes   []string  `json:"notes,omitempty"` // what people should know of it
}

// Column describes a column. Of tables of the database nothing is told that few rows have.
type Column struct {
	Name      string     `json:"name"`
	Label     string     `json:"label,omitempty"`
	Type      string     `json:"type"` // number, category, boolean, date, id, constant or other; the last three are no features
	Missing   int        `json:"missing"`
	Distinct  int        `json:"distinct,omitempty"`
	Levels    []Level    `json:"levels,omitempty"` // of categories and booleans, the most frequent first
	Others    int        `json:"others,omitempty"` // rows of levels that are not listed
	Min       *float64   `json:"min,omitempty"`
	Max       *float64   `json:"max,omitempty"`
	Mean      *float64   `json:"mean,omitempty"`
	Std       *float64   `json:"std,omitempty"`
	Quantiles []float64  `json:"quantiles,omitempty"`
	Histogram *Histogram `json:"histogram,omitempty"`
}

// Level is a category and how many rows have it.
type Level struct {
	Value string `json:"value"`
	Rows  int    `json:"rows"`
}

// Histogram counts values in equally wide bins from Lo to Hi.
type Histogram struct {
	Lo     float64 `json:"lo"`
	Hi     float64 `json:"hi"`
	Counts []int   `json:"counts"`
}

// Selection is what an experiment is about.
type Selection struct {
	Table       string   `json:"table"`
	Variable    string   `json:"variable"`
	Covariables []string `json:"covariables"`
	Grouping    []string `json:"grouping,omitempty"`
	Filters     *Filter  `json:"filters,omitempty"`
	Task        string   `json:"task,omitempty"` // regression, classification or "" for what the data say
}

// Features are the co-variables and the grouping, each once, without the variable.
func (s *Selection) Features() []string {
	seen := map[string]bool{s.Variable: true}
	var out []string
	for _, list := range [][]string{s.Covariables, s.Grouping} {
		for _, name := range list {
			if !seen[name] {
				seen[name] = true
				out = append(out, name)
			}
		}
	}
	return out
}

// Sample is what to learn from.
type Sample struct {
	dataset.Sample
	Schema  *dataset.Schema
	Inputs  map[string]pfa.Input // how documents of PFA read the columns
	LeftOut []string             // columns and rows that were left out, for people
	Private bool                 // of patients: nothing may be kept that few rows have
}

// Error is a mistake of whoever asked.
type Error struct{ Msg string }

func (e Error) Error() string { return e.Msg }

func wrong(format string, args ...any) error { return Error{fmt.Sprintf(format, args...)} }

// ErrUnknown is returned for a table that does not exist.
var ErrUnknown = errors.New("there is no such table")

// IsWrong reports whether an error is a mistake of whoever asked, or of the data, rather than of this service.
func IsWrong(err error) bool {
	var own Error
	var file *dataset.DataError
	return errors.As(err, &own) || errors.As(err, &file) || mip.IsDataError(err)
}

// describe tells what is in a column.
func describe(c *dataset.Column, kind string, least int) Column {
	d := explain.Describe(c, least)
	out := Column{Name: c.Name, Type: kind, Missing: d.Missing, Distinct: d.Distinct}
	switch kind {
	case "id", "constant", "other":
		return out
	case "date":
		if c.Kind == dataset.Categorical {
			return out
		}
	}
	if c.Kind == dataset.Categorical {
		for _, l := range d.Levels {
			out.Levels = append(out.Levels, Level{l.Level, l.Rows})
		}
		out.Others = d.Others
		return out
	}
	if n := len(d.Quantiles); n > 0 {
		out.Min, out.Max, out.Quantiles = finite(d.Quantiles[0]), finite(d.Quantiles[n-1]), d.Quantiles
		out.Mean, out.Std = finite(d.Mean), finite(d.Std)
	}
	if len(d.Histogram.Counts) > 0 && finite(d.Histogram.Lo) != nil && finite(d.Histogram.Hi) != nil {
		out.Histogram = &Histogram{d.Histogram.Lo, d.Histogram.Hi, d.Histogram.Counts}
	}
	return out
}

// finite is nil for what JSON cannot say.
func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

package method

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/explain"
)

// shapeTable is the platform's name of a table of data with its schema (Frictionless Data, tabular data resource).
const shapeTable = "application/vnd.dataresource+json"

// statistic is a line of a statistical summary.
type statistic struct {
	Variable  string         `json:"variable"`
	Group     string         `json:"group"` // "" for all rows, else column=value of the groups
	Count     int            `json:"count"` // rows with a value
	Missing   int            `json:"missing"`
	Mean      *number        `json:"mean"`
	Std       *number        `json:"std"`
	Min       *number        `json:"min"`
	P25       *number        `json:"25%"`
	Median    *number        `json:"50%"`
	P75       *number        `json:"75%"`
	Max       *number        `json:"max"`
	Frequency map[string]int `json:"frequency"` // of categories
}

var statisticsSummary = &Method{
	Code: "statisticsSummary", Label: "Statistical summary", Variable: anyVariable,
	Description: "Counts, means, standard deviations and quantiles of every variable, in all and by group. Of patients' tables extremes are the 5 % and 95 % quantiles, and small groups are left out.",
	Fit: func(_ context.Context, in Input) (*Output, error) {
		cols := append([]*dataset.Column{in.Sample.Y}, in.Sample.X.Columns()...)
		var group []*dataset.Column
		for _, c := range in.Sample.X.Columns() {
			if in.Covariable != nil && !in.Covariable[c.Name] && c.Kind == dataset.Categorical {
				group = append(group, c)
			}
		}
		lines := statistics(cols, nil, "", in.least())
		for name, rows := range groups(group, in.Sample.Rows()) {
			if in.Private && len(rows) < in.MinCount {
				continue
			}
			lines = append(lines, statistics(cols, rows, name, in.least())...)
		}
		slices.SortStableFunc(lines, func(a, b statistic) int {
			if (a.Group == "") != (b.Group == "") {
				return map[bool]int{true: -1, false: 1}[a.Group == ""]
			}
			return compareText(a.Group, b.Group)
		})
		data, err := json.Marshal(map[string]any{"name": "summary-statistics", "profile": "tabular-data-resource", "schema": map[string]any{"fields": statisticFields()}, "data": lines})
		return &Output{Shape: shapeTable, Data: data}, err
	},
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func statisticFields() []map[string]string {
	var out []map[string]string
	for _, f := range [][2]string{{"variable", "string"}, {"group", "string"}, {"count", "integer"}, {"missing", "integer"}, {"mean", "number"}, {"std", "number"},
		{"min", "number"}, {"25%", "number"}, {"50%", "number"}, {"75%", "number"}, {"max", "number"}, {"frequency", "object"}} {
		out = append(out, map[string]string{"name": f[0], "type": f[1]})
	}
	return out
}

// groups are the rows of every combination of levels.
func groups(by []*dataset.Column, n int) map[string][]int32 {
	out := map[string][]int32{}
	if len(by) == 0 {
		return out
	}
	for i := range n {
		name := ""
		for k, c := range by {
			if k > 0 {
				name += ", "
			}
			value := "?"
			if !c.Missing(i) {
				value = c.Levels[c.Code[i]]
			}
			name += c.Name + "=" + value
		}
		out[name] = append(out[name], int32(i))
	}
	return out
}

// statistics describes the columns in the rows given, all if they are nil.
func statistics(cols []*dataset.Column, rows []int32, group string, least int) []statistic {
	var out []statistic
	for _, c := range cols {
		if rows != nil {
			c = c.Gather(rows)
		}
		d := explain.Describe(c, least)
		s := statistic{Variable: c.Name, Group: group, Count: d.Rows - d.Missing, Missing: d.Missing}
		if c.Kind == dataset.Categorical {
			s.Frequency = frequencies(c, least)
		} else if len(d.Quantiles) == 5 {
			q := make([]number, 5)
			for k := range q {
				q[k] = number(d.Quantiles[k])
			}
			mean, std := number(d.Mean), number(d.Std)
			s.Mean, s.Std, s.Min, s.P25, s.Median, s.P75, s.Max = &mean, &std, &q[0], &q[1], &q[2], &q[3], &q[4]
		}
		out = append(out, s)
	}
	return out
}

// frequencies counts the levels; those that fewer than least rows have are counted together.
func frequencies(c *dataset.Column, least int) map[string]int {
	const others = "(others)"
	n := make([]int, len(c.Levels))
	for _, k := range c.Code {
		if k >= 0 {
			n[k]++
		}
	}
	out := map[string]int{}
	for k, level := range c.Levels {
		switch {
		case n[k] == 0:
		case n[k] < least:
			out[others] += n[k]
		default:
			out[level] += n[k]
		}
	}
	if out[others] < least {
		delete(out, others)
	}
	return out
}

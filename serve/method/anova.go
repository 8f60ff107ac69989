package method

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/lren-chuv/automl/dataset"
)

// variation is a line of the table of an analysis of variance, in the words of statsmodels.
type variation struct {
	SumSq number `json:"sum_sq"`
	DF    number `json:"df"`
	F     number `json:"F"`
	P     number `json:"PR(>F)"`
}

var anova = &Method{
	Code: "anova", Label: "ANOVA", Variable: quantities, Covariables: [2]int{1, 0},
	Description: "Analysis of variance with sums of squares of type II; categories as factors, quantities as covariates, rows with missing values left out.",
	Parameters: []Parameter{{Code: "design", Label: "Design", Description: "factorial adds the interactions of every two factors", Type: "enumeration", Default: "factorial",
		Values: []string{"factorial", "additive"}}},
	Fit: func(_ context.Context, in Input) (*Output, error) {
		if in.Sample.Y.Kind != dataset.Numeric {
			return nil, unsuitable("An analysis of variance wants a quantity as its variable; %s names categories.", in.Sample.Y.Name)
		}
		rows := complete(in.Sample.X, in.Sample.Y)
		y := in.Sample.Y.Gather(rows)
		x := in.Sample.X.Gather(rows)
		ts, err := terms(x)
		if err != nil {
			return nil, err
		}
		if len(ts) == 0 {
			return nil, unsuitable("No co-variable varies.")
		}
		if in.Parameters.Text("design", "factorial") == "factorial" {
			ts, err = factorial(ts, x)
			if err != nil {
				return nil, err
			}
		}
		table, order, err := variance(y.Float, ts)
		if err != nil {
			return nil, err
		}
		if df := int(table[residual].DF); in.Private && df < in.MinCount {
			return nil, unsuitable("Of %d rows without missing values the design leaves %d degrees of freedom; patients' tables want %d.", len(rows), df, in.MinCount)
		}
		data, err := json.Marshal(map[string]any{"variable": y.Name, "rows": len(rows), "missing": in.Sample.Rows() - len(rows), "order": order, "table": table})
		return &Output{Shape: shapeJSON, Data: data}, err
	},
}

// factorial adds the interactions of every two factors, up to a reasonable number.
func factorial(ts []term, x *dataset.Frame) ([]term, error) {
	var factors []term
	width := 0
	for _, t := range ts {
		width += len(t.cols)
		if j := x.Index(t.name); x.Col(j).Kind == dataset.Categorical {
			factors = append(factors, t)
		}
	}
	out := slices.Clone(ts)
	for i, a := range factors {
		for _, b := range factors[i+1:] {
			if width += len(a.cols) * len(b.cols); width > maxColumns {
				return nil, unsuitable("The interactions of the factors make more than %d columns; choose the additive design.", maxColumns)
			}
			out = append(out, interaction(a, b))
		}
	}
	return out, nil
}

// residual is the name of the last line.
const residual = "Residual"

// variance compares, for every term, the model of all terms that do not contain it with the one that has it too (type II; Langsrud
// 2003).
func variance(y []float64, ts []term) (map[string]variation, []string, error) {
	full := regress(y, ts)
	if full.df < 1 {
		return nil, nil, unsuitable("%d rows without missing values are too few for this design.", len(y))
	}
	out, order := map[string]variation{}, []string(nil)
	sigma2 := full.rss / float64(full.df)
	for _, t := range ts {
		var without []term
		for _, o := range ts {
			if o.name != t.name && !contains(o.name, t.name) {
				without = append(without, o)
			}
		}
		less, more := regress(y, without), regress(y, append(slices.Clip(without), t))
		df := float64(less.df - more.df)
		v := variation{SumSq: number(less.rss - more.rss), DF: number(df)}
		F := (less.rss - more.rss) / df / sigma2
		v.F, v.P = number(F), number(tailF(F, df, float64(full.df)))
		out[t.name], order = v, append(order, t.name)
	}
	nan := number(tailT(0, 0))
	out[residual] = variation{number(full.rss), number(full.df), nan, nan}
	return out, append(order, residual), nil
}

// contains reports whether an interaction contains a term.
func contains(interaction, name string) bool {
	return strings.HasPrefix(interaction, name+":") || strings.HasSuffix(interaction, ":"+name)
}

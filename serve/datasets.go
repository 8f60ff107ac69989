package serve

import (
	"encoding/json"
	"slices"

	"github.com/lren-chuv/automl/serve/data"
	"github.com/lren-chuv/automl/serve/work"
)

const mostDatasets = 100

// restrict keeps the rows of the data sets that the query names to learn from, and those apart that it names to score on. Where it names
// only the latter, all others are learned from.
func restrict(spec *work.Spec, q *mining, columns []string, warn func(string, ...any)) error {
	sets := codes(q.Datasets, q.Training)
	apart := slices.DeleteFunc(codes(q.Testing, q.Validation), func(d string) bool { return slices.Contains(sets, d) })
	if len(sets)+len(q.Testing)+len(q.Validation) == 0 {
		return nil
	}
	if len(sets)+len(apart) > mostDatasets {
		return refused("the query names %d data sets: want at most %d", len(sets)+len(apart), mostDatasets)
	}
	column, ok := field("dataset", columns)
	if !ok {
		warn("table %s has no column dataset: all of its rows are used to learn from", spec.TableName)
		return nil
	}
	for _, list := range []struct {
		code string
		sets []work.Code
	}{{"testing", q.Testing}, {"remote-validation", q.Validation}} {
		for _, d := range codes(list.sets) {
			if slices.Contains(sets, d) {
				warn("the data set %.60q is learned from: no score on it would say anything", d)
				continue
			}
			spec.Apart = append(spec.Apart, work.Apart{Code: list.code, Dataset: d, Filters: both(one(column, "in", []string{d}), spec.Filters)})
		}
	}
	if spec.Datasets = sets; len(sets) > 0 {
		spec.Filters = both(one(column, "in", sets), spec.Filters)
	} else if len(apart) > 0 {
		others := &data.Filter{Condition: "OR", Rules: []*data.Filter{one(column, "not_in", apart), one(column, "is_null", nil)}}
		spec.Filters = both(others, spec.Filters)
	}
	return nil
}

// codes are those of the lists, each once.
func codes(lists ...[]work.Code) (out []string) {
	for _, c := range slices.Concat(lists...) {
		if !slices.Contains(out, c.Code) {
			out = append(out, c.Code)
		}
	}
	return out
}

func one(column, operator string, values []string) *data.Filter {
	f := &data.Filter{Field: column, Operator: operator}
	if values != nil {
		f.Value, _ = json.Marshal(values) // texts are always JSON
	}
	return f
}

// both holds where a and, unless it is nil, b hold.
func both(a, b *data.Filter) *data.Filter {
	if b == nil {
		return a
	}
	return &data.Filter{Condition: "AND", Rules: []*data.Filter{a, b}}
}

package selection

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// FeatureSet is a group of columns that belong together, such as the genes of a pathway.
type FeatureSet struct {
	Name    string
	Columns []string
}

// ReadFeatureSets reads sets in TPOT's form: a CSV file with the header Subset,Size,Features, the features of a set
// being separated by semicolons. The size is not looked at.
func ReadFeatureSets(r io.Reader) ([]FeatureSet, error) {
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("feature sets: %w", err)
	}
	if len(rows) == 0 {
		return nil, errors.New("feature sets: the file is empty")
	}
	name, features := slices.Index(rows[0], "Subset"), slices.Index(rows[0], "Features")
	if name < 0 || features < 0 {
		return nil, errors.New("feature sets: want the columns Subset and Features")
	}
	var sets []FeatureSet
	for i, row := range rows[1:] {
		set := FeatureSet{Name: row[name]}
		for _, f := range strings.Split(row[features], ";") {
			if f = strings.TrimSpace(f); f != "" {
				set.Columns = append(set.Columns, f)
			}
		}
		if set.Name == "" || len(set.Columns) == 0 {
			return nil, fmt.Errorf("feature sets: line %d has no name or no features", i+2)
		}
		sets = append(sets, set)
	}
	return sets, nil
}

// NewFeatureSetSelector makes an operator that keeps the columns of one of the sets, of which there must be at least
// one; sel_subset names it. Columns of a set that the table does not have are passed over.
func NewFeatureSetSelector(sets []FeatureSet) *operators.Spec {
	var names []string
	for _, s := range sets {
		names = append(names, s.Name)
	}
	return &operators.Spec{
		Name: "FeatureSetSelector", Doc: "keeps the columns of one of the given sets", Role: operators.Selector,
		Traits:  operators.Categories | operators.Missing,
		Params:  []operators.Param{{Name: "sel_subset", Scale: operators.Choice, Choices: names}},
		Ignored: []string{"subset_list"},
		New:     func(v []float64) (operators.Operator, error) { return setSelector(sets[int(v[0])]), nil },
		Decode:  operators.Decode[selected],
	}
}

type setSelector FeatureSet

// Fit looks the columns up.
func (o setSelector) Fit(_ context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f := &selected{Name: "FeatureSetSelector", Features: s.X.Cols()}
	for j, c := range s.X.Columns() {
		if slices.Contains(o.Columns, c.Name) {
			f.Keep = append(f.Keep, int32(j))
		}
	}
	if len(f.Keep) == 0 {
		return nil, fmt.Errorf("FeatureSetSelector: the table has no column of set %q", o.Name)
	}
	return f, nil
}

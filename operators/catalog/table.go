package catalog

import (
	"io"

	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/selection"
)

// FeatureSet is a group of columns that belong together.
type FeatureSet = selection.FeatureSet

// ReadFeatureSets reads groups of columns in TPOT's form: a CSV file with the header Subset,Size,Features, the features
// of a set being separated by semicolons.
func ReadFeatureSets(r io.Reader) ([]FeatureSet, error) { return selection.ReadFeatureSets(r) }

// MaxMask is the number of columns beyond which no mask of columns is evolved: mutation would hardly ever change anything else.
const MaxMask = 64

// ForTable returns the catalogue for tables of a number of columns: All, and the operators whose parameters depend on
// the table or on what the user knows about it. These are FeatureMask, unless there are fewer than 2 or more than 64
// columns, and FeatureSetSelector, if there are sets.
func ForTable(columns int, sets []FeatureSet) []*operators.Spec {
	all := All()
	if columns >= 2 && columns <= MaxMask {
		all = append(all, selection.NewFeatureMask(columns))
	}
	if len(sets) > 0 {
		all = append(all, selection.NewFeatureSetSelector(sets))
	}
	return all
}

// Stored returns every operator that there may be, for reading models and for listing. Those of [ForTable] stand in it
// as for a table of one column and one set, called "set".
func Stored() []*operators.Spec {
	return append(All(), selection.NewFeatureMask(1), selection.NewFeatureSetSelector([]FeatureSet{{Name: "set"}}))
}

// Adapt returns a selection from [Stored] for a table: the operators that depend on the table become those for a table of
// so many columns and these sets, or leave if there is no such operator.
func Adapt(specs []*operators.Spec, columns int, sets []FeatureSet) []*operators.Spec {
	bespoke := map[string]*operators.Spec{}
	for _, s := range Stored()[len(All()):] {
		bespoke[s.Name] = nil
	}
	for _, s := range ForTable(columns, sets)[len(All()):] {
		bespoke[s.Name] = s
	}
	var out []*operators.Spec
	for _, s := range specs {
		if own, is := bespoke[s.Name]; is {
			s = own
		}
		if s != nil {
			out = append(out, s)
		}
	}
	return out
}

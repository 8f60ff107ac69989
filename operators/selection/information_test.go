package selection

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/lren-chuv/automl/dataset"
)

// goldenSample reads a table of the golden data, without the rows of fold 0.
func goldenSample(t *testing.T, name string, classes bool) dataset.Sample {
	t.Helper()
	file, err := os.Open("../../testdata/golden/data/" + name + ".csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	table, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	fold := slices.Index(table[0], "fold")
	rows := slices.DeleteFunc(table[1:], func(r []string) bool { return r[fold] == "0" })
	var s dataset.Sample
	var cols []*dataset.Column
	for j, name := range table[0] {
		values, codes, levels := make([]float64, len(rows)), make([]int32, len(rows)), []string(nil)
		for i, r := range rows {
			values[i], _ = strconv.ParseFloat(r[j], 64)
			if !slices.Contains(levels, r[j]) {
				levels = append(levels, r[j])
			}
			codes[i] = int32(slices.Index(levels, r[j]))
		}
		switch {
		case name == "fold" || name == "weight" || name == "weight0":
		case name == "target" && classes:
			s.Y = dataset.NewCategorical(name, codes, levels)
		case name == "target":
			s.Y = dataset.NewNumeric(name, values)
		default:
			cols = append(cols, dataset.NewNumeric(name, values))
		}
	}
	s.X = dataset.MustFrame(len(rows), cols...)
	return s
}

func TestMutualInformationGolden(t *testing.T) {
	raw, err := os.ReadFile("../../testdata/golden/operators/mutual_info.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Case, Data string
		Params     map[string]any
		Attributes struct{ Scores struct{ Mean, Std []float64 } }
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if c.Params["discrete_features"] != nil {
			continue // columns are always taken as continuous
		}
		t.Run(c.Case, func(t *testing.T) {
			k := informationNeighbours
			if v, ok := c.Params["n_neighbors"].(float64); ok {
				k = int(v)
			}
			s := goldenSample(t, c.Data, c.Data != "diabetes" && c.Data != "corr")
			psi := make(digammas, s.Rows()+1)
			for j, x := range s.X.Columns() {
				got, err := 0.0, error(nil)
				if s.Y.Kind == dataset.Numeric {
					if got, err = newNumbers(jittered(s.Y, -1), psi).information(t.Context(), jittered(x, j), k); err != nil {
						t.Fatal(err)
					}
				} else {
					got = classInformation(jittered(x, j), s.Y, k, psi)
				}
				mean, sd := c.Attributes.Scores.Mean[j], c.Attributes.Scores.Std[j]
				if math.Abs(got-mean) > 5*sd+1e-6 {
					t.Errorf("column %d: %.6f, want %.6f ± %.6f", j, got, mean, sd)
				}
			}
		})
	}
}

package tree

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// known is what other programs found on one small table: testdata/golden/trees.json.
type known struct {
	X           [][]float64 `json:"x"`
	Y           []float64   `json:"y"`
	W           []float64   `json:"w"`
	Importances []struct {
		Operator, Target string
		Params           map[string]any
		Values           []float64 `json:"feature_importances_"`
	}
	Contributions []struct {
		Operator string
		Params   map[string]any
		Values   [][]float64        // per row: of each column, then the base
		Weight   map[string]float64 // splits by column, f0, f1, …
		Gain     map[string]float64 `json:"total_gain"`
	}
	Isolation []struct {
		MaxSamples int       `json:"max_samples"`
		Scores     []float64 `json:"score_samples"`
		Std        float64   `json:"std_of_200_trees"`
	}
}

func readKnown(t *testing.T) *known {
	t.Helper()
	raw, err := os.ReadFile("../../testdata/golden/trees.json")
	if err != nil {
		t.Fatal(err)
	}
	k := new(known)
	if err := json.Unmarshal(raw, k); err != nil {
		t.Fatal(err)
	}
	return k
}

// sample is the table; hole tells which values are missing.
func (k *known) sample(hole func(i, j int) bool) dataset.Sample {
	cols := make([]*dataset.Column, len(k.X[0]))
	for j := range cols {
		v := make([]float64, len(k.X))
		for i := range v {
			if v[i] = k.X[i][j]; hole != nil && hole(i, j) {
				v[i] = math.NaN()
			}
		}
		cols[j] = dataset.NewNumeric("f"+strconv.Itoa(j), v)
	}
	return dataset.Sample{X: dataset.MustFrame(len(k.X), cols...), Y: dataset.NewNumeric("y", k.Y)}
}

// target cuts y as the file says.
func (k *known) target(name string) *dataset.Column {
	cuts, levels := []float64{-3, 3}, []string{"0", "1", "2"}
	switch name {
	case "y":
		return dataset.NewNumeric("y", k.Y)
	case "y > 0":
		cuts, levels = []float64{0}, levels[:2]
	}
	codes := make([]int32, len(k.Y))
	for i, v := range k.Y {
		for _, c := range cuts {
			if v > c {
				codes[i]++
			}
		}
	}
	return dataset.NewCategorical("y", codes, levels)
}

func fitNamed(t *testing.T, name string, params map[string]any, s dataset.Sample) operators.Fitted {
	t.Helper()
	for _, spec := range specs {
		if spec.Name != name {
			continue
		}
		values := spec.Defaults()
		for p, v := range params {
			text, ok := v.(string)
			if !ok {
				text = strconv.FormatFloat(v.(float64), 'g', -1, 64)
			}
			i := spec.Index(p)
			var err error
			if values[i], err = spec.Params[i].Parse(text); err != nil {
				t.Fatal(err)
			}
		}
		op, err := spec.New(values)
		if err != nil {
			t.Fatal(err)
		}
		f, err := op.Fit(t.Context(), operators.NewEnv(1, 1), s)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	t.Fatalf("no operator %s", name)
	return nil
}

func TestKnownImportances(t *testing.T) {
	k := readKnown(t)
	for _, c := range k.Importances {
		s := k.sample(nil)
		s.Y, s.W = k.target(c.Target), k.W
		got := fitNamed(t, c.Operator, c.Params, s).(interface{ FeatureImportances() []float64 }).FeatureImportances()
		for j, want := range c.Values {
			if math.Abs(got[j]-want) > 1e-9 {
				t.Errorf("%s %v on %s: importances %v, want %v", c.Operator, c.Params, c.Target, got, c.Values)
				break
			}
		}
	}
}

// TestKnownContributions: the other program computes in single precision.
func TestKnownContributions(t *testing.T) {
	k := readKnown(t)
	s := k.sample(func(i, j int) bool { return j == 0 && i%7 == 0 || j == 1 && i%5 == 3 })
	for _, c := range k.Contributions {
		c.Params["tree_method"] = "exact"
		f := fitNamed(t, c.Operator, c.Params, s)
		base, values, err := f.(explained).Contributions(t.Context(), operators.NewEnv(1, 1), s.X.Slice(0, len(c.Values)))
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range c.Values {
			got := append(append([]float64(nil), values[0][5*i:5*i+5]...), base[0])
			for j := range want {
				if math.Abs(got[j]-want[j]) > 2e-5*(1+math.Abs(want[j])) {
					t.Fatalf("%v row %d: %v, want %v", c.Params, i, got, want)
				}
			}
		}
		counts, shares := f.(*boosted).SplitCounts(), f.(*boosted).FeatureImportances()
		total := 0.0
		for _, g := range c.Gain {
			total += g
		}
		for j, n := range counts {
			name := "f" + strconv.Itoa(j)
			if float64(n) != c.Weight[name] || math.Abs(shares[j]-c.Gain[name]/total) > 1e-5 {
				t.Errorf("%v: column %d splits %d times for %v of the gain, want %v and %v", c.Params, j, n, shares[j], c.Weight[name], c.Gain[name]/total)
			}
		}
	}
}

package mip

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/pipeline"
)

func TestSpaceKeepsNobody(t *testing.T) {
	for _, expressible := range []bool{false, true} {
		left := 0
		for _, s := range Space(expressible) {
			if !s.TellsOfRows() {
				left++
			}
		}
		if left < 55 {
			t.Errorf("only %d operators are left", left)
		}
	}
}

// TestLeaves asks for leaves of one row and gets leaves of ten: every value that a single tree predicts is that of ten
// rows at least.
func TestLeaves(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	n := 200
	a, b, y, class := make([]float64, n), make([]float64, n), make([]float64, n), make([]int32, n)
	for i := range n {
		a[i], b[i] = rng.NormFloat64(), rng.NormFloat64()
		y[i] = a[i] + 3*rng.NormFloat64()
		class[i] = int32(rng.IntN(2))
	}
	x := dataset.MustFrame(n, dataset.NewNumeric("a", a), dataset.NewNumeric("b", b))
	list := catalog.WithLeaves(Space(true), 10)
	for _, text := range []string{
		"DecisionTree%s(input, min_samples_leaf=1, max_depth=20)", "ExtraTrees%s(input, n_estimators=1, min_samples_leaf=1)",
		"HistGradientBoosting%s(input, max_iter=1, min_samples_leaf=1)", "GradientBoosting%s(input, n_estimators=1, min_samples_leaf=1, max_depth=9)",
		"XGB%s(input, n_estimators=1, max_depth=12, min_child_weight=1)", "LGBM%s(input, n_estimators=1, min_child_samples=1)",
	} {
		for _, s := range []dataset.Sample{{X: x, Y: dataset.NewNumeric("y", y)}, {X: x, Y: dataset.NewCategorical("y", class, []string{"n", "p"})}} {
			kind := "Regressor"
			if s.Y.Kind == dataset.Categorical {
				kind = "Classifier"
			}
			full := fmt.Sprintf(text, kind)
			tree, err := pipeline.Parse(full, list)
			if err != nil {
				t.Fatal(err)
			}
			f, err := pipeline.Fit(context.Background(), tree, s, 1, 1)
			if err != nil {
				t.Fatal(err)
			}
			p, err := pipeline.Predict(context.Background(), f, x, 1)
			if err != nil {
				t.Fatal(err)
			}
			rows := map[float64]int{}
			for _, v := range p.Col(0).Float {
				rows[v]++
			}
			for v, k := range rows {
				if k < 10 {
					t.Errorf("%s: %d rows have the prediction %v", full, k, v)
				}
			}
			if len(rows) < 2 {
				t.Errorf("%s: no tree", full)
			}
		}
	}
}

// TestNoRareValues looks for what few patients share in everything that leaves the container.
func TestNoRareValues(t *testing.T) {
	d := database(t)
	execute(t, d, generations["2019"]...)
	features(t, d, 300) // six patients are of the site "rare"
	execute(t, d, "UPDATE patients SET diagnosis = 'Unique' WHERE id = 7")
	dir, env := volume(t, modern(d, "PARAM_covariables=age,volume,site,subject", `PARAM_query=SELECT diagnosis, age, volume, site, subject FROM patients`, "PARAM_meta={}"), nil)
	j, log := job(env)
	if err := j.Compute(context.Background(), ""); err != nil {
		t.Fatal(err)
	}
	said := map[string]string{"the log": log.String() + train(t, env), "the document": rows(t, d, "3fa8-1")[0].data}
	files, err := os.ReadDir(filepath.Join(dir, "3fa8-1"))
	if err != nil || len(files) < 4 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(dir, "3fa8-1", f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		said[f.Name()] = string(data)
	}
	for where, text := range said {
		for _, word := range []string{`"rare"`, "rare\x00", "Unique", "S123", "S299"} {
			if strings.Contains(text, word) {
				t.Errorf("%s tells of %q", where, word)
			}
		}
	}
}

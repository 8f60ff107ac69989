package automl_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/explain"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/pipeline"
)

// fitted is a model of pipelines with equal weights, without a search.
func fitted(t *testing.T, s dataset.Sample, temperature float64, texts ...string) *automl.Model {
	t.Helper()
	m := &automl.Model{Task: s.Task().String(), Target: s.Y.Name, Levels: s.Y.Levels, Temperature: temperature, Search: automl.Statistics{Rows: s.Rows()}}
	for _, text := range texts {
		tree, err := pipeline.Parse(text, catalog.All())
		if err != nil {
			t.Fatal(err)
		}
		f, err := pipeline.Fit(context.Background(), tree, s, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		m.Members = append(m.Members, automl.Member{Weight: 1 / float64(len(texts)), Pipeline: text, Fitted: f})
	}
	return m
}

func tableOf(t *testing.T, path, target string) (dataset.Sample, *dataset.Schema) {
	t.Helper()
	table, err := dataset.Read(context.Background(), path, dataset.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, schema, err := table.Sample(dataset.SampleOptions{Target: target})
	if err != nil {
		t.Fatal(err)
	}
	return s, schema
}

// onScale is where a prediction should lie on the scale of its contributions, the doubt that every model mixes in taken
// out of it first. Scores of several classes are known but for a constant: their differences to the first are compared.
func onScale(scale explain.Scale, p []float64, k, n int) float64 {
	u := p[k]
	switch {
	case scale == explain.Logarithm:
		return math.Log(u)
	case scale == explain.Prediction:
		return u
	}
	d := 1 / float64(n+1)
	undoubted := func(v float64) float64 { return (v - d/float64(len(p))) / (1 - d) }
	if len(p) == 2 {
		return math.Log(undoubted(u) / undoubted(p[1-k]))
	}
	return math.Log(undoubted(u) / undoubted(p[0]))
}

// TestExactContributionsAddUp checks the sums for trees behind encoders, imputers, scalers and selectors, and that a part
// is not counted for another column: shuffling a column that has no part in a row leaves its prediction.
func TestExactContributionsAddUp(t *testing.T) {
	clinic, schema := tableOf(t, "testdata/clinic.csv", "diagnosis")
	iris, _ := tableOf(t, "testdata/iris.csv", "target")
	diabetes, _ := tableOf(t, "testdata/diabetes.csv", "target")
	for name, c := range map[string]struct {
		m     *automl.Model
		s     dataset.Sample
		scale explain.Scale
	}{
		"forest":          {fitted(t, clinic, 1, "RandomForestClassifier(input)", "ExtraTreesClassifier(SelectPercentile(StandardScaler(input), percentile=60))"), clinic, explain.Prediction},
		"boosted":         {fitted(t, clinic, 1.4, "XGBClassifier(MinMaxScaler(input))"), clinic, explain.LogOdds},
		"native":          {fitted(t, clinic, 1, "HistGradientBoostingClassifier(input)"), clinic, explain.LogOdds},
		"classes":         {fitted(t, iris, 0.8, "LGBMClassifier(input)"), iris, explain.LogOdds},
		"one of 3":        {fitted(t, iris, 1, "DecisionTreeClassifier(input)"), iris, explain.Prediction},
		"with the shares": {fitted(t, clinic, 1, "RandomForestClassifier(input)", "DummyClassifier(input)"), clinic, explain.Prediction},
		"with the mean":   {fitted(t, diabetes, 0, "DummyRegressor(input)", "DecisionTreeRegressor(input)"), diabetes, explain.Prediction},
		"regression":      {fitted(t, diabetes, 0, "GradientBoostingRegressor(input)", "RandomForestRegressor(StandardScaler(input))"), diabetes, explain.Prediction},
	} {
		t.Run(name, func(t *testing.T) {
			var with *dataset.Schema
			if c.s.X == clinic.X {
				with = schema
			}
			features := explain.Features(with, c.s.X)
			x := c.s.X.Slice(0, 20)
			got, err := c.m.Contributions(context.Background(), x, features)
			if err != nil {
				t.Fatal(err)
			}
			p, err := c.m.Predict(context.Background(), x)
			if err != nil {
				t.Fatal(err)
			}
			for i, one := range got {
				if one.Scale != c.scale {
					t.Fatalf("scale %s", one.Scale)
				}
				row, sum := make([]float64, p.Cols()), make([]float64, p.Cols())
				for k := range row {
					row[k], sum[k] = p.Col(k).Float[i], one.Base[k]
					for f := range features {
						sum[k] += one.Phi[f][k]
					}
				}
				for k := range row {
					total := sum[k]
					if len(row) > 2 && one.Scale == explain.LogOdds {
						total -= sum[0]
					}
					if want := onScale(one.Scale, row, k, c.s.Rows()); math.Abs(total-want) > 1e-6*max(1, math.Abs(want)) {
						t.Fatalf("row %d, output %d: %v, want %v", i, k, total, want)
					}
				}
			}
		})
	}
}

// TestExactContributionsAgreeWithSampling: with columns that do not depend on each other, those of a tree are what
// sampling finds, but for its error.
func TestExactContributionsAgreeWithSampling(t *testing.T) {
	n := 400
	cols := make([][]float64, 3)
	y := make([]float64, n)
	for i := range n {
		a, b, c := float64(i%5), float64(i/5%5), float64(i/25%4)
		cols[0], cols[1], cols[2] = append(cols[0], a), append(cols[1], b), append(cols[2], c)
		y[i] = 3*a + a*b
	}
	s := dataset.Sample{X: dataset.MustFrame(n, dataset.NewNumeric("a", cols[0]), dataset.NewNumeric("b", cols[1]), dataset.NewNumeric("c", cols[2])), Y: dataset.NewNumeric("y", y)}
	m := fitted(t, s, 0, "DecisionTreeRegressor(StandardScaler(input), max_depth=20, min_samples_leaf=1)")
	got, err := m.Contributions(context.Background(), s.X.Slice(0, 60), explain.Features(nil, s.X))
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range got {
		a, b := cols[0][i], cols[1][i]
		// Shapley values of 3a + ab over independent columns of mean 2: those of a product are half of each way round.
		wantA, wantB := 3*(a-2)+((a-2)*2+(a-2)*b)/2, ((b-2)*2+(b-2)*a)/2
		if math.Abs(c.Phi[0][0]-wantA) > 1e-9 || math.Abs(c.Phi[1][0]-wantB) > 1e-9 || c.Phi[2][0] != 0 {
			t.Fatalf("row %d: %v, want %v and %v", i, c.Phi, wantA, wantB)
		}
	}
}

// TestInexact: models that are no trees, tempered forests, steps that mix columns, also those that do so only where
// something is missing, and parts of different scales are left to sampling.
func TestInexact(t *testing.T) {
	clinic, schema := tableOf(t, "testdata/clinic.csv", "diagnosis")
	iris, _ := tableOf(t, "testdata/iris.csv", "target")
	for name, c := range map[string]struct {
		m *automl.Model
		s dataset.Sample
	}{
		"linear":   {fitted(t, iris, 1, "LogisticRegression(input)"), iris},
		"tempered": {fitted(t, iris, 1.5, "RandomForestClassifier(input)"), iris},
		"mixed":    {fitted(t, iris, 1, "RandomForestClassifier(PCA(input))"), iris},
		"rows":     {fitted(t, iris, 1, "RandomForestClassifier(Normalizer(input))"), iris},
		"scales":   {fitted(t, iris, 1, "RandomForestClassifier(input)", "LGBMClassifier(input)"), iris},
		"imputed":  {fitted(t, clinic, 1, "RandomForestClassifier(IterativeImputer(input))"), clinic},
		"stacked":  {fitted(t, iris, 1, "RandomForestClassifier(stack(GaussianNB(input)))"), iris},
	} {
		features := explain.Features(nil, c.s.X)
		if c.s.X == clinic.X {
			features = explain.Features(schema, c.s.X)
		}
		if _, err := c.m.Contributions(context.Background(), c.s.X.Slice(0, 5), features); !errors.Is(err, explain.ErrInexact) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

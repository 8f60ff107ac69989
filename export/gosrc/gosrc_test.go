package gosrc_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/export/gosrc"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/pipeline"
)

// cases are pipelines by table that cover every operator that can be exported.
var cases = map[string][]string{
	"iris.csv target": {
		"LogisticRegression(StandardScaler(input))",
		"LogisticRegression(PolynomialFeatures(MinMaxScaler(input), degree=3))",
		"RidgeClassifier(RobustScaler(input))", "DummyClassifier(input)", "SGDClassifier(StandardScaler(input), loss=modified_huber)", "Perceptron(input)",
		"PassiveAggressiveClassifier(input)", "LinearSVC(MaxAbsScaler(input))",
		"GaussianNB(PCA(input, n_components=3))", "MultinomialNB(input)", "ComplementNB(input)", "BernoulliNB(Binarizer(input, threshold=2))",
		"LinearDiscriminantAnalysis(PowerTransformer(input))", "QuadraticDiscriminantAnalysis(QuantileTransformer(input, n_quantiles=20))",
		"LinearDiscriminantAnalysis(QuantileTransformer(input, n_quantiles=20, output_distribution=normal))",
		"DecisionTreeClassifier(input)", "RandomForestClassifier(input, n_estimators=20)", "ExtraTreesClassifier(ZeroCount(input), n_estimators=20)",
		"BaggingClassifier(input)", "AdaBoostClassifier(input)", "GradientBoostingClassifier(input, n_estimators=20)",
		"HistGradientBoostingClassifier(input, max_iter=20)", "LGBMClassifier(input, n_estimators=20)", "XGBClassifier(input, n_estimators=20)",
		"KNeighborsClassifier(StandardScaler(input), weights=distance)", "KNeighborsClassifier(Normalizer(input), p=1, n_neighbors=3)",
		"SVC(StandardScaler(input))", "SVC(input, kernel=poly, degree=2)", "MLPClassifier(StandardScaler(input))",
		"LogisticRegression(union(Log1pTransformer(input), SqrtTransformer(SelectKBest(input, k=2)), KBinsDiscretizer(input)))",
		"GaussianNB(stack(LogisticRegression(input)))", "LogisticRegression(OneHotEncoder(KBinsDiscretizer(input, encode=ordinal)))",
		"LogisticRegression(TruncatedSVD(Winsorizer(VarianceThreshold(input))))",
	},
	"diabetes.csv target": {
		"Ridge(StandardScaler(input))", "LassoCV(input)", "ElasticNet(input, alpha=0.01)", "TweedieRegressor(input, power=1)", "HuberRegressor(input)",
		"SVR(StandardScaler(input), C=10)", "KernelRidge(StandardScaler(input), kernel=rbf)", "KernelRidge(input, kernel=laplacian)",
		"GaussianProcessRegressor(StandardScaler(input), alpha=0.5)", "KNeighborsRegressor(input, p=3)", "MLPRegressor(StandardScaler(input), activation=tanh)",
		"RandomForestRegressor(input, n_estimators=10)", "AdaBoostRegressor(input)", "GradientBoostingRegressor(input, n_estimators=20)",
		"XGBRegressor(input, n_estimators=20)", "HistGradientBoostingRegressor(input, max_iter=20)", "DecisionTreeRegressor(DominantEncoder(input), max_depth=4)",
		"ARDRegression(input)", "BaggingRegressor(input)", "BayesianRidge(DropDuplicateFeatures(input))", "ElasticNetCV(input)", "ExtraTreesRegressor(input, n_estimators=10)",
		"GammaRegressor(input)", "LGBMRegressor(HeterosisEncoder(input), n_estimators=10)", "Lars(input)", "Lasso(input, alpha=0.1)", "LassoLars(input, alpha=0.1)", "LassoLarsCV(input)",
		"LassoLarsIC(input)", "LinearRegression(OverDominanceEncoder(input))", "LinearSVR(RecessiveEncoder(input))", "OrthogonalMatchingPursuit(input)",
		"PassiveAggressiveRegressor(UnderDominanceEncoder(input))", "PoissonRegressor(input)", "QuantileRegressor(input, alpha=0.01)", "RANSACRegressor(input)", "RidgeCV(DropEmptyFeatures(input))",
		"SGDRegressor(StandardScaler(input))", "DummyRegressor(StandardScaler(input))", "TheilSenRegressor(input)", "Ridge(SelectFromModel(RFE(input)))", "Ridge(SelectFwe(SelectFpr(SelectFdr(input))))",
		"Ridge(MultiSURF(SURFstar(SURF(ReliefF(input)))))",
		"Ridge(stack(DecisionTreeRegressor(input, max_depth=3)))", "Ridge(FastICA(SelectPercentile(input)))",
	},
	"clinic.csv diagnosis": {
		"LogisticRegression(StandardScaler(input))", "HistGradientBoostingClassifier(input, max_iter=30)", "RandomForestClassifier(input, n_estimators=10)",
		"LogisticRegression(StandardScaler(OneHotEncoder(SimpleImputer(input, strategy=median, add_indicator=true))))",
		"HistGradientBoostingClassifier(RareLabelEncoder(input), max_iter=10)", "ExtraTreesClassifier(OrdinalEncoder(input), n_estimators=10)",
		"GaussianNB(CountEncoder(input))", "LogisticRegression(TargetEncoder(StandardScaler(input)))",
		"LogisticRegression(HashingEncoder(input))", "LogisticRegression(DropConstantFeatures(StringEncoder(input)))",
		"MLPClassifier(input, batch_norm=true, max_iter=20)",
	},
}

type exported struct {
	text string
	want [][]float64
}

// TestGeneratedCodePredictsTheSame compiles what was written for every pipeline and compares its predictions.
func TestGeneratedCodePredictsTheSame(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED with -short: fits and runs a hundred pipelines, none of it concurrent")
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("SKIPPED: there is no go tool to compile the generated files with")
	}
	covered := map[string]bool{}
	for table, texts := range cases {
		t.Run(strings.Fields(table)[0], func(t *testing.T) {
			file, target, _ := strings.Cut(table, " ")
			path, err := filepath.Abs("../../testdata/" + file)
			if err != nil {
				t.Fatal(err)
			}
			s, schema := read(t, path, target)
			dir, want := t.TempDir(), []exported{}
			for _, text := range texts {
				m := fitted(t, s, schema, []string{text}, covered)
				want = append(want, write(t, dir, len(want), m, s, text))
			}
			m := fitted(t, s, schema, texts[:3], covered) // an ensemble
			m.Temperature = 0.8
			for k := range m.Levels {
				m.Odds = append(m.Odds, 1/float64(k+1))
			}
			want = append(want, write(t, dir, len(want), m, s, "ensemble"))
			if len(m.Levels) > 0 {
				m.Stack = &automl.Stack{Geometric: true}
				want = append(want, write(t, dir, len(want), m, s, "geometric mean"))
			}
			compare(t, want, runAll(t, goTool, dir, path, len(want), s.Y.Kind == dataset.Categorical))
		})
	}
	for _, name := range gosrc.Operators() {
		if !covered[name] {
			t.Errorf("no pipeline here covers %s", name)
		}
	}
}

func read(t *testing.T, path, target string) (dataset.Sample, *dataset.Schema) {
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

// fitted is a model made of pipelines by hand.
func fitted(t *testing.T, s dataset.Sample, schema *dataset.Schema, texts []string, covered map[string]bool) *automl.Model {
	t.Helper()
	m := &automl.Model{Schema: schema, Task: s.Task().String(), Target: s.Y.Name, Levels: s.Y.Levels, Search: automl.Statistics{Rows: s.Rows(), Program: automl.Version}}
	for _, text := range texts {
		tree, err := pipeline.Parse(text, catalog.All())
		if err != nil {
			t.Fatal(err)
		}
		f, err := pipeline.Fit(context.Background(), tree, s, 1, 1)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for _, step := range f.Steps() {
			if step.Spec != nil {
				covered[step.Spec.Name] = true
			}
		}
		m.Members = append(m.Members, automl.Member{Weight: 1 / float64(len(texts)), Pipeline: text, Fitted: f})
	}
	return m
}

func write(t *testing.T, dir string, k int, m *automl.Model, s dataset.Sample, text string) exported {
	t.Helper()
	var b bytes.Buffer
	if err := gosrc.Write(&b, m, fmt.Sprintf("model%d", k)); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	folder := filepath.Join(dir, fmt.Sprintf("model%d", k))
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "model.go"), b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := m.Predict(context.Background(), s.X)
	if err != nil {
		t.Fatal(err)
	}
	out := exported{text: text, want: make([][]float64, p.Rows())}
	for i := range out.want {
		for _, c := range p.Columns() {
			out.want[i] = append(out.want[i], c.Float[i])
		}
	}
	return out
}

// runAll compiles one program that predicts the table with all models.
func runAll(t *testing.T, goTool, dir, table string, n int, classes bool) [][][]float64 {
	t.Helper()
	var imports, calls strings.Builder
	for k := range n {
		fmt.Fprintf(&imports, "\t\"exported/model%d\"\n", k)
		call := fmt.Sprintf("[]float64{model%d.Predict(r)}", k)
		if classes {
			call = fmt.Sprintf("model%d.Predict(r)", k)
		}
		fmt.Fprintf(&calls, "\t\t{ r, err := model%d.ParseRow(row); check(err); all[%d] = append(all[%d], %s) }\n", k, k, k, call)
	}
	program := fmt.Sprintf(`package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
%s)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	file, err := os.Open(os.Args[1])
	check(err)
	lines, err := csv.NewReader(file).ReadAll()
	check(err)
	all := make([][][]float64, %d)
	for _, line := range lines[1:] {
		row := map[string]string{}
		for j, name := range lines[0] {
			row[name] = line[j]
		}
%s	}
	check(json.NewEncoder(os.Stdout).Encode(all))
}
`, imports.String(), n, calls.String())
	for name, text := range map[string]string{"go.mod": "module exported\n\ngo 1.26\n", "main.go": program} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(goTool, "run", ".", table)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "CGO_ENABLED=0")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%.4000s", err, stderr.String())
	}
	var all [][][]float64
	if err := json.Unmarshal(stdout.Bytes(), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func compare(t *testing.T, want []exported, got [][][]float64) {
	t.Helper()
	const tolerance = 1e-9
	for k, e := range want {
		worst := 0.0
		for i, row := range e.want {
			for j, v := range row {
				if d := math.Abs(got[k][i][j]-v) / max(1, math.Abs(v)); !(d <= worst) {
					worst = d
				}
			}
		}
		if !(worst <= tolerance) {
			t.Errorf("%s: predictions differ by up to %.3g", e.text, worst)
		}
	}
}

// TestWhatCannotBeExported: the error names the operator.
func TestWhatCannotBeExported(t *testing.T) {
	s, schema := read(t, "../../testdata/iris.csv", "target")
	m := fitted(t, s, schema, []string{"GaussianProcessClassifier(StandardScaler(input))"}, map[string]bool{})
	if err := gosrc.Write(&bytes.Buffer{}, m, "model"); err == nil || !strings.Contains(err.Error(), "GaussianProcessClassifier") {
		t.Errorf("%v", err)
	}
	m = fitted(t, s, schema, []string{"GaussianNB(input)"}, map[string]bool{})
	if err := gosrc.Write(&bytes.Buffer{}, m, "no package"); err == nil {
		t.Error("a package may not be called so")
	}
}

// TestOperatorsExist: every operator that is said to be exportable is in the catalogue.
func TestOperatorsExist(t *testing.T) {
	names := gosrc.Operators()
	for _, spec := range catalog.All() {
		if i := slices.Index(names, spec.Name); i >= 0 {
			names = slices.Delete(names, i, i+1)
		}
	}
	if len(names) > 0 {
		t.Errorf("%v are not in the catalogue", names)
	}
}

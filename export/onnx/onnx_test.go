package onnx_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/export/onnx"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/pipeline"
)

// cases are pipelines by table that cover every operator that can be exported.
var cases = map[string][]string{
	"iris.csv target": {
		"LogisticRegression(StandardScaler(input))", "LogisticRegression(PolynomialFeatures(MinMaxScaler(input), degree=3))",
		"RidgeClassifier(RobustScaler(input))", "DummyClassifier(input)", "SGDClassifier(StandardScaler(input), loss=modified_huber)", "Perceptron(input)",
		"PassiveAggressiveClassifier(input)", "LinearSVC(MaxAbsScaler(input))", "LogisticRegression(Normalizer(input))",
		"GaussianNB(PCA(input, n_components=3))", "MultinomialNB(input)", "ComplementNB(input)", "BernoulliNB(Binarizer(input, threshold=2))",
		"LinearDiscriminantAnalysis(PowerTransformer(input))", "QuadraticDiscriminantAnalysis(input)",
		"DecisionTreeClassifier(input)", "RandomForestClassifier(input, n_estimators=20)", "ExtraTreesClassifier(ZeroCount(input), n_estimators=20)",
		"BaggingClassifier(input)", "AdaBoostClassifier(input)", "GradientBoostingClassifier(input, n_estimators=20)",
		"HistGradientBoostingClassifier(input, max_iter=20)", "LGBMClassifier(input, n_estimators=20)", "XGBClassifier(input, n_estimators=20)",
		"MLPClassifier(StandardScaler(input))", "LogisticRegression(union(Log1pTransformer(input), SqrtTransformer(SelectKBest(input, k=2))))",
		"GaussianNB(stack(LogisticRegression(input)))", "LogisticRegression(TruncatedSVD(Winsorizer(VarianceThreshold(input))))",
	},
	"diabetes.csv target": {
		"Ridge(StandardScaler(input))", "LassoCV(input)", "ElasticNet(input, alpha=0.01)", "TweedieRegressor(input, power=1)", "HuberRegressor(input)",
		"MLPRegressor(StandardScaler(input), activation=tanh)", "RandomForestRegressor(input, n_estimators=10)", "GradientBoostingRegressor(input, n_estimators=20)",
		"XGBRegressor(input, n_estimators=20)", "HistGradientBoostingRegressor(input, max_iter=20)", "DecisionTreeRegressor(DominantEncoder(input), max_depth=4)",
		"ARDRegression(input)", "BaggingRegressor(input)", "BayesianRidge(DropDuplicateFeatures(input))", "ElasticNetCV(input)", "ExtraTreesRegressor(input, n_estimators=10)",
		"GammaRegressor(input)", "LGBMRegressor(HeterosisEncoder(input), n_estimators=10)", "Lars(input)", "Lasso(input, alpha=0.1)", "LassoLars(input, alpha=0.1)", "LassoLarsCV(input)",
		"LassoLarsIC(input)", "LinearRegression(OverDominanceEncoder(input))", "LinearSVR(RecessiveEncoder(input))", "OrthogonalMatchingPursuit(input)",
		"PassiveAggressiveRegressor(UnderDominanceEncoder(input))", "PoissonRegressor(input)", "QuantileRegressor(input, alpha=0.01)", "RANSACRegressor(input)", "RidgeCV(DropEmptyFeatures(input))",
		"SGDRegressor(StandardScaler(input))", "DummyRegressor(StandardScaler(input))", "TheilSenRegressor(input)", "Ridge(SelectFromModel(RFE(input)))", "Ridge(SelectFwe(SelectFpr(SelectFdr(input))))",
		"Ridge(MultiSURF(SURFstar(SURF(ReliefF(input)))))", "Ridge(stack(DecisionTreeRegressor(input, max_depth=3)))", "Ridge(FastICA(SelectPercentile(input)))",
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

func read(t *testing.T, file, target string) (dataset.Sample, *dataset.Schema) {
	t.Helper()
	table, err := dataset.Read(context.Background(), "../../testdata/"+file, dataset.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, schema, err := table.Sample(dataset.SampleOptions{Target: target})
	if err != nil {
		t.Fatal(err)
	}
	return s, schema
}

func fitted(t *testing.T, s dataset.Sample, schema *dataset.Schema, covered map[string]bool, texts ...string) *automl.Model {
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

type job struct {
	Model string `json:"model"`
	Rows  int    `json:"rows"`
	Cols  int    `json:"cols"`
	X     string `json:"x"`
}

type answer struct {
	Values []float64
	Label  []int
	Error  string
}

// packed lays the rows out as an exported model wants them.
func packed(x *dataset.Frame) string {
	var b []byte
	for i := range x.Rows() {
		for _, c := range x.Columns() {
			v := math.NaN()
			switch {
			case c.Missing(i):
			case c.Kind == dataset.Categorical:
				v = float64(c.Code[i])
			default:
				v = c.Float[i]
			}
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
	}
	return base64.StdEncoding.EncodeToString(b)
}

// TestRuntimePredictsTheSame lets a runtime that others wrote predict with every exported pipeline.
func TestRuntimePredictsTheSame(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED with -short: fits and runs a hundred pipelines, none of it concurrent")
	}
	node, err := exec.LookPath("node")
	if _, missing := os.Stat("testdata/runtime/node_modules/onnxruntime-web"); err != nil || missing != nil {
		t.Skip("SKIPPED: node and onnxruntime-web (npm ci in export/onnx/testdata/runtime) are needed to check ONNX files")
	}
	covered := map[string]bool{}
	for table, texts := range cases {
		t.Run(strings.Fields(table)[0], func(t *testing.T) {
			file, target, _ := strings.Cut(table, " ")
			s, schema := read(t, file, target)
			var models []*automl.Model
			for _, text := range texts {
				models = append(models, fitted(t, s, schema, covered, text))
			}
			models = append(models, fitted(t, s, schema, covered, texts[:3]...)) // an ensemble
			last := models[len(models)-1]
			last.Temperature, last.Odds = 0.8, favoured(last.Levels)
			if len(last.Levels) > 0 {
				geometric := *last
				geometric.Stack = &automl.Stack{Geometric: true}
				models = append(models, &geometric)
			}
			for k, a := range answers(t, node, models, s.X) {
				compare(t, models[k], s.X, a)
			}
		})
	}
	for _, name := range onnx.Operators() {
		if !covered[name] {
			t.Errorf("no pipeline here covers %s", name)
		}
	}
}

func answers(t *testing.T, node string, models []*automl.Model, x *dataset.Frame) []answer {
	t.Helper()
	dir := t.TempDir()
	var jobs []job
	for k, m := range models {
		var b bytes.Buffer
		if err := onnx.Write(&b, m); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, strings.Repeat("m", k+1)+".onnx")
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, job{path, x.Rows(), x.Cols(), packed(x)})
	}
	data, err := json.Marshal(jobs)
	if err != nil {
		t.Fatal(err)
	}
	in, out := filepath.Join(dir, "jobs.json"), filepath.Join(dir, "answers.json")
	if err := os.WriteFile(in, data, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, "run.mjs", in, out)
	cmd.Dir = "testdata/runtime"
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%.3000s", err, text)
	}
	if data, err = os.ReadFile(out); err != nil {
		t.Fatal(err)
	}
	var all []answer
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func compare(t *testing.T, m *automl.Model, x *dataset.Frame, a answer) {
	t.Helper()
	name := m.Members[0].Pipeline
	if a.Error != "" {
		t.Errorf("%s: %s", name, a.Error)
		return
	}
	p, err := m.Predict(context.Background(), x)
	if err != nil {
		t.Fatal(err)
	}
	worst := 0.0
	for j := range p.Cols() {
		for i, v := range p.Col(j).Float {
			if d := math.Abs(a.Values[i*p.Cols()+j]-v) / max(1, math.Abs(v)); !(d <= worst) {
				worst = d
			}
		}
	}
	if !(worst <= 1e-5) {
		t.Errorf("%s: predictions differ by up to %.3g", name, worst)
	}
	if m.Levels == nil {
		return
	}
	for i, label := range m.Labels(p) {
		if got := m.Levels[a.Label[i]]; got != label && math.Abs(p.Col(a.Label[i]).Float[i]-p.Col(slices.Index(m.Levels, label)).Float[i]) > 1e-5 {
			t.Errorf("%s: row %d is %s, want %s", name, i, got, label)
			return
		}
	}
}

func TestWhatCannotBeExported(t *testing.T) {
	s, schema := read(t, "iris.csv", "target")
	m := fitted(t, s, schema, map[string]bool{}, "KNeighborsClassifier(input)")
	if err := onnx.Write(&bytes.Buffer{}, m); err == nil || !strings.Contains(err.Error(), "KNeighborsClassifier") {
		t.Errorf("%v", err)
	}
}

func TestOperatorsExist(t *testing.T) {
	names := onnx.Operators()
	for _, spec := range catalog.All() {
		names = slices.DeleteFunc(names, func(n string) bool { return n == spec.Name })
	}
	if len(names) > 0 {
		t.Errorf("%v are not in the catalogue", names)
	}
}

// favoured are odds of classes, the first the highest.
func favoured(levels []string) []float64 {
	var odds []float64
	for k := range levels {
		odds = append(odds, 1/float64(k+1))
	}
	return odds
}

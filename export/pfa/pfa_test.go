package pfa

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/export/pfa/pfatest"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/pipeline"
)

// table makes mixed columns with missing values and a target of the given number of classes, 0 for a number.
func table(rows, classes int) dataset.Sample {
	rng := rand.New(rand.NewPCG(7, 11))
	n := func() []float64 { return make([]float64, rows) }
	a, b, c, d := n(), n(), n(), n()
	few, many := make([]int32, rows), make([]int32, rows)
	var names []string
	for k := range 20 {
		names = append(names, fmt.Sprintf("m%02d", k))
	}
	y, class := n(), make([]int32, rows)
	for i := range rows {
		a[i], b[i], c[i] = rng.NormFloat64(), 50+12*rng.NormFloat64(), float64(rng.IntN(4))
		few[i], many[i] = int32(rng.IntN(3)), int32(rng.IntN(len(names)))
		d[i] = math.Exp(rng.NormFloat64())
		y[i] = 20 + 3*a[i] + 0.2*b[i] + 2*float64(few[i]) + 0.3*float64(many[i]) + a[i]*c[i] + rng.NormFloat64()
		if classes > 0 {
			class[i] = int32(max(0, min(float64(classes-1), math.Floor((y[i]-26)/10*float64(classes)))))
		}
		if rng.IntN(6) == 0 {
			a[i] = math.NaN()
		}
		if rng.IntN(8) == 0 {
			few[i] = -1
		}
		if rng.IntN(9) == 0 {
			many[i] = -1
		}
	}
	x := dataset.MustFrame(rows, dataset.NewNumeric("a", a), dataset.NewNumeric("b", b), dataset.NewNumeric("c", c), dataset.NewNumeric("d", d),
		dataset.NewCategorical("few", few, []string{"AD", "CN", "a \"quoted\" é"}), dataset.NewCategorical("many", many, names))
	s := dataset.Sample{X: x, Y: dataset.NewNumeric("y", y)}
	if classes > 0 {
		s.Y = dataset.NewCategorical("y", class, []string{"AD", "CN", "MCI", "Other"}[:classes])
	}
	return s
}

// modelOf fits one pipeline, or several as an ensemble.
func modelOf(t *testing.T, s dataset.Sample, texts ...string) *automl.Model {
	t.Helper()
	m := &automl.Model{Schema: dataset.SchemaOf(s), Task: s.Task().String(), Target: "y", Metric: "m"}
	m.Search.Rows = s.Rows()
	if s.Y.Kind == dataset.Categorical {
		m.Levels = s.Y.Levels
	}
	for _, text := range texts {
		tree, err := pipeline.Parse(text, catalog.All())
		if err != nil {
			t.Fatal(err)
		}
		f, err := pipeline.Fit(context.Background(), tree, s, 1, 1)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		m.Members = append(m.Members, automl.Member{Weight: 1 / float64(len(texts)), Pipeline: text, Fitted: f})
	}
	if len(texts) > 1 && m.Levels != nil { // ensembles are tempered, and favour classes where labels count
		m.Temperature, m.Odds = 0.8, []float64{0.5, 1, 0.7, 0.2}[:len(m.Levels)]
	}
	return m
}

// rowsOfFrame are the rows as a database gives them: a number is NaN where missing, a text empty.
func rowsOfFrame(x *dataset.Frame, null bool) []map[string]any {
	rows := make([]map[string]any, x.Rows())
	for i := range rows {
		rows[i] = map[string]any{}
		for _, c := range x.Columns() {
			switch {
			case null && c.Missing(i):
				rows[i][c.Name] = nil
			case c.Kind == dataset.Numeric:
				rows[i][c.Name] = c.Float[i]
			case c.Missing(i):
				rows[i][c.Name] = ""
			default:
				rows[i][c.Name] = c.Levels[c.Code[i]]
			}
		}
	}
	return rows
}

// agrees checks a document against the model's own predictions, row by row.
func agrees(t *testing.T, m *automl.Model, x *dataset.Frame, doc []byte, null bool) {
	t.Helper()
	e, err := pfatest.New(doc)
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Predict(context.Background(), x)
	if err != nil {
		t.Fatal(err)
	}
	rows := rowsOfFrame(x, null)
	got := make([]any, len(rows))
	for i, row := range rows {
		if got[i], err = e.Run(row); err != nil {
			t.Fatalf("row %d: %v", i, err)
		}
	}
	compareRows(t, "", m, p, got)
	if other := otherEngine(t, doc, rows); other != nil {
		compareRows(t, "the other engine: ", m, p, other)
	}
}

func compareRows(t *testing.T, who string, m *automl.Model, p *dataset.Frame, got []any) {
	t.Helper()
	wrong := 0
	for i, v := range got {
		if m.Levels == nil {
			want := p.Col(0).Float[i]
			if g, ok := v.(float64); !ok || math.Abs(g-want) > 1e-9*max(1, math.Abs(want)) {
				t.Errorf("%srow %d: %v, want %v", who, i, v, want)
				wrong++
			}
		} else if label, ok := v.(string); !ok || !mostProbable(m, p, i, label) {
			t.Errorf("%srow %d: %v, want %s", who, i, v, m.Labels(p)[i])
			wrong++
		}
		if wrong > 3 {
			t.FailNow()
		}
	}
}

// mostProbable reports whether label has the highest probability of row i, but for rounding.
func mostProbable(m *automl.Model, p *dataset.Frame, i int, label string) bool {
	k := slices.Index(m.Levels, label)
	if k < 0 {
		return false
	}
	for j := range p.Cols() {
		if p.Col(j).Float[i] > p.Col(k).Float[i]+1e-9 {
			return false
		}
	}
	return true
}

// otherEngine runs the document by the command named in AUTOML_PFA_ENGINE, which takes a document and a file of rows and
// prints the list of results; "__nan__" stands for a missing number.
func otherEngine(t *testing.T, doc []byte, rows []map[string]any) []any {
	t.Helper()
	command := os.Getenv("AUTOML_PFA_ENGINE")
	if command == "" {
		return nil
	}
	for _, row := range rows {
		for k, v := range row {
			if f, ok := v.(float64); ok && f != f {
				row[k] = "__nan__"
			}
		}
	}
	rows = rows[:min(len(rows), 40)]
	dir := t.TempDir()
	data, err := json.Marshal(rows)
	if err != nil {
		t.Fatal(err)
	}
	d, r := filepath.Join(dir, "doc.json"), filepath.Join(dir, "rows.json")
	for path, content := range map[string][]byte{d: doc, r: data} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var errs bytes.Buffer
	c := exec.Command("sh", "-c", command+` "$0" "$1"`, d, r)
	c.Stderr = &errs
	out, err := c.Output()
	if err != nil {
		text := errs.String()
		t.Fatalf("the other engine: %v: %s", err, text[max(0, len(text)-600):])
	}
	var got []any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	return got
}

// rules checks what the platform asks of every document.
func rules(t *testing.T, doc []byte, classes int) {
	t.Helper()
	var d struct {
		Name, Method string
		Input        struct {
			Type, Name string
			Fields     []struct{ Name, Type any }
		}
		Output   any
		Cells    map[string]struct{ Type, Init json.RawMessage }
		Metadata map[string]string
	}
	if err := json.Unmarshal(doc, &d); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains([]string{"kNN", "naive_bayes", "neural_network", "linear_model", "gradient_boosting"}, d.Name) {
		t.Errorf("name %q", d.Name)
	}
	want := any("double")
	if classes > 0 {
		want = "string"
	}
	if d.Method != "map" || d.Input.Type != "record" || len(d.Input.Fields) == 0 || d.Output != want || len(d.Cells) == 0 || len(d.Metadata) == 0 {
		t.Errorf("method %q, input %v, output %v, %d cells", d.Method, d.Input.Type, d.Output, len(d.Cells))
	}
	if bytes.Contains(doc, []byte("\n")) || bytes.Count(doc, []byte(`"cells":{`)) != 1 {
		t.Error("the platform replaces the first \"cells\":{ of one compact line")
	}
	changed := bytes.Replace(doc, []byte(`"cells":{`), []byte(`"cells":{"validations":[],`), 1)
	if !json.Valid(changed) {
		t.Error("not valid JSON once validations are put in")
	}
}

var steps = []string{
	"StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler", "Winsorizer", "Log1pTransformer", "SqrtTransformer", "Binarizer",
	"KBinsDiscretizer", "Normalizer", "PolynomialFeatures", "ArithmeticPairs", "PowerTransformer", "ZeroCount", "PCA", "TruncatedSVD", "FastICA",
	"SimpleImputer", "OneHotEncoder", "OrdinalEncoder", "CountEncoder", "TargetEncoder", "RareLabelEncoder", "DropConstantFeatures",
	"SelectPercentile", "VarianceThreshold", "MinMaxScaler(input, clip=True)", "KBinsDiscretizer(input, encode=ordinal)",
	"SimpleImputer(input, strategy=constant, add_indicator=True)", "OneHotEncoder(input, minimum_fraction=0.2)", "Normalizer(input, norm=l1)", "Normalizer(input, norm=max)",
	"RBFSampler", "FeatureAgglomeration(input, n_clusters=3)", "FeatureAgglomeration(input, pooling_func=median, n_clusters=2)", "FeatureAgglomeration(input, pooling_func=max, n_clusters=2)",
	"DominantEncoder", "RecessiveEncoder", "HeterosisEncoder", "UnderDominanceEncoder", "OverDominanceEncoder", "FeatureAgglomeration",
	"OrdinalEncoder(input, encoded_missing_value=-2)", "ArithmeticPairs(input, operation=ratio)", "ArithmeticPairs(input, operation=product)",
}

func TestEveryStep(t *testing.T) {
	s := table(150, 0)
	for _, step := range steps {
		t.Run(step, func(t *testing.T) {
			if !strings.Contains(step, "(") {
				step += "(input)"
			}
			m := modelOf(t, s, "Ridge("+step+")")
			doc, err := Document(m, Options{})
			if err != nil {
				t.Fatal(err)
			}
			rules(t, doc, 0)
			agrees(t, m, s.X, doc, false)
		})
	}
}

// cheap keeps ensembles small, so that the slow engine is fast enough.
var cheap = map[string]string{
	"RandomForestClassifier": "n_estimators=12", "RandomForestRegressor": "n_estimators=12", "ExtraTreesClassifier": "n_estimators=12",
	"ExtraTreesRegressor": "n_estimators=12", "GradientBoostingClassifier": "n_estimators=15", "GradientBoostingRegressor": "n_estimators=15",
	"HistGradientBoostingClassifier": "max_iter=15", "HistGradientBoostingRegressor": "max_iter=15", "LGBMClassifier": "n_estimators=15",
	"LGBMRegressor": "n_estimators=15", "XGBClassifier": "n_estimators=15", "XGBRegressor": "n_estimators=15", "AdaBoostClassifier": "n_estimators=10",
	"BaggingClassifier": "n_estimators=5", "BaggingRegressor": "n_estimators=5",
}

// needs is what must stand before a predictor that refuses negative numbers.
var needs = map[string]string{"MultinomialNB": "MinMaxScaler(input, clip=True)", "ComplementNB": "MinMaxScaler(input, clip=True)", "BernoulliNB": "StandardScaler(input)"}

// TestEveryPredictor covers every predictor that Operators lists, so that none can be added without a test.
func TestEveryPredictor(t *testing.T) {
	for _, spec := range Operators(catalog.All()) {
		if !spec.Predicts() {
			continue
		}
		for _, classes := range []int{0, 2, 4} {
			s := table(150, classes)
			if !spec.Serves(s.Task()) {
				continue
			}
			t.Run(fmt.Sprintf("%s/%d", spec.Name, classes), func(t *testing.T) {
				in := "input"
				if needs[spec.Name] != "" {
					in = needs[spec.Name]
				}
				text := spec.Name + "(" + in
				if cheap[spec.Name] != "" {
					text += ", " + cheap[spec.Name]
				}
				m := modelOf(t, s, text+")")
				doc, err := Document(m, Options{})
				if err != nil {
					t.Fatal(err)
				}
				rules(t, doc, classes)
				agrees(t, m, s.X, doc, false)
			})
		}
	}
}

// The nearest neighbours are no part of a search for documents, as they hold the training rows, but who asks for them gets them.
func TestNeighbors(t *testing.T) {
	for _, classes := range []int{0, 2, 4} {
		s := table(150, classes)
		kind := "Classifier"
		if classes == 0 {
			kind = "Regressor"
		}
		m := modelOf(t, s, "KNeighbors"+kind+"(StandardScaler(input), n_neighbors=7)")
		doc, err := Document(m, Options{})
		if err != nil {
			t.Fatal(err)
		}
		rules(t, doc, classes)
		agrees(t, m, s.X, doc, false)
		if !bytes.HasPrefix(doc, []byte(`{"name":"kNN"`)) {
			t.Errorf("begins %.40s", doc)
		}
	}
}

// TestStepsAreCovered fails if a transformer can be written that TestEveryStep does not try.
func TestStepsAreCovered(t *testing.T) {
	// selectors share one converter; LDATransform is tried by TestShapes, TableVectorizer stands before most operators
	known := append([]string{"TableVectorizer", "LDATransform"}, steps...)
	for _, spec := range Operators(catalog.All()) {
		if !spec.Predicts() && spec.Role != operators.Selector && !strings.HasPrefix(spec.Name, "Drop") && !slices.Contains(known, spec.Name) {
			t.Errorf("%s is not tested", spec.Name)
		}
	}
}

func TestShapes(t *testing.T) {
	for _, text := range []string{
		"LogisticRegression(LDATransform(StandardScaler(input)))",
		"LogisticRegression(union(PCA(StandardScaler(input), n_components=0.9), SelectPercentile(input, percentile=50)))",
		"LogisticRegression(stack(GaussianNB(StandardScaler(input))))",
		"GaussianNB(stack(HistGradientBoostingClassifier(input, max_iter=5)))",
		"RandomForestClassifier(RareLabelEncoder(input), n_estimators=5)",
		"LogisticRegression(input, multi_class=ovr)", "SGDClassifier(StandardScaler(input), loss=modified_huber)",
		"MLPClassifier(StandardScaler(input), activation=tanh)", "MLPClassifier(StandardScaler(input), activation=logistic)",
		"MLPClassifier(input, batch_norm=true, max_iter=20)",
	} {
		for _, classes := range []int{2, 3} {
			t.Run(fmt.Sprintf("%s/%d", text, classes), func(t *testing.T) {
				s := table(120, classes)
				tree, err := pipeline.Parse(text, catalog.All())
				if err != nil {
					t.Skip(err)
				}
				m := modelOf(t, s, tree.String())
				doc, err := Document(m, Options{})
				if err != nil {
					t.Fatal(err)
				}
				agrees(t, m, s.X, doc, false)
			})
		}
	}
}

func TestNullableAndEnsemble(t *testing.T) {
	s := table(150, 3)
	m := modelOf(t, s, "LogisticRegression(StandardScaler(input))", "HistGradientBoostingClassifier(input, max_iter=10)", "GaussianNB(input)")
	for _, nullable := range []bool{false, true} {
		doc, err := Document(m, Options{Nullable: nullable, Metadata: map[string]string{"why": `"cells":{`}})
		if err != nil {
			t.Fatal(err)
		}
		rules(t, doc, 3)
		agrees(t, m, s.X, doc, nullable)
	}
}

// TestAvro reads categories from integers and booleans, and text with spaces behind it.
func TestAvro(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	n := 60
	gene, flag, pad, y := make([]int32, n), make([]int32, n), make([]int32, n), make([]float64, n)
	for i := range n {
		gene[i], flag[i], pad[i] = int32(rng.IntN(3)), int32(rng.IntN(2)), int32(rng.IntN(2))
		y[i] = float64(2*gene[i]-flag[i]+4*pad[i]) + rng.NormFloat64()
	}
	x := dataset.MustFrame(n, dataset.NewCategorical("gene", gene, []string{"0", "1", "2"}),
		dataset.NewCategorical("flag", flag, []string{"false", "true"}), dataset.NewCategorical("pad", pad, []string{"F", "M"}))
	s := dataset.Sample{X: x, Y: dataset.NewNumeric("y", y)}
	m := modelOf(t, s, "Ridge(input)")
	doc, err := Document(m, Options{Inputs: map[string]Input{"gene": {Avro: "int"}, "flag": {Avro: "boolean"}, "pad": {Pad: true}}})
	if err != nil {
		t.Fatal(err)
	}
	e, err := pfatest.New(doc)
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Predict(context.Background(), x)
	if err != nil {
		t.Fatal(err)
	}
	var got []any
	var rows []map[string]any
	for i := range n {
		row := map[string]any{"gene": int(gene[i]), "flag": flag[i] == 1, "pad": []string{"F   ", "M"}[pad[i]]}
		v, err := e.Run(row)
		if err != nil {
			t.Fatal(err)
		}
		got, rows = append(got, v), append(rows, row)
	}
	compareRows(t, "", m, p, got)
	if other := otherEngine(t, doc, rows); other != nil {
		compareRows(t, "the other engine: ", m, p, other)
	}
}

func TestWhatCannotBeExpressed(t *testing.T) {
	s := table(120, 2)
	m := modelOf(t, s, "KNeighborsClassifier(input, weights=distance)", "DummyClassifier(input)", "LogisticRegression(input)")
	m.Members[0].Weight, m.Members[1].Weight, m.Members[2].Weight = 0.5, 0.4, 0.1
	_, err := Document(m, Options{})
	var no InexpressibleError
	if !errors.As(err, &no) || no.Operator != "KNeighborsClassifier" {
		t.Errorf("%v", err)
	}
	doc, omitted, err := Best(m, Options{})
	if err != nil || omitted != 2 || !bytes.Contains(doc, []byte(`"omitted":"2 of 3`)) {
		t.Errorf("%d omitted, %v", omitted, err)
	}
	m.Members = m.Members[2:] // what looks at no column is written only if nothing else can be
	m.Members[0].Weight = 1
	agrees(t, m, s.X, doc, false)
	if _, err = Document(m, Options{MaxBytes: 100}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%v", err)
	}
}

// TestGeometricMean: members whose probabilities are multiplied say the same class in PFA, with odds and temperature too.
func TestGeometricMean(t *testing.T) {
	for _, classes := range []int{2, 4} {
		s := table(150, classes)
		m := modelOf(t, s, "LogisticRegression(StandardScaler(input))", "GaussianNB(input)", "DecisionTreeClassifier(input, max_depth=4)")
		m.Members[0].Weight, m.Members[1].Weight, m.Members[2].Weight = 0.6, 0.25, 0.15
		m.Stack = &automl.Stack{Geometric: true}
		doc, err := Document(m, Options{})
		if err != nil {
			t.Fatal(err)
		}
		rules(t, doc, classes)
		agrees(t, m, s.X, doc, false)
	}
}

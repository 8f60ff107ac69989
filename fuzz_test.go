package automl

import (
	"bytes"
	"context"
	"crypto/sha256"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/lren-chuv/automl/dataset"
)

// fuzzed are pipelines of many kinds, for models to begin fuzzing with.
var fuzzed = []string{
	"GaussianNB(input)",
	"LogisticRegression(StandardScaler(SimpleImputer(input)))",
	"DecisionTreeClassifier(OneHotEncoder(input), max_depth=2)",
	"RandomForestClassifier(TargetEncoder(input), n_estimators=2, max_depth=2)",
	"HistGradientBoostingClassifier(input, max_iter=2)",
	"KNeighborsClassifier(PCA(MinMaxScaler(input)))",
	"SVC(QuantileTransformer(input))",
	"LinearDiscriminantAnalysis(union(SelectKBest(input), PolynomialFeatures(VarianceThreshold(input))))",
	"LogisticRegression(stack(BernoulliNB(Binarizer(input))))",
	"MLPClassifier(KBinsDiscretizer(input), n_nodes_per_layer=16)",
	"XGBClassifier(KNNImputer(input), n_estimators=2)",
	"AdaBoostClassifier(SplineTransformer(input), n_estimators=2)",
}

// fuzzSample has a column of each kind and a few holes.
func fuzzSample(t testing.TB) (dataset.Sample, *dataset.Schema) {
	t.Helper()
	var b strings.Builder
	b.WriteString("a,b,day,flag,y\n")
	for i := range 40 {
		cells := []string{
			[]string{"1.5", "2", "-3", "", "7"}[i%5], []string{"x", "y", "z", ""}[i%4],
			[]string{"2020-01-31", "2021-02-28", ""}[i%3], []string{"yes", "no"}[i%7%2], []string{"n", "p"}[i%3%2],
		}
		b.WriteString(strings.Join(cells, ",") + "\n")
	}
	table, err := dataset.Read(context.Background(), "-", dataset.ReadOptions{Stdin: strings.NewReader(b.String())})
	if err != nil {
		t.Fatal(err)
	}
	s, schema, err := table.Sample(dataset.SampleOptions{Target: "y"})
	if err != nil {
		t.Fatal(err)
	}
	return s, schema
}

const damages = 300

// TestFuzzedPipelinesSurvive: models of the pipelines that fuzzing begins with are read back and predict; damaged behind
// the checksum, they do no harm.
func TestFuzzedPipelinesSurvive(t *testing.T) {
	s, schema := fuzzSample(t)
	texts := fuzzed
	if testing.Short() {
		texts = fuzzed[:3]
	}
	for _, text := range texts {
		m, err := Train(context.Background(), s, Options{NoExplain: true, Evaluations: 1, Folds: 2, Single: true, Schema: schema, Start: []string{text}})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		data, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := Decode(data)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if _, err := back.Predict(context.Background(), s.X); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		rng := rand.New(rand.NewPCG(1, 2))
		for range damages {
			bad := bytes.Clone(data[len(fileMagic)+4+sha256.Size:])
			for range 1 + rng.IntN(2) {
				bad[rng.IntN(len(bad))] = byte(rng.Uint32())
			}
			start := time.Now()
			useBody(t, bad)
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("%s: a damaged model takes %v", text, took)
			}
		}
	}
}

// FuzzDecodeBody: what follows the checksum may be anything; it is an error, or a model that can be asked for
// predictions. The corpus holds models of the pipelines above.
func FuzzDecodeBody(f *testing.F) {
	f.Fuzz(useBody)
}

// useBody asks what body decodes to, if anything, for all that a model can do.
func useBody(t *testing.T, body []byte) {
	m, err := decodeBody(body, nil)
	if err != nil {
		return
	}
	table, err := fuzzTable(m.Schema)
	if err != nil {
		return
	}
	x, err := m.Schema.Features(table)
	if err != nil {
		return
	}
	p, err := m.Predict(context.Background(), x)
	if err == nil && m.Levels != nil && len(m.Labels(p)) != x.Rows() {
		t.Error("labels are missing")
	}
	if _, err := m.Encode(); err != nil {
		t.Error(err)
	}
}

// fuzzTable makes a table with the columns of a schema.
func fuzzTable(s *dataset.Schema) (*dataset.Table, error) {
	var cols []*dataset.Column
	for _, field := range s.Fields {
		switch field.Type {
		case dataset.Number:
			cols = append(cols, dataset.NewNumeric(field.Name, []float64{0, -1e300, 2.5}))
		case dataset.Date:
			cols = append(cols, dataset.NewCategorical(field.Name, []int32{-1, -1, -1}, nil))
		default:
			cols = append(cols, dataset.NewCategorical(field.Name, []int32{0, 1, -1}, []string{"x", "yes"}))
		}
	}
	return dataset.NewTable(cols...)
}

package cluster

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/pipeline"
)

// table is a small classification table with categories, holes, weights and groups.
func table(n int) dataset.Sample {
	rng := rand.New(rand.NewPCG(1, 2))
	x, z, w := make([]float64, n), make([]float64, n), make([]float64, n)
	c, y, g := make([]int32, n), make([]int32, n), make([]int32, n)
	for i := range n {
		x[i], z[i], w[i], c[i], g[i] = rng.NormFloat64(), rng.Float64(), 0.5+rng.Float64(), int32(rng.IntN(4))-1, int32(i/2)
		if x[i]+float64(c[i])+0.3*rng.NormFloat64() > 0.5 {
			y[i] = 1
		}
		if rng.IntN(10) == 0 {
			z[i] = math.NaN()
		}
	}
	return dataset.Sample{X: dataset.MustFrame(n, dataset.NewNumeric("x", x), dataset.NewNumeric("z", z), dataset.NewCategorical("c", c, []string{"a", "b", "ü"})),
		Y: dataset.NewCategorical("y", y, []string{"no", "yes"}), W: w, Group: g}
}

// evaluatorOf is a local evaluator for s, its grammar and the operators of it.
func evaluatorOf(t *testing.T, s dataset.Sample) (*pipeline.CrossVal, *pipeline.Grammar, []*operators.Spec) {
	t.Helper()
	rng := rand.New(rand.NewPCG(3, 4))
	folds, err := dataset.NewFolds(s, rng, dataset.KFold(s.Rows(), 3, rng), dataset.KFold(s.Rows(), 3, rng))
	if err != nil {
		t.Fatal(err)
	}
	specs, err := catalog.Space("light", catalog.ForTable(s.X.Cols(), nil))
	if err != nil {
		t.Fatal(err)
	}
	lo, hi := 3.0, 9.0
	for i, spec := range specs {
		if spec.Name == "KNeighborsClassifier" { // a narrowed operator, whose choices have other numbers
			if specs[i], err = spec.Narrow(map[string]operators.Range{"n_neighbors": {Low: &lo, High: &hi}, "weights": {Choices: []string{"distance"}}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	g := pipeline.NewGrammar(s.Task(), specs)
	m, err := metrics.ByName("log_loss")
	if err != nil {
		t.Fatal(err)
	}
	cv := &pipeline.CrossVal{Folds: folds, Rows: s.Rows(), Metric: m, Seed: 7, Threads: 1, Memory: 1 << 28, Cache: pipeline.NewCache(1 << 24), Use: 5, Trial: 0.5, Humble: true}
	return cv, g, slices.Concat(g.Predictors, g.Steps)
}

func TestAProblemArrivesAsItWasSent(t *testing.T) {
	s := table(90)
	cv, _, specs := evaluatorOf(t, s)
	data, err := encodeSample(s)
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeSample(data)
	if err != nil {
		t.Fatal(err)
	}
	if got.Fingerprint() != s.Fingerprint() {
		t.Error("the sample arrived as another one")
	}
	d, err := describe(cv, s, specs, nil)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := pack(&d)
	if err != nil {
		t.Fatal(err)
	}
	var there problemData
	if err := unpack(packed, &there); err != nil {
		t.Fatal(err)
	}
	again, err := there.crossVal(got, cv.Cache)
	if err != nil {
		t.Fatal(err)
	}
	for k := range cv.Folds.Len() {
		a, b := cv.Folds, again.Folds
		aTrain, aTest := a.Fold(k)
		bTrain, bTest := b.Fold(k)
		if aTrain.Fingerprint() != bTrain.Fingerprint() || aTest.Fingerprint() != bTest.Fingerprint() || !slices.Equal(a.TestRows(k), b.TestRows(k)) {
			t.Errorf("fold %d differs", k)
		}
	}
	here := *cv
	here.Folds, again.Folds = nil, nil
	here.Metric, again.Metric = metrics.Metric{}, metrics.Metric{}
	if !reflect.DeepEqual(here, *again) {
		t.Errorf("sent %+v, arrived %+v", here, *again)
	}
}

func TestDamagedDataAreErrors(t *testing.T) {
	s := table(40)
	data, err := encodeSample(s)
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(data) {
		broken := slices.Clone(data)
		broken[i] ^= 0x5a
		if got, err := decodeSample(broken); err == nil && got.Fingerprint() != s.Fingerprint() {
			_ = got // NATS checks the digest; here it is enough that nothing panics
		}
	}
	cv, _, specs := evaluatorOf(t, s)
	good, err := describe(cv, s, specs, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(d *problemData){
		"row beyond the end": func(d *problemData) { d.Tests = []wire.Ints{{0, 1000}, {1}} },
		"row twice":          func(d *problemData) { d.Tests = []wire.Ints{d.Tests[0], d.Tests[0]} },
		"no folds":           func(d *problemData) { d.Tests = nil },
		"half a repetition":  func(d *problemData) { d.Tests = d.Tests[:2] },
		"unknown metric":     func(d *problemData) { d.Metric = "beauty" },
		"metric of numbers":  func(d *problemData) { d.Metric = "rmse" },
		"no trial":           func(d *problemData) { d.Trial = nil },
	} {
		d := good
		spoil(&d)
		if _, err := d.crossVal(s, cv.Cache); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	d := good
	d.Specs = append(slices.Clone(d.Specs), specData{Name: "Oracle"})
	if _, err := d.specs(); err == nil || !strings.Contains(err.Error(), "Oracle") {
		t.Errorf("an unknown operator: %v", err)
	}
}

func TestTreesArriveAsTheyWereSent(t *testing.T) {
	s := table(60)
	cv, g, specs := evaluatorOf(t, s)
	d, err := describe(cv, s, specs, nil)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := d.specs()
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		tree := g.Draw(rng, 1+rng.IntN(4))
		sent, err := encodeTree(tree, specs)
		if err != nil {
			t.Fatal(err)
		}
		data, err := wire.Marshal(&sent)
		if err != nil {
			t.Fatal(err)
		}
		var came treeData
		if err := wire.Unmarshal(data, &came); err != nil {
			t.Fatal(err)
		}
		got, err := came.tree(theirs)
		if err != nil || got.Hash() != tree.Hash() || got.String() != tree.String() {
			t.Fatalf("%s arrived as %s: %v", tree, got, err)
		}
		if len(came.Nodes) > 1 { // what is not a tree, or another one, is refused
			came.Nodes = came.Nodes[1:]
			if _, err := came.tree(theirs); err == nil {
				t.Fatalf("half of %s is accepted", tree)
			}
		}
	}
}

func TestResultsArriveAsTheyWereSent(t *testing.T) {
	minus := math.Copysign(0, -1)
	for _, r := range []pipeline.Result{
		{Score: math.NaN(), Err: "it failed"},
		{Score: minus, Folds: []float64{minus, math.NaN(), 0, 1e-300}, Trials: []float64{0}, Took: 123},
		{Score: 0.25, Folds: []float64{0.25}, Pruned: true},
		{Score: 1, Folds: []float64{1}, OOF: [][]float32{{1, float32(math.NaN()), 3}, {float32(minus), 5, 6}}},
	} {
		d := encodeResult([]byte("0123456789abcdef"), &r)
		data, err := wire.Marshal(&d)
		if err != nil {
			t.Fatal(err)
		}
		var came resultData
		if err := wire.Unmarshal(data, &came); err != nil {
			t.Fatal(err)
		}
		got, err := came.result()
		if err != nil || !same(&r, &got) || got.Took != r.Took {
			t.Errorf("%+v arrived as %+v: %v", r, got, err)
		}
	}
	for _, d := range []resultData{{}, {Score: wire.Floats{1}, OOF: []byte{1, 2, 3, 4}}, {Score: wire.Floats{1}, Cols: 3, OOF: []byte{1, 2, 3, 4}}, {Score: wire.Floats{1}, Cols: -1}} {
		if _, err := d.result(); err == nil {
			t.Errorf("%+v is accepted", d)
		}
	}
}

// same compares two results bit by bit, but for the time they took.
func same(a, b *pipeline.Result) bool {
	bits := func(v []float64) []uint64 {
		var out []uint64
		for _, f := range v {
			out = append(out, math.Float64bits(f))
		}
		return out
	}
	equal := len(a.OOF) == len(b.OOF)
	for j := range a.OOF {
		equal = equal && slices.EqualFunc(a.OOF[j], b.OOF[j], func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
	}
	return equal && math.Float64bits(a.Score) == math.Float64bits(b.Score) && slices.Equal(bits(a.Folds), bits(b.Folds)) &&
		slices.Equal(bits(a.Trials), bits(b.Trials)) && (a.Folds == nil) == (b.Folds == nil) && (a.Trials == nil) == (b.Trials == nil) &&
		(a.OOF == nil) == (b.OOF == nil) && a.Pruned == b.Pruned && a.Err == b.Err
}

func TestAddressesAreShownWithoutSecrets(t *testing.T) {
	for address, want := range map[string]string{
		"nats://ann:secret@host:4222":          "nats://host:4222",
		"nats://secret@a:1,tls://b:secret@c:2": "nats://a:1,tls://c:2",
		"ann:secret@host":                      "host",
		"nats://host:4222":                     "nats://host:4222",
	} {
		if got := Redact(address); got != want || strings.Contains(got, "secret") {
			t.Errorf("%s is shown as %s", address, got)
		}
	}
}

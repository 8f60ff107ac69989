package decompose

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/operatortest"
)

func TestMapsConform(t *testing.T) {
	for _, spec := range []*operators.Spec{Nystroem, RBFSampler, FastICA, FeatureAgglomeration} {
		operatortest.Run(t, spec, nil)
	}
}

func TestMapsGolden(t *testing.T) {
	operatortest.Golden(t, FastICA, operatortest.GoldenOptions{})
	operatortest.Golden(t, FeatureAgglomeration, operatortest.GoldenOptions{Skip: map[string]string{
		"more clusters than columns": "clusters beyond the number of columns are as many as there are columns",
	}})
}

// drawn is a golden case of an operator whose random draws are recorded, so that ours can be given the same.
type drawn struct {
	Case, Data, Prep string
	Params           map[string]any
	Attributes       struct {
		Rows    []int       `json:"component_indices_"`
		Weights [][]float64 `json:"random_weights_"`
		Offset  []float64   `json:"random_offset_"`
	}
	Outputs struct{ Transform [][]float64 }
}

func drawnCases(t *testing.T, spec *operators.Spec) []drawn {
	t.Helper()
	raw, err := os.ReadFile("../../testdata/golden/operators/" + spec.Name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []drawn
	if err := json.NewDecoder(bytes.NewReader(raw)).Decode(&cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

// operator builds the operator of a case.
func (c drawn) operator(t *testing.T, spec *operators.Spec) operators.Operator {
	t.Helper()
	values := spec.Defaults()
	for name, v := range c.Params {
		text, ok := v.(string)
		if !ok {
			text = strconv.FormatFloat(v.(float64), 'g', -1, 64)
		}
		i := spec.Index(name)
		var err error
		if values[i], err = spec.Params[i].Parse(text); err != nil {
			t.Fatal(err)
		}
	}
	op, err := spec.New(values)
	if err != nil {
		t.Fatal(err)
	}
	return op
}

// split reads the case's training rows and its first test rows, standardised if the case asks for it.
func (c drawn) split(t *testing.T) (train, test *dataset.Frame) {
	t.Helper()
	file, err := os.Open("../../testdata/golden/data/" + c.Data + ".csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var in, out []*dataset.Column
	fold := 0
	for j, name := range rows[0] {
		if name == "fold" {
			fold = j
		}
	}
	for j, name := range rows[0] {
		if name == "target" || name == "fold" || name == "weight" || name == "weight0" {
			continue
		}
		var a, b []float64
		for _, r := range rows[1:] {
			v, err := strconv.ParseFloat(r[j], 64)
			if err != nil {
				t.Fatal(err)
			}
			if r[fold] != "0" {
				a = append(a, v)
			} else if len(b) < 40 {
				b = append(b, v)
			}
		}
		if c.Prep == "standard" {
			standardise(a, b)
		}
		in, out = append(in, dataset.NewNumeric(name, a)), append(out, dataset.NewNumeric(name, b))
	}
	return dataset.MustFrame(in[0].Len(), in...), dataset.MustFrame(out[0].Len(), out...)
}

func standardise(a, b []float64) {
	mean, sd := 0.0, 0.0
	for _, v := range a {
		mean += v / float64(len(a))
	}
	for _, v := range a {
		sd += (v - mean) * (v - mean) / float64(len(a))
	}
	if sd = math.Sqrt(sd); sd == 0 {
		sd = 1
	}
	for _, v := range [][]float64{a, b} {
		for i := range v {
			v[i] = (v[i] - mean) / sd
		}
	}
}

func expectRows(t *testing.T, f operators.Fitted, x *dataset.Frame, want [][]float64, rtol, atol float64) {
	t.Helper()
	got, err := f.Apply(t.Context(), operators.NewEnv(1, 1), x)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range want {
		if len(row) != got.Cols() {
			t.Fatalf("%d columns, want %d", got.Cols(), len(row))
		}
		for j, w := range row {
			if g := got.Col(j).Float[i]; math.Abs(g-w) > atol+rtol*math.Abs(w) {
				t.Fatalf("row %d column %d: %v, want %v", i, j, g, w)
			}
		}
	}
}

func TestNystroemGolden(t *testing.T) {
	for _, c := range drawnCases(t, Nystroem) {
		t.Run(c.Case, func(t *testing.T) {
			train, test := c.split(t)
			f, err := c.operator(t, Nystroem).(nystroem).fitRows(t.Context(), train, c.Attributes.Rows)
			if err != nil {
				t.Fatal(err)
			}
			expectRows(t, f, test, c.Outputs.Transform, 1e-5, 1e-6)
		})
	}
}

func TestRBFSamplerGolden(t *testing.T) {
	for _, c := range drawnCases(t, RBFSampler) {
		t.Run(c.Case, func(t *testing.T) {
			train, test := c.split(t)
			if c.Attributes.Offset == nil {
				kernelError(t, c, train, test)
				return
			}
			f := &cosines{Offset: c.Attributes.Offset}
			for _, row := range c.Attributes.Weights {
				f.Weights = append(f.Weights, row...)
			}
			expectRows(t, f, test, c.Outputs.Transform, 1e-9, 1e-12)
		})
	}
}

// kernelError bounds the mean error of the approximated kernel by what the number of components allows: every entry
// has a standard deviation of at most √(1/k).
func kernelError(t *testing.T, c drawn, train, test *dataset.Frame) {
	op := c.operator(t, RBFSampler).(rbfSampler)
	f, err := op.Fit(t.Context(), operators.NewEnv(1, 1), dataset.Sample{X: train, Y: train.Col(0)})
	if err != nil {
		t.Fatal(err)
	}
	z, err := f.Apply(t.Context(), operators.NewEnv(1, 1), test)
	if err != nil {
		t.Fatal(err)
	}
	n, k, p := test.Rows(), z.Cols(), test.Cols()
	mz, mx, sum := z.Matrix(), test.Matrix(), 0.0
	for i := range n {
		for j := range n {
			got := dot(mz[i*k:(i+1)*k], mz[j*k:(j+1)*k])
			sum += math.Abs(got - math.Exp(-op.gamma*squaredDistance(mx[i*p:(i+1)*p], mx[j*p:(j+1)*p])))
		}
	}
	if mae := sum / float64(n*n); mae > 2*math.Sqrt(1/float64(k)) {
		t.Errorf("mean error %.4f with %d components", mae, k)
	}
}

// bruteLinkage joins by searching all pairs of clusters and their members' distances every time.
func bruteLinkage(d [][]float64, kind string, clusters int) [][]int {
	var groups [][]int
	for j := range d {
		groups = append(groups, []int{j})
	}
	for len(groups) > clusters {
		best, a, b := math.Inf(1), 0, 0
		for i := range groups {
			for j := range i {
				if v := linked(d, kind, groups[i], groups[j]); v < best {
					best, a, b = v, j, i
				}
			}
		}
		groups[a] = append(groups[a], groups[b]...)
		groups = append(groups[:b], groups[b+1:]...)
	}
	return groups
}

func linked(d [][]float64, kind string, a, b []int) float64 {
	lo, hi, sum := math.Inf(1), 0.0, 0.0
	for _, i := range a {
		for _, j := range b {
			lo, hi, sum = min(lo, d[i][j]), max(hi, d[i][j]), sum+d[i][j]
		}
	}
	switch kind {
	case "complete":
		return hi
	case "single":
		return lo
	}
	return sum / float64(len(a)*len(b))
}

func TestLinkageAgainstAllPairs(t *testing.T) {
	x := operatortest.Table(RBFSampler, dataset.Regression, 40, 25, 3).X
	for _, kind := range linkages[1:] {
		op := agglomeration{clusters: 7, linkage: kind, metric: "euclidean", pooling: "mean"}
		f, err := op.Fit(t.Context(), operators.NewEnv(1, 1), dataset.Sample{X: x, Y: x.Col(0)})
		if err != nil {
			t.Fatal(err)
		}
		d, err := distances(t.Context(), x, "euclidean")
		if err != nil {
			t.Fatal(err)
		}
		cluster := f.(*pooled).Cluster
		for _, group := range bruteLinkage(d, kind, 7) {
			for _, j := range group {
				if cluster[j] != cluster[group[0]] {
					t.Errorf("%s: columns %d and %d are apart", kind, j, group[0])
				}
			}
		}
	}
}

// The kernels of a whole table are those of single rows, computed the slow way.
func TestKernels(t *testing.T) {
	frame := operatortest.Table(&operators.Spec{Traits: operators.NonNegative}, dataset.Regression, 700, 7, 3).X
	x := frame.Matrix()
	slow := map[string]func(a, b []float64) float64{
		"rbf": func(a, b []float64) float64 {
			return math.Exp(-0.3 * sum(a, b, func(u, v float64) float64 { return (u - v) * (u - v) }))
		},
		"laplacian": func(a, b []float64) float64 {
			return math.Exp(-0.3 * sum(a, b, func(u, v float64) float64 { return math.Abs(u - v) }))
		},
		"poly":    func(a, b []float64) float64 { return math.Pow(0.3*sum(a, b, times)+0.7, 3) },
		"sigmoid": func(a, b []float64) float64 { return math.Tanh(0.3*sum(a, b, times) + 0.7) },
		"linear":  func(a, b []float64) float64 { return sum(a, b, times) },
		"cosine":  func(a, b []float64) float64 { return sum(a, b, times) / math.Sqrt(sum(a, a, times)*sum(b, b, times)) },
		"additive_chi2": func(a, b []float64) float64 {
			return -sum(a, b, func(u, v float64) float64 { return (u - v) * (u - v) / (u + v) })
		},
	}
	for name, want := range slow {
		f := &embedding{Kernel: kernel{Name: name, Gamma: 0.3, Degree: 3, Coef0: 0.7}, Features: 7, Basis: x[:5*7]}
		got, err := f.against(context.Background(), frame)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 700 {
			for c := range 5 {
				if w := want(x[i*7:i*7+7], x[c*7:c*7+7]); math.Abs(got.At(c, i)-w) > 1e-12*(1+math.Abs(w)) {
					t.Fatalf("%s, rows %d and %d: %v, want %v", name, i, c, got.At(c, i), w)
				}
			}
		}
	}
}

func times(u, v float64) float64 { return u * v }

func sum(a, b []float64, f func(u, v float64) float64) float64 {
	s := 0.0
	for j, u := range a {
		s += f(u, b[j])
	}
	return s
}

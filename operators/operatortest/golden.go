package operatortest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// GoldenOptions adapts Golden to one operator. Skip and Loosen are choices: each must stand, with its reason, in
// testdata/golden/README.md too.
type GoldenOptions struct {
	File       string                                        // base name of the file; default spec.Name
	Skip       map[string]string                             // case → why it does not apply
	Loosen     map[string]float64                            // case → relative and absolute tolerance instead of the recorded one
	Attributes func(f operators.Fitted) map[string][]float64 // fitted values by scikit-learn's names, flattened row by row
	Outputs    func(f operators.Fitted, x *dataset.Frame) map[string][]float64
	Params     map[string]string // scikit-learn's spelling "name=value" → ours, or "" to drop it
}

type goldenCase struct {
	Case       string          `json:"case"`
	Data       string          `json:"data"`
	Task       string          `json:"task"`
	Params     map[string]any  `json:"params"`
	Columns    []string        `json:"columns"`
	Prep       string          `json:"prep"`
	Weight     *string         `json:"sample_weight"`
	Attributes map[string]any  `json:"attributes"`
	Outputs    map[string]any  `json:"outputs"`
	Scores     json.RawMessage `json:"scores"`
	Comparison any             `json:"comparison"`
	Tolerance  any             `json:"tolerance"`
	UpTo       []string        `json:"up_to"`
	Raises     map[string]any  `json:"raises"`
}

// Golden fits spec as scikit-learn was fitted for testdata/golden/operators/<Name>.json and compares. The file must
// exist and at least one of its cases must apply.
func Golden(t *testing.T, spec *operators.Spec, opt GoldenOptions) {
	t.Helper()
	name := opt.File
	if name == "" {
		name = spec.Name
	}
	raw, err := os.ReadFile(filepath.Join(goldenDir(), "operators", name+".json"))
	if err != nil {
		t.Fatalf("golden file: %v", err)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var cases []goldenCase
	if err := dec.Decode(&cases); err != nil {
		t.Fatal(err)
	}
	ran, known := 0, map[string]bool{}
	for _, c := range cases {
		known[c.Case] = true
		if _, skip := opt.Skip[c.Case]; skip {
			continue
		}
		ran++
		t.Run(name+"/"+c.Case, func(t *testing.T) { runGolden(t, spec, opt, c) })
	}
	for c := range opt.Skip {
		if !known[c] {
			t.Errorf("%s has no case %q to skip", name, c)
		}
	}
	for c := range opt.Loosen {
		if !known[c] {
			t.Errorf("%s has no case %q to loosen", name, c)
		}
	}
	if ran == 0 {
		t.Errorf("%s: no case ran", name)
	}
}

func goldenDir() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "testdata", "golden")
}

func runGolden(t *testing.T, spec *operators.Spec, opt GoldenOptions, c goldenCase) {
	values, err := goldenValues(spec, opt, "", c.Params, spec.Defaults())
	var op operators.Operator
	if err == nil {
		op, err = spec.New(values)
	}
	data, derr := loadGolden(c)
	if derr != nil {
		t.Fatal(derr)
	}
	if c.Raises != nil {
		train, test := data.split(0)
		refused(t, op, err, train, test)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if c.Comparison == "score-only" {
		goldenScores(t, op, data, c)
		return
	}
	train, test := data.split(0)
	f, err := op.Fit(context.Background(), operators.NewEnv(1, 1), train)
	if err != nil {
		t.Fatalf("Fit: %v", err)
	}
	x := test.X.Slice(0, min(40, test.Rows()))
	out := apply(t, f, x, 1)
	rtol, atol := tolerance(c, opt)
	compareOutputs(t, c, opt, f, x, out, rtol, atol)
	if opt.Attributes != nil {
		for name, got := range opt.Attributes(f) {
			want, ok := c.Attributes[name]
			if !ok {
				continue
			}
			if i, d := worst(got, flatten(want), rtol, max(atol, 1e-12)); i >= 0 {
				t.Errorf("attribute %s[%d]: %s", name, i, d)
			}
		}
	}
}

func refused(t *testing.T, op operators.Operator, err error, train, test dataset.Sample) {
	if err != nil {
		return
	}
	f, err := op.Fit(context.Background(), operators.NewEnv(1, 1), train)
	if err != nil {
		return
	}
	if _, err = f.Apply(context.Background(), operators.NewEnv(1, 1), test.X); err == nil {
		t.Error("scikit-learn refuses this case, ours does not")
	}
}

// goldenValues turns scikit-learn's parameters into values, nested estimators as estimator__name.
func goldenValues(spec *operators.Spec, opt GoldenOptions, prefix string, params map[string]any, values []float64) ([]float64, error) {
	for _, name := range sortedKeys(params) {
		v := params[name]
		if nested, ok := v.(map[string]any); ok && nested["__class__"] != nil {
			flat := map[string]any{prefix + name: nested["__class__"]}
			inner, _ := nested["params"].(map[string]any)
			for k, x := range inner {
				flat[prefix+name+"__"+k] = x
			}
			var err error
			if values, err = goldenValues(spec, opt, "", flat, values); err != nil {
				return nil, err
			}
			continue
		}
		name := prefix + name
		text := paramText(v)
		if swap, ok := opt.Params[name+"="+text]; ok {
			if swap == "" {
				continue
			}
			name, text, _ = strings.Cut(swap, "=")
		} else if swap, ok := opt.Params[name]; ok {
			if swap == "" {
				continue
			}
			name = swap
		}
		if slices.Contains(spec.Ignored, name) {
			continue
		}
		i := spec.Index(name)
		if i < 0 {
			return nil, fmt.Errorf("%s has no parameter %s", spec.Name, name)
		}
		x, err := spec.Params[i].Parse(text)
		if err != nil {
			return nil, err
		}
		values[i] = x
	}
	return values, nil
}

func paramText(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case json.Number:
		return v.String()
	case bool:
		return fmt.Sprint(v)
	case string:
		return v
	}
	b, _ := json.Marshal(v)
	return string(b)
}

func tolerance(c goldenCase, opt GoldenOptions) (rtol, atol float64) {
	if l, ok := opt.Loosen[c.Case]; ok {
		return l, l
	}
	spec := c.Comparison
	if spec == "sign-free" || c.Tolerance != nil {
		spec = c.Tolerance
	}
	if m, ok := spec.(map[string]any); ok {
		return number(m["rtol"]), number(m["atol"])
	}
	return 1e-9, 1e-12 // exact: decisions and copied values
}

func compareOutputs(t *testing.T, c goldenCase, opt GoldenOptions, f operators.Fitted, x, out *dataset.Frame, rtol, atol float64) {
	compared := false
	extra := map[string][]float64{}
	if opt.Outputs != nil {
		extra = opt.Outputs(f, x)
	}
	for _, name := range sortedKeys(c.Outputs) {
		want := c.Outputs[name]
		var got []float64
		switch {
		case extra[name] != nil:
			got = extra[name]
		case name == "transform" || name == "predict_proba":
			if len(c.UpTo) > 0 {
				compareAligned(t, c, out, want, rtol, atol)
				compared = true
				continue
			}
			rows, _ := want.([]any) // wide outputs were recorded for fewer rows
			got = rowMajor(out.Slice(0, min(len(rows), out.Rows())))
		case name == "predict" && c.Task == "classification":
			compared = true
			compareLabels(t, c, out, want)
			continue
		case name == "predict":
			got = out.Col(0).Float
		default:
			continue
		}
		compared = true
		if i, d := worst(got, flatten(want), rtol, atol); i >= 0 {
			t.Errorf("%s[%d]: %s", name, i, d)
		}
	}
	if !compared && (opt.Attributes == nil || len(c.Attributes) == 0) {
		t.Errorf("nothing of %v was compared", sortedKeys(c.Outputs))
	}
}

func compareLabels(t *testing.T, c goldenCase, out *dataset.Frame, want any) {
	for i, w := range want.([]any) {
		got := out.Col(int(argmax(out, i))).Name
		if got != paramText(w) {
			t.Errorf("row %d: predicted %q, want %q", i, got, paramText(w))
		}
	}
}

// compareAligned compares up to the sign and, where the case says so, the order of the columns.
func compareAligned(t *testing.T, c goldenCase, out *dataset.Frame, want any, rtol, atol float64) {
	rows := want.([]any)
	p := len(rows[0].([]any))
	if out.Cols() != p {
		t.Errorf("%d columns, want %d", out.Cols(), p)
		return
	}
	flat := flatten(want)
	sign, order := slices.Contains(c.UpTo, "column sign"), slices.Contains(c.UpTo, "column order")
	used := make([]bool, p)
	for j := range p {
		column := make([]float64, len(rows))
		for i := range rows {
			column[i] = flat[i*p+j]
		}
		found, best := false, ""
		for k := range p {
			if used[k] || !order && k != j {
				continue
			}
			for _, s := range []float64{1, -1} {
				if s < 0 && !sign {
					continue
				}
				got := make([]float64, len(rows))
				for i := range got {
					got[i] = s * out.Col(k).Float[i]
				}
				if i, d := worst(got, column, rtol, atol); i < 0 {
					found, used[k] = true, true
				} else if best == "" || k == j {
					best = d
				}
				if found {
					break
				}
			}
			if found {
				break
			}
		}
		if !found {
			t.Errorf("no column matches column %d: %s", j, best)
		}
	}
}

// worst returns the first index where got and want differ by more than the tolerance, or -1.
func worst(got, want []float64, rtol, atol float64) (int, string) {
	if len(got) != len(want) {
		return 0, fmt.Sprintf("%d values, want %d", len(got), len(want))
	}
	for i := range got {
		g, w := got[i], want[i]
		if math.IsNaN(g) && math.IsNaN(w) || g == w {
			continue
		}
		if !(math.Abs(g-w) <= atol+rtol*math.Abs(w)) {
			return i, fmt.Sprintf("got %v, want %v (rtol %g, atol %g)", g, w, rtol, atol)
		}
	}
	return -1, ""
}

func rowMajor(f *dataset.Frame) []float64 {
	out := make([]float64, 0, f.Rows()*f.Cols())
	for i := range f.Rows() {
		for _, c := range f.Columns() {
			if c.Kind == dataset.Numeric {
				out = append(out, c.Float[i])
			} else {
				out = append(out, float64(c.Code[i]))
			}
		}
	}
	return out
}

func flatten(v any) []float64 {
	switch v := v.(type) {
	case []any:
		var out []float64
		for _, x := range v {
			out = append(out, flatten(x)...)
		}
		return out
	case bool:
		if v {
			return []float64{1}
		}
		return []float64{0}
	}
	return []float64{number(v)}
}

func number(v any) float64 {
	switch v := v.(type) {
	case json.Number:
		f, _ := v.Float64()
		return f
	case string:
		switch v {
		case "+Inf":
			return math.Inf(1)
		case "-Inf":
			return math.Inf(-1)
		}
	}
	return math.NaN()
}

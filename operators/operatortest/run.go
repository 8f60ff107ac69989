package operatortest

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// Exempt names checks that cannot hold for an operator, with the reason why; see the names in Run.
type Exempt map[string]string

// Run holds spec to the contract.
func Run(t *testing.T, spec *operators.Spec, exempt Exempt) {
	t.Helper()
	perTask := map[string]func(*testing.T, *operators.Spec, dataset.Task){
		"repeatable":      checkRepeatable,
		"input-unchanged": checkInputUnchanged,
		"well-formed":     checkWellFormed,
		"rows":            checkRowsIndependent,
		"concurrent":      checkConcurrent,
		"encode":          checkEncode,
		"degenerate":      checkDegenerate,
		"zero-weight":     checkZeroWeight,
		"permuted":        checkPermuted,
		"corners":         checkCorners,
		"baseline":        checkBaseline,
		"cancel":          checkCancel,
	}
	for name := range exempt {
		if perTask[name] == nil {
			t.Errorf("exempt from %q: no such check", name)
		}
	}
	t.Run(spec.Name, func(t *testing.T) {
		t.Run("params", func(t *testing.T) { checkParams(t, spec) })
		for _, name := range sortedKeys(perTask) {
			if reason := exempt[name]; reason != "" {
				t.Logf("exempt from %s: %s", name, reason)
				continue
			}
			for _, task := range tasks(spec) {
				t.Run(name+"/"+task.String(), func(t *testing.T) { perTask[name](t, spec, task) })
			}
		}
	})
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func checkParams(t *testing.T, spec *operators.Spec) {
	if err := spec.Check(spec.Defaults()); err != nil {
		t.Fatalf("defaults: %v", err)
	}
	if _, err := spec.New(spec.Defaults()); err != nil {
		t.Fatalf("New(defaults): %v", err)
	}
	if spec.Doc == "" {
		t.Error("no Doc")
	}
	for i := range spec.Params {
		p := &spec.Params[i]
		for _, v := range corners(p) {
			got, err := p.Parse(p.Format(v))
			if err != nil || got != v {
				t.Errorf("%s: Parse(%q) = %v, %v, want %v", p.Name, p.Format(v), got, err, v)
			}
		}
		if p.Scale != operators.Choice && p.Scale != operators.Bool && !(p.Lo < p.Hi) && !p.Fixed {
			t.Errorf("%s: range [%g, %g]", p.Name, p.Lo, p.Hi)
		}
		if (p.Scale == operators.Log || p.Scale == operators.LogInt) && !(p.Lo > 0) && !p.Fixed {
			t.Errorf("%s: log scale from %g", p.Name, p.Lo)
		}
		if p.When != nil && spec.Index(p.When.Param) < 0 {
			t.Errorf("%s: depends on %s, which does not exist", p.Name, p.When.Param)
		}
	}
}

// corners lists the ends of the parameter's range and all its choices.
func corners(p *operators.Param) []float64 {
	if p.Fixed {
		return []float64{p.Default}
	}
	switch p.Scale {
	case operators.Bool:
		return []float64{0, 1}
	case operators.Choice:
		var vs []float64
		for i := range p.Choices {
			vs = append(vs, float64(i))
		}
		return vs
	}
	vs := []float64{p.Lo, p.Hi}
	for i := range p.Choices {
		vs = append(vs, operators.Word(i))
	}
	return vs
}

func build(t *testing.T, spec *operators.Spec, values []float64) operators.Operator {
	t.Helper()
	op, err := spec.New(values)
	if err != nil {
		t.Fatalf("New(%v): %v", values, err)
	}
	return op
}

func fit(t *testing.T, spec *operators.Spec, s dataset.Sample, threads int) operators.Fitted {
	t.Helper()
	env := operators.NewEnv(42, 1)
	env.Threads = threads
	f, err := build(t, spec, spec.Defaults()).Fit(context.Background(), env, s)
	if err != nil {
		t.Fatalf("Fit: %v", err)
	}
	return f
}

func apply(t *testing.T, f operators.Fitted, x *dataset.Frame, threads int) *dataset.Frame {
	t.Helper()
	env := operators.NewEnv(43, 1)
	env.Threads = threads
	out, err := f.Apply(context.Background(), env, x)
	if err != nil {
		t.Fatalf("Apply: %v", err)
	}
	return out
}

func checkRepeatable(t *testing.T, spec *operators.Spec, task dataset.Task) {
	s := Table(spec, task, 200, 6, 1)
	a, b := fit(t, spec, s, 1), fit(t, spec, Table(spec, task, 200, 6, 1), 4)
	ea, _ := operators.Encode(a)
	eb, _ := operators.Encode(b)
	if !bytes.Equal(ea, eb) {
		t.Error("the fitted bytes differ between 1 and 4 threads")
	}
	if d := diff(apply(t, a, s.X, 1), apply(t, b, s.X, 4)); d != 0 {
		t.Errorf("outputs differ by %g between 1 and 4 threads", d)
	}
}

func checkInputUnchanged(t *testing.T, spec *operators.Spec, task dataset.Task) {
	s, want := Table(spec, task, 120, 5, 2), Table(spec, task, 120, 5, 2)
	f := fit(t, spec, s, 1)
	apply(t, f, s.X, 1)
	if diff(s.X, want.X) != 0 || diff(dataset.MustFrame(s.Rows(), s.Y), dataset.MustFrame(s.Rows(), want.Y)) != 0 || !slices.Equal(s.W, want.W) {
		t.Error("Fit or Apply changed its input")
	}
}

func checkWellFormed(t *testing.T, spec *operators.Spec, task dataset.Task) {
	s := Table(spec, task, 150, 5, 3)
	s.W = nil
	wellFormed(t, spec, s, apply(t, fit(t, spec, s, 1), s.X, 1))
}

func wellFormed(t *testing.T, spec *operators.Spec, s dataset.Sample, out *dataset.Frame) {
	t.Helper()
	if out.Rows() != s.Rows() {
		t.Fatalf("%d rows in, %d out", s.Rows(), out.Rows())
	}
	for _, c := range out.Columns() {
		if c.Kind == dataset.Categorical && !spec.Has(operators.Categories) {
			t.Errorf("column %q became categorical", c.Name)
		}
		for i, v := range c.Float {
			if math.IsInf(v, 0) || math.IsNaN(v) && (spec.Predicts() || !spec.Has(operators.Missing)) {
				t.Fatalf("column %q row %d is %v", c.Name, i, v)
			}
		}
	}
	if !spec.Predicts() {
		return
	}
	want := 1
	if spec.Role == operators.Classifier {
		want = len(s.Y.Levels)
	}
	if out.Cols() != want {
		t.Fatalf("%d output columns, want %d", out.Cols(), want)
	}
	if spec.Role == operators.Regressor {
		return
	}
	for i := range out.Rows() {
		sum := 0.0
		for _, c := range out.Columns() {
			if c.Float[i] < 0 || c.Float[i] > 1 {
				t.Fatalf("row %d: probability %v", i, c.Float[i])
			}
			sum += c.Float[i]
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Fatalf("row %d: probabilities sum to %v", i, sum)
		}
	}
}

func checkRowsIndependent(t *testing.T, spec *operators.Spec, task dataset.Task) {
	s := Table(spec, task, 130, 5, 4)
	f := fit(t, spec, s, 1)
	whole := apply(t, f, s.X, 1)
	for _, cut := range [][2]int{{0, 1}, {7, 8}, {50, 130}, {129, 130}} {
		part := apply(t, f, s.X.Slice(cut[0], cut[1]), 1)
		if d := diff(whole.Slice(cut[0], cut[1]), part); d > 1e-9 {
			t.Errorf("rows %v alone differ by %g from the same rows in the batch", cut, d)
		}
	}
	if none := apply(t, f, s.X.Slice(0, 0), 1); none.Rows() != 0 || none.Cols() != whole.Cols() {
		t.Errorf("no rows in: %d rows and %d columns out, want 0 and %d", none.Rows(), none.Cols(), whole.Cols())
	}
}

func checkConcurrent(t *testing.T, spec *operators.Spec, task dataset.Task) {
	s := Table(spec, task, 100, 5, 5)
	f := fit(t, spec, s, 1)
	want := apply(t, f, s.X, 1)
	var wg sync.WaitGroup
	for range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			got, err := f.Apply(context.Background(), operators.NewEnv(9, 9), s.X)
			if err != nil || diff(want, got) != 0 {
				t.Errorf("concurrent Apply gave something else: %v", err)
			}
		}()
	}
	wg.Wait()
}

func checkEncode(t *testing.T, spec *operators.Spec, task dataset.Task) {
	s := Table(spec, task, 80, 5, 6)
	f := fit(t, spec, s, 1)
	data, err := operators.Encode(f)
	if err != nil {
		t.Fatal(err)
	}
	g, err := spec.Decode(data)
	if err != nil {
		t.Fatalf("Decode: %v", err)
	}
	if d := diff(apply(t, f, s.X, 1), apply(t, g, s.X, 1)); d != 0 {
		t.Errorf("the decoded model differs by %g", d)
	}
	again, _ := operators.Encode(g)
	if !bytes.Equal(data, again) {
		t.Error("encoding what was decoded gives other bytes")
	}
	if testing.Short() {
		t.Skip("SKIPPED with -short: damaged bytes; one thread decodes them, in which the race detector, that makes minutes of it, has nothing to find")
	}
	for n := 0; n < len(data); n += 1 + len(data)/200 {
		if _, err := spec.Decode(data[:n]); err == nil && n > 0 {
			t.Errorf("Decode of %d of %d bytes gave no error", n, len(data))
		}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for range 200 { // damaged bytes: an error or some model, never a panic
		bad := slices.Clone(data)
		bad[rng.IntN(len(bad))] ^= byte(1 + rng.IntN(255))
		if g, err := spec.Decode(bad); err == nil {
			func() {
				defer func() {
					if p := recover(); p != nil {
						t.Fatalf("Apply of a damaged model panics (Check should have refused it): %v", p)
					}
				}()
				_, _ = g.Apply(context.Background(), operators.NewEnv(1, 1), s.X.Slice(0, 2))
			}()
		}
	}
}

// checkDegenerate feeds what real folds contain; an error is a fair answer, a panic or a malformed result is not.
func checkDegenerate(t *testing.T, spec *operators.Spec, task dataset.Task) {
	base := Table(spec, task, 60, 4, 7)
	constant := base
	flat := make([]float64, 60)
	for i := range flat {
		flat[i] = 3
	}
	constant.X = dataset.MustFrame(60, append([]*dataset.Column{dataset.NewNumeric("flat", flat)}, base.X.Columns()...)...)
	allConstant := base
	allConstant.X = dataset.MustFrame(60, dataset.NewNumeric("flat", flat), dataset.NewNumeric("flat2", flat))
	oneClass := base
	if task != dataset.Regression {
		oneClass.Y = dataset.NewCategorical("y", make([]int32, 60), base.Y.Levels)
	} else {
		oneClass.Y = dataset.NewNumeric("y", flat)
	}
	huge := base
	big := make([]float64, 60)
	for i := range big {
		big[i] = 1e308 * (float64(i%3) / 2)
	}
	huge.X = base.X.With(dataset.NewNumeric("huge", big))
	none := base
	none.X = dataset.MustFrame(60)
	for name, s := range map[string]dataset.Sample{
		"constant": constant, "all-constant": allConstant, "one-class": oneClass, "one-row": base.Slice(0, 1),
		"two-rows": base.Slice(0, 2), "huge": huge, "no-columns": none, "wide": Table(spec, task, 10, 40, 8),
	} {
		t.Run(name, func(t *testing.T) {
			f, err := build(t, spec, spec.Defaults()).Fit(context.Background(), operators.NewEnv(1, 1), s)
			if err != nil {
				t.Logf("refused: %v", err)
				if name == "constant" || name == "wide" {
					t.Errorf("must work: %v", err)
				}
				return
			}
			out, err := f.Apply(context.Background(), operators.NewEnv(1, 1), s.X)
			if err != nil {
				t.Logf("refused at Apply: %v", err)
				return
			}
			wellFormed(t, spec, s, out)
		})
	}
}

func checkZeroWeight(t *testing.T, spec *operators.Spec, task dataset.Task) {
	if !spec.Has(operators.Weights) || spec.Has(operators.Random) {
		t.Skip("no weights, or random")
	}
	s := Table(spec, task, 160, 4, 9)
	for i := range 60 {
		s.W[100+i] = 0
	}
	a, b := fit(t, spec, s, 1), fit(t, spec, s.Slice(0, 100), 1)
	if d := diff(apply(t, a, s.X, 1), apply(t, b, s.X, 1)); d > 1e-4 {
		t.Errorf("rows of weight zero change the result by %g", d)
	}
}

func checkPermuted(t *testing.T, spec *operators.Spec, task dataset.Task) {
	if !spec.Predicts() || spec.Has(operators.Random) {
		t.Skip("not a deterministic predictor")
	}
	s := Table(spec, task, 150, 5, 10)
	p := s
	js := make([]int, s.X.Cols())
	for j := range js {
		js[j] = len(js) - 1 - j
	}
	p.X = s.X.Select(js...)
	if d := diff(apply(t, fit(t, spec, s, 1), s.X, 1), apply(t, fit(t, spec, p, 1), p.X, 1)); d > 1e-3 {
		t.Errorf("permuted columns change the predictions by %g", d)
	}
}

// checkCorners fits every corner of every parameter and some random points of the box, on one thread.
func checkCorners(t *testing.T, spec *operators.Spec, task dataset.Task) {
	if testing.Short() {
		t.Skip("SKIPPED with -short: one thread does it, in which the race detector, that makes minutes of it, has nothing to find")
	}
	s := Table(spec, task, 60, 4, 11)
	try := func(values []float64) {
		values = spec.Canonical(values)
		text := fmt.Sprint(values)
		op, err := spec.New(values)
		if err != nil {
			t.Errorf("New(%s): %v", text, err)
			return
		}
		start := time.Now()
		f, err := op.Fit(context.Background(), operators.NewEnv(1, 2), s)
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s took %v", text, took)
		}
		if err != nil {
			t.Logf("%s refused: %v", text, err)
			return
		}
		out, err := f.Apply(context.Background(), operators.NewEnv(1, 2), s.X)
		if err != nil {
			t.Logf("%s refused at Apply: %v", text, err)
			return
		}
		wellFormed(t, spec, s, out)
	}
	for i := range spec.Params {
		for _, v := range corners(&spec.Params[i]) {
			values := spec.Defaults()
			values[i] = v
			try(values)
		}
	}
	rng := rand.New(rand.NewPCG(5, 5))
	for range 10 {
		values := spec.Defaults()
		for i := range values {
			vs := corners(&spec.Params[i])
			values[i] = vs[rng.IntN(len(vs))]
		}
		try(values)
	}
}

// checkBaseline: a predictor must be clearly better than the constant prediction.
func checkBaseline(t *testing.T, spec *operators.Spec, task dataset.Task) {
	if !spec.Predicts() {
		t.Skip("not a predictor")
	}
	if spec.Has(operators.Baseline) {
		t.Skip("is the baseline")
	}
	s := Table(spec, task, 400, 4, 12)
	s.W = nil
	train, test := s.Slice(0, 300), s.Slice(300, 400)
	out := apply(t, fit(t, spec, train, 1), test.X, 1)
	if task == dataset.Regression {
		if r2 := rSquared(test.Y.Float, out.Col(0).Float); r2 < 0.2 {
			t.Errorf("r2 %.3f", r2)
		}
		return
	}
	if acc := accuracy(test.Y.Code, out); acc < 0.6 {
		t.Errorf("accuracy %.3f", acc)
	}
}

// diff is the largest absolute difference between two frames; +Inf when their shapes or missing values differ.
func diff(a, b *dataset.Frame) float64 {
	if a.Rows() != b.Rows() || a.Cols() != b.Cols() {
		return math.Inf(1)
	}
	worst := 0.0
	for j := range a.Cols() {
		x, y := a.Col(j), b.Col(j)
		if x.Kind != y.Kind || !slices.Equal(x.Code, y.Code) {
			return math.Inf(1)
		}
		for i := range x.Float {
			if math.IsNaN(x.Float[i]) != math.IsNaN(y.Float[i]) {
				return math.Inf(1)
			}
			if d := math.Abs(x.Float[i] - y.Float[i]); d > worst {
				worst = d
			}
		}
	}
	return worst
}

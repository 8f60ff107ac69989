package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test binary be the command: with AUTOML_TEST_MAIN set it runs main on its arguments.
func TestMain(m *testing.M) {
	if os.Getenv("AUTOML_TEST_MAIN") != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

type ran struct {
	status         int
	stdout, stderr string
}

func process(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "AUTOML_TEST_MAIN=1")
	return c
}

func run(t *testing.T, dir string, args ...string) ran {
	t.Helper()
	c := process(t, dir, args...)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return ran{c.ProcessState.ExitCode(), out.String(), errs.String()}
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	p := filepath.Join(dir, name)
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return p
}

func testdata(t *testing.T, name string) string {
	t.Helper()
	p, err := filepath.Abs(filepath.Join("..", "..", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// rows makes a table: a header and n lines from a format of the row number.
func rows(header string, n int, line func(i int) string) string {
	var b strings.Builder
	b.WriteString(header + "\n")
	for i := range n {
		b.WriteString(line(i) + "\n")
	}
	return b.String()
}

func good(i int) string { return fmt.Sprintf("%d.5,%d,%s", i*7%40, i*3%11, []string{"no", "yes"}[i%2]) }

func TestTheWholeWay(t *testing.T) {
	dir := t.TempDir()
	r := run(t, dir, "train", testdata(t, "iris.csv"), "--target", "target", "--evaluations", "30", "--config", "light", "--json", "--quiet", "--report=no/such/folder.html")
	if r.status != exitFailed || !strings.Contains(r.stderr, "no folder") {
		t.Errorf("--report: %+v", r)
	}
	r = run(t, dir, "train", testdata(t, "iris.csv"), "--target", "target", "--evaluations", "30", "--config", "light", "--json", "--quiet")
	if r.status != 0 || r.stderr != "" {
		t.Fatalf("train: %+v", r)
	}
	var result map[string]any
	if err := json.Unmarshal([]byte(r.stdout), &result); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"task", "target", "metric", "cv_score", "cv_std", "holdout_score", "pipeline", "nodes", "ensemble", "evaluated", "failed",
		"pruned", "cache_hits", "generations", "seconds", "evaluations_per_second", "rows", "columns", "seed", "workers", "model"} {
		if _, ok := result[key]; !ok {
			t.Errorf("the JSON object lacks %q", key)
		}
	}
	if result["task"] != "multiclass" || result["rows"] != 150.0 || result["evaluated"] != 30.0 {
		t.Errorf("the JSON object says %v", result)
	}
	r = run(t, dir, "predict", "model.automl", testdata(t, "iris.csv"), "-o", "p.csv")
	if r.status != 0 || r.stdout != "" {
		t.Fatalf("predict: %+v", r)
	}
	text, err := os.ReadFile(filepath.Join(dir, "p.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(lines) != 151 || strings.Join(lines[0], ",") != "prediction,proba_setosa,proba_versicolor,proba_virginica" {
		t.Errorf("predictions: %d lines, header %v, %v", len(lines), lines[0], err)
	}
	r = run(t, dir, "score", "model.automl", testdata(t, "iris.csv"), "--json", "--metric", "accuracy", "--metric", "log_loss")
	var scores struct {
		Metrics map[string]float64
		Rows    int
	}
	if err := json.Unmarshal([]byte(r.stdout), &scores); err != nil || scores.Rows != 150 || scores.Metrics["accuracy"] < 0.9 || len(scores.Metrics) != 2 {
		t.Errorf("score: %+v %v", r, err)
	}
	if r = run(t, dir, "score", "model.automl", testdata(t, "iris.csv")); r.status != 0 || !strings.Contains(r.stdout, "roc_auc_ovr") {
		t.Errorf("score: %+v", r)
	}
	if r = run(t, dir, "show", "model.automl"); r.status != 0 || !strings.Contains(r.stdout, "Pareto front") || !strings.Contains(r.stdout, "input") {
		t.Errorf("show: %+v", r)
	}
	if r = run(t, dir, "show", "model.automl", "--history"); r.status != 0 || strings.Count(r.stdout, "\n") != 31 || !strings.HasPrefix(r.stdout, "id,parent1,") {
		t.Errorf("show --history: %+v", r)
	}
	if r = run(t, dir, "report", "model.automl", "-o", "r.html"); r.status != 0 || r.stdout != "" {
		t.Errorf("report: %+v", r)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "r.html")); err != nil || !strings.Contains(string(text), "automl train iris.csv --config light --evaluations 30 --target target") {
		t.Errorf("the report lacks the command: %v", err)
	}
	if r = run(t, dir, "export", "model.automl", "--to", "json"); r.status != 0 || !json.Valid([]byte(r.stdout)) {
		t.Errorf("export --to json: status %d, %s", r.status, r.stderr)
	}
	if r = run(t, dir, "export", "model.automl", "--to", "cobol"); r.status != exitUsage || !strings.Contains(r.stderr, "go, onnx, json") {
		t.Errorf("export --to cobol: %+v", r)
	}
	if r = run(t, dir, "show", "model.automl", "--json"); !json.Valid([]byte(r.stdout)) {
		t.Errorf("show --json: %+v", r)
	}
	if r = run(t, dir, "operators", "--json", "--task", "regression"); !json.Valid([]byte(r.stdout)) || strings.Contains(r.stdout, `"name":"LogisticRegression"`) || !strings.Contains(r.stdout, `"name":"Ridge"`) {
		t.Errorf("operators: status %d, %.200q", r.status, r.stdout)
	}
	if r = run(t, dir, "version"); r.status != 0 || !strings.HasPrefix(r.stdout, "automl ") {
		t.Errorf("version: %+v", r)
	}
}

func TestEvaluate(t *testing.T) {
	dir := t.TempDir()
	pipes := write(t, dir, "p.txt", "# two that work and one that does not\nRidge(StandardScaler(input), alpha=1.0)\nNonsense(input)\n\nDecisionTreeRegressor(input, max_depth=3)\n")
	folds := rows("row,fold", 442, func(i int) string { return fmt.Sprintf("%d,%d", i, i%3) })
	write(t, dir, "f.csv", folds)
	r := run(t, dir, "evaluate", testdata(t, "diabetes.csv"), "--target", "target", "--pipelines", pipes, "--folds-file", "f.csv", "--json", "--workers", "2")
	if r.status != 0 {
		t.Fatalf("%+v", r)
	}
	var got []evaluated
	for line := range strings.Lines(r.stdout) {
		var e evaluated
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		got = append(got, e)
	}
	if len(got) != 3 || got[0].Score == nil || math.Abs(*got[0].Score-55) > 3 || len(got[0].Folds) != 3 || got[1].Error == "" || got[2].Score == nil || got[2].CPU <= 0 {
		t.Errorf("%+v", got)
	}
	write(t, dir, "short.csv", "row,fold\n0,1\n")
	if r = run(t, dir, "evaluate", testdata(t, "diabetes.csv"), "--target", "target", "--pipelines", pipes, "--folds-file", "short.csv"); r.status != exitData {
		t.Errorf("a short folds file: %+v", r)
	}
}

// TestBadInput: each is one line on stderr and the right status, and nothing is written.
func TestBadInput(t *testing.T) {
	src := t.TempDir()
	file := func(name, text string) string { return write(t, src, name, text) }
	cases := []struct {
		name   string
		args   []string
		status int
		says   string
	}{
		{"missing file", []string{filepath.Join(src, "none.csv"), "--target", "y"}, exitData, "none.csv"},
		{"directory", []string{src, "--target", "y"}, exitData, ""},
		{"empty file", []string{file("empty.csv", ""), "--target", "y"}, exitData, "empty"},
		{"header only", []string{file("head.csv", "a,b,y\n"), "--target", "y"}, exitData, "row"},
		{"duplicate names", []string{file("dup.csv", rows("a,a,y", 20, good)), "--target", "y"}, exitData, `"a"`},
		{"ragged rows", []string{file("ragged.csv", rows("a,b,y", 20, good)+"1,2\n"), "--target", "y"}, exitData, "22"},
		{"wrong target", []string{file("ok.csv", rows("a,b,outcome", 20, good)), "--target", "outcom"}, exitData, "outcome"},
		{"one class", []string{file("one.csv", rows("a,b,y", 20, func(i int) string { return fmt.Sprintf("%d,%d,yes", i*7%5, i%3) })), "--target", "y"}, exitData, "y"},
		{"target missing", []string{file("nan.csv", rows("a,b,y", 20, func(i int) string { return fmt.Sprintf("%d,%d,", i*7%5, i%3) })), "--target", "y"}, exitData, "y"},
		{"one row", []string{file("row1.csv", rows("a,b,y", 1, good)), "--target", "y"}, exitData, ""},
		{"two rows", []string{file("row2.csv", rows("a,b,y", 2, good)), "--target", "y"}, exitData, ""},
		{"all constant", []string{file("const.csv", rows("a,b,y", 20, func(i int) string { return "1,x," + []string{"no", "yes"}[i%2] })), "--target", "y"}, exitData, "constant"},
		{"infinite", []string{file("inf.csv", rows("a,b,y", 20, func(i int) string {
			return []string{"1e308", "Inf", "-Inf"}[i%3] + fmt.Sprintf(",%d,%s", i%5, []string{"no", "yes"}[i%2])
		})), "--target", "y"}, exitData, "a"},
		{"NUL bytes", []string{file("nul.csv", rows("a,b,y", 20, good)+"1,\x00,yes\n"), "--target", "y"}, exitData, "NUL"},
		{"unbalanced quotes", []string{file("quote.csv", rows("a,b,y", 20, good)+"1,\"2,yes\n"), "--target", "y"}, exitData, "22"},
		{"no target", []string{file("ok.csv", rows("a,b,outcome", 20, good))}, exitUsage, "--target"},
		{"unknown flag", []string{"x.csv", "--nonsense"}, exitUsage, "nonsense"},
		{"no data", nil, exitUsage, "DATA"},
		{"metric", []string{"x.csv", "--target", "y", "--metric", "auc"}, exitUsage, "roc_auc"},
		{"task", []string{file("ok.csv", rows("a,b,outcome", 20, good)), "--target", "outcome", "--task", "rank"}, exitUsage, "rank"},
		{"types", []string{file("ok.csv", rows("a,b,outcome", 20, good)), "--target", "outcome", "--types", "a=colour"}, exitUsage, "colour"},
		{"folds", []string{file("ok.csv", rows("a,b,outcome", 20, good)), "--target", "outcome", "--folds", "1"}, exitUsage, "folds"},
		{"memory", []string{file("ok.csv", rows("a,b,outcome", 20, good)), "--target", "outcome", "--memory", "much"}, exitUsage, "memory"},
		{"no folder", []string{file("ok.csv", rows("a,b,outcome", 20, good)), "--target", "outcome", "-o", "no/such/m.automl"}, exitFailed, "no/such"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			r := run(t, dir, append([]string{"train", "--time", "2s", "--quiet"}, c.args...)...)
			if r.status != c.status || !strings.Contains(r.stderr, c.says) {
				t.Errorf("status %d, %q; want %d and %q", r.status, r.stderr, c.status, c.says)
			}
			if n := strings.Count(r.stderr, "\n"); n != 1 || strings.Contains(r.stderr, "goroutine") || r.stdout != "" {
				t.Errorf("%d lines on stderr: %q, stdout %q", n, r.stderr, r.stdout)
			}
			if left, _ := os.ReadDir(dir); len(left) > 0 {
				t.Errorf("%s was written", left[0].Name())
			}
		})
	}
}

// TestOddInputWorks: unusual, but a table all the same.
func TestOddInputWorks(t *testing.T) {
	wide := func() string {
		names := make([]string, 3000)
		for j := range names {
			names[j] = fmt.Sprint("c", j)
		}
		return rows(strings.Join(names, ",")+",y", 50, func(i int) string {
			cells := make([]string, len(names))
			for j := range cells {
				cells[j] = fmt.Sprint((i*31 + j*17) % 97)
			}
			return strings.Join(cells, ",") + "," + []string{"no", "yes"}[i%2]
		})
	}
	for name, text := range map[string]string{
		"rare class": rows("a,b,y", 30, func(i int) string {
			if i == 0 {
				return "1,2,maybe"
			}
			return good(i)
		}),
		"wide":    wide(),
		"latin-1": rows("a,b,y", 30, func(i int) string { return fmt.Sprintf("%d,caf\xe9%d,%s", i*7%40, i%4, []string{"no", "yes"}[i%2]) }),
		"holes":   rows("a,b,y", 40, func(i int) string { return []string{"", "NA", "1", "2.5"}[i%4] + ",?," + []string{"0", "1"}[i/2%2] }),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "t.csv", text)
			r := run(t, dir, "train", "t.csv", "--target", "y", "--evaluations", "4", "--config", "fast", "--json")
			if name == "latin-1" && r.status == exitData { // refusing is an answer too, if it says where
				if !strings.Contains(r.stderr, "UTF-8") {
					t.Errorf("%+v", r)
				}
				return
			}
			if r.status != 0 {
				t.Fatalf("%+v", r)
			}
			if name == "rare class" && !strings.Contains(r.stderr, "warning") {
				t.Errorf("no warning: %q", r.stderr)
			}
		})
	}
}

func TestPredictEnforcesTheSchema(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "t.csv", rows("a,colour,y", 60, func(i int) string {
		return fmt.Sprintf("%d,%s,%s", i*7%40, []string{"red", "green", "blue"}[i%3], []string{"no", "yes"}[i*7%40/20])
	}))
	if r := run(t, dir, "train", "t.csv", "--target", "y", "--evaluations", "6", "--config", "fast", "--quiet"); r.status != 0 {
		t.Fatalf("%+v", r)
	}
	write(t, dir, "missing.csv", "colour\nred\n")
	if r := run(t, dir, "predict", "model.automl", "missing.csv"); r.status != exitData || !strings.Contains(r.stderr, `"a"`) {
		t.Errorf("a missing column: %+v", r)
	}
	write(t, dir, "text.csv", "a,colour\nfour,red\n")
	if r := run(t, dir, "predict", "model.automl", "text.csv"); r.status != exitData || !strings.Contains(r.stderr, "four") {
		t.Errorf("text in a numeric column: %+v", r)
	}
	write(t, dir, "new.csv", "extra,colour,a\n1,violet,3\n2,red,\n")
	r := run(t, dir, "predict", "model.automl", "new.csv")
	if r.status != 0 || strings.Count(r.stdout, "\n") != 3 {
		t.Errorf("an unseen category, an extra column and a hole: %+v", r)
	}
	if r := run(t, dir, "score", "model.automl", "new.csv"); r.status != exitData {
		t.Errorf("scoring without a target: %+v", r)
	}
	data, err := os.ReadFile(filepath.Join(dir, "model.automl"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "cut.automl", string(data[:len(data)/2]))
	if r := run(t, dir, "predict", "cut.automl", "new.csv"); r.status != exitFailed || strings.Count(r.stderr, "\n") != 1 {
		t.Errorf("half a model: %+v", r)
	}
	if r := run(t, dir, "serve"); r.status != exitUsage || !strings.Contains(r.stderr, "not available yet") {
		t.Errorf("serve: %+v", r)
	}
}

// TestInterrupt: an interrupt after the first model keeps the best so far.
func TestInterrupt(t *testing.T) {
	dir := t.TempDir()
	c := process(t, dir, "train", testdata(t, "breast_cancer.csv"), "--target", "target", "--time", "60s", "--quiet")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(3 * time.Second)
	if err := c.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := c.Wait(); err != nil {
		t.Errorf("interrupted: %v", err)
	}
	if late := time.Since(start); late > 10*time.Second {
		t.Errorf("the interrupt took %v", late)
	}
	if r := run(t, dir, "show", "model.automl"); r.status != 0 {
		t.Errorf("no model after the interrupt: %+v", r)
	}
}

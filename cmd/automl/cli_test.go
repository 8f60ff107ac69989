package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// clinic is a table with a group, weights, an identifier and holes.
func clinic() string {
	return rows("patient,age,site,w,y", 120, func(i int) string {
		return fmt.Sprintf("p%d,%d.5,%s,%d,%s", i/3, i*7%40, []string{"Bern", "Basel", "-"}[i%3], i%4, []string{"no", "yes"}[i*7%40/20])
	})
}

// object trains with --json and returns the object, alone on standard output.
func object(t *testing.T, dir string, args ...string) map[string]any {
	t.Helper()
	r := run(t, dir, append([]string{"train", "t.csv", "--target", "y", "--config", "fast", "--json"}, args...)...)
	if r.status != 0 || strings.Count(r.stdout, "\n") != 1 {
		t.Fatalf("%v: %+v", args, r)
	}
	var out map[string]any
	if err := json.Unmarshal([]byte(r.stdout), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTrainFlags(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "t.csv", clinic())
	for _, c := range []struct {
		name string
		args []string
		want map[string]any
	}{
		{"defaults", []string{"--evaluations", "4"}, map[string]any{"task": "binary", "metric": "roc_auc", "rows": 120.0, "columns": 4.0, "seed": 1.0,
			"workers": float64(runtime.GOMAXPROCS(0)), "evaluated": 4.0, "holdout_score": nil, "model": "model.automl", "target": "y"}},
		{"ignore", []string{"--evaluations", "2", "--ignore", "patient,w"}, map[string]any{"columns": 2.0}},
		{"types", []string{"--evaluations", "2", "--types", "site=ignore,w=categorical"}, map[string]any{"columns": 3.0}},
		{"weights and groups", []string{"--evaluations", "3", "--weights", "w", "--groups", "patient"}, map[string]any{"columns": 2.0, "failed": 0.0}},
		{"folds and repeats", []string{"--evaluations", "2", "--folds", "3", "--repeats", "2"}, map[string]any{"evaluated": 2.0}},
		{"metric, seed, workers", []string{"--evaluations", "2", "--metric", "accuracy", "--seed", "9", "--workers", "1"},
			map[string]any{"metric": "accuracy", "seed": 9.0, "workers": 1.0}},
		{"generations", []string{"--generations", "1", "--population", "3"}, map[string]any{"evaluated": 3.0, "generations": 1.0}},
		{"early stop", []string{"--early-stop", "1", "--population", "3", "--time", "20s"}, nil},
		{"limits", []string{"--evaluations", "2", "--time", "20s", "--eval-time", "3s", "--memory", "1GB"}, map[string]any{"evaluated": 2.0}},
		{"template", []string{"--evaluations", "3", "--template", "PCA-Classifier", "--ensemble", "0"}, nil},
		{"out", []string{"--evaluations", "2", "-o", "m"}, map[string]any{"model": "m"}},
		{"no instances", []string{"--evaluations", "2", "--no-instances"}, nil},
		{"regression", []string{"--evaluations", "2", "--target", "age", "--task", "regression"}, map[string]any{"metric": "rmse", "task": "regression"}},
		{"mdr", []string{"--evaluations", "3", "--config", "mdr"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := object(t, dir, c.args...)
			for key, want := range c.want {
				if got[key] != want {
					t.Errorf("%s is %v, want %v", key, got[key], want)
				}
			}
			if n := len(got["ensemble"].([]any)); n == 0 || c.name == "template" && n != 1 {
				t.Errorf("%d pipelines in the ensemble", n)
			}
		})
	}
	for _, grouped := range [][]string{nil, {"--groups", "patient"}} {
		args := append([]string{"--evaluations", "3", "--holdout", "0.25"}, grouped...)
		if got := object(t, dir, args...); got["holdout_score"] == nil {
			t.Errorf("%v: no score on the holdout", args)
		}
	}
}

// TestMissing: --missing replaces the list of texts that mean a missing value, also for prediction.
func TestMissing(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "t.csv", strings.ReplaceAll(clinic(), ",7.5,", ",-,"))
	if got := object(t, dir, "--evaluations", "2", "--missing", "-", "--quiet"); got["columns"] != 4.0 {
		t.Errorf("%v", got)
	}
	write(t, dir, "p.csv", "patient,age,site,w\np1,-,Bern,1\n")
	if r := run(t, dir, "predict", "model.automl", "p.csv"); r.status != 0 {
		t.Errorf("%+v", r)
	}
	if r := run(t, dir, "predict", "model.automl", "p.csv", "--missing", "NA"); r.status != exitData {
		t.Errorf("%+v", r)
	}
}

// TestSpaceFromAFile: every pipeline is made of the operators and within the ranges of the file.
func TestSpaceFromAFile(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "t.csv", clinic())
	space := write(t, dir, "s.json", `["StandardScaler", {"name": "LogisticRegression", "params": [
		{"name": "C", "low": 2, "high": 3}, {"name": "penalty", "choices": ["l1"]}, {"name": "class_weight", "default": "balanced", "fixed": true}]}]`)
	log := filepath.Join(dir, "log")
	object(t, dir, "--evaluations", "40", "--config", space, "--log", log, "--quiet")
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	evaluated, varied := 0, map[string]bool{}
	for line := range strings.Lines(string(text)) {
		var e struct{ Msg, Pipeline string }
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if e.Pipeline == "" {
			continue
		}
		evaluated++
		varied[e.Pipeline] = true
		for text := range strings.FieldsFuncSeq(e.Pipeline, func(r rune) bool { return strings.ContainsRune("(), ", r) }) {
			name, value, set := strings.Cut(text, "=")
			switch {
			case !set && name != "StandardScaler" && name != "LogisticRegression" && name != "union" && name != "stack" && name != "input",
				name == "penalty" && value != "l1", name == "class_weight" && value != "balanced", name == "C" && value[0] != '2' && value != "3":
				t.Errorf("%s in %s", text, e.Pipeline)
			}
		}
		if !strings.Contains(e.Pipeline, "class_weight=balanced") {
			t.Errorf("a fixed value is not written down: %s", e.Pipeline)
		}
	}
	if evaluated != 40 || len(varied) != 40 {
		t.Errorf("%d pipelines were evaluated, %d different", evaluated, len(varied))
	}
	r := run(t, dir, "operators", "--json")
	write(t, dir, "all.json", r.stdout)
	n := strconv.Itoa(brief(8))
	a := object(t, dir, "--evaluations", n, "--config", "all.json", "-o", "a")
	b := object(t, dir, "--evaluations", n, "--config", "default", "-o", "b")
	if a["pipeline"] != b["pipeline"] {
		t.Errorf("what operators --json prints gives %v, want %v", a["pipeline"], b["pipeline"])
	}
}

// TestLog: every line is an object with time, level and message; failures are told too.
func TestLog(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "t.csv", clinic())
	object(t, dir, "--evaluations", "6", "--log", "log", "--quiet")
	if r := run(t, dir, "train", "none.csv", "--target", "y", "--log", "log"); r.status != exitData {
		t.Errorf("%+v", r)
	}
	text, err := os.ReadFile(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for line := range strings.Lines(string(text)) {
		var e struct {
			Time  time.Time
			Level string
			Msg   string
			Error string
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.Time.IsZero() || e.Level == "" {
			t.Fatalf("%q: %v", line, err)
		}
		seen[e.Msg]++
		if e.Msg == "end" && !strings.Contains(e.Error, "none.csv") {
			t.Errorf("the log ends with %q", e.Error)
		}
	}
	if seen["start"] != 2 || seen["table"] != 1 || seen["evaluated"]+seen["failed"] != 6 || seen["best"] == 0 || seen["done"] != 1 || seen["end"] != 1 {
		t.Errorf("the log holds %v", seen)
	}
}

func TestEvaluateFlags(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "t.csv", strings.Replace(clinic(), ",no\n", ",\n", 2)) // two rows without a target
	write(t, dir, "p.txt", "GaussianNB(input)\nGaussianNB(inputs)\nKNeighborsClassifier(StandardScaler(input))\n")
	all := func(i int) string { return fmt.Sprintf("%d,%d", i, i/3%4) }
	args := []string{"evaluate", "t.csv", "--target", "y", "--pipelines", "p.txt"}
	evaluate := func(more ...string) ran { return run(t, dir, append(args, more...)...) }
	write(t, dir, "f.csv", rows("row,fold", 120, all))
	r := evaluate("--folds-file", "f.csv", "--json", "--workers", "2", "--metric", "log_loss", "--seed", "3", "--eval-time", "20s", "--types", "w=categorical")
	if r.status != 0 {
		t.Fatalf("%+v", r)
	}
	lines := strings.Split(strings.TrimSpace(r.stdout), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines: %s", len(lines), r.stdout)
	}
	for i, line := range lines {
		var e map[string]any
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"pipeline", "score", "folds", "seconds", "cpu_seconds", "error"} {
			if _, ok := e[key]; !ok {
				t.Errorf("line %d lacks %q", i, key)
			}
		}
		if failed := i == 1; (e["error"] != "") != failed || (e["score"] == nil) != failed || !failed && len(e["folds"].([]any)) != 4 {
			t.Errorf("line %d: %s", i, line)
		}
	}
	if r := evaluate(); r.status != 0 || strings.Count(r.stdout, "\n") != 3 || !strings.Contains(r.stdout, "failed") {
		t.Errorf("as text: %+v", r)
	}
	for name, c := range map[string]struct{ text, says string }{
		"empty.csv":  {"", "columns row and fold"},
		"names.csv":  {"r,f\n1,1\n", "line 1"},
		"short.csv":  {"row,fold\n0,1\n", "row 1 of the table's 120 rows has no fold"},
		"far.csv":    {"row,fold\n120,1\n", `line 2: column "row": "120"`},
		"twice.csv":  {"row,fold\n1,1\n1,0\n", "line 3"},
		"word.csv":   {"row,fold\n1,one\n", `column "fold": "one"`},
		"ragged.csv": {"row,fold\n1\n", "line 2"},
		"one.csv":    {rows("row,fold", 120, func(i int) string { return fmt.Sprint(i, ",1") }), "at least two folds"},
	} {
		write(t, dir, name, c.text)
		if r := evaluate("--folds-file", name); r.status != exitData || !strings.Contains(r.stderr, name+": ") || !strings.Contains(r.stderr, c.says) || r.stdout != "" {
			t.Errorf("%s: %+v, want %q", name, r, c.says)
		}
	}
	for _, c := range []struct {
		args   []string
		status int
	}{
		{[]string{"--folds-file", "none.csv"}, exitData}, {[]string{"--metric", "rmse"}, exitUsage}, {[]string{"--metric", "x"}, exitUsage},
		{[]string{"--eval-time", "-1s"}, exitUsage}, {[]string{"--workers", "0"}, exitUsage}, {[]string{"--pipelines", "none.txt"}, exitData},
		{[]string{"--pipelines", ""}, exitUsage}, {[]string{"--target", ""}, exitUsage},
	} {
		if r := evaluate(c.args...); r.status != c.status {
			t.Errorf("%v: %+v", c.args, r)
		}
	}
	write(t, dir, "bad.txt", "Nonsense(input)\n")
	if r := run(t, dir, "evaluate", "t.csv", "--target", "y", "--pipelines", "bad.txt"); r.status != exitFailed || !strings.Contains(r.stdout, "Nonsense") {
		t.Errorf("none can be evaluated: %+v", r)
	}
}

func TestOtherCommands(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		args   []string
		status int
		says   string
	}{
		{nil, exitUsage, "no command"}, {[]string{"fly"}, exitUsage, `"fly"`}, {[]string{"operators", "--task", "multi"}, exitUsage, "multiclass"},
		{[]string{"version", "x"}, exitUsage, "no arguments"}, {[]string{"show"}, exitUsage, "wants MODEL"}, {[]string{"serve", "x"}, exitUsage, "no arguments"}, {[]string{"worker"}, exitUsage, "--nats"},
	} {
		if r := run(t, dir, c.args...); r.status != c.status || !strings.Contains(r.stderr, c.says) || r.stdout != "" {
			t.Errorf("%v: %+v", c.args, r)
		}
	}
	if r := run(t, dir, "train", "--help"); r.status != 0 || !strings.Contains(r.stdout, "--holdout") || r.stderr != "" {
		t.Errorf("help: %+v", r)
	}
	if r := run(t, dir, "operators", "--task", "binary"); r.status != 0 || !strings.Contains(r.stdout, "LogisticRegression") || strings.Contains(r.stdout, "\nRidge ") {
		t.Errorf("operators: %+v", r)
	}
}

// TestInterrupt: an interrupt after the first model keeps the best so far.
func TestInterrupt(t *testing.T) {
	dir := t.TempDir()
	c := process(t, dir, "train", testdata(t, "breast_cancer.csv"), "--target", "target", "--time", "60s", "--json", "--log", "log")
	var out bytes.Buffer
	c.Stdout = &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Process.Kill() }()
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if text, _ := os.ReadFile(filepath.Join(dir, "log")); bytes.Contains(text, []byte(`"best"`)) {
			break
		}
		if time.Since(begun) > 30*time.Second {
			t.Fatal("no model after 30 s")
		}
	}
	start := time.Now()
	if err := c.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("interrupted: %v", err)
	}
	if late := time.Since(start); late > 10*time.Second {
		t.Errorf("the interrupt took %v", late)
	}
	if !json.Valid(out.Bytes()) {
		t.Errorf("printed %q", out.String())
	}
	if r := run(t, dir, "show", "model.automl"); r.status != 0 {
		t.Errorf("no model after the interrupt: %+v", r)
	}
}

// TestReadingKeepsTheBudget: the time limit holds while the table is read, too.
func TestReadingKeepsTheBudget(t *testing.T) {
	dir := t.TempDir()
	c := process(t, dir, "train", "-", "--target", "y", "--time", "300ms")
	in, keep := io.Pipe() // nothing ever comes
	var errs bytes.Buffer
	c.Stdin, c.Stderr = in, &errs
	start := time.Now()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	state, err := c.Process.Wait()
	if err != nil {
		t.Fatal(err)
	}
	_ = keep.Close()
	_ = c.Wait()
	if took := time.Since(start); state.ExitCode() != exitFailed || took > 3*time.Second || !strings.Contains(errs.String(), "give more --time") {
		t.Errorf("status %d after %v, %q", state.ExitCode(), took, errs.String())
	}
}

// TestInterruptedEvaluation: status 130; what was evaluated before is printed.
func TestInterruptedEvaluation(t *testing.T) {
	dir := t.TempDir()
	slow := strings.Repeat("GradientBoostingClassifier(input, n_estimators=3000)\n", 50)
	write(t, dir, "p.txt", "GaussianNB(input)\n"+slow)
	c := process(t, dir, "evaluate", testdata(t, "breast_cancer.csv"), "--target", "target", "--pipelines", "p.txt", "--json")
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() || !strings.Contains(lines.Text(), "GaussianNB") {
		t.Errorf("the first line is %q", lines.Text())
	}
	if err := c.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
		if !strings.Contains(lines.Text(), `"error":""`) {
			t.Errorf("after the interrupt: %s", lines.Text())
		}
	}
	_ = c.Wait()
	if c.ProcessState.ExitCode() != exitInterrupted || strings.Count(errs.String(), "\n") != 1 {
		t.Errorf("status %d, %q", c.ProcessState.ExitCode(), errs.String())
	}
}

// TestInterruptBeforeAModel: status 130, one line, nothing written, also while standard input is waited for.
func TestInterruptBeforeAModel(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		dir := t.TempDir()
		c := process(t, dir, "train", "-", "--target", "y")
		in, keep := io.Pipe()
		var out, errs bytes.Buffer
		c.Stdin, c.Stdout, c.Stderr = in, &out, &errs
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(500 * time.Millisecond) // it handles signals by now
		if err := c.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		state, err := c.Process.Wait()
		if err != nil {
			t.Fatal(err)
		}
		_ = keep.Close()
		_ = c.Wait()
		if state.ExitCode() != exitInterrupted || strings.Count(errs.String(), "\n") != 1 || !strings.Contains(errs.String(), "interrupted") || out.Len() > 0 {
			t.Errorf("%v: status %d, %q, %q", signal, state.ExitCode(), errs.String(), out.String())
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("%s was written", left[0].Name())
		}
	}
}

// TestCheckpointAndResume: a search that goes on where another ended gives the model of one that was never interrupted.
func TestCheckpointAndResume(t *testing.T) {
	dir := t.TempDir()
	among := space(t)
	train := func(out string, flags ...string) string {
		t.Helper()
		args := append([]string{"train", testdata(t, "iris.csv"), "--target", "target", "--config", among, "--quiet", "-o", out}, flags...)
		if r := run(t, dir, args...); r.status != 0 {
			t.Fatalf("%v: status %d: %s", flags, r.status, r.stderr)
		}
		data, err := os.ReadFile(filepath.Join(dir, out))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	log := filepath.Join(dir, "search.log")
	n, half := strconv.Itoa(brief(30)), strconv.Itoa(brief(12))
	whole := train("whole", "--evaluations", n)
	train("half", "--evaluations", half, "--checkpoint", log)
	if train("resumed", "--evaluations", n, "--checkpoint", log, "--resume") != whole {
		t.Error("the resumed search gives another model")
	}
}

package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/lren-chuv/automl/cluster"
)

// TestMain lets the test binary be the command: with AUTOML_TEST_MAIN set it runs main on its arguments, with
// AUTOML_TEST_NATS a NATS server on that port with its store in the folder of the argument, with AUTOML_TEST_NATS_SERVER the
// command nats-server.
func TestMain(m *testing.M) {
	if os.Getenv("AUTOML_TEST_NATS") != "" {
		natsProcess(os.Getenv("AUTOML_TEST_NATS"), os.Args[1])
	}
	if os.Getenv("AUTOML_TEST_NATS_SERVER") != "" {
		natsCommand(os.Args[1:])
	}
	if os.Getenv("AUTOML_TEST_MAIN") != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// natsProcess is a NATS server until it is killed.
func natsProcess(port, dir string) {
	n, _ := strconv.Atoi(port)
	if _, err := cluster.Serve(n, dir, cluster.Access{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	select {}
}

// natsCommand is nats-server with the arguments of its command line, until it is killed.
func natsCommand(args []string) {
	nothing := func() {}
	o, err := server.ConfigureOptions(flag.NewFlagSet("nats-server", flag.ContinueOnError), args, nothing, nothing, nothing)
	if err == nil {
		var s *server.Server
		if s, err = server.NewServer(o); err == nil {
			s.Start()
			select {}
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
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
	return runWith(t, dir, "", args...)
}

// runWith runs the command with something on standard input.
func runWith(t *testing.T, dir, in string, args ...string) ran {
	t.Helper()
	c := process(t, dir, args...)
	var out, errs bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(in), &out, &errs
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return ran{c.ProcessState.ExitCode(), out.String(), errs.String()}
}

// brief is a number of evaluations, with -short fewer: the race detector makes minutes of seconds.
func brief(n int) int {
	if testing.Short() {
		return min(n, 3+n/8)
	}
	return n
}

// space is the search space fast, with -short without boosting, of which the race detector makes minutes.
func space(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		return write(t, t.TempDir(), "space.json", `["DummyClassifier", "GaussianNB", "LogisticRegression", "DecisionTreeClassifier", "StandardScaler", "PCA", "SelectPercentile"]`)
	}
	return "fast"
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
	dir, n := t.TempDir(), brief(30)
	train := []string{"train", testdata(t, "iris.csv"), "--target", "target", "--evaluations", strconv.Itoa(n), "--config", "light", "--json", "--quiet"}
	r := run(t, dir, append(slices.Clip(train), "--report=no/such/folder.html")...)
	if r.status != exitFailed || !strings.Contains(r.stderr, "no folder") {
		t.Errorf("--report: %+v", r)
	}
	r = run(t, dir, train...)
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
	if result["task"] != "multiclass" || result["rows"] != 150.0 || result["evaluated"] != float64(n) {
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
	if r = run(t, dir, "show", "model.automl", "--history"); r.status != 0 || strings.Count(r.stdout, "\n") != 1+n || !strings.HasPrefix(r.stdout, "id,parent1,") {
		t.Errorf("show --history: %+v", r)
	}
	if r = run(t, dir, "report", "model.automl", "-o", "r.html"); r.status != 0 || r.stdout != "" {
		t.Errorf("report: %+v", r)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "r.html")); err != nil || !strings.Contains(string(text), fmt.Sprintf("automl train iris.csv --config light --evaluations %d --target target", n)) {
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

package mip

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func volume(t *testing.T, env []string, files map[string]string) (string, []string) {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir, append(env, "AUTOML_VOLUME="+dir)
}

func train(t *testing.T, env []string) string {
	t.Helper()
	j, log := job(env)
	if err := j.Train(context.Background()); err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	return log.String()
}

func test(t *testing.T, env []string) Predictions {
	t.Helper()
	j, log := job(env)
	if err := j.Test(context.Background()); err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	data, err := os.ReadFile(filepath.Join(j.folder(), "predictions.json"))
	if err != nil {
		t.Fatal(err)
	}
	var p Predictions
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile(filepath.Join(j.folder(), "predictions.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(table)).ReadAll()
	if err != nil || len(lines) != len(p.Predictions.([]any))+1 {
		t.Errorf("%d lines for %d predictions, %v", len(lines), len(p.Predictions.([]any)), err)
	}
	return p
}

// TestTwoQueries runs train and test as the interactive container was first asked to.
func TestTwoQueries(t *testing.T) {
	d := database(t)
	features(t, d, 150)
	env := slices.DeleteFunc(old(d), func(v string) bool {
		return strings.HasPrefix(v, "PARAM_query") || strings.HasPrefix(v, "PARAM_var") || strings.HasPrefix(v, "PARAM_cov")
	})
	dir, env := volume(t, append(env, "PARAM_meta={}"), map[string]string{trainingFile: `{"query_features":"SELECT age, volume,  score from patients;", "query_targets":"SELECT cognition from patients;"}`})
	log := train(t, env)
	for _, name := range []string{modelFile, testFile, "pipeline.txt", "pipeline.json", "training.json"} {
		if _, err := os.Stat(filepath.Join(dir, "3fa8-1", name)); err != nil {
			t.Error(err)
		}
	}
	p := test(t, env)
	if len(p.Predictions.([]any)) != 150 || p.Scores["r2"] == nil || *p.Scores["r2"] < 0.1 || p.Task != "regression" {
		t.Errorf("%d predictions, %v", len(p.Predictions.([]any)), p.Scores)
	}
	left, err := filepath.Glob(filepath.Join(dir, "3fa8-1", ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if strings.Contains(log, secret) {
		t.Error("a password in the log")
	}
}

// TestClassesThroughDatabase trains on one machine and tests on another one, which shares nothing but the database.
func TestClassesThroughDatabase(t *testing.T) {
	d := database(t)
	features(t, d, 200)
	_, one := volume(t, modern(d, "MODEL_PARAM_store=database"), nil)
	train(t, one)
	_, two := volume(t, modern(d, "JOB_ID=another", "MODEL_PARAM_model_job_id=3fa8-1", `PARAM_query=SELECT * FROM patients ORDER BY id`), nil)
	p := test(t, two)
	if got := p.Predictions.([]any); len(got) != 200 || !slices.Contains([]any{"AD", "CN", "Other"}, got[0]) {
		t.Errorf("%d predictions: %v", len(got), got[0])
	}
	if s := p.Scores["accuracy"]; s == nil || *s < 0.7 {
		t.Errorf("%v", p.Scores)
	}
	for i := range 200 {
		sum := p.Probabilities["AD"][i] + p.Probabilities["CN"][i] + p.Probabilities["Other"][i]
		if sum < 0.999 || sum > 1.001 {
			t.Errorf("row %d: the probabilities sum to %v", i, sum)
		}
	}
}

func TestGivenRows(t *testing.T) {
	d := database(t)
	features(t, d, 150)
	_, env := volume(t, modern(d), map[string]string{"3fa8-1/" + testFile: ``})
	train(t, env)
	j, _ := job(env)
	path := filepath.Join(j.folder(), testFile)
	rows := `{"rows":[{"age":60,"volume":2.5,"score":0.3,"gender":"M","site":"north","apoe4":1,"smoker":true},{"age":70,"volume":null,"score":0.3,"gender":"F","site":null,"apoe4":0,"smoker":false}]}`
	if err := os.WriteFile(path, []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	if p := test(t, env); len(p.Predictions.([]any)) != 2 || p.Scores != nil {
		t.Errorf("%+v", p)
	}
	if err := os.WriteFile(path, []byte(`{"rows":[{"age":60}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	j, _ = job(env)
	if err := j.Test(context.Background()); !IsDataError(err) || !strings.Contains(err.Error(), "the model needs it") {
		t.Errorf("%v", err)
	}
}

// TestStepFailures leaves nothing half-written.
func TestStepFailures(t *testing.T) {
	d := database(t)
	features(t, d, 120)
	for name, f := range map[string]struct{ request, want string }{
		"unordered":      {`{"query_features":"SELECT age FROM patients WHERE id > 1", "query_targets":"SELECT cognition FROM patients"}`, "nothing says which rows belong together"},
		"unequal":        {`{"query_features":"SELECT age FROM patients WHERE id > 1 ORDER BY id", "query_targets":"SELECT cognition FROM patients ORDER BY id"}`, "119 rows, that of targets 120"},
		"set operation":  {`{"query_features":"SELECT age FROM patients EXCEPT ALL SELECT age FROM patients LIMIT 1", "query_targets":"SELECT cognition FROM patients EXCEPT ALL SELECT age FROM patients LIMIT 1"}`, "nothing says"},
		"not JSON":       {`{"query`, "not what it should be"},
		"missing table":  {`{"query":"SELECT * FROM nowhere","target":"age"}`, "does not exist"},
		"missing target": {`{"query":"SELECT * FROM patients","target":"ghost"}`, `"ghost"`},
		"unknown store":  {`{"query":"SELECT * FROM patients","target":"age","parameters":{"store":"moon"}}`, "moon"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, env := volume(t, modern(d, "PARAM_query=", "PARAM_variables=", "PARAM_covariables="), map[string]string{trainingFile: f.request})
			j, _ := job(env)
			err := j.Train(context.Background())
			if err == nil || !strings.Contains(err.Error(), f.want) {
				t.Errorf("%v", err)
			}
			if left, _ := os.ReadDir(filepath.Join(dir, "3fa8-1")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
	_, env := volume(t, modern(d), nil)
	j, _ := job(env)
	if err := j.Test(context.Background()); err == nil || !strings.Contains(err.Error(), "automl_model") {
		t.Errorf("%v", err)
	}
}

// TestOrdered reads two queries that cannot be one, in the same order.
func TestOrdered(t *testing.T) {
	d := database(t)
	features(t, d, 120)
	execute(t, d, "CREATE TABLE outcomes AS SELECT id, cognition FROM patients")
	_, env := volume(t, modern(d, "PARAM_query=", "PARAM_variables=", "PARAM_covariables="), map[string]string{
		trainingFile: `{"query_features":"SELECT age, apoe4 FROM patients ORDER BY id", "query_targets":"SELECT cognition FROM outcomes ORDER  BY id;"}`})
	train(t, env)
	if p := test(t, env); *p.Scores["r2"] < 0.3 {
		t.Errorf("%v", p.Scores)
	}
}

func TestOneQuery(t *testing.T) {
	for _, c := range []struct{ features, targets, want string }{
		{"SELECT a, b FROM t;", "select c from t", "SELECT a, b, c FROM t"},
		{"SELECT a FROM t  WHERE x = 'y'", "SELECT c FROM t WHERE x = 'y' ;", "SELECT a, c FROM t  WHERE x = 'y'"},
		{"SELECT a FROM t", "SELECT c FROM u", ""},
		{"SELECT DISTINCT a FROM t", "SELECT c FROM t", ""},
		{"SELECT (SELECT 1 FROM u) FROM t", "SELECT c FROM t", ""},
		{"SELECT extract(year FROM d) FROM t", "SELECT c FROM t", ""},
		{"SELECT a FROM t; DROP TABLE t", "SELECT c FROM t; DROP TABLE t", ""},
		{"UPDATE t SET a = 1", "SELECT c FROM t", ""},
	} {
		if got, ok := oneQuery(c.features, c.targets); got != c.want || ok != (c.want != "") {
			t.Errorf("%s + %s: %q", c.features, c.targets, got)
		}
	}
}

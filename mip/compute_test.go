package mip

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lren-chuv/automl/export/pfa/pfatest"
)

// document checks what Woken and its validation ask of a row with a PFA document.
func document(t *testing.T, r row) map[string]any {
	t.Helper()
	if r.shape != ShapePFA || r.err != "" || r.function != "automl" {
		t.Fatalf("shape %q, error %q, function %q", r.shape, r.err, r.function)
	}
	var d map[string]any
	if err := json.Unmarshal([]byte(r.data), &d); err != nil {
		t.Fatal(err)
	}
	input := d["input"].(map[string]any)
	if d["method"] != "map" || input["type"] != "record" || len(input["fields"].([]any)) == 0 || len(d["cells"].(map[string]any)) == 0 {
		t.Errorf("not a document for the platform: %.300s", r.data)
	}
	return d
}

func TestComputeInAllGenerations(t *testing.T) {
	for name, schema := range generations {
		for dialect, env := range map[string]func(Database, ...string) []string{"JDBC": old, "plain": modern} {
			t.Run(name+"/"+dialect, func(t *testing.T) {
				d := database(t)
				execute(t, d, schema...)
				features(t, d, 300)
				var more []string
				if testing.Short() { // boosting takes the race detector minutes
					more = []string{"MODEL_PARAM_template=StandardScaler-LogisticRegression", "PARAM_MODEL_template=StandardScaler-LogisticRegression"}
				}
				for range 2 { // the second run replaces what the first left
					j, log := job(env(d, more...))
					if err := j.Compute(context.Background(), ""); err != nil {
						t.Fatal(err)
					}
					if strings.Contains(log.String(), "pass") || strings.Contains(log.String(), "S12") {
						t.Errorf("the log tells too much: %s", log)
					}
				}
				all := rows(t, d, "3fa8-1")
				if len(all) != 1 {
					t.Fatalf("%d rows", len(all))
				}
				doc := document(t, all[0])
				if doc["output"] != "string" {
					t.Errorf("output %v", doc["output"])
				}
				checkParameters(t, name, all[0])
				scoreRow(t, all[0].data)
			})
		}
	}
}

func checkParameters(t *testing.T, generation string, r row) {
	t.Helper()
	if generation == "2017" {
		return
	}
	var p struct {
		Query, Variables string
		Covariables      []string
		ModelParameters  map[string]string `json:"model_parameters"`
	}
	if err := json.Unmarshal([]byte(r.parameters), &p); err != nil || p.Variables != "diagnosis" || len(p.Covariables) != 9 || p.ModelParameters["evaluations"] != "4" {
		t.Errorf("%v: %s", err, r.parameters)
	}
}

// scoreRow hands the document a row as Woken's validation would.
func scoreRow(t *testing.T, doc string) {
	t.Helper()
	e, err := pfatest.New([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.Run(map[string]any{"age": 61.0, "volume": 2.4, "score": 0.1, "gender": "F ", "site": "never seen", "apoe4": 1, "smoker": true})
	if err != nil || !strings.Contains("AD CN Other", out.(string)) {
		t.Errorf("%v, %v", out, err)
	}
}

func TestComputeRegression(t *testing.T) {
	d := database(t)
	execute(t, d, generations["2019"]...)
	features(t, d, 200)
	j, _ := job(modern(d, "PARAM_variables=cognition", "PARAM_query=SELECT cognition, age, apoe4, seen, notes FROM patients;", "PARAM_covariables=age,apoe4,seen,notes",
		`PARAM_meta={"cognition":{"type":"real"}}`))
	if err := j.Compute(context.Background(), "single"); err != nil {
		t.Fatal(err)
	}
	doc := document(t, rows(t, d, "3fa8-1")[0])
	var weights map[string]float64
	if err := json.Unmarshal([]byte(doc["metadata"].(map[string]any)["importance"].(string)), &weights); err != nil || len(weights) != 2 || !(weights["apoe4"] > weights["age"]) {
		t.Errorf("importance %v, %v", weights, err)
	}
	if doc["output"] != "double" || !strings.Contains(doc["metadata"].(map[string]any)["left_out"].(string), "column seen") {
		t.Errorf("%v %v", doc["output"], doc["metadata"])
	}
}

// TestFailures checks that whatever goes wrong leaves one row that says so, and no secret.
func TestFailures(t *testing.T) {
	d := database(t)
	execute(t, d, generations["2019"]...)
	features(t, d, 120)
	for name, test := range map[string]struct {
		env  []string
		mode string
		want string
	}{
		"wrong password":     {[]string{"IN_PASSWORD=wr0ng-secret"}, "", "password authentication failed"},
		"missing table":      {[]string{"PARAM_query=SELECT * FROM nowhere"}, "", `relation "nowhere" does not exist`},
		"not a query":        {[]string{"PARAM_query=DROP TABLE patients"}, "", "read-only"},
		"empty result":       {[]string{"PARAM_query=SELECT * FROM patients WHERE id < 0"}, "", "No data left"},
		"NULL target":        {[]string{"PARAM_variables=nothing", "PARAM_query=SELECT * FROM patients", "PARAM_meta="}, "", "No data left"},
		"NULL columns":       {[]string{"PARAM_covariables=nothing"}, "", "all of its values are NULL"},
		"no covariables":     {[]string{"PARAM_covariables="}, "", "No covariables selected"},
		"unknown covariable": {[]string{"PARAM_covariables=age,ghost"}, "", `does not return the covariable "ghost"`},
		"unknown variable":   {[]string{"PARAM_variables=ghost"}, "", `does not return the variable "ghost"`},
		"single class":       {[]string{"PARAM_query=SELECT * FROM patients WHERE diagnosis = 'AD'"}, "", "single class"},
		"broken metadata":    {[]string{"PARAM_meta=[1"}, "", "PARAM_meta"},
		"too many rows":      {[]string{"MODEL_PARAM_max_rows=50"}, "", "more than 50 rows"},
		"distributed":        {nil, "intermediate", "not supported"},
		"no query":           {[]string{"PARAM_query="}, "", "No query"},
		"a patient's value":  {[]string{"PARAM_query=SELECT diagnosis, site::int AS age FROM patients", "PARAM_covariables=age"}, "", "invalid input syntax"},
		"division by zero":   {[]string{"PARAM_query=SELECT diagnosis, 1/(100-id) AS age FROM patients", "PARAM_covariables=age"}, "", "division by zero"},
	} {
		t.Run(name, func(t *testing.T) {
			id := "job " + name
			j, log := job(modern(d, append(test.env, "JOB_ID="+id)...))
			err := j.Compute(context.Background(), test.mode)
			if !errors.Is(err, ErrReported) {
				t.Fatalf("%v", err)
			}
			all := rows(t, d, id)
			if len(all) != 1 || all[0].shape != ShapeError || all[0].data != "" || !strings.Contains(all[0].err, test.want) {
				t.Errorf("%+v", all)
			}
			if text := log.String() + err.Error() + all[0].err; strings.Contains(text, "north") || strings.Contains(text, secret) || strings.Contains(text, "wr0ng-secret") {
				t.Errorf("a password in %s", text)
			}
		})
	}
}

// TestRecovery replaces the row of a failed run.
func TestRecovery(t *testing.T) {
	d := database(t)
	execute(t, d, generations["2017"]...)
	features(t, d, 120)
	j, _ := job(modern(d, "PARAM_query=SELECT "+strings.Repeat("x", 400)))
	if err := j.Compute(context.Background(), ""); err == nil {
		t.Fatal("no error")
	}
	if all := rows(t, d, "3fa8-1"); len(all) != 1 || all[0].shape != ShapeError || len(all[0].err) > 256 {
		t.Errorf("%+v", all)
	}
	j, _ = job(modern(d))
	if err := j.Compute(context.Background(), ""); err != nil {
		t.Fatal(err)
	}
	if all := rows(t, d, "3fa8-1"); len(all) != 1 {
		t.Errorf("%d rows", len(all))
	} else {
		document(t, all[0])
	}
}

// TestLostDatabase kills the connection while rows are read.
func TestLostDatabase(t *testing.T) {
	d := database(t)
	execute(t, d, generations["2019"]...)
	features(t, d, 120)
	go func() {
		for range 200 {
			time.Sleep(20 * time.Millisecond)
			conn, err := d.connect(context.Background())
			if err != nil {
				continue
			}
			tag, _ := conn.Exec(context.Background(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()")
			conn.Close(context.Background())
			if tag.RowsAffected() > 0 {
				return
			}
		}
	}()
	j, _ := job(modern(d, "PARAM_query=SELECT diagnosis, age, pg_sleep(0.05) FROM patients", "PARAM_covariables=age"))
	if err := j.Compute(context.Background(), ""); !errors.Is(err, ErrReported) {
		t.Fatalf("%v", err)
	}
	if all := rows(t, d, "3fa8-1"); len(all) != 1 || all[0].shape != ShapeError || !strings.Contains(all[0].err, "terminating connection") {
		t.Errorf("%+v", all)
	}
}

// TestInterrupted stores the best of what was found when the container is told to stop.
func TestInterrupted(t *testing.T) {
	d := database(t)
	execute(t, d, generations["2019"]...)
	features(t, d, 200)
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(2*time.Second, cancel)
	j, _ := job(modern(d, "MODEL_PARAM_evaluations=", "MODEL_PARAM_time=600"))
	start := time.Now()
	if err := j.Compute(ctx, ""); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("took %v", took)
	}
	document(t, rows(t, d, "3fa8-1")[0])
}

// TestNoResultTable cannot store anything, and says so.
func TestNoResultTable(t *testing.T) {
	d := database(t)
	features(t, d, 120)
	j, _ := job(modern(d))
	if err := j.Compute(context.Background(), ""); !errors.Is(err, ErrReported) || !strings.Contains(err.Error(), "no such table") {
		t.Errorf("%v", err)
	}
}

func TestFileMode(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.csv"), filepath.Join(dir, "results", "out.json")
	text := "y;a;b\n"
	for i := range 90 {
		text += []string{"yes", "no"}[i%2] + ";" + []string{"1.5", "2.5", "NA"}[i%3] + ";" + []string{"u", "v"}[i/2%2] + "\n"
	}
	if err := os.WriteFile(in, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"JOB_ID=1", "INPUT_FILE=" + in, "OUTPUT_FILE=" + out, "CSV_SEPARATOR=;", "PARAM_variables=y", "PARAM_covariables=a,b", "MODEL_PARAM_evaluations=2"}
	j, _ := job(env)
	if err := j.Compute(context.Background(), ""); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(out)
	if err != nil || !json.Valid(data) {
		t.Errorf("%v", err)
	}
	j, _ = job(append(env, "PARAM_covariables=c"))
	if err := j.Compute(context.Background(), ""); !errors.Is(err, ErrReported) {
		t.Errorf("%v", err)
	}
	if data, err := os.ReadFile(out + ".error"); err != nil || !strings.Contains(string(data), `"c"`) {
		t.Errorf("%v %s", err, data)
	}
}

// TestOutsideTheEnumeration leaves rows out whose class the platform's validation would not know, and says so.
func TestOutsideTheEnumeration(t *testing.T) {
	d := database(t)
	execute(t, d, generations["2019"]...)
	features(t, d, 150)
	execute(t, d, "UPDATE patients SET diagnosis = 'Demented.' WHERE id % 4 = 0")
	j, _ := job(modern(d))
	if err := j.Compute(context.Background(), ""); err != nil {
		t.Fatal(err)
	}
	r := rows(t, d, "3fa8-1")[0]
	meta := document(t, r)["metadata"].(map[string]any)
	if strings.Contains(r.data, "Demented.") || !strings.Contains(meta["left_out"].(string), "rows: the class of diagnosis is outside the enumeration") {
		t.Errorf("%v", meta["left_out"])
	}
}

// TestBillions stops reading where the limit is, however much follows.
func TestBillions(t *testing.T) {
	d := database(t)
	execute(t, d, generations["2019"]...)
	features(t, d, 150)
	j, _ := job(modern(d, "MODEL_PARAM_max_rows=5000", "PARAM_query=SELECT a.diagnosis, b.age FROM patients a, patients b, patients c, patients d, patients e", "PARAM_covariables=age"))
	start := time.Now()
	if err := j.Compute(context.Background(), ""); err == nil || !strings.Contains(err.Error(), "more than 5000 rows") {
		t.Errorf("%v", err)
	}
	j, _ = job(modern(d, "MODEL_PARAM_max_mb=1", "PARAM_query=SELECT a.diagnosis, b.age FROM patients a, patients b, patients c, patients d, patients e", "PARAM_covariables=age"))
	if err := j.Compute(context.Background(), ""); err == nil || !strings.Contains(err.Error(), "1 MiB") {
		t.Errorf("%v", err)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
	if all := rows(t, d, "3fa8-1"); len(all) != 1 || all[0].shape != ShapeError {
		t.Errorf("%+v", all)
	}
}

package serve

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lren-chuv/automl/internal/pgtest"
	"github.com/lren-chuv/automl/mip"
	"github.com/lren-chuv/automl/serve/data"
	"github.com/lren-chuv/automl/serve/job"
	"github.com/lren-chuv/automl/serve/store"
	"github.com/lren-chuv/automl/serve/work"
)

var postgres = pgtest.Server{Password: "p'w\\d"}

func TestMain(m *testing.M) {
	status := m.Run()
	postgres.Stop()
	os.Exit(status)
}

// database makes an empty database.
func database(t *testing.T) mip.Database {
	t.Helper()
	port, why := postgres.Start()
	if port == "" {
		fmt.Fprintf(os.Stderr, "SKIPPED for want of a PostgreSQL server (%s): %s\n", why, t.Name())
		t.Skip("no PostgreSQL server: " + why)
	}
	d := mip.Database{Host: "127.0.0.1", Port: port, Name: "postgres", User: "postgres", Password: postgres.Password, SSLMode: "disable"}
	name := fmt.Sprintf("t%d", time.Now().UnixNano())
	execute(t, d, "CREATE DATABASE "+name)
	d.Name = name
	return d
}

func execute(t *testing.T, d mip.Database, statements ...string) {
	t.Helper()
	conn, err := d.Connect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, sql := range statements {
		if _, err := conn.Exec(context.Background(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatalf("%v: %s", err, sql)
		}
	}
}

// patients is a small table of the platform's kind.
func patients(t *testing.T, d mip.Database) {
	t.Helper()
	execute(t, d, `CREATE TABLE "cde_features_a" (subjectcode char(20) PRIMARY KEY, dataset varchar(20), subjectageyears int, lefthippocampus numeric, righthippocampus numeric, gender char(1),
		alzheimerbroadcategory varchar(20), minimentalstate int, "odd ""name'; DROP TABLE x; --" numeric)`,
		`INSERT INTO "cde_features_a" SELECT 'S' || i, CASE i % 4 WHEN 0 THEN 'desd' ELSE 'edsd' END, 50 + i % 40, 3 + (i % 3) * 0.4 + sin(i) * 0.2, CASE WHEN i % 9 = 0 THEN NULL ELSE 3 + (i % 3) * 0.3 + cos(i) * 0.2 END,
		CASE WHEN i % 2 = 0 THEN 'M' ELSE 'F' END, (ARRAY['AD', 'MCI', 'CN'])[1 + i % 3], 20 + (i % 3) * 4 + (i % 5), i FROM generate_series(1, 240) AS i`)
}

// lockedBuffer is a log that the test may read meanwhile.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// start runs a service in a folder of its own; change may alter its configuration.
func start(t *testing.T, change func(c *Config)) (*httptest.Server, *Server, *lockedBuffer) {
	t.Helper()
	dir := t.TempDir()
	kept, err := store.OpenBolt(filepath.Join(dir, "jobs.db"))
	if err != nil {
		t.Fatal(err)
	}
	log := &lockedBuffer{}
	logger := slog.New(slog.NewTextHandler(log, nil))
	source := &data.Source{Uploads: &data.Uploads{Dir: filepath.Join(dir, "tables"), MaxBytes: 64 << 20, Busy: make(chan struct{}, 1)}}
	c := Config{Source: source, Log: logger, Node: "here", Version: "test", MaxUpload: 1 << 20, WaitAnswer: time.Minute,
		Queue:  job.NewQueue(kept, job.Options{Alone: true, Most: 50}),
		Worker: &work.Worker{Source: source, Dir: filepath.Join(dir, "jobs"), Threads: 2, Memory: 1 << 30, MinCount: 10, Log: logger}}
	if change != nil {
		change(&c)
	}
	s := New(c)
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		(&job.Runner{Queue: c.Queue, Slots: 1, Log: logger, Do: c.Do, Poll: 50 * time.Millisecond}).Run(ctx)
	})
	web := httptest.NewServer(s)
	t.Cleanup(func() {
		s.Close()
		stop()
		web.Close()
		wg.Wait()
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	return web, s, log
}

// ask sends a request; a body that is no text is sent as JSON.
func ask(t *testing.T, web *httptest.Server, method, path string, body any, change ...func(r *http.Request)) (int, []byte) {
	t.Helper()
	var from io.Reader
	kind := "application/json"
	switch b := body.(type) {
	case nil:
	case string:
		from = strings.NewReader(b)
	case io.Reader:
		from = b
	default:
		encoded, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		from = bytes.NewReader(encoded)
	}
	r, err := http.NewRequest(method, web.URL+path, from)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	for _, f := range change {
		f(r)
	}
	resp, err := web.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, out
}

func csv(r *http.Request) { r.Header.Set("Content-Type", "text/csv") }

func decode[T any](t *testing.T, from []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(from, &v); err != nil {
		t.Fatalf("%v: %.500s", err, from)
	}
	return v
}

const iris = "../testdata/iris.csv"

// uploadIris uploads a table and returns its id.
func uploadIris(t *testing.T, web *httptest.Server) string {
	t.Helper()
	file, err := os.Open(iris)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	status, out := ask(t, web, "POST", "/api/v1/tables?name=iris.csv", io.Reader(file), csv)
	if status != http.StatusCreated {
		t.Fatalf("upload: %d %s", status, out)
	}
	return decode[data.Table](t, out).ID
}

func irisExperiment(table string) map[string]any {
	return map[string]any{"name": "one", "table": table, "variable": "target", "covariables": []string{"sepal_length_cm", "petal_length_cm"}, "budget": map[string]any{"evaluations": 4},
		"filters": map[string]any{"condition": "AND", "rules": []any{map[string]any{"field": "sepal_width_cm", "operator": "less", "value": "4.1"}}}}
}

// wait returns the experiment when it has ended.
func wait(t *testing.T, web *httptest.Server, id string, change ...func(r *http.Request)) *shown {
	t.Helper()
	for range 600 {
		_, out := ask(t, web, "GET", "/api/v1/experiments/"+id, nil, change...)
		if e := decode[*shown](t, out); e.State.Ended() {
			return e
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the experiment does not end")
	return nil
}

type event struct {
	id, kind, data string
}

// eventsOf reads events until the stream ends.
func eventsOf(t *testing.T, web *httptest.Server, id, after string) (events []event, status int) {
	t.Helper()
	r, err := http.NewRequest("GET", web.URL+"/api/v1/experiments/"+id+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	if after != "" {
		r.Header.Set("Last-Event-ID", after)
	}
	resp, err := web.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var e event
	for sc := bufio.NewScanner(resp.Body); sc.Scan(); {
		name, value, _ := strings.Cut(sc.Text(), ": ")
		switch {
		case sc.Text() == "" && e.kind != "":
			events, e = append(events, e), event{}
		case name == "id":
			e.id = value
		case name == "event":
			e.kind = value
		case name == "data":
			e.data = value
		}
	}
	return events, resp.StatusCode
}

// The whole way: upload, experiment, events, files, comparison, removal.
func TestFromUploadToReport(t *testing.T) {
	web, _, _ := start(t, nil)
	table := uploadIris(t, web)
	status, out := ask(t, web, "GET", "/api/v1/tables/"+table, nil)
	described := decode[data.Table](t, out)
	if status != 200 || len(described.Columns) != 5 || described.Columns[4].Type != "category" || len(described.Columns[4].Levels) != 3 || *described.Columns[0].Max != 7.9 {
		t.Fatalf("%d %s", status, out)
	}
	key := func(r *http.Request) { r.Header.Set("Idempotency-Key", "k1") }
	status, out = ask(t, web, "POST", "/api/v1/experiments", irisExperiment(table), key)
	e := decode[*shown](t, out)
	if status != http.StatusCreated || e.State != job.Submitted || e.Kind != "automl" {
		t.Fatalf("%d %s", status, out)
	}
	if status, out = ask(t, web, "POST", "/api/v1/experiments", irisExperiment(table), key); status != 200 || decode[*shown](t, out).ID != e.ID {
		t.Errorf("again: %d %s", status, out)
	}
	other := irisExperiment(table)
	other["name"] = "two"
	if status, _ = ask(t, web, "POST", "/api/v1/experiments", other, key); status != http.StatusConflict {
		t.Errorf("another experiment with the key: %d", status)
	}
	events, _ := eventsOf(t, web, e.ID, "")
	var states []string
	kinds := map[string]int{}
	last := ""
	for _, one := range events {
		kinds[one.kind]++
		if one.kind == "state" {
			states = append(states, decode[struct{ State string }](t, []byte(one.data)).State)
		}
		if one.id != "" {
			last = one.id
		}
	}
	if got := strings.Join(states, " "); got != "submitted training waiting testing formatting done" || kinds["score"] == 0 || kinds["front"] == 0 {
		t.Errorf("events %v, states %s", kinds, got)
	}
	if again, _ := eventsOf(t, web, e.ID, "1"); len(again) == 0 || again[0].id != "2" {
		t.Errorf("after the first event: %v", again)
	}
	if _, status := eventsOf(t, web, e.ID, last); status != http.StatusNoContent {
		t.Errorf("after the last event: %d", status)
	}
	e = wait(t, web, e.ID)
	result := decode[work.Summary](t, e.Result)
	if result.Task != "multiclass" || result.Score == nil || result.Rows != 147 || len(result.Scores) < 5 || len(result.Importance) != 2 || result.Seconds <= 0 {
		t.Errorf("result %s", e.Result)
	}
	for what, begins := range map[string]string{"report": "<!DOCTYPE html>", "model": "automl model\n", "pfa": `{"name"`, "predictions": "row,target,prediction,proba_setosa,"} {
		if status, out := ask(t, web, "GET", "/api/v1/experiments/"+e.ID+"/"+what, nil); status != 200 || !strings.HasPrefix(string(out), begins) {
			t.Errorf("%s: %d %.80s", what, status, out)
		} else if what == "predictions" && bytes.Count(out, []byte("\n")) != 148 {
			t.Errorf("%d lines of predictions", bytes.Count(out, []byte("\n")))
		}
	}
	if status, _ := ask(t, web, "GET", "/api/v1/experiments/"+e.ID+"/output", nil); status != http.StatusNotFound {
		t.Errorf("output: %d", status)
	}
	if status, _ := ask(t, web, "DELETE", "/api/v1/experiments/"+e.ID, nil); status != http.StatusNoContent {
		t.Errorf("removal: %d", status)
	}
	if status, _ := ask(t, web, "GET", "/api/v1/experiments/"+e.ID, nil); status != http.StatusNotFound {
		t.Errorf("after the removal: %d", status)
	}
	if status, _ := ask(t, web, "DELETE", "/api/v1/tables/"+table, nil); status != http.StatusNoContent {
		t.Errorf("removal of the table: %d", status)
	}
}

func TestCancel(t *testing.T) {
	web, s, _ := start(t, nil)
	table := uploadIris(t, web)
	long := irisExperiment(table)
	long["budget"] = map[string]any{"seconds": 60}
	var ids []string
	for range 2 { // one runs, one waits in the queue
		_, out := ask(t, web, "POST", "/api/v1/experiments", long)
		ids = append(ids, decode[*shown](t, out).ID)
	}
	for _, id := range ids {
		if status, out := ask(t, web, "POST", "/api/v1/experiments/"+id+"/cancel", nil); status != http.StatusAccepted {
			t.Fatalf("%d %s", status, out)
		}
	}
	for _, id := range ids {
		if e := wait(t, web, id); e.State != job.Failed || !e.Cancelled {
			t.Errorf("%+v", e)
		}
		if files, err := work.FilesOf(s.Worker.Dir, id); err != nil || files.Has(0, work.ModelFile) {
			t.Errorf("files are left: %v", err)
		}
		if status, _ := ask(t, web, "POST", "/api/v1/experiments/"+id+"/cancel", nil); status != http.StatusConflict {
			t.Errorf("twice: %d", status)
		}
	}
}

// A search that was given an hour is ended after some seconds: what it has found is the result, whole, also if the service is asked twice.
func TestFinish(t *testing.T) {
	web, _, _ := start(t, nil)
	table := uploadIris(t, web)
	long := irisExperiment(table)
	long["budget"] = map[string]any{"seconds": 3600}
	finish := func(id string) int {
		status, _ := ask(t, web, "POST", "/api/v1/experiments/"+id+"/finish", nil)
		return status
	}
	var ids []string
	for range 2 { // one runs, one waits in the queue
		_, out := ask(t, web, "POST", "/api/v1/experiments", long)
		ids = append(ids, decode[*shown](t, out).ID)
	}
	if status := finish(ids[1]); status != http.StatusConflict {
		t.Errorf("a search that has not begun: %d", status)
	}
	if status, out := ask(t, web, "POST", "/api/v1/experiments/"+ids[1]+"/cancel", nil); status != http.StatusAccepted {
		t.Fatalf("%d %s", status, out)
	}
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		_, out := ask(t, web, "GET", "/api/v1/experiments/"+ids[0], nil)
		if e := decode[*shown](t, out); e.Progress != nil && e.Progress.Best != nil {
			break
		}
	}
	for range 2 {
		if status := finish(ids[0]); status != http.StatusAccepted {
			t.Fatalf("%d", status)
		}
	}
	e := wait(t, web, ids[0])
	if result := decode[work.Summary](t, e.Result); e.State != job.Done || !e.Finish || len(result.Files) < 4 || result.Evaluated < 1 || len(result.Importance) != 2 {
		t.Errorf("%+v %s", e, e.Result)
	}
	events, _ := eventsOf(t, web, ids[0], "")
	told := 0
	for _, one := range events {
		if one.kind == "finish" {
			told++
		}
	}
	if told != 1 {
		t.Errorf("told %d times", told)
	}
	for _, id := range []string{ids[0], ids[1]} {
		if status := finish(id); status != http.StatusConflict {
			t.Errorf("after the end: %d", status)
		}
	}
	_, out := ask(t, web, "POST", "/api/v1/experiments", map[string]any{"table": table, "variable": "sepal_length_cm", "covariables": []string{"petal_length_cm"}, "kind": "anova", "grouping": []string{"target"}})
	if status := finish(decode[*shown](t, out).ID); status != http.StatusConflict {
		t.Errorf("an analysis of variance: %d", status)
	}
	if status := finish("00000000-0000-7000-8000-000000000000"); status != http.StatusNotFound {
		t.Errorf("nothing: %d", status)
	}
}

// The methods that describe have an output, and those that predict a model beside it.
func TestBaselines(t *testing.T) {
	web, _, _ := start(t, nil)
	table := uploadIris(t, web)
	for kind, want := range map[string]string{"anova": "output", "statisticsSummary": "output", "linearRegression": "output,model,report,pfa,predictions", "knn": "model,report,predictions,pfa"} {
		e := map[string]any{"table": table, "variable": "sepal_length_cm", "covariables": []string{"petal_length_cm", "target"}, "kind": kind}
		status, out := ask(t, web, "POST", "/api/v1/experiments", e)
		if status != http.StatusCreated {
			t.Fatalf("%s: %d %s", kind, status, out)
		}
		ended := wait(t, web, decode[*shown](t, out).ID)
		if ended.State != job.Done {
			t.Errorf("%s: %s", kind, ended.Error)
			continue
		}
		files := decode[work.Summary](t, ended.Result).Files
		for _, f := range strings.Split(want, ",") {
			if status, out := ask(t, web, "GET", "/api/v1/experiments/"+ended.ID+"/"+f, nil); status != 200 {
				t.Errorf("%s: %s: %d %s (files %v)", kind, f, status, out, files)
			}
		}
	}
	e := map[string]any{"table": table, "variable": "target", "covariables": []string{"petal_length_cm"}, "kind": "anova"}
	_, out := ask(t, web, "POST", "/api/v1/experiments", e)
	if ended := wait(t, web, decode[*shown](t, out).ID); ended.State != job.Failed || !strings.Contains(ended.Error, "quantity") {
		t.Errorf("ANOVA of categories: %s %s", ended.State, ended.Error)
	}
}

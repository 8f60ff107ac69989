package serve

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/lren-chuv/automl/serve/data"
)

func TestMalformed(t *testing.T) {
	web, _, log := start(t, nil)
	table := uploadIris(t, web)
	e := func(change map[string]any) map[string]any {
		out := irisExperiment(table)
		for k, v := range change {
			out[k] = v
		}
		return out
	}
	deep := strings.Repeat(`{"condition":"AND","rules":[`, 200) + strings.Repeat("]}", 200)
	for why, c := range map[string]struct {
		body   any
		status int
		path   string
	}{
		"no JSON":        {"{", 400, ""},
		"empty":          {"", 400, ""},
		"two objects":    {"{}{}", 400, ""},
		"a list":         {"[]", 400, ""},
		"unknown field":  {e(map[string]any{"surprise": 1}), 400, ""},
		"no table":       {e(map[string]any{"table": ""}), 400, ""},
		"unknown table":  {e(map[string]any{"table": "u-00000000000000000000000000000000"}), 404, ""},
		"path as table":  {e(map[string]any{"table": "../../etc/passwd"}), 404, ""},
		"no variable":    {e(map[string]any{"variable": ""}), 400, ""},
		"no such column": {e(map[string]any{"variable": "target\"; DROP TABLE x; --"}), 400, ""},
		"no features":    {e(map[string]any{"covariables": []string{}}), 400, ""},
		"budget":         {e(map[string]any{"budget": map[string]any{"seconds": 1e9}}), 400, ""},
		"negative":       {e(map[string]any{"budget": map[string]any{"evaluations": -1}}), 400, ""},
		"metric":         {e(map[string]any{"metric": "beauty"}), 400, ""},
		"kind":           {e(map[string]any{"kind": "magic"}), 400, ""},
		"task":           {e(map[string]any{"task": "guess"}), 400, ""},
		"seed":           {e(map[string]any{"seed": -1}), 400, ""},
		"operator":       {e(map[string]any{"filters": map[string]any{"field": "target", "operator": "like", "value": "%"}}), 400, ""},
		"filter column":  {e(map[string]any{"filters": map[string]any{"field": "nothing", "operator": "is_null"}}), 400, ""},
		"filter value":   {e(map[string]any{"filters": map[string]any{"field": "target", "operator": "in", "value": []any{[]any{}}}}), 400, ""},
		"deep filter":    {strings.Replace(`{"table":"T","variable":"target","covariables":["petal_length_cm"],"filters":F}`, "F", deep, 1), 400, ""},
		"null rule":      {`{"table":"T","variable":"target","filters":{"condition":"AND","rules":[null]}}`, 400, ""},
		"limit":          {nil, 400, "/api/v1/experiments?limit=x"},
		"before":         {nil, 400, "/api/v1/experiments?before=../x"},
		"path as id":     {nil, 404, "/api/v1/experiments/..%2f..%2fetc%2fpasswd/model"},
		"unknown id":     {nil, 404, "/api/v1/experiments/01a2159f-21d5-7000-b185-7f28d59ea203/report"},
		"unknown path":   {nil, 404, "/api/v2/x"},
		"file of page":   {nil, 404, "/../serve.go"},
	} {
		method, path := "POST", "/api/v1/experiments"
		if c.path != "" {
			method, path = "GET", c.path
		}
		status, out := ask(t, web, method, path, c.body)
		if status != c.status {
			t.Errorf("%s: %d %.200s", why, status, out)
		}
		if strings.Contains(string(out), "goroutine") || strings.Contains(string(out), web.URL) {
			t.Errorf("%s: %s", why, out)
		}
	}
	if status, _ := ask(t, web, "POST", "/api/v1/experiments", "a=b", func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }); status != http.StatusUnsupportedMediaType {
		t.Errorf("a form: %d", status)
	}
	if status, _ := ask(t, web, "PATCH", "/api/v1/experiments", "{}"); status != http.StatusMethodNotAllowed {
		t.Errorf("PATCH: %d", status)
	}
	if status, _ := ask(t, web, "POST", "/api/v1/experiments", irisExperiment(table), func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }); status != http.StatusForbidden {
		t.Errorf("another site: %d", status)
	}
	for name, content := range map[string]string{"ragged.csv": "a,b\n1,2,3\n", "empty.csv": "", "head.csv": "a,b\n", "binary.csv": "\x00\xff\x00\x01", "program.exe": "MZ", "packed.csv.gz": "no gzip"} {
		if status, out := ask(t, web, "POST", "/api/v1/tables?name="+name, content, csv); status != http.StatusBadRequest {
			t.Errorf("%s: %d %.200s", name, status, out)
		}
	}
	if _, out := ask(t, web, "GET", "/api/v1/tables", nil); bytes.Count(out, []byte(`"id"`)) != 1 {
		t.Errorf("tables that were refused are kept: %s", out)
	}
	if strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("the client's mistakes are logged as the service's:\n%s", log.String())
	}
}

// endless is a body of n bytes, the text over and over, that nobody holds in memory.
type endless struct {
	n    int64
	text string
}

func (e *endless) Read(p []byte) (int, error) {
	if e.n <= 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), e.n)
	for i := range p[:n] {
		p[i] = e.text[i%len(e.text)]
	}
	e.n -= n
	return int(n), nil
}

// Bodies of 100 MB are refused where they are too large, and the memory stays as it was.
func TestLargeBodies(t *testing.T) {
	web, _, _ := start(t, nil)
	const large = 100 << 20
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for path, kind := range map[string]string{"/api/v1/experiments": "application/json", "/api/v1/tables": "text/csv", "/mining/job": "application/json"} {
		for _, announced := range []bool{true, false} {
			r, err := http.NewRequest("POST", web.URL+path, &endless{large, "1,2\n"})
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", kind)
			if announced {
				r.ContentLength = large
			}
			resp, err := http.DefaultTransport.(*http.Transport).Clone().RoundTrip(r)
			if err != nil { // the service may hang up before it is all sent
				continue
			}
			resp.Body.Close()
			want := http.StatusRequestEntityTooLarge
			if kind == "application/json" {
				want = http.StatusBadRequest // no JSON at all
			}
			if resp.StatusCode != want && resp.StatusCode != http.StatusRequestEntityTooLarge {
				t.Errorf("%s: %d", path, resp.StatusCode)
			}
		}
	}
	// JSON that is too large, rather than wrong.
	long := io.MultiReader(strings.NewReader(`{"name":"`), &endless{large, "a"}, strings.NewReader(`"}`))
	r, _ := http.NewRequest("POST", web.URL+"/api/v1/experiments", long)
	r.Header.Set("Content-Type", "application/json")
	if resp, err := http.DefaultTransport.(*http.Transport).Clone().RoundTrip(r); err == nil {
		if resp.Body.Close(); resp.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("a long text: %d", resp.StatusCode)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("%d MB more are in use", grown>>20)
	}
	if total := after.TotalAlloc - before.TotalAlloc; total > 64<<20 {
		t.Errorf("%d MB were allocated", total>>20)
	}
}

// Clients that send slowly are cut off, and others are answered meanwhile.
func TestSlowClients(t *testing.T) {
	web, _, _ := start(t, func(c *Config) { c.BodyTime = 400 * time.Millisecond })
	var conns []net.Conn
	for i := range 50 {
		c, err := net.Dial("tcp", strings.TrimPrefix(web.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		conns = append(conns, c)
		path, kind := "/api/v1/experiments", "application/json"
		if i%2 == 1 {
			path, kind = "/api/v1/tables", "text/csv"
		}
		fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: 1000\r\n\r\n{", path, kind)
	}
	began := time.Now()
	if status, _ := ask(t, web, "GET", "/healthz", nil); status != 200 || time.Since(began) > 5*time.Second {
		t.Errorf("health: %d after %v", status, time.Since(began))
	}
	for i, c := range conns {
		_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
		out, err := io.ReadAll(c)
		if err != nil {
			t.Fatalf("client %d is not cut off: %v", i, err)
		}
		if !strings.HasPrefix(string(out), "HTTP/1.1 408") {
			t.Errorf("client %d: %.200q", i, out)
		}
	}
}

func TestPasswords(t *testing.T) {
	users, err := ReadUsers(strings.NewReader("# who\nadmin:WoKeN\n\nzoé:p:ä ss\n"))
	if err != nil {
		t.Fatal(err)
	}
	web, _, log := start(t, func(c *Config) { c.Users = users })
	as := func(name, password string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(name, password) }
	}
	for _, route := range (&Server{}).routes() {
		path := strings.NewReplacer("{table}", "u-x", "{id}", "01a2159f-21d5-7000-b185-7f28d59ea203").Replace(route.path)
		for _, who := range []func(*http.Request){func(*http.Request) {}, as("admin", "woken"), as("nobody", "WoKeN"), as("", ""), as("admin", ""),
			func(r *http.Request) {
				r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("admin")))
			}} {
			r, _ := http.NewRequest(route.method, web.URL+path, nil)
			r.Header.Set("Content-Type", "application/json")
			who(r)
			resp, err := web.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			out, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if route.open != (resp.StatusCode != http.StatusUnauthorized) {
				t.Errorf("%s %s: %d %s", route.method, path, resp.StatusCode, out)
			}
			if !route.open && resp.Header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s: no challenge", route.method, path)
			}
		}
	}
	if status, _ := ask(t, web, "GET", "/", nil); status != http.StatusUnauthorized {
		t.Errorf("the page: %d", status)
	}
	for _, who := range []func(*http.Request){as("admin", "WoKeN"), as("zoé", "p:ä ss")} {
		if status, out := ask(t, web, "GET", "/api/v1/tables", nil, who); status != 200 {
			t.Errorf("%d %s", status, out)
		}
	}
	for _, secret := range []string{"WoKeN", "woken", "p:ä"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	for _, bad := range []string{"", "# none", "name", ":x", "name:"} {
		if _, err := ReadUsers(strings.NewReader(bad)); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

// Names of tables and columns, and values of filters, are never part of a statement.
func TestSQLInNames(t *testing.T) {
	d := database(t)
	patients(t, d)
	execute(t, d, `CREATE TABLE x (a int)`, `CREATE TABLE "sub; DROP TABLE x; --" (v numeric, w numeric)`, `CREATE SCHEMA hidden`, `CREATE TABLE hidden.secrets (v numeric, w numeric)`)
	web, _, log := start(t, func(c *Config) {
		c.Source.Catalogue = &data.Catalogue{Database: d, MinCount: 10, MaxRows: 100_000, MaxBytes: 64 << 20}
	})
	_, out := ask(t, web, "GET", "/api/v1/tables", nil)
	ids := map[string]string{}
	for _, one := range decode[struct{ Tables []data.Table }](t, out).Tables {
		ids[one.Name] = one.ID
	}
	if len(ids) != 3 || ids["secrets"] != "" {
		t.Fatalf("tables %v", ids)
	}
	const evil = `odd "name'; DROP TABLE x; --`
	table := ids["cde_features_a"]
	status, out := ask(t, web, "GET", "/api/v1/tables/"+table, nil)
	if status != 200 || !strings.Contains(string(out), `odd \"name'; DROP`) {
		t.Errorf("%d %.300s", status, out)
	}
	for _, value := range []string{"'; DROP TABLE x; --", `\`, "%", "$1", "1); DELETE FROM x; --", "\u2028", "é"} {
		e := map[string]any{"table": table, "variable": "lefthippocampus", "covariables": []string{evil, "gender"}, "kind": "anova",
			"filters": map[string]any{"condition": "OR", "rules": []any{map[string]any{"field": "gender", "operator": "not_contains", "value": value}, map[string]any{"field": evil, "operator": "greater", "value": 3}}}}
		status, out := ask(t, web, "POST", "/api/v1/experiments", e)
		if status != http.StatusCreated {
			t.Fatalf("%q: %d %s", value, status, out)
		}
		if ended := wait(t, web, decode[*shown](t, out).ID); ended.State != "done" {
			t.Errorf("%q: %s", value, ended.Error)
		}
	}
	hidden := "d-" + base64.RawURLEncoding.EncodeToString([]byte("hidden\x00secrets"))
	for _, id := range []string{hidden, "d-!!", "d-" + base64.RawURLEncoding.EncodeToString([]byte("public\x00x\"; DROP TABLE x")), "d-" + base64.RawURLEncoding.EncodeToString([]byte("pg_catalog\x00pg_authid")), "d-"} {
		if status, out := ask(t, web, "GET", "/api/v1/tables/"+id, nil); status != http.StatusNotFound {
			t.Errorf("%s: %d %.200s", id, status, out)
		}
	}
	execute(t, d, "SELECT a FROM x", `SELECT v FROM "sub; DROP TABLE x; --"`) // they are still there
	for _, leak := range []string{postgres.Password, "SELECT"} {
		if strings.Contains(log.String(), leak) {
			t.Errorf("the log holds %q", leak)
		}
	}
}

func TestQueueIsBounded(t *testing.T) {
	web, _, _ := start(t, nil)
	table := uploadIris(t, web)
	long := irisExperiment(table)
	long["budget"] = map[string]any{"seconds": 60}
	full := 0
	for range 60 {
		if status, _ := ask(t, web, "POST", "/api/v1/experiments", long); status == http.StatusTooManyRequests {
			full++
		}
	}
	if full != 10 {
		t.Errorf("%d of 60 were refused by a queue of 50", full)
	}
}

package serve

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestMetrics(t *testing.T) {
	users, err := ReadUsers(strings.NewReader("a:b"))
	if err != nil {
		t.Fatal(err)
	}
	web, _, _ := start(t, func(c *Config) { c.Metrics, c.Pprof, c.Users = NewMetrics(), true, users })
	me := func(r *http.Request) { r.SetBasicAuth("a", "b") }
	_, out := ask(t, web, "POST", "/api/v1/tables?name=x.csv", "y,x\n"+strings.Repeat("1,2\n2,3\n3,5\n4,1\n", 10), csv, me)
	table := decode[struct{ ID string }](t, out).ID
	_, out = ask(t, web, "POST", "/api/v1/experiments", map[string]any{"table": table, "variable": "y", "covariables": []string{"x"}, "kind": "statisticsSummary"}, me)
	id := decode[struct{ ID string }](t, out).ID
	wait(t, web, id, me)
	for range 100 { // counted right after its end is written
		if _, out = ask(t, web, "GET", "/metrics", nil, me); strings.Contains(string(out), "automl_jobs_ended_total") {
			break
		}
	}
	if status, _ := ask(t, web, "GET", "/metrics", nil); status != http.StatusUnauthorized {
		t.Errorf("without a password: %d", status)
	}
	for _, want := range []string{`automl_jobs_ended_total{state="done",kind="statisticsSummary"} 1`, `automl_http_requests_total{method="POST",path="/api/v1/experiments",status="201"} 1`,
		`automl_jobs{state="submitted"} 0`, `automl_job_seconds_count{kind="statisticsSummary"} 1`, `automl_info{version="test"} 1`, "go_goroutines "} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %s", want)
		}
	}
	line := regexp.MustCompile(`^(#.*|[a-z_0-9]+(\{([A-Za-z_]+="[^"]*",? ?)*\})? -?[0-9.e+-]+|[a-z_0-9]+(\{.*\})? (NaN|\+Inf))$`)
	for l := range strings.Lines(string(out)) {
		if !line.MatchString(strings.TrimSpace(l)) {
			t.Errorf("line %q", l)
		}
	}
	if status, out := ask(t, web, "GET", "/debug/pprof/goroutine?debug=1", nil, me); status != 200 || !strings.Contains(string(out), "goroutine profile") {
		t.Errorf("pprof: %d", status)
	}
	if status, _ := ask(t, web, "GET", "/debug/pprof/cmdline", nil, me); status != http.StatusNotFound {
		t.Errorf("command line: %d", status)
	}
	plain, _, _ := start(t, nil)
	for _, path := range []string{"/metrics", "/debug/pprof/heap"} {
		if status, _ := ask(t, plain, "GET", path, nil); status != http.StatusNotFound {
			t.Errorf("%s without the flag: %d", path, status)
		}
	}
}

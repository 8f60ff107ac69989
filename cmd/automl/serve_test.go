package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lren-chuv/automl/internal/pgtest"
)

// instance is a service as a process, which is killed and started again.
type instance struct {
	dir, address string
	args         []string
	mu           sync.Mutex
	c            *exec.Cmd
	log          *os.File
}

func newInstance(t *testing.T, dir, name string, args ...string) *instance {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	i := &instance{dir: dir, address: l.Addr().String(), args: args}
	l.Close()
	if i.log, err = os.Create(filepath.Join(dir, name+".log")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		i.kill()
		i.log.Close()
	})
	return i
}

func (i *instance) start(t *testing.T) {
	t.Helper()
	i.mu.Lock()
	defer i.mu.Unlock()
	i.c = process(t, i.dir, append([]string{"serve", "--listen", i.address, "--data", "data", "--workers", "1", "--metrics"}, i.args...)...)
	i.c.Stderr = i.log
	if err := i.c.Start(); err != nil {
		t.Fatal(err)
	}
}

// kill ends the process without a warning.
func (i *instance) kill() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.c != nil {
		_ = i.c.Process.Kill()
		_ = i.c.Wait()
		i.c = nil
	}
}

func (i *instance) ask(method, path, key string, body []byte) (int, []byte, error) {
	r, err := http.NewRequest(method, "http://"+i.address+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	if strings.HasPrefix(path, "/api/v1/tables") {
		r.Header.Set("Content-Type", "text/csv")
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	resp, err := (&http.Client{Timeout: 30 * time.Second}).Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	return resp.StatusCode, out, err
}

// insist asks until there is an answer.
func (i *instance) insist(t *testing.T, method, path, key string, body []byte) []byte {
	t.Helper()
	for range 3000 {
		status, out, err := i.ask(method, path, key, body)
		if err == nil && status/100 == 2 {
			return out
		}
		if err == nil && status/100 == 4 {
			t.Errorf("%s %s: %d %s", method, path, status, out)
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("%s %s: no answer", method, path)
	return nil
}

// kills runs jobs, all submitted at the same time, on services that are killed at random moments.
func kills(t *testing.T, instances []*instance, jobs, kills int) {
	table, err := os.ReadFile("../../testdata/iris.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range instances {
		i.start(t)
	}
	first := instances[0]
	var uploaded struct{ ID string }
	if err := json.Unmarshal(first.insist(t, "POST", "/api/v1/tables?name=iris.csv", "", table), &uploaded); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	var done atomic.Bool
	var submitting, killing sync.WaitGroup
	killing.Go(func() {
		rng := rand.New(rand.NewPCG(1, uint64(kills)))
		for range kills {
			time.Sleep(time.Duration(200+rng.IntN(2000)) * time.Millisecond)
			i := instances[rng.IntN(len(instances))]
			i.kill()
			time.Sleep(time.Duration(rng.IntN(200)) * time.Millisecond)
			i.start(t)
		}
		done.Store(true)
	})
	ids := make([]string, jobs)
	for n := range jobs {
		submitting.Go(func() {
			e, _ := json.Marshal(map[string]any{"name": fmt.Sprint(n), "table": uploaded.ID, "variable": "target", "covariables": []string{"petal_length_cm", "sepal_length_cm"},
				"budget": map[string]any{"evaluations": 2}, "seed": n})
			var made struct{ ID string }
			if err := json.Unmarshal(instances[n%len(instances)].insist(t, "POST", "/api/v1/experiments", fmt.Sprint("key ", n), e), &made); err != nil {
				t.Error(err)
			}
			ids[n] = made.ID
		})
	}
	submitting.Wait()
	killing.Wait()
	type experiment struct {
		ID, Name, State, Error string
		Changes                []struct{ State string }
		Result                 struct{ Files []string }
	}
	var all []experiment
	for until := time.Now().Add(10 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
		var list struct{ Experiments []experiment }
		if err := json.Unmarshal(first.insist(t, "GET", "/api/v1/experiments?limit=500", "", nil), &list); err != nil {
			t.Fatal(err)
		}
		left := 0
		for _, e := range list.Experiments {
			if e.State != "done" && e.State != "failed" {
				left++
			}
		}
		if all = list.Experiments; left == 0 || time.Now().After(until) {
			break
		}
	}
	seen := map[string]int{}
	for _, e := range all {
		seen[e.ID]++
		var states []string
		for _, c := range e.Changes {
			states = append(states, c.State)
		}
		if got := strings.Join(states, " "); got != "submitted training waiting testing formatting done" {
			t.Errorf("experiment %s (%s): %s %s", e.Name, e.ID, got, e.Error)
		}
		if len(e.Result.Files) < 3 {
			t.Errorf("experiment %s: files %v", e.Name, e.Result.Files)
		}
		if status, out, err := first.ask("GET", "/api/v1/experiments/"+e.ID+"/model", "", nil); status != 200 || len(out) < 1000 || err != nil {
			t.Errorf("experiment %s: model: %d %v", e.Name, status, err)
		}
	}
	for n, id := range ids {
		if seen[id] != 1 {
			t.Errorf("experiment %d (%s) is there %d times", n, id, seen[id])
		}
	}
	if len(all) != jobs {
		t.Errorf("%d experiments, %d were submitted", len(all), jobs)
	}
	// Every state was entered once in all processes' logs together; a kill may have come before the line was written.
	entered := map[string]int{}
	logs, _ := filepath.Glob(filepath.Join(first.dir, "*.log"))
	for _, path := range logs {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if at := strings.Index(line, "msg=entered "); at >= 0 {
				entered[strings.TrimSpace(line[at:])]++
			}
		}
	}
	for what, n := range entered {
		if n > 1 {
			t.Errorf("%d times: %s", n, what)
		}
	}
	t.Logf("%d jobs and %d kills in %v; %d of %d changes of state are in the logs", jobs, kills, time.Since(began).Round(time.Second), len(entered), 5*jobs)
}

// amount is how many jobs and kills there are: few, unless AUTOML_SERVE_KILLS names others, such as 200x20.
func amount(t *testing.T, jobs, kills int) (int, int) {
	if text := os.Getenv("AUTOML_SERVE_KILLS"); text != "" {
		if _, err := fmt.Sscanf(text, "%dx%d", &jobs, &kills); err != nil {
			t.Fatalf("AUTOML_SERVE_KILLS=%s: want JOBSxKILLS", text)
		}
	}
	return jobs, kills
}

func TestServeIsKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("a service is killed and started again for some seconds")
	}
	jobs, n := amount(t, 8, 3)
	kills(t, []*instance{newInstance(t, t.TempDir(), "one", "--jobs", "2")}, jobs, n)
}

// Two services share a store in PostgreSQL and a folder; each is killed now and then.
func TestServicesAreKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("services are killed and started again for some seconds")
	}
	server := &pgtest.Server{Password: "secret"}
	defer server.Stop()
	port, why := server.Start()
	if port == "" {
		fmt.Fprintf(os.Stderr, "SKIPPED for want of a PostgreSQL server (%s): %s\n", why, t.Name())
		t.Skip(why)
	}
	jobs, n := amount(t, 6, 2)
	dir := t.TempDir()
	args := []string{"--store", "postgres://postgres:secret@127.0.0.1:" + port + "/postgres?sslmode=disable", "--lease", "3s"}
	kills(t, []*instance{newInstance(t, dir, "one", args...), newInstance(t, dir, "two", args...)}, jobs, n)
}

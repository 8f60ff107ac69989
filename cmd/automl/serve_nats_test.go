//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// counted is a count among a worker's metrics, -1 without an answer.
func counted(address, name string) (n float64) {
	resp, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		return -1
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	for line := range strings.Lines(string(text)) {
		if _, err := fmt.Sscanf(line, name+" %g", &n); err == nil {
			return n
		}
	}
	return -1
}

// workerAt starts a worker with its metrics at the address, and waits until it is connected.
func workerAt(t *testing.T, dir, url, address string) {
	t.Helper()
	begin(t, process(t, dir, "worker", "--nats", url, "--workers", "1", "--listen", address))
	for range 400 {
		if counted(address, "automl_worker_connected") == 1 {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatal("the worker does not connect")
}

type searched struct {
	ID, State, Error string
	Result           struct {
		Evaluated int
		Files     []string
	}
}

// search submits an experiment of n evaluations and waits for its end.
func (i *instance) search(t *testing.T, n int) (e searched) {
	t.Helper()
	table, err := os.ReadFile("../../testdata/iris.csv")
	if err != nil {
		t.Fatal(err)
	}
	var uploaded struct{ ID string }
	if err := json.Unmarshal(i.insist(t, "POST", "/api/v1/tables?name=iris.csv", "", table), &uploaded); err != nil {
		t.Fatal(err)
	}
	body, _ := json.Marshal(map[string]any{"table": uploaded.ID, "variable": "target", "covariables": []string{"petal_length_cm", "sepal_length_cm"}, "budget": map[string]any{"evaluations": n}})
	if err := json.Unmarshal(i.insist(t, "POST", "/api/v1/experiments", "", body), &e); err != nil {
		t.Fatal(err)
	}
	for range 1200 {
		if err := json.Unmarshal(i.insist(t, "GET", "/api/v1/experiments/"+e.ID, "", nil), &e); err != nil {
			t.Fatal(err)
		}
		if e.State == "done" || e.State == "failed" {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if e.State != "done" || len(e.Result.Files) < 3 {
		t.Fatalf("%+v", e)
	}
	return e
}

// The searches of automl serve --nats are the work of its workers: two of them evaluate every pipeline, and the model is the one that the
// service finds alone, which it does when nobody is there.
func TestServeOnWorkers(t *testing.T) {
	if testing.Short() {
		t.Skip("a NATS server, workers and two services are started")
	}
	const evaluations = 24
	dir, port := t.TempDir(), freePort(t)
	natsServer(t, port, t.TempDir())
	url := "nats://127.0.0.1:" + port
	workers := []string{"127.0.0.1:" + freePort(t), "127.0.0.1:" + freePort(t)}
	for _, address := range workers {
		workerAt(t, dir, url, address)
	}
	service := newInstance(t, dir, "service", "--nats", url)
	service.start(t)
	there := service.search(t, evaluations)
	total := 0.0
	for _, address := range workers {
		n := counted(address, "automl_worker_evaluated_total")
		t.Logf("%g pipelines by the worker at %s", n, address)
		total += n
	}
	if there.Result.Evaluated != evaluations || total < evaluations {
		t.Errorf("%d pipelines were evaluated, the workers count %g", there.Result.Evaluated, total)
	}
	log, err := os.ReadFile(filepath.Join(dir, "service.log"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(log), "no worker is there") {
		t.Errorf("the service searched by itself:\n%s", log)
	}

	alone := newInstance(t, t.TempDir(), "alone")
	alone.start(t)
	here := alone.search(t, evaluations)
	a := alone.insist(t, "GET", "/api/v1/experiments/"+here.ID+"/predictions", "", nil)
	b := service.insist(t, "GET", "/api/v1/experiments/"+there.ID+"/predictions", "", nil)
	if len(a) < 1000 || string(a) != string(b) {
		t.Errorf("the predictions of the models found here (%d bytes) and by the workers (%d bytes) differ", len(a), len(b))
	}
}

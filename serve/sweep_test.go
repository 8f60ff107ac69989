package serve

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/lren-chuv/automl/serve/work"
)

// What ended before the time given is removed with its files; a table stays as long as an experiment that is kept is about it.
func TestSweep(t *testing.T) {
	web, s, _ := start(t, nil)
	table, unused := uploadIris(t, web), uploadIris(t, web)
	e := map[string]any{"table": table, "variable": "target", "covariables": []string{"petal_length_cm"}, "kind": "statisticsSummary"}
	_, out := ask(t, web, "POST", "/api/v1/experiments", e)
	id := decode[*shown](t, out).ID
	wait(t, web, id)
	long := irisExperiment(table)
	long["budget"] = map[string]any{"seconds": 60}
	_, out = ask(t, web, "POST", "/api/v1/experiments", long)
	running := decode[*shown](t, out).ID
	ctx := context.Background()
	if err := s.sweep(ctx, time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/api/v1/experiments/" + id, "/api/v1/tables/" + table, "/api/v1/tables/" + unused} {
		if status, _ := ask(t, web, "GET", path, nil); status != 200 {
			t.Errorf("%s is gone too early", path)
		}
	}
	if err := s.sweep(ctx, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/api/v1/experiments/" + id: http.StatusNotFound, "/api/v1/experiments/" + running: 200, "/api/v1/tables/" + table: 200, "/api/v1/tables/" + unused: http.StatusNotFound} {
		if status, _ := ask(t, web, "GET", path, nil); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
	if files, err := work.FilesOf(s.Worker.Dir, id); err != nil || files.Has(0, work.OutputFile) {
		t.Errorf("files are left: %v", err)
	}
	if _, err := s.Queue.Cancel(ctx, running); err != nil {
		t.Error(err)
	}
}

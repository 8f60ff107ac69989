package serve

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/lren-chuv/automl/serve/data"
	"github.com/lren-chuv/automl/serve/job"
	"github.com/lren-chuv/automl/serve/store"
	"github.com/lren-chuv/automl/serve/work"
)

// A search that is cut off again and again ends with the same model, byte for byte, as one that is left alone, and tells of no score
// twice.
func TestSearchGoesOn(t *testing.T) {
	dir := t.TempDir()
	kept, err := store.OpenBolt(filepath.Join(dir, "jobs.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	log := slog.New(slog.DiscardHandler)
	var web *httptest.Server
	var current *Server
	// process runs a service until the function says that it is enough.
	process := func(enough func() bool) {
		source := &data.Source{Uploads: &data.Uploads{Dir: filepath.Join(dir, "tables"), MaxBytes: 1 << 20}}
		c := Config{Source: source, Log: log, Queue: job.NewQueue(kept, job.Options{Alone: true}), Worker: &work.Worker{Source: source, Dir: filepath.Join(dir, "jobs"), Threads: 1, Log: log}}
		current = New(c)
		web = httptest.NewServer(current)
		ctx, stop := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		wg.Go(func() {
			(&job.Runner{Queue: c.Queue, Slots: 1, Log: log, Do: c.Do, Poll: 10 * time.Millisecond}).Run(ctx)
		})
		for until := time.Now().Add(time.Minute); !enough() && time.Now().Before(until); {
			time.Sleep(5 * time.Millisecond)
		}
		stop()
		wg.Wait()
		current.Close()
		web.Close()
	}
	submit := func() string {
		e := irisExperiment(uploadIris(t, web))
		e["budget"] = map[string]any{"evaluations": 8}
		_, out := ask(t, web, "POST", "/api/v1/experiments", e)
		return decode[*shown](t, out).ID
	}
	state := func(id string) *shown {
		_, out := ask(t, web, "GET", "/api/v1/experiments/"+id, nil)
		return decode[*shown](t, out)
	}
	var alone, cut string
	process(func() bool {
		if alone == "" {
			alone = submit()
		}
		return state(alone).State.Ended()
	})
	process(func() bool {
		if cut == "" {
			cut = submit()
		}
		log, _ := filepath.Glob(filepath.Join(dir, "jobs", cut, "a0", "*.log"))
		if len(log) == 0 {
			return false
		}
		info, err := os.Stat(log[0])
		return err == nil && info.Size() > 900
	})
	if s := alone; s == "" || cut == "" {
		t.Fatal("not submitted")
	}
	interrupted := 1
	process(func() bool { return state(cut).State.Ended() })
	if _, j, err := current.Queue.Events(context.Background(), cut, 0); err != nil || j.State != job.Done || j.Claims != interrupted+1 {
		t.Fatalf("%+v %v", j, err)
	}
	models := make([][]byte, 2)
	for i, id := range []string{alone, cut} {
		files, err := work.FilesOf(filepath.Join(dir, "jobs"), id)
		if err != nil {
			t.Fatal(err)
		}
		if models[i], err = files.Read(0, work.ModelFile); err != nil || len(models[i]) == 0 {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(models[0], models[1]) {
		t.Error("the models differ")
	}
	events, _, _ := current.Queue.Events(context.Background(), cut, 0)
	last := 1e9
	for _, e := range events {
		if e.Type != "score" {
			continue
		}
		s := decode[struct{ Score float64 }](t, e.Data).Score
		if s >= last {
			t.Errorf("%g after %g", s, last)
		}
		last = s
	}
}

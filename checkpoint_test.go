package automl_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/gp"
	"github.com/lren-chuv/automl/operators"
)

// TestResumeGivesTheSameModel: an ordered search that is killed at any byte of its log and resumed ends with the same
// model, to the byte, and evaluates nothing twice.
func TestResumeGivesTheSameModel(t *testing.T) {
	s, schema := table(t, "testdata/iris.csv")
	path := filepath.Join(t.TempDir(), "search.log")
	cuts, space := 6, "light"
	var among []*operators.Spec
	if testing.Short() {
		cuts, space, among = 1, "", quick()
	}
	run := func(workers int, resume bool) []byte {
		m, err := automl.Train(context.Background(), s, automl.Options{Evaluations: 60, Population: 15, Seed: 3, Workers: workers, Schema: schema,
			Config: space, Operators: among, Checkpoint: path, Resume: resume})
		if err != nil {
			t.Fatal(err)
		}
		data, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	want := run(2, false)
	log, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range cuts {
		cut := rng.IntN(len(log) + 1)
		if err := os.WriteFile(path, log[:cut], 0o644); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(run(1+rng.IntN(3), true), want) {
			t.Errorf("cut at %d of %d bytes: another model", cut, len(log))
		}
	}
}

// TestReplayAsTheyFinish: the log of a search that folds results as they finish replays the same story.
func TestReplayAsTheyFinish(t *testing.T) {
	s, schema := table(t, "testdata/iris.csv")
	path := filepath.Join(t.TempDir(), "search.log")
	space := "light"
	var among []*operators.Spec
	if testing.Short() {
		space, among = "", quick()
	}
	tell := func(resume bool, evaluations int) []string {
		var story []string
		_, err := automl.Train(context.Background(), s, automl.Options{Evaluations: evaluations, Time: 3600e9, Population: 15, Workers: 2, Schema: schema,
			Config: space, Operators: among, Checkpoint: path, Resume: resume, Observe: func(e gp.Event) { story = append(story, e.Individual.Tree.String()) }})
		if err != nil {
			t.Fatal(err)
		}
		return story
	}
	first := tell(false, 50)
	second := tell(true, 70)
	if len(first) != 50 || len(second) != 70 || strings.Join(second[:50], "\n") != strings.Join(first, "\n") {
		t.Errorf("%d and %d results, the first 50 are not the same", len(first), len(second))
	}
}

func TestCheckpointOfAnotherSearch(t *testing.T) {
	s, schema := table(t, "testdata/iris.csv")
	path := filepath.Join(t.TempDir(), "search.log")
	opt := automl.Options{Evaluations: 5, Schema: schema, Config: "fast", Checkpoint: path}
	train := func(opt automl.Options) error {
		_, err := automl.Train(context.Background(), s, opt)
		return err
	}
	if err := train(opt); err != nil {
		t.Fatal(err)
	}
	if err := train(opt); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("written over: %v", err)
	}
	opt.Resume, opt.Seed = true, 9
	if err := train(opt); err == nil || !strings.Contains(err.Error(), "seed: 1 there, 9 here") {
		t.Errorf("another seed: %v", err)
	}
	if err := os.WriteFile(path, []byte("my thesis"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := train(opt); err == nil || !strings.Contains(err.Error(), "no checkpoint") {
		t.Errorf("another file: %v", err)
	}
	if text, _ := os.ReadFile(path); string(text) != "my thesis" {
		t.Error("the other file was written over")
	}
}

package gp

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/lren-chuv/automl/pipeline"
)

// failing fails for every tree of predictor B, with the reason's number differing, and prunes large trees.
type failing struct{ toyEvaluator }

func (e *failing) Evaluate(ctx context.Context, t pipeline.Tree, bar []float64) (pipeline.Result, error) {
	r, err := e.toyEvaluator.Evaluate(ctx, t, bar)
	switch {
	case t.Root().Spec == toyB:
		r = pipeline.Result{Score: math.NaN(), Err: fmt.Sprintf("took longer than %d.5s", t.Steps())}
	case t.Steps() > 3:
		r.Pruned = true
	}
	return r, err
}

// TestEventsAddUp compares what every event says with a count of what the events before it showed, and looks whether an
// event is still the same when the search has gone on.
func TestEventsAddUp(t *testing.T) {
	var events, copies []Event
	failed, pruned := 0, 0
	cfg := toyConfig(3)
	cfg.Evaluations, cfg.Workers, cfg.Cache = 200, 2, pipeline.NewCache(1<<10)
	cfg.Observe = func(e Event) {
		switch {
		case e.Individual.Result.Failed():
			failed++
		case e.Individual.Result.Pruned:
			pruned++
		}
		sum := 0
		for _, f := range e.Failures {
			sum += f.Count
		}
		if e.Evaluated != len(events)+1 || e.Failed != failed || e.Pruned != pruned || sum != failed || len(e.Failures) > 2 || e.Memory == 0 {
			t.Fatalf("%d evaluated, %d failed, %d pruned, %+v", e.Evaluated, e.Failed, e.Pruned, e.Failures)
		}
		events = append(events, e)
		e.Front, e.Failures = slices.Clone(e.Front), slices.Clone(e.Failures)
		copies = append(copies, e)
	}
	out, err := Search(context.Background(), &failing{}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if failed == 0 || pruned == 0 {
		t.Fatalf("%d failed, %d pruned: nothing was tested", failed, pruned)
	}
	for i := range events {
		if !slices.Equal(events[i].Front, copies[i].Front) || !slices.Equal(events[i].Failures, copies[i].Failures) {
			t.Fatalf("event %d changed after it was sent", i)
		}
	}
	last := events[len(events)-1]
	if len(last.Front) != len(out.Front) || last.Failed != out.Failed || last.Best != out.Best {
		t.Errorf("the last event has %d on the front, %d failed; the outcome %d, %d", len(last.Front), last.Failed, len(out.Front), out.Failed)
	}
}

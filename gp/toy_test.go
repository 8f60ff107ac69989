package gp

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/pipeline"
)

// The toy world: two predictors and two transformers that are never fitted. A tree's loss is the distance of its
// parameters from a hidden optimum, so a search that works finds it within milliseconds.

var errNeverFitted = errors.New("toy operators are never fitted")

func toySpec(name string, role operators.Role) *operators.Spec {
	return &operators.Spec{Name: name, Role: role, Doc: "toy", Params: []operators.Param{
		{Name: "a", Scale: operators.Linear, Lo: 0, Hi: 1, Default: 0.1},
		{Name: "n", Scale: operators.LogInt, Lo: 1, Hi: 1000, Default: 10},
		{Name: "kind", Scale: operators.Choice, Choices: []string{"x", "y", "z"}},
	}, New: func([]float64) (operators.Operator, error) { return nil, errNeverFitted }}
}

var (
	toyA = toySpec("A", operators.Regressor)
	toyB = toySpec("B", operators.Regressor)
	toyS = toySpec("S", operators.Scaler)
	toyT = toySpec("T", operators.Transformer)
)

func toyGrammar() *pipeline.Grammar {
	return pipeline.NewGrammar(dataset.Regression, []*operators.Spec{toyA, toyB, toyS, toyT})
}

type toyEvaluator struct {
	delay func(t pipeline.Tree) time.Duration
	calls atomic.Int64
	mu    sync.Mutex
	seen  map[pipeline.Hash]int
}

func (e *toyEvaluator) Evaluate(ctx context.Context, t pipeline.Tree, _ []float64) (pipeline.Result, error) {
	e.calls.Add(1)
	e.mu.Lock()
	if e.seen == nil {
		e.seen = map[pipeline.Hash]int{}
	}
	e.seen[t.Hash()]++
	e.mu.Unlock()
	if e.delay != nil {
		select {
		case <-time.After(e.delay(t)):
		case <-ctx.Done():
			return pipeline.Result{}, ctx.Err()
		}
	}
	if h := t.Hash(); h[0] < 10 {
		return pipeline.Result{Score: math.NaN(), Err: "unlucky"}, nil
	}
	return pipeline.Result{Score: toyLoss(t)}, nil
}

// toyLoss wants B with a near 0.7, n near 100 and kind z over one T.
func toyLoss(t pipeline.Tree) float64 {
	root := t.Root()
	loss := math.Abs(root.Values[0]-0.7) + math.Abs(math.Log10(root.Values[1])-2)
	if root.Spec != toyB {
		loss++
	}
	if root.Values[2] != 2 {
		loss += 0.5
	}
	if t.Len() < 2 || t.Node(t.Len()-2).Spec != toyT {
		loss += 0.3
	}
	return loss
}

func toyConfig(seed uint64) Config {
	return Config{
		Grammar: toyGrammar(), Seed: seed, Population: 20, Ordered: true,
		Objectives: []Objective{
			{"loss", func(_ pipeline.Tree, r pipeline.Result) float64 { return r.Score }},
			Complexity(),
		},
	}
}

// uneven makes some trees a hundred times as slow as others.
func uneven(t pipeline.Tree) time.Duration {
	h := t.Hash()
	return time.Duration(binary.LittleEndian.Uint16(h[:2])%40) * 20 * time.Microsecond
}

func mustSearch(t *testing.T, ctx context.Context, ev Evaluator, cfg Config) *Outcome {
	t.Helper()
	o, err := Search(ctx, ev, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

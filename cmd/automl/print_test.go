package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/lren-chuv/automl"
)

// TestPrintedStack: a model whose weights come from a second level says so, on the terminal and in JSON.
func TestPrintedStack(t *testing.T) {
	m := &automl.Model{Metric: "log_loss", Levels: []string{"a", "b"}}
	var b bytes.Buffer
	if printScores(&b, m); strings.Contains(b.String(), "second-level") || describe(m).Stack != nil {
		t.Errorf("a stack where there is none: %s", b.String())
	}
	m.Stack = &automl.Stack{Geometric: true, Score: 0.25, Greedy: 0.5}
	b.Reset()
	printScores(&b, m)
	if want := "second-level model and their geometric mean taken: 0.25 on rows it had not seen, greedy selection 0.5"; !strings.Contains(b.String(), want) {
		t.Errorf("no %q in %s", want, b.String())
	}
	data, err := json.Marshal(describe(m))
	if err != nil || !strings.Contains(string(data), `"stack":{"geometric_mean":true,"score":0.25,"greedy_score":0.5}`) {
		t.Errorf("%s, %v", data, err)
	}
}

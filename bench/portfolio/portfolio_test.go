package main

import (
	"bytes"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestPortfolioComplements: after the best on average comes what helps where that fails, not the second best.
func TestPortfolioComplements(t *testing.T) {
	b := &board{losses: map[string]map[string]float64{
		"one":   {"good": 1, "alike": 1.1, "odd": 9, "bad": 10, "worse": 11},
		"two":   {"good": 1, "alike": 1.1, "odd": 9, "bad": 10, "worse": 11},
		"three": {"good": 9, "alike": 9, "odd": 1, "bad": 10, "worse": 11},
	}}
	r := b.regrets([]string{"good", "alike", "odd", "bad", "worse"})
	chosen, after := r.portfolio(3, -1)
	if !slices.Equal(chosen[:2], []int{0, 2}) || after[1] != 0 {
		t.Errorf("chosen %v, regrets %v", chosen, after)
	}
	var out bytes.Buffer
	report(&out, r, 3)
	if !strings.HasPrefix(out.String(), "# regret") || !strings.Contains(out.String(), "learned without a table") {
		t.Errorf("report\n%s", out.String())
	}
}

func TestFailuresAndOtherTasksDoNotCount(t *testing.T) {
	b := &board{losses: map[string]map[string]float64{"theirs": {"elsewhere": 1}, "ours": {"a": 1, "b": 2, "c": math.Inf(1)}}}
	if r := b.regrets([]string{"a", "b", "c"}); len(r.tables) != 1 || r.value[0][2] != 3 {
		t.Errorf("regrets %+v", r)
	}
	if got, err := readBoard(filepath.Join(t.TempDir(), "none")); err != nil || len(got.losses) != 0 {
		t.Errorf("a missing file gives %v, %v", got, err)
	}
}

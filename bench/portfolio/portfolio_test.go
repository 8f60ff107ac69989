package main

import (
	"bytes"
	"math"
	"os"
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

// TestWriteEach: what does well on a table alone is not among the first chosen without it.
func TestWriteEach(t *testing.T) {
	b := &board{losses: map[string]map[string]float64{
		"one": {"first": 1, "second": 9, "third": 9, "fourth": 9, "fifth": 10},
		"two": {"first": 9, "second": 1, "third": 9, "fourth": 9, "fifth": 10},
	}}
	dir := filepath.Join(t.TempDir(), "each")
	if err := b.regrets([]string{"first", "second", "third", "fourth", "fifth"}).writeEach(dir, 1); err != nil {
		t.Fatal(err)
	}
	for table, want := range map[string]string{"one": "second\n", "two": "first\n"} {
		if got, err := os.ReadFile(filepath.Join(dir, table+".txt")); err != nil || string(got) != want {
			t.Errorf("without table %s: %q, %v; want %q", table, got, err, want)
		}
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

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folder makes a small table with two folds and recorded scores of another.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	var table, folds strings.Builder
	table.WriteString("a,b,target\n")
	folds.WriteString("row,fold\n")
	for i := range 60 {
		fmt.Fprintf(&table, "%d,%d,%d\n", i%7, i%5, 3*(i%7)+i%5)
		fmt.Fprintf(&folds, "%d,%d\n", i, i%2)
	}
	for name, text := range map[string]string{
		"toy.csv": table.String(), "toy.folds.csv": folds.String(),
		"baseline_scores.csv": "dataset,fold,model,metric,value\ntoy,0,guess,rmse,7\ntoy,1,guess,rmse,8\ntoy,0,guess,r2,0\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestResume: a second run measures only what the first has not, and all are ranked.
func TestResume(t *testing.T) {
	dir := folder(t)
	out := filepath.Join(dir, "scores.csv")
	for _, folds := range []string{"0", "0,1"} {
		p, file, err := parse([]string{"-data", dir, "-folds", folds, "-evaluations", "5", "-out", out})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.run(context.Background(), file); err != nil {
			t.Fatal(err)
		}
	}
	records, err := readRecords(out)
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 2 || records[0].Fold != 0 || records[1].Fold != 1 || records[0].Score > 3 || records[0].Err != "" || records[0].Evaluated != 5 {
		t.Errorf("records %+v", records)
	}
	p, _, err := parse([]string{"-data", dir, "-folds", "0,1"})
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := summarise(&text, p, records); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "| mean rank on these folds | | | 1.00 (2) | 2.00 (2) |") {
		t.Errorf("summary\n%s", text.String())
	}
}

func TestFoldsThatDoNotFit(t *testing.T) {
	dir := folder(t)
	path := filepath.Join(dir, "toy.folds.csv")
	if err := os.WriteFile(path, []byte("row,fold\n0,1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := readFolds(path, 60); err == nil || !strings.Contains(err.Error(), "1 rows for the 60") {
		t.Errorf("error %v", err)
	}
	p := plan{dir: dir, tables: []string{"toy", "nothing"}, folds: []int{0}, evaluations: 1, label: "x"}
	if r := p.measure(context.Background(), "nothing", 0); r.Err == "" {
		t.Error("a missing table gives no error")
	}
}

// TestRecipes: a table begins with the pipelines of its own file, and there must be one.
func TestRecipes(t *testing.T) {
	dir := folder(t)
	recipes := t.TempDir()
	p, _, err := parse([]string{"-data", dir, "-folds", "0", "-evaluations", "1", "-recipes", recipes})
	if err != nil {
		t.Fatal(err)
	}
	if r := p.measure(context.Background(), "toy", 0); !strings.Contains(r.Err, "toy.txt") {
		t.Errorf("no recipes: error %q", r.Err)
	}
	if err := os.WriteFile(filepath.Join(recipes, "toy.txt"), []byte("LinearRegression(MaxAbsScaler(input))\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if r := p.measure(context.Background(), "toy", 0); r.Err != "" || !strings.HasPrefix(r.Pipeline, "LinearRegression(MaxAbsScaler(input)") {
		t.Errorf("began with %q, error %q", r.Pipeline, r.Err)
	}
}

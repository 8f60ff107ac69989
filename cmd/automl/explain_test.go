package main

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func parsed(t *testing.T, text string) [][]string {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func float(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestExplain: parts add up to what predict says, sampled or exact, and the history comes out as Parquet.
func TestExplain(t *testing.T) {
	dir, iris := t.TempDir(), testdata(t, "iris.csv")
	train := []string{"train", iris, "--target", "target", "--evaluations", "1", "--folds", "2", "--ensemble", "0", "--quiet", "-o", "m.automl"}
	if r := run(t, dir, append(train, "--template", "StandardScaler-LogisticRegression")...); r.status != 0 {
		t.Fatal(r.stderr)
	}
	predicted := parsed(t, run(t, dir, "predict", "m.automl", iris).stdout)
	r := run(t, dir, "explain", "m.automl", iris, "--rows", "4", "--pairs", "2")
	lines := parsed(t, r.stdout)
	if r.status != 0 || len(lines) != 1+4*3 || len(lines[0]) != 4+4+1 {
		t.Fatalf("status %d, %d lines: %s", r.status, len(lines), r.stderr)
	}
	for i, l := range lines[1:] {
		sum := 0.0
		for _, part := range l[3:8] {
			sum += float(t, part)
		}
		want := float(t, predicted[1+i/3][1+i%3])
		if l[2] != "prediction" || math.Abs(sum-want) > 1e-9 || math.Abs(float(t, l[8])-want) > 1e-9 || l[0] != strconv.Itoa(1+i/3) {
			t.Errorf("line %v: %v, predicted %v", l, sum, want)
		}
	}
	if r := run(t, dir, append(train, "--template", "XGBClassifier")...); r.status != 0 {
		t.Fatal(r.stderr)
	}
	r = run(t, dir, "explain", "m.automl", iris, "--class", "versicolor", "-o", "parts.csv")
	text, err := os.ReadFile(filepath.Join(dir, "parts.csv"))
	if err != nil || r.status != 0 {
		t.Fatal(err, r.stderr)
	}
	if lines := parsed(t, string(text)); len(lines) != 151 || lines[1][2] != "log-odds" || lines[1][1] != "versicolor" {
		t.Errorf("%d lines, %v", len(lines), lines[1])
	}
	if r := run(t, dir, "explain", "m.automl", iris, "--class", "rose"); r.status != 2 || !strings.Contains(r.stderr, "versicolor") {
		t.Errorf("%+v", r)
	}
	if r := run(t, dir, "show", "m.automl", "--history", "-o", "h.parquet"); r.status != 0 {
		t.Error(r.stderr)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "h.parquet")); err != nil || !strings.HasPrefix(string(text), "PAR1") {
		t.Errorf("%v, %.10q", err, text)
	}
	if r := run(t, dir, "show", "m.automl", "-o", "x.csv"); r.status != 2 {
		t.Errorf("%+v", r)
	}
}

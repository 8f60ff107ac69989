package main

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lren-chuv/automl/operators/catalog"
)

// TestEveryOperatorIsAccountedFor: each has a case that parses or is listed as having no peer, and never both.
func TestEveryOperatorIsAccountedFor(t *testing.T) {
	covered := map[string]bool{}
	for _, c := range cases {
		_, spec, err := operator(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		covered[spec.Name] = true
		if _, err := generate(c.data, 5, 3); err != nil {
			t.Errorf("%s: %v", c.text, err)
		}
		if strings.Contains(c.peer, "xgboost.") != (c.needs == "xgboost") || strings.Contains(c.peer, "lightgbm.") != (c.needs == "lightgbm") {
			t.Errorf("%s needs %q", c.peer, c.needs)
		}
	}
	for _, s := range catalog.All() {
		if covered[s.Name] == slices.Contains(alone, s.Name) {
			t.Errorf("%s: has a case: %v, is alone: %v", s.Name, covered[s.Name], slices.Contains(alone, s.Name))
		}
	}
}

// TestOurSide: every case fits and predicts a small table.
func TestOurSide(t *testing.T) {
	for _, c := range cases {
		op, spec, err := operator(c.text)
		if err != nil {
			t.Fatal(err)
		}
		table, err := generate(c.data, 120, 12)
		if err != nil {
			t.Fatal(err)
		}
		m, err := measure(op, spec, table)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if m.Score != nil && (math.IsNaN(*m.Score) || *m.Score > 1) || (m.Score != nil) != spec.Predicts() || m.Fit < 0 || m.Predict < 0 {
			t.Errorf("%s: %+v", c.text, m)
		}
	}
}

func TestGenerate(t *testing.T) {
	a, err := generate("class", 50, 12)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := generate("class", 50, 12)
	if !slices.Equal(a.x, b.x) || !slices.Equal(a.y, b.y) {
		t.Error("the same arguments give different tables")
	}
	s := a.sample()
	for i := range a.rows {
		if s.X.Col(3).Float[i] != a.x[i*12+3] || float64(s.Y.Code[i]) != a.y[i] {
			t.Fatalf("row %d differs between the two forms", i)
		}
	}
	if _, err := generate("nonsense", 5, 2); err == nil {
		t.Error("an unknown kind gives no error")
	}
}

// TestContest lets two systems compete if there is a Python with scikit-learn; one that is not installed is left out.
func TestContest(t *testing.T) {
	dir := t.TempDir()
	var table, folds strings.Builder
	table.WriteString("a,site,target\n")
	folds.WriteString("row,fold\n")
	for i := range 120 {
		fmt.Fprintf(&table, "%d,%s,%s\n", i*7%40, []string{"n", "s", ""}[i%3], []string{"no", "yes"}[i*7%40/20])
		fmt.Fprintf(&folds, "%d,%d\n", 119-i, i%4) // in another order than the table
	}
	for name, text := range map[string]string{"t.csv": table.String(), "t.folds.csv": folds.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	train, test := filepath.Join(dir, "train"), filepath.Join(dir, "test")
	if err := divide(filepath.Join(dir, "t.csv"), filepath.Join(dir, "t.folds.csv"), 1, train, test); err != nil {
		t.Fatal(err)
	}
	in, _ := lines(train)
	out, _ := lines(test)
	if len(in) != 91 || len(out) != 31 || out[1][0] != "26" { // row 118 is the first of fold 1
		t.Errorf("%d and %d lines, %v", len(in), len(out), out[1])
	}
	c := league{dir: dir, python: "/usr/bin/python3", fold: 1, budget: time.Second}
	if _, err := exec.LookPath(c.python); err != nil {
		t.Skipf("SKIPPED: there is no %s", c.python)
	}
	switch o := c.ask(t.Context(), "hist_gb", train, test, "binary", "roc_auc"); {
	case o.Absent != "":
		t.Logf("left out: %s", o.Absent)
	case o.Error != "" || o.Score < 0.99:
		t.Errorf("%+v", o)
	}
	if o := c.ask(t.Context(), "flaml", train, test, "binary", "roc_auc"); o.Absent != "flaml is not installed" && o.Score < 0.9 {
		t.Errorf("%+v", o)
	}
	if o := c.ask(t.Context(), "nobody", train, test, "binary", "roc_auc"); !strings.Contains(o.Error, "nobody") {
		t.Errorf("%+v", o)
	}
}

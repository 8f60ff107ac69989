package main

import (
	"math"
	"slices"
	"strings"
	"testing"

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

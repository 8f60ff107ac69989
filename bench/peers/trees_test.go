package main

import (
	"bytes"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lren-chuv/automl/metrics"
)

// TestContests: our side of every contest works on a small table, and a contest without rivals prints a line.
func TestContests(t *testing.T) {
	for _, c := range contests {
		for who, expression := range c.rivals {
			if !slices.Contains(packages, who) || strings.Contains(expression, "prepared") != (c.prepared && who != "sklearn") {
				t.Errorf("%s: %s: %s", c.name, who, expression)
			}
		}
		c.rows = 150
		record, err := c.run(options{repeat: 1, only: regexp.MustCompile("")}, t.TempDir(), nil)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var out bytes.Buffer
		c.print(&out, record)
		if record[4] != "-" || strings.Count(out.String(), "|") != 8 {
			t.Errorf("%s: %q %q", c.name, record, out.String())
		}
	}
}

// TestMixed: the last columns are categorical, and about 30 % of all values are missing.
func TestMixed(t *testing.T) {
	tab, err := generate("treesmix", 400, 30)
	if err != nil {
		t.Fatal(err)
	}
	x, missing := tab.sample().X, 0
	for j, c := range x.Columns() {
		if (len(c.Levels) == mixedLevels) != (j >= 25) {
			t.Errorf("column %d has %d levels", j, len(c.Levels))
		}
		for i := range 400 {
			if j < 25 && c.Float[i] != c.Float[i] || j >= 25 && c.Code[i] < 0 {
				missing++
			}
		}
	}
	if share := float64(missing) / 12000; share < 0.25 || share > 0.35 {
		t.Errorf("%.2f of the values are missing", share)
	}
}

func TestRelative(t *testing.T) {
	auc, err := metrics.ByName("roc_auc")
	if err != nil {
		t.Fatal(err)
	}
	got := relative(auc, []float64{0.9, 0.85}, []float64{0.8, 0.8})
	mean, e := meanError(got)
	if math.Abs(mean+0.375) > 1e-12 || math.Abs(e-0.125) > 1e-12 {
		t.Errorf("got %v, mean %v, error %v", got, mean, e)
	}
}

func TestGrow(t *testing.T) {
	var out bytes.Buffer
	if err := grow(300, &out); err != nil {
		t.Skip("NOT TESTED: ", err)
	}
	if len(strings.Fields(out.String())) != 2 {
		t.Errorf("got %q", out.String())
	}
}

package dataset_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lren-chuv/automl/dataset"
)

// TestRareCategoriesAreMissing: neither the columns nor the schema know categories of few rows, and a row that has one is
// read as one that has none.
func TestRareCategoriesAreMissing(t *testing.T) {
	var b strings.Builder
	b.WriteString("site,town,x,y\n")
	for i := range 60 {
		site, town := []string{"north", "south"}[i%2], fmt.Sprintf("town%c", 'a'+i%20) // three rows of every town
		if i%20 == 0 {
			site = "secret"
		}
		fmt.Fprintf(&b, "%s,%s,%d,%d\n", site, town, i*i%37, i%5)
	}
	path := filepath.Join(t.TempDir(), "t.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	table, err := dataset.Read(context.Background(), path, dataset.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, schema, err := table.Sample(dataset.SampleOptions{Target: "y", Task: "regression", MinRows: 10})
	if err != nil {
		t.Fatal(err)
	}
	site := s.X.Col(s.X.Index("site"))
	if s.X.Cols() != 2 || !slices.Equal(site.Levels, []string{"north", "south"}) || !site.Missing(0) || site.Missing(1) || len(schema.Warnings) != 2 {
		t.Errorf("%d columns, levels %q, warnings %q", s.X.Cols(), site.Levels, schema.Warnings)
	}
	x, _, err := dataset.ReadAs(context.Background(), path, schema, dataset.ReadOptions{NoTarget: true})
	if err != nil || !x.Col(x.Index("site")).Missing(0) || x.Cols() != 2 {
		t.Errorf("%v", err)
	}
	for _, f := range schema.Fields {
		if slices.Contains(f.Levels, "secret") || slices.Contains(f.Levels, "towna") {
			t.Errorf("the schema knows %q", f.Levels)
		}
	}
	if _, all, err := table.Sample(dataset.SampleOptions{Target: "y", Task: "regression"}); err != nil || !slices.Contains(all.Fields[0].Levels, "secret") {
		t.Errorf("the table itself has changed: %v", err)
	}
}

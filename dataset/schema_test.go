package dataset

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/lren-chuv/automl/internal/wire"
)

// file writes a file of this test and returns its path.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const visits = `id,age,sex,when,smoker,grade,y
a,50,f,2020-01-31,yes,1,sick
b,60,m,2020-02-01,no,2,well
c,,f,,NA,1,well
d,70,NA,2021-03-05,no,3,sick
`

func learn(t *testing.T, text string, types string, opt SampleOptions) (Sample, *Schema) {
	t.Helper()
	s, schema, err := tryLearn(t, text, types, opt)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	return s, schema
}

func tryLearn(t *testing.T, text string, types string, opt SampleOptions) (Sample, *Schema, error) {
	t.Helper()
	asked, err := ParseTypes(types)
	if err != nil {
		t.Fatal(err)
	}
	table, err := Read(context.Background(), file(t, "train.csv", text), ReadOptions{Types: asked})
	if err != nil {
		return Sample{}, nil, err
	}
	return table.Sample(opt)
}

func TestSchemaReadsTheLikeAgain(t *testing.T) {
	ctx := context.Background()
	s, schema := learn(t, visits, "id=id,grade=categorical", SampleOptions{Target: "y"})
	names := []string{}
	for _, c := range s.X.Columns() {
		names = append(names, c.Name)
	}
	if want := []string{"age", "sex", "when.days", "when.year", "when.month", "when.weekday", "smoker", "grade"}; !slices.Equal(names, want) {
		t.Fatalf("%q, want %q", names, want)
	}
	if s.X.Col(2).Float[0] != 18292 || s.X.Col(6).Float[0] != 1 || !s.X.Col(6).Missing(2) || !s.X.Col(2).Missing(2) {
		t.Error("dates or booleans are wrong")
	}
	data, err := wire.Marshal(schema)
	if err != nil {
		t.Fatal(err)
	}
	schema.Warnings = nil
	var back Schema
	if err := wire.Unmarshal(data, &back); err != nil || back.Check() != nil || !reflect.DeepEqual(*schema, back) {
		t.Fatalf("%v\n%+v\n%+v", err, schema, back)
	}
	other := "extra,grade,smoker,y,when,sex,age\nz,1.0,YES,well,2020-01-31,x,50.0\nz,7,?,sick,,f,\n"
	x, y, err := ReadAs(ctx, file(t, "new.csv", other), &back, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for j, want := range []float64{50, -1, 18292, 2020, 1, 5, 1, 0} {
		var got float64
		if c := x.Col(j); c.Kind == Categorical {
			got = float64(c.Code[0])
		} else {
			got = c.Float[0]
		}
		if got != want || x.Col(j).Name != names[j] {
			t.Errorf("%s: %g, want %g", x.Col(j).Name, got, want)
		}
	}
	if !slices.Equal(y.Code, []int32{1, 0}) || x.Col(7).Code[1] != -1 {
		t.Error("target or unseen level are wrong", y.Code)
	}
	again, _, err := ReadAs(ctx, file(t, "same.csv", visits), schema, ReadOptions{})
	if err != nil || again.Fingerprint() != s.X.Fingerprint() {
		t.Error("the same file gives other features", err)
	}
}

func TestReadAsWithoutRowsOrTarget(t *testing.T) {
	ctx := context.Background()
	_, schema := learn(t, visits, "id=id", SampleOptions{Target: "y"})
	x, y, err := ReadAs(ctx, file(t, "a.csv", "age,sex,when,smoker,grade\n"), schema, ReadOptions{})
	if err != nil || x.Rows() != 0 || x.Cols() != 8 || y != nil {
		t.Error(x, y, err)
	}
	rows := "age,sex,when,smoker,grade,y\n5,f,,no,2,\n"
	if x, y, err = ReadAs(ctx, file(t, "b.csv", rows), schema, ReadOptions{}); err != nil || x.Rows() != 1 || y != nil {
		t.Error(x, y, err)
	}
	rows = "age,sex,when,smoker,grade,y\n5,f,,no,2,dead\n"
	if x, y, err = ReadAs(ctx, file(t, "c.csv", rows), schema, ReadOptions{NoTarget: true}); err != nil || x.Rows() != 1 || y != nil {
		t.Error(x, y, err)
	}
	if x, _, err = ReadAs(ctx, "-", schema, ReadOptions{Stdin: strings.NewReader(rows), NoTarget: true}); err != nil || x.Rows() != 1 {
		t.Error(x, err)
	}
}

func TestReadAsNamesWhatIsWrong(t *testing.T) {
	_, schema := learn(t, visits, "id=id", SampleOptions{Target: "y"})
	for _, c := range []struct {
		name, text string
		row        int
		says       string
	}{
		{"missing column", "age,sex,when,grade\n1,f,,2\n", 0, `"smoker"`},
		{"text for a number", "age,sex,when,smoker,grade\n1,f,,no,2\nold,f,,no,2\n", 3, `column "age": "old"`},
		{"infinite", "age,sex,when,smoker,grade\n-inf,f,,no,2\n", 2, "infinite"},
		{"no date", "age,sex,when,smoker,grade\n1,f,,no,2\n1,f,31.1.2020,no,2\n", 3, `"31.1.2020" is not a date`},
		{"unknown class", "age,sex,when,smoker,grade,y\n1,f,,no,2,dead\n", 2, `"dead" is none`},
	} {
		_, _, err := ReadAs(context.Background(), file(t, "new.csv", c.text), schema, ReadOptions{})
		wantDataError(t, c.name, err, c.row, c.says)
	}
}

func TestCheckRefusesHostileSchemas(t *testing.T) {
	y := Field{Name: "y", Type: Category, Levels: []string{"a", "b"}}
	for _, s := range []Schema{
		{},
		{Target: Field{Type: Date, Layout: "2006-01-02"}},
		{Target: Field{Type: Category, Levels: []string{"a"}}},
		{Target: Field{Type: Category, Levels: []string{"a", "a"}}},
		{Target: y, Fields: []Field{{Type: 99}}},
		{Target: y, Fields: []Field{{Type: Date}}},
		{Target: y, Fields: []Field{{Type: Date, Layout: "2006-01-02", Parts: []string{"century"}}}},
		{Target: y, Fields: []Field{{Type: Category, Levels: []string{"a", "a"}}}},
	} {
		if s.Target.Type == Number && len(s.Fields) == 0 {
			continue // a model of nothing is no danger
		}
		if s.Check() == nil {
			t.Errorf("%+v passes", s)
		}
	}
}

func TestSchemaOfColumnsInMemory(t *testing.T) {
	a := NewNumeric("a", []float64{1, math.NaN(), 3})
	b := NewCategorical("b", []int32{1, 0, -1}, []string{"z", "k"})
	y := NewCategorical("y", []int32{0, 1, 0}, []string{"no", "yes"})
	schema := SchemaOf(Sample{X: MustFrame(3, a, b), Y: y})
	if err := schema.Check(); err != nil || schema.Task() != Binary {
		t.Fatal(err)
	}
	table, err := NewTable(y, b, a)
	if err != nil {
		t.Fatal(err)
	}
	x, err := schema.Features(table)
	if err != nil || x.Col(0) != a || x.Col(1) != b {
		t.Error("columns in memory should pass as they are", err)
	}
	truth, err := schema.TargetIn(table)
	if err != nil || truth != y {
		t.Error(err)
	}
	s, _, err := table.Sample(SampleOptions{Target: "y"})
	if err != nil || s.X.Cols() != 2 {
		t.Error(err)
	}
}

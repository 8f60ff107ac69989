package data

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/pgtest"
	"github.com/lren-chuv/automl/mip"
)

var postgres = pgtest.Server{Password: "secret"}

func TestMain(m *testing.M) {
	status := m.Run()
	postgres.Stop()
	os.Exit(status)
}

func uploads(t *testing.T) *Uploads {
	return &Uploads{Dir: t.TempDir(), MaxBytes: 1 << 20}
}

// rows of a table that is both a file and in the database: numbers, text with all kinds of characters, padding, nothing.
func cells(n int) [][3]string {
	rng := rand.New(rand.NewPCG(1, 2))
	texts := []string{"AD", "CN", "ad", "MCI", "M%", "a_b", `q"q`, "it's", "é", "Zürich", "z", "A", "10", "9", ""}
	var out [][3]string
	for i := range n {
		number := fmt.Sprint(rng.IntN(20) - 10)
		if rng.IntN(6) == 0 {
			number = ""
		} else if rng.IntN(3) == 0 {
			number += ".25"
		}
		out = append(out, [3]string{fmt.Sprint(i), number, texts[rng.IntN(len(texts))]})
	}
	return out
}

// random makes a filter over the columns.
func random(rng *rand.Rand, depth int) map[string]any {
	if depth > 0 && rng.IntN(3) > 0 {
		rules := []any{}
		for range rng.IntN(4) {
			rules = append(rules, random(rng, depth-1))
		}
		g := map[string]any{"condition": []string{"AND", "OR"}[rng.IntN(2)], "rules": rules}
		if rng.IntN(4) == 0 {
			g["not"] = true
		}
		return g
	}
	var operators []string
	for op := range arity {
		operators = append(operators, op)
	}
	slices.Sort(operators)
	op := operators[rng.IntN(len(operators))]
	field, value := "v", func() any { return rng.IntN(20) - 10 }
	if rng.IntN(2) == 0 || slices.Contains(onTexts, op) {
		words := []string{"AD", "a", "%", "_", "'", `"`, "é", "", "10", "Z", "M%", `\`}
		field, value = "w", func() any { return words[rng.IntN(len(words))] }
	} else if rng.IntN(3) == 0 {
		value = func() any { return fmt.Sprintf("%d.25", rng.IntN(9)) } // numbers arrive as texts too
	}
	rule := map[string]any{"id": field, "operator": op}
	switch arity[op] {
	case 1:
		rule["value"] = value()
	case 2:
		rule["value"] = []any{value(), value()}
	case -1:
		list := []any{}
		for range 1 + rng.IntN(3) {
			list = append(list, value())
		}
		rule["value"] = list
	}
	return rule
}

// The same filter selects the same rows of a file and of a table.
func TestFiltersOfFilesAndTables(t *testing.T) {
	port, why := postgres.Start()
	if port == "" {
		fmt.Fprintf(os.Stderr, "SKIPPED for want of a PostgreSQL server (%s): %s\n", why, t.Name())
		t.Skip(why)
	}
	d := mip.Database{Host: "127.0.0.1", Port: port, Name: "postgres", User: "postgres", Password: "secret", SSLMode: "disable"}
	ctx := context.Background()
	conn, err := d.Connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	table := cells(300)
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	_ = w.Write([]string{"n", "v", "w"})
	if _, err := conn.Exec(ctx, `CREATE TABLE "T t" (n int, v numeric, w char(10))`); err != nil {
		t.Fatal(err)
	}
	for _, c := range table {
		_ = w.Write(c[:])
		var v, x any = c[1], c[2]
		if c[1] == "" {
			v = nil
		}
		if _, err := conn.Exec(ctx, `INSERT INTO "T t" VALUES ($1::text::int, $2::text::numeric, $3)`, c[0], v, x); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	u := uploads(t)
	up, err := u.Add(ctx, "t.csv", &text)
	if err != nil {
		t.Fatal(err)
	}
	file, _, err := u.table(ctx, up.ID)
	if err != nil {
		t.Fatal(err)
	}
	c := &Catalogue{Database: d, MaxRows: 1000, MaxBytes: 1 << 20}
	id, _, err := (&Source{Uploads: u, Catalogue: c}).Find(ctx, "", "t T")
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.relation(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	some := 0
	for seed := range uint64(400) {
		encoded, _ := json.Marshal(random(rand.New(rand.NewPCG(seed, 9)), 3))
		f, err := ParseFilter(encoded)
		if err != nil {
			t.Fatalf("%s: %v", encoded, err)
		}
		rows, err := f.Rows(file.Rows(), file.Column)
		if err != nil {
			t.Fatalf("%s: %v", encoded, err)
		}
		var want []int
		for _, i := range rows {
			want = append(want, int(i))
		}
		s, err := r.selecting([]string{"n"}, f, 0)
		if err != nil {
			t.Fatalf("%s: %v", encoded, err)
		}
		answer, err := conn.Query(ctx, s.sql.String(), s.args...)
		if err != nil {
			t.Fatalf("%s: %v", s.sql.String(), err)
		}
		got, err := pgx.CollectRows(answer, pgx.RowTo[int])
		if err != nil {
			t.Fatalf("%s: %v", s.sql.String(), err)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s\n%s %v\nfile %v\ntable %v", encoded, s.sql.String(), s.args, want, got)
		}
		if len(want) > 0 && len(want) < 300 {
			some++
		}
	}
	if some < 150 {
		t.Errorf("only %d filters select some rows and not others", some)
	}
}

func TestParseFilter(t *testing.T) {
	for _, nothing := range []string{"", "null", `""`, "[]", " {} "} {
		if f, err := ParseFilter([]byte(nothing)); f != nil || err != nil {
			t.Errorf("%q: %v %v", nothing, f, err)
		}
	}
	if f, err := ParseFilter([]byte(`"{\"field\":\"a\",\"operator\":\"is_null\"}"`)); err != nil || f.Field != "a" {
		t.Errorf("a tree as text: %v", err)
	}
	for _, bad := range []string{"7", `"x"`, `[1]`, `{"field":"a"}`, `{"operator":"equal","value":1}`, `{"field":"a","operator":"between","value":[1]}`, `{"field":"a","operator":"equal","value":{}}`,
		`{"field":"a","operator":"equal"}`, `{"condition":"NOT","rules":[]}`, `{"rules":[]}`, `{"condition":"AND","rules":[null]}`, `{"field":"a","operator":"in","value":[]}`, `{"condition":"AND","rules":7}`,
		`{"condition":"AND","rules":[` + strings.Repeat(`{"field":"a","operator":"is_null"},`, mostRules+1) + `{"field":"a","operator":"is_null"}]}`} {
		if _, err := ParseFilter([]byte(bad)); !IsWrong(err) {
			t.Errorf("%.80s: %v", bad, err)
		}
	}
}

// FuzzFilter: whatever arrives is refused or can be applied.
func FuzzFilter(f *testing.F) {
	f.Add([]byte(`{"condition":"AND","rules":[{"field":"v","operator":"between","value":[1,2]},{"id":"w","operator":"in","value":"a,b"}]}`))
	f.Add([]byte(`{"field":"w","operator":"not_ends_with","value":"x"}`))
	columns := map[string]*dataset.Column{"v": dataset.NewNumeric("v", []float64{1, 2}), "w": dataset.NewCategorical("w", []int32{0, -1}, []string{"a"})}
	r := &relation{schema: "s", name: "t", columns: []attribute{{"v", "integer"}, {"w", "text"}}}
	f.Fuzz(func(t *testing.T, data []byte) {
		filter, err := ParseFilter(data)
		if err != nil {
			return
		}
		_, err = filter.Rows(2, func(name string) *dataset.Column { return columns[name] })
		s, err2 := r.selecting([]string{"v"}, filter, 0)
		if (err == nil) != (err2 == nil) {
			t.Errorf("file: %v, table: %v", err, err2)
		}
		if err2 == nil && strings.ContainsAny(s.sql.String(), "\\;") {
			t.Errorf("statement %s", s.sql.String())
		}
	})
}

func TestUploads(t *testing.T) {
	u, ctx := uploads(t), context.Background()
	text := "id;name;day;age;sex;same\n"
	for i := range 40 {
		text += fmt.Sprintf("%d;n%d;2020-01-%02d;%d,5;%s;1\n", i, i, 1+i%28, 20+i, []string{"f", "m"}[i%2])
	}
	up, err := u.Add(ctx, `C:\data\../Étude.csv`, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, c := range up.Columns {
		types = append(types, c.Type)
	}
	if up.Name != "Étude.csv" || *up.Rows != 40 || len(types) != 6 || types[2] != "date" || types[4] != "category" {
		t.Errorf("%s %v", up.Name, types)
	}
	got, err := u.Get(up.ID)
	if err != nil || got.Name != up.Name || len(got.Columns) != 6 {
		t.Errorf("%+v %v", got, err)
	}
	for _, id := range []string{"", "..", "u-", up.ID + "/..", "u-" + strings.Repeat("g", 32), "d-x"} {
		if _, err := u.Get(id); !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: %v", id, err)
		}
	}
	if _, err := u.Add(ctx, "x.csv", strings.NewReader("a,b\n1\n")); !IsWrong(err) || !strings.Contains(err.Error(), "x.csv") {
		t.Errorf("%v", err)
	}
	big := strings.NewReader("a,b\n" + strings.Repeat("1,2\n", 1<<19))
	if _, err := u.Add(ctx, "x.csv", big); !IsWrong(err) {
		t.Errorf("too large: %v", err)
	}
	u.Clean(time.Now().Add(time.Hour))
	if left, _ := filepath.Glob(filepath.Join(u.Dir, "*")); len(left) != 1 {
		t.Errorf("left: %v", left)
	}
	if left, _ := filepath.Glob(filepath.Join(u.Dir, ".*")); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

// A sample of an upload has the rows and columns of the selection, and the lines of the file are known.
func TestSelection(t *testing.T) {
	u, ctx := uploads(t), context.Background()
	text := "y,a,b,c\n"
	for i := range 30 {
		text += fmt.Sprintf("%d,%d,%s,%d\n", i, i*i%7, []string{"p", "q", "r"}[i%3], i%5)
	}
	up, err := u.Add(ctx, "t.csv", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	src := &Source{Uploads: u}
	filter, err := ParseFilter([]byte(`{"field":"b","operator":"not_equal","value":"q"}`))
	if err != nil {
		t.Fatal(err)
	}
	sel := &Selection{Table: up.ID, Variable: "y", Covariables: []string{"a", "y", "b"}, Grouping: []string{"b"}, Filters: filter}
	if err := src.Check(ctx, sel); err != nil {
		t.Fatal(err)
	}
	s, err := src.Load(ctx, sel)
	if err != nil {
		t.Fatal(err)
	}
	if s.Rows() != 20 || s.X.Cols() != 2 || s.X.Col(1).Name != "b" || len(s.X.Col(1).Levels) != 2 || s.Private {
		t.Errorf("%d rows, %d columns", s.Rows(), s.X.Cols())
	}
	rows, err := src.Rows(ctx, sel)
	if err != nil || rows.Line(1) != 4 {
		t.Errorf("line %d, %v", rows.Line(1), err)
	}
	for _, bad := range []Selection{{Table: up.ID, Variable: "Y"}, {Table: up.ID, Variable: "y", Covariables: []string{"A"}}, {Table: up.ID, Variable: "y", Task: "x"}} {
		if err := src.Check(ctx, &bad); !IsWrong(err) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

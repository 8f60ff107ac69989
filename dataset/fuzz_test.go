package dataset

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"

	"github.com/lren-chuv/automl/internal/wire"
)

func FuzzCSV(f *testing.F) {
	for _, text := range []string{"a,b\n1,2\n", "a,b\n\"x\ny\",NA\n", "a;b\n1;2", "\"a\"\"\",b\r\n1,\r\n", "a\n\n\n1e400\n", "a,b\n\"1\n", "x\n\xff\n"} {
		f.Add(text, 3)
	}
	f.Fuzz(func(t *testing.T, text string, size int) {
		size = 1 + (size&0x7fffffff)%64
		whole, err := readCSV(text, 1<<20)
		if err != nil {
			wantDataError(t, "whole", err, -1, "")
		}
		cut, err2 := readCSV(text, size)
		if (err == nil) != (err2 == nil) {
			t.Fatalf("whole: %v; in chunks of %d: %v", err, size, err2)
		}
		if err != nil {
			return
		}
		for j, c := range whole.cols {
			for i := range whole.rows {
				if a, b := cell(c, i), cell(cut.cols[j], i); a != b || whole.lineOf(i) != cut.lineOf(i) {
					t.Fatalf("row %d column %d: %q, in chunks of %d %q", i, j, a, size, b)
				}
			}
		}
		useTable(t, whole)
	})
}

func FuzzCSVAgainstEncodingCSV(f *testing.F) {
	f.Add("a,b\n1,2\n\"x\"\"\",3\n", 5)
	f.Fuzz(func(t *testing.T, text string, size int) {
		if strings.ContainsAny(text, "\x00\ufeff;\t\r") {
			t.Skip("read in another way on purpose")
		}
		if !utf8.ValidString(text) {
			t.Skip("Latin-1")
		}
		if _, err := readCSV(text, 1<<20); err != nil && (strings.Contains(err.Error(), "twice") || strings.Contains(err.Error(), "holds numbers")) {
			t.Skip("a header that is refused on purpose")
		}
		compareWithEncodingCSV(t, text, 1+(size&0x7fffffff)%64)
	})
}

// useTable takes a table through inference, sample and schema; whatever it holds, nothing but a DataError may come.
func useTable(t *testing.T, table *Table) {
	t.Helper()
	if err := table.infer(nil); err != nil {
		wantDataError(t, "infer", err, -1, "")
		return
	}
	for _, c := range table.cols {
		s, schema, err := table.Sample(SampleOptions{Target: c.Name})
		if err != nil {
			wantDataError(t, "sample", err, -1, "")
			continue
		}
		if err := s.Check(); err != nil {
			t.Fatal(err)
		}
		if err := schema.Check(); err != nil {
			t.Fatal(err)
		}
		x, err := schema.Features(table)
		if err != nil || x.Cols() != s.X.Cols() {
			t.Fatal("the table does not fit its own schema:", err)
		}
	}
}

func FuzzARFF(f *testing.F) {
	f.Add("@relation r\n@attribute a numeric\n@attribute 'b c' {x,'y z'}\n@data\n1,x\n?,'y z'\n{0 3}\n")
	f.Add("@ATTRIBUTE d date 'yyyy'\n@DATA\n\"2020-01-01\"\n")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(dir, "x.arff")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		table, err := Read(context.Background(), path, ReadOptions{})
		if err != nil {
			wantDataError(t, "arff", err, -1, "")
			return
		}
		useTable(t, table)
	})
}

func FuzzSchema(f *testing.F) {
	table, err := Read(context.Background(), "../testdata/clinic.csv", ReadOptions{})
	if err != nil {
		f.Fatal(err)
	}
	_, schema, err := table.Sample(SampleOptions{Target: "diagnosis"})
	if err != nil {
		f.Fatal(err)
	}
	data, err := wire.Marshal(schema)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	few := &Table{File: "t", rows: 2, first: 2, cols: []*Column{
		NewNumeric("age", []float64{1, 2}), NewCategorical("site", []int32{0, -1}, []string{"Genève"})}}
	f.Fuzz(func(t *testing.T, data []byte) {
		var s Schema
		if wire.Unmarshal(data, &s) != nil || s.Check() != nil {
			return
		}
		for _, table := range []*Table{few, table} {
			if _, err := s.Features(table); err != nil {
				wantDataError(t, "features", err, -1, "")
			}
			if _, err := s.TargetIn(table); err != nil {
				wantDataError(t, "target", err, -1, "")
			}
		}
	})
}

func FuzzParquet(f *testing.F) {
	var b bytes.Buffer
	w := parquet.NewGenericWriter[parquetRow](&b)
	text, number := "x", int64(7)
	if _, err := w.Write([]parquetRow{{N: 1.5, S: &text}, {N: -2, I: &number, B: true, Tags: []string{"t"}}}); err != nil {
		f.Fatal(err)
	}
	if err := w.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(dir, "x.parquet")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		table, err := Read(context.Background(), path, ReadOptions{MaxBytes: 1 << 24})
		if err != nil {
			wantDataError(t, "parquet", err, -1, "")
			return
		}
		useTable(t, table)
	})
}

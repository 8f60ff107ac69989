package dataset

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
)

const small = "a,b\n1,x\n2,y\nNA,x\n"

// packed returns small compressed by both methods, by extension.
func packed(t *testing.T) map[string]string {
	t.Helper()
	var gz, zst bytes.Buffer
	g := gzip.NewWriter(&gz)
	z, err := zstd.NewWriter(&zst)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []interface {
		Write([]byte) (int, error)
		Close() error
	}{g, z} {
		if _, err := w.Write([]byte(strings.Repeat(small, 1))); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return map[string]string{".gz": gz.String(), ".zst": zst.String()}
}

func TestReadFormats(t *testing.T) {
	ctx := context.Background()
	p := packed(t)
	arff := "% c\n@RELATION r\n@attribute a real\n@attribute b {x, 'y'}\n\n@data\n1,x\n2, 'y'\n?,x\n"
	for name, text := range map[string]string{
		"a.csv": small, "A.CSV": small, "a.txt": small, "a.tsv": strings.ReplaceAll(small, ",", "\t"),
		"a.csv.gz": p[".gz"], "a.csv.zst": p[".zst"], "a.arff": arff,
		"b.arff": "@relation r\n@attribute a numeric\n@attribute b {x,y}\n@data\n{0 1}\n{0 2,1 y}\n{0 ?, 1 x}\n",
	} {
		table, err := Read(ctx, file(t, name, text), ReadOptions{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		checkSmall(t, name, table)
	}
	table, err := Read(ctx, "-", ReadOptions{Stdin: strings.NewReader(small)})
	if err != nil {
		t.Fatal(err)
	}
	checkSmall(t, "stdin", table)
}

// TestReadPipe: what can be read only once is read once, whatever the types of its columns.
func TestReadPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := exec.Command("mkfifo", path).Run(); err != nil {
		t.Skip("no named pipes here:", err)
	}
	var text strings.Builder
	text.WriteString("a,b\n")
	for i := range 300_000 {
		fmt.Fprintf(&text, "%d,%d\n", i, i%7)
	}
	text.WriteString("x,1\n") // after many numbers, so that the column is read once more
	go func() { _ = os.WriteFile(path, []byte(text.String()), 0o600) }()
	table, err := Read(context.Background(), path, ReadOptions{})
	if err != nil || table.Rows() != 300_001 {
		t.Errorf("%v, %v", table, err)
	}
}

// TestReadingCanBeInterrupted: also while standard input gives nothing.
func TestReadingCanBeInterrupted(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	in, out := io.Pipe()
	defer out.Close()
	if _, err := Read(ctx, "-", ReadOptions{Stdin: in}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("gives %v", err)
	}
}

func checkSmall(t *testing.T, name string, table *Table) {
	t.Helper()
	var got []string
	for i := range table.Rows() {
		got = append(got, cell(table.cols[0], i)+" "+cell(table.cols[1], i))
	}
	if s := strings.Join(got, ","); s != "1 x,2 y, x" || table.Fields[0].Type != Number || table.Fields[1].Type != Category {
		t.Errorf("%s: %q %v", name, s, table.Fields)
	}
}

func TestMissingTextsCanBeGiven(t *testing.T) {
	table, err := Read(context.Background(), file(t, "a.csv", "a,b\n-999,NA\n1.5,x\n,\n"), ReadOptions{Missing: []string{"-999"}})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := table.cols[0], table.cols[1]; !a.Missing(0) || a.Missing(1) || !a.Missing(2) || b.Missing(0) || !b.Missing(2) {
		t.Error("missing values are not as given")
	}
}

func TestUnusableFiles(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	p := packed(t)
	cut := func(ext string) string { return p[ext][:len(p[ext])-6] }
	for _, c := range []struct {
		name, text string
		row        int
		says       string
	}{
		{"cut.csv.gz", cut(".gz"), 0, "damaged"},
		{"cut.csv.zst", cut(".zst"), 0, "damaged"},
		{"no.csv.gz", small, 0, "damaged"},
		{"no.csv.zst", small, 0, "damaged"},
		{"no.parquet", small, 0, "damaged"},
		{"empty.parquet", "", 0, "damaged"},
		{"a.parquet.gz", "", 0, "unpack"},
		{"empty.csv", "", 0, "empty"},
		{"empty.arff", "", 0, "@data"},
		{"none.arff", "@relation r\n@data\n", 2, "@attribute"},
		{"kind.arff", "@relation r\n@attribute a colour\n", 2, "unknown type"},
		{"number.arff", "@attribute a real\n@data\nx\n", 3, "not a number"},
		{"level.arff", "@attribute a {x,y}\n@data\nz\n", 3, "none of the values"},
		{"wide.arff", "@attribute a real\n@data\n1,2\n", 3, "2 values for 1"},
		{"open.arff", "@attribute a string\n@data\n'x\n", 3, "not closed"},
		{"index.arff", "@attribute a real\n@data\n{3 1}\n", 3, "not the number"},
		{"again.arff", "@attribute a real\n@data\n{0 1,0 2}\n", 3, "twice"},
		{"word.arff", "hello\n", 1, "want @relation"},
		{"long.arff", strings.Repeat("x", recordBytes+1), 1, "more than"},
	} {
		_, err := Read(ctx, file(t, c.name, c.text), ReadOptions{})
		wantDataError(t, c.name, err, c.row, c.says)
	}
	_, err := Read(ctx, filepath.Join(dir, "none.csv"), ReadOptions{})
	wantDataError(t, "missing file", err, 0, "no such file")
	_, err = Read(ctx, dir, ReadOptions{})
	wantDataError(t, "directory", err, 0, "directory")
	for _, name := range []string{"big.csv", "big.arff"} {
		_, err = Read(ctx, file(t, name, "@attribute a real\n@data\n"+strings.Repeat("1\n", 1000)), ReadOptions{MaxBytes: 500})
		wantDataError(t, name, err, 0, "limit")
	}
	_, err = Read(ctx, "-", ReadOptions{MaxBytes: 5, Stdin: strings.NewReader(small)})
	wantDataError(t, "big stdin", err, 0, "limit")
}

type parquetRow struct {
	N    float64   `parquet:"n"`
	F    float32   `parquet:"f"`
	I    *int64    `parquet:"i,optional"`
	S    *string   `parquet:"s,optional,dict"`
	B    bool      `parquet:"b"`
	D    int32     `parquet:"d,date"`
	T    time.Time `parquet:"t,timestamp(millisecond)"`
	P    int64     `parquet:"p,decimal(2:10)"`
	Tags []string  `parquet:"tags"`
}

func parquetFile(t *testing.T) []byte {
	t.Helper()
	var rows []parquetRow
	for k := range 3000 {
		i, s := int64(k*k), []string{"x", "y"}[k%2]
		row := parquetRow{N: float64(k) / 3, F: 0.5, I: &i, S: &s, B: k%3 == 0, D: int32(k), T: time.UnixMilli(int64(k) * 86400_500), P: int64(k)}
		if k%5 == 0 {
			row.I, row.S, row.N = nil, nil, math.NaN()
		}
		rows = append(rows, row)
	}
	var b bytes.Buffer
	w := parquet.NewGenericWriter[parquetRow](&b, parquet.MaxRowsPerRowGroup(1000), parquet.Compression(&parquet.Zstd))
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestParquet(t *testing.T) {
	table, err := Read(context.Background(), file(t, "a.parquet", string(parquetFile(t))), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]struct {
		kind Type
		cell string
	}{
		"n": {Number, formatNumber(7.0 / 3)}, "f": {Constant, "0.5"}, "i": {Number, "49"}, "s": {Category, "y"}, "b": {Boolean, "false"},
		"d": {Date, "1970-01-08"}, "t": {Date, "1970-01-08T00:00:03.5Z"}, "p": {Number, "0.07"},
	}
	if table.Rows() != 3000 || table.Cols() != len(want) || len(table.Warnings) != 1 {
		t.Fatalf("%d×%d %q", table.Rows(), table.Cols(), table.Warnings)
	}
	for j, f := range table.Fields {
		w := want[f.Name]
		if got := cell(table.cols[j], 7); f.Type != w.kind || got != w.cell {
			t.Errorf("%s: %v %q, want %v %q", f.Name, f.Type, got, w.kind, w.cell)
		}
		if missing := strings.Contains("nis", f.Name); missing != table.cols[j].Missing(5) {
			t.Errorf("%s: missing %v", f.Name, !missing)
		}
	}
}

func TestDamagedParquetIsAnError(t *testing.T) {
	whole := parquetFile(t)
	path := filepath.Join(t.TempDir(), "a.parquet")
	for k := range 300 {
		damagedFile := bytes.Clone(whole)
		if at := k * len(whole) / 300; k%3 == 0 {
			damagedFile = damagedFile[:at]
		} else {
			damagedFile[at] ^= byte(1 << (k % 8))
			damagedFile[len(whole)-1-k*7%2000] ^= byte(k)
		}
		if err := os.WriteFile(path, damagedFile, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(context.Background(), path, ReadOptions{}); err != nil {
			wantDataError(t, "damaged", err, -1, "")
		}
	}
}

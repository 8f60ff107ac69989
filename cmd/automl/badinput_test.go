package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
)

// badTable is a file that train refuses: with which text, and what the message names.
type badTable struct {
	name string // what is wrong
	file string // the extension decides the format
	text string
	says []string // parts of the message: row, column, the way out
}

// badRows makes a table of 20 good rows and some more lines.
func badRows(header string, more ...string) string {
	return rows(header, 20, good) + strings.Join(more, "\n")
}

func gz(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.String()
}

func zst(text string) string {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	return string(w.EncodeAll([]byte(text), nil))
}

type parquetRow struct {
	A float64 `parquet:"a"`
	Y string  `parquet:"y,optional"`
}

func parquetText(n int, row func(i int) parquetRow) string {
	var b bytes.Buffer
	w := parquet.NewGenericWriter[parquetRow](&b)
	for i := range n {
		if _, err := w.Write([]parquetRow{row(i)}); err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

func arff(data ...string) string {
	return "@relation r\n@attribute a real\n@attribute y {no,yes}\n@data\n" + strings.Join(data, "\n") + "\n"
}

func tabs(text string) string { return strings.ReplaceAll(text, ",", "\t") }

func badTables() []badTable {
	inf := rows("a,b,y", 20, func(i int) string {
		return []string{"1e308", "Inf", "-Inf"}[i%3] + fmt.Sprintf(",%d,%s", i%5, []string{"no", "yes"}[i%2])
	})
	noTarget := rows("a,b,y", 20, func(i int) string { return fmt.Sprintf("%d,%d,", i*7%5, i%3) })
	oneClass := rows("a,b,y", 20, func(i int) string { return fmt.Sprintf("%d,%d,yes", i*7%5, i%3) })
	constant := rows("a,b,y", 20, func(i int) string { return "1,x," + []string{"no", "yes"}[i%2] })
	yes := func(i int) parquetRow { return parquetRow{float64(i * 7 % 11), "yes"} }
	whole := parquetText(50, func(i int) parquetRow { return parquetRow{float64(i * 7 % 11), []string{"no", "yes"}[i%2]} })
	utf16 := "\xff\xfea\x00,\x00y\x00\n\x001\x00,\x00n\x00\n\x00"
	list := []badTable{
		{"empty file", "t.csv", "", []string{"empty", "header"}},
		{"blank lines only", "t.csv", "\n\n\r\n\n", []string{"empty", "header"}},
		{"header only", "t.csv", "a,b,y\n", []string{"no rows"}},
		{"header without line end", "t.csv", "a,b,y", []string{"no rows"}},
		{"no header", "t.csv", "5.1,3.5,0\n4.9,3,1\n", []string{"line 1", "header"}},
		{"duplicate names", "t.csv", badRows("a,a,y"), []string{"line 1", `column "a"`, "columns 1 and 2", "rename"}},
		{"short row", "t.csv", badRows("a,b,y", "1,2", ""), []string{"line 22", "2 fields", "has 3"}},
		{"long row", "t.csv", badRows("a,b,y", "1,2,3,4", ""), []string{"line 22", "4 fields", "has 3", "quotes"}},
		{"wrong target name", "t.csv", badRows("a,b,yy"), []string{`column "y"`, `"yy"`}},
		{"one class", "t.csv", oneClass, []string{`column "y"`, `"yes"`, "nothing to learn"}},
		{"target missing", "t.csv", noTarget, []string{`column "y"`, "missing in all rows"}},
		{"one row", "t.csv", rows("a,b,y", 1, good), []string{`column "y"`}},
		{"two rows", "t.csv", rows("a,b,y", 2, good), []string{"2 rows", "at least 3"}},
		{"all classes single", "t.csv", "a,y\n1,p\n3,q\n2,r\n4,s\n", []string{`column "y"`, "regression"}},
		{"all columns constant", "t.csv", constant, []string{"no column to learn from", "constant"}},
		{"infinite numbers", "t.csv", inf, []string{"line 3", `column "a"`, "infinite", "leave the field empty"}},
		{"infinite target", "t.csv", rows("a,y", 20, func(i int) string { return fmt.Sprintf("%d,%d.5", i, i*7%19) }) + "3,inf\n",
			[]string{"line 22", `column "y"`, "infinite"}},
		{"too large a number", "t.csv", badRows("a,b,y", "1e999,1,yes", ""), []string{"line 22", `column "a"`, "infinite"}},
		{"NUL bytes", "t.csv", badRows("a,b,y", "1,\x00,yes", ""), []string{"line 22", "NUL", "UTF-8"}},
		{"NUL byte in the header", "t.csv", "a\x00,y\n1,2\n", []string{"line 1", "NUL"}},
		{"UTF-16", "t.csv", utf16, []string{"line 1", "UTF-16", "UTF-8"}},
		{"quote never closed", "t.csv", badRows("a,b,y", "1,\"2,yes", ""), []string{"line 22", "never closed"}},
		{"quote inside a field", "t.csv", badRows("a,b,y", "1,2\"3,yes", ""), []string{"line 22", "quote", "double"}},
		{"text after a quote", "t.csv", badRows("a,b,y", "1,\"2\"3,yes", ""), []string{"line 22", "quote", "doubled"}},
		{"quote in the header", "t.csv", "a,\"b,y\n1,2,3\n", []string{"line 1", "never closed"}},
		{"a long line", "t.csv", strings.Repeat("x", 17<<20), []string{"line 1", "16 MB"}},
		{"a long second line", "t.csv", "a,b,y\n" + strings.Repeat("x", 17<<20), []string{"line 2", "16 MB"}},
		{"date as target", "t.csv", rows("a,y", 20, func(i int) string { return fmt.Sprintf("%d,2020-01-%02d", i*7%11, i+1) }), []string{`column "y"`, "date"}},

		{"empty", "t.tsv", "", []string{"empty"}},
		{"header only", "t.tsv", "a\tb\ty\n", []string{"no rows"}},
		{"duplicate names", "t.tsv", tabs(badRows("a,a,y")), []string{"line 1", `column "a"`}},
		{"short row", "t.tsv", tabs(badRows("a,b,y", "1,2", "")), []string{"line 22", "2 fields"}},
		{"one class", "t.tsv", tabs(oneClass), []string{`column "y"`}},
		{"infinite numbers", "t.tsv", tabs(inf), []string{"line 3", `column "a"`}},

		{"not gzip", "t.csv.gz", badRows("a,b,y"), []string{"damaged"}},
		{"no bytes", "t.csv.gz", "", []string{"damaged"}},
		{"cut short", "t.csv.gz", gz(badRows("a,b,y"))[:60], []string{"damaged"}},
		{"empty inside", "t.csv.gz", gz(""), []string{"empty"}},
		{"short row inside", "t.csv.gz", gz(badRows("a,b,y", "1,2", "")), []string{"line 22", "2 fields"}},
		{"NUL inside", "t.tsv.gz", gz(tabs(badRows("a,b,y", "1,\x00,yes", ""))), []string{"line 22", "NUL"}},
		{"not zstd", "t.csv.zst", badRows("a,b,y"), []string{"damaged"}},
		{"cut short", "t.csv.zst", zst(badRows("a,b,y"))[:60], []string{"damaged"}},
		{"empty inside", "t.csv.zst", zst(""), []string{"empty"}},
		{"short row inside", "t.csv.zst", zst(badRows("a,b,y", "1,2", "")), []string{"line 22", "2 fields"}},

		{"empty", "t.arff", "", []string{"@data"}},
		{"header only", "t.arff", arff(), []string{"no rows"}},
		{"no attributes", "t.arff", "@relation r\n@data\n1\n", []string{"line 2", "@attribute"}},
		{"duplicate names", "t.arff", "@attribute a real\n@attribute a real\n@data\n1,2\n", []string{"line 3", `column "a"`}},
		{"short row", "t.arff", arff("1,no", "2"), []string{"line 6", "1 values for 2"}},
		{"text for a number", "t.arff", arff("1,no", "two,yes"), []string{"line 6", `column "a"`, "not a number"}},
		{"unknown level", "t.arff", arff("1,no", "2,maybe"), []string{"line 6", `column "y"`, "maybe"}},
		{"NUL bytes", "t.arff", arff("1,no", "2\x00,yes"), []string{"line 6", "NUL"}},
		{"one class", "t.arff", arff("1,no", "2,no", "3,no"), []string{`column "y"`, "single class"}},
		{"infinite number", "t.arff", arff("1,no", "2,yes", "1e999,no", "4,yes"), []string{"line 7", `column "a"`}},
		{"quote never closed", "t.arff", arff("1,no", "2,'yes"), []string{"line 6", "not closed"}},
		{"a long line", "t.arff", arff(strings.Repeat("x", 17<<20)), []string{"line 5", "16 MB"}},

		{"not Parquet", "t.parquet", badRows("a,b,y"), []string{"damaged"}},
		{"no bytes", "t.parquet", "", []string{"damaged"}},
		{"cut short", "t.parquet", whole[:len(whole)/2], []string{"damaged"}},
		{"no rows", "t.parquet", parquetText(0, yes), []string{"no rows"}},
		{"one class", "t.parquet", parquetText(30, yes), []string{`column "y"`, "single class"}},
		{"two rows", "t.parquet", parquetText(2, func(i int) parquetRow { return parquetRow{float64(i), []string{"no", "yes"}[i%2]} }), []string{"2 rows"}},
		{"packed", "t.parquet.gz", gz(whole), []string{"unpack"}},

		{"empty", "-", "", []string{"standard input", "empty"}},
		{"header only", "-", "a,b,y\n", []string{"standard input", "no rows"}},
		{"short row", "-", badRows("a,b,y", "1,2", ""), []string{"standard input", "line 22"}},
		{"NUL bytes", "-", badRows("a,b,y", "1,\x00,yes", ""), []string{"standard input", "line 22", "NUL"}},
	}
	if !testing.Short() {
		list = append(list, badTable{"a line of 100 MB", "t.csv", "a,b,y\n" + strings.Repeat("0123456789", 10<<20), []string{"line 2", "16 MB"}},
			badTable{"a packed line of 100 MB", "t.csv.gz", gz("a,b,y\n" + strings.Repeat("0123456789", 10<<20)), []string{"line 2", "16 MB"}})
	}
	return list
}

// refused checks that a run said one line, has the status, and left nothing behind in dir.
func refused(t *testing.T, dir string, r ran, status int, says ...string) {
	t.Helper()
	if r.status != status {
		t.Errorf("status %d, want %d: %q", r.status, status, r.stderr)
	}
	for _, s := range says {
		if !strings.Contains(r.stderr, s) {
			t.Errorf("%q does not say %q", r.stderr, s)
		}
	}
	if strings.Count(r.stderr, "\n") != 1 || !strings.HasPrefix(r.stderr, "automl: ") || len(r.stderr) > 500 || r.stdout != "" {
		t.Errorf("stderr %.600q, stdout %q", r.stderr, r.stdout)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%s was written", left[0].Name())
	}
}

// TestBadTables: each is one line on stderr that names what is wrong, and nothing is written.
func TestBadTables(t *testing.T) {
	src := t.TempDir() // not the subtest's, as its name is part of the path, which is part of the message
	for _, c := range badTables() {
		t.Run(c.file+" "+c.name, func(t *testing.T) {
			path, in := "-", c.text
			if c.file != "-" {
				path, in = write(t, src, c.file, c.text), ""
				c.says = append(c.says, path+": ")
			}
			dir := t.TempDir()
			refused(t, dir, runWith(t, dir, in, "train", path, "--target", "y", "--time", "2s", "--quiet"), exitData, c.says...)
		})
	}
}

// TestWrongUsage: what the command line has against itself or against the table.
func TestWrongUsage(t *testing.T) {
	src := t.TempDir()
	ok := write(t, src, "ok.csv", badRows("age,b,outcome"))
	few := write(t, src, "groups.csv", rows("a,g,y", 40, func(i int) string { return fmt.Sprintf("%d,%d,%s", i*7%11, i%3, []string{"no", "yes"}[i%2]) }))
	weights := write(t, src, "weights.csv", rows("a,w,y", 40, func(i int) string { return fmt.Sprintf("%d,%d,%s", i*7%11, 7-i, []string{"no", "yes"}[i%2]) }))
	pipes := write(t, src, "p.txt", "GaussianNB(input)\n# a comment\nGaussianNB(\n")
	blank := write(t, src, "blank.txt", "# nothing\n")
	space := write(t, src, "space.json", `["Ridge"]`)
	broken := write(t, src, "broken.json", "[\"PCA\",\n\"Ridg\"]")
	data := func(args ...string) []string { return append([]string{ok, "--target", "outcome"}, args...) }
	for _, c := range []struct {
		name   string
		args   []string
		status int
		says   string
	}{
		{"missing file", []string{filepath.Join(src, "none.csv"), "--target", "y"}, exitData, "none.csv: no such file"},
		{"directory", []string{src, "--target", "y"}, exitData, src + ": a directory"},
		{"near names", []string{ok, "--target", "outcom"}, exitData, `did you mean "outcome"?`},
		{"other case", []string{ok, "--target", "Outcome"}, exitData, `did you mean "outcome"?`},
		{"far names", []string{ok, "--target", "y"}, exitData, `there are "age", "b" and "outcome"`},
		{"no target", []string{ok}, exitUsage, "--target is required"},
		{"unknown flag", []string{"x.csv", "--nonsense"}, exitUsage, "--nonsense"},
		{"no data", nil, exitUsage, "wants DATA"},
		{"two files", []string{ok, ok, "--target", "outcome"}, exitUsage, "wants DATA"},
		{"metric", data("--metric", "auc"), exitUsage, "roc_auc"},
		{"metric of another task", data("--metric", "rmse"), exitUsage, "binary"},
		{"task", data("--task", "rank"), exitUsage, "rank"},
		{"task that does not fit", data("--task", "multiclass"), exitData, "two classes"},
		{"unknown type", data("--types", "b=colour"), exitUsage, "colour"},
		{"type of no column", data("--types", "bb=numeric"), exitData, `did you mean "b"`},
		{"type that does not fit", data("--types", "outcome=numeric,b=date"), exitData, `column "b"`},
		{"ignored column", data("--ignore", "ag"), exitData, `did you mean "age"?`},
		{"ignored target", data("--ignore", "outcome"), exitData, "cannot be ignored"},
		{"no weights", data("--weights", "w"), exitData, `column "w"`},
		{"negative weight", []string{weights, "--target", "y", "--weights", "w"}, exitData, `line 10: column "w"`},
		{"few groups", []string{few, "--target", "y", "--groups", "g"}, exitData, "3 groups cannot fill 5 folds"},
		{"folds", data("--folds", "1"), exitUsage, "--folds 1"},
		{"evaluations", data("--evaluations", "0"), exitUsage, "--evaluations 0"},
		{"workers", data("--workers", "0"), exitUsage, "--workers 0"},
		{"ensemble", data("--ensemble", "-1"), exitUsage, "--ensemble -1"},
		{"holdout", data("--holdout", "1"), exitUsage, "--holdout 1"},
		{"time", data("--time", "-1s"), exitUsage, "--time"},
		{"no duration", data("--time", "soon"), exitUsage, "--time"},
		{"eval-time", data("--eval-time", "0s"), exitUsage, "--eval-time"},
		{"memory", data("--memory", "much"), exitUsage, "--memory much"},
		{"little memory", data("--memory", "1kB"), exitUsage, "at least 32MB"},
		{"template", data("--template", "Foo-Classifier"), exitUsage, `"Foo"`},
		{"template upside down", data("--template", "Classifier-PCA"), exitUsage, "must end with a predictor"},
		{"no configuration", data("--config", "none.json"), exitUsage, "none.json"},
		{"broken configuration", data("--config", broken), exitUsage, `operator 2 of the list: no operator is called "Ridg"`},
		{"configuration of another task", data("--config", space), exitUsage, "no predictor for a binary target"},
		{"pipelines that are none", data("--seed-pipelines", pipes), exitData, pipes + ": line 3: "},
		{"no pipelines", data("--seed-pipelines", blank), exitData, "holds no pipelines"},
		{"no file of pipelines", data("--seed-pipelines", "none.txt"), exitData, "none.txt"},
		{"no folder", data("-o", "no/such/m.automl"), exitFailed, "no folder no/such"},
		{"a folder", data("-o", src), exitFailed, "give another name"},
		{"a device", data("-o", os.DevNull), exitFailed, "give another name"},
		{"no folder for the log", data("--log", "no/such/log"), exitFailed, "--log no/such/log"},
		{"resume", data("--resume"), exitUsage, "--checkpoint FILE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			refused(t, dir, run(t, dir, append([]string{"train", "--time", "2s", "--quiet"}, c.args...)...), c.status, c.says)
		})
	}
}

// TestOddInputWorks: unusual, but a table all the same.
func TestOddInputWorks(t *testing.T) {
	wide := func(columns int) string {
		names := make([]string, columns)
		for j := range names {
			names[j] = fmt.Sprint("c", j)
		}
		return rows(strings.Join(names, ",")+",y", 50, func(i int) string {
			cells := make([]string, len(names))
			for j := range cells {
				cells[j] = fmt.Sprint((i*31 + j*17) % 97)
			}
			return strings.Join(cells, ",") + "," + []string{"no", "yes"}[i%2]
		})
	}
	columns := 10_000
	if testing.Short() {
		columns = 100
	}
	latin1 := rows("a,b\xe9,y", 30, func(i int) string {
		return fmt.Sprintf("%d,caf\xe9%d,%s", i*7%40, i%4, []string{"no", "yes"}[i%2])
	})
	whole := parquetText(50, func(i int) parquetRow { return parquetRow{float64(i * 7 % 11), []string{"no", "yes"}[i%2]} })
	odd := []string{"1e308", "-1e308", "1.7e308", "3"}
	for _, c := range []struct{ name, file, text, warns string }{
		{"a class with one row", "t.csv", badRows("a,b,y", "1,2,maybe", ""), "single row"},
		{"a second class with one row", "t.csv", rows("a,b,y", 20, func(i int) string { return fmt.Sprintf("%d,%d,yes", i, i%3) }) + "1,2,no\n", "single row"},
		{"wide", "t.csv", wide(columns), ""},
		{"Latin-1", "t.csv", latin1, "Latin-1"},
		{"Latin-1", "t.tsv.gz", gz(tabs(latin1)), "Latin-1"},
		{"Latin-1", "-", latin1, "Latin-1"},
		{"byte order mark, CRLF", "t.csv", "\ufeff" + strings.ReplaceAll(badRows("a,b,y"), "\n", "\r\n"), ""},
		{"semicolons", "t.csv", strings.ReplaceAll(badRows("a,b,y"), ",", ";"), ""},
		{"huge numbers", "t.csv", rows("a,b,y", 40, func(i int) string { return fmt.Sprintf("%s,%d,%s", odd[i%4], i%5, []string{"no", "yes"}[i%2]) }), ""},
		{"holes", "t.csv", rows("a,b,y", 40, func(i int) string { return []string{"", "NA", "1", "2.5"}[i%4] + ",?," + []string{"0", "1"}[i/2%2] }), `column "b" is left out`},
		{"rows without a target", "t.csv", badRows("a,b,y", "1,2,", "3,4,NA", ""), "2 of 22 rows"},
		{"three rows", "t.csv", "a,y\n1,2.5\n2,3.5\n3,4\n", ""},
		{"zstd", "t.csv.zst", zst(badRows("a,b,y")), ""},
		{"attributes", "t.arff", arff("1,no", "2,yes", "3,no", "4,yes", "?,no", "{0 3, 1 yes}"), ""},
		{"Parquet", "t.parquet", whole, ""},
	} {
		t.Run(c.file+" "+c.name, func(t *testing.T) {
			dir, in := t.TempDir(), c.text
			if c.file != "-" {
				write(t, dir, c.file, c.text)
				in = ""
			}
			r := runWith(t, dir, in, "train", c.file, "--target", "y", "--evaluations", "3", "--config", "fast", "--json")
			if r.status != 0 {
				t.Fatalf("%+v", r)
			}
			if warned := strings.Contains(r.stderr, "warning: "); warned != (c.warns != "") || !strings.Contains(r.stderr, c.warns) {
				t.Errorf("want a warning of %q: %q", c.warns, r.stderr)
			}
		})
	}
}

// TestDamagedModel: a model file cut anywhere, or anything else in its place, is one line and status 3.
func TestDamagedModel(t *testing.T) {
	src := t.TempDir()
	write(t, src, "t.csv", badRows("a,b,y"))
	if r := run(t, src, "train", "t.csv", "--target", "y", "--evaluations", "2", "--ensemble", "0", "--config", "fast", "--quiet"); r.status != 0 {
		t.Fatalf("%+v", r)
	}
	data, err := os.ReadFile(filepath.Join(src, "model.automl"))
	if err != nil {
		t.Fatal(err)
	}
	table := filepath.Join(src, "t.csv")
	check := func(name, path string, says ...string) {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, args := range [][]string{{"predict", path, table, "-o", "p.csv"}, {"score", path, table}, {"show", path}} {
				refused(t, dir, run(t, dir, args...), exitData, append(says, path)...)
			}
		})
	}
	for _, n := range []int{0, 1, 12, 13, 17, 48, 49, len(data) / 2, len(data) - 1} { // automl's own tests cut at every length
		check(fmt.Sprint(n, " bytes"), write(t, src, fmt.Sprint(n, ".automl"), string(data[:n])), "cut short", "automl train")
	}
	check("a table", table, "not a model")
	check("a directory", src, "directory")
	check("no file", filepath.Join(src, "none.automl"), "no such file")
	newer := bytes.Clone(data)
	newer[len("automl model\n")] = 77
	check("newer", write(t, src, "newer.automl", string(newer)), "version 77")
}

func TestPredictEnforcesTheSchema(t *testing.T) {
	src := t.TempDir()
	write(t, src, "t.csv", rows("a,colour,y", 60, func(i int) string {
		return fmt.Sprintf("%d,%s,%s", i*7%40, []string{"red", "green", "blue"}[i%3], []string{"no", "yes"}[i*7%40/20])
	}))
	if r := run(t, src, "train", "t.csv", "--target", "y", "--evaluations", "6", "--config", "fast", "--quiet"); r.status != 0 {
		t.Fatalf("%+v", r)
	}
	model := filepath.Join(src, "model.automl")
	for name, c := range map[string]struct {
		text string
		says []string
	}{
		"missing column":         {"colour\nred\n", []string{`column "a"`, "missing"}},
		"text for a number":      {"a,colour\n3,red\nfour,red\n", []string{"line 3", `column "a"`, "four"}},
		"infinite number":        {"a,colour\n3,red\n1e999,red\n", []string{"line 3", `column "a"`}},
		"ragged":                 {"a,colour\n3\n", []string{"line 2"}},
		"duplicate names":        {"a,colour,a\n3,red,4\n", []string{`column "a"`}},
		"empty":                  {"", []string{"empty"}},
		"a class it cannot know": {"a,colour,y\n3,red,no\n4,red,maybe\n", []string{"line 3", `column "y"`, "maybe"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir, path := t.TempDir(), write(t, src, "bad.csv", c.text)
			says := append(c.says, path)
			if name != "a class it cannot know" { // predict does not look at the target
				refused(t, dir, run(t, dir, "predict", model, path, "-o", "p.csv"), exitData, says...)
				refused(t, dir, runWith(t, dir, c.text, "predict", model, "-"), exitData, c.says...)
			}
			refused(t, dir, run(t, dir, "score", model, path), exitData, says...)
		})
	}
	dir := t.TempDir()
	odd := "extra,colour,a,a2\n1,violet,3,x\n2,red,,y\n3,red,1e308,z\n4,,4,u\n"
	path := write(t, src, "new.csv", odd)
	r := run(t, dir, "predict", model, path)
	if r.status != 0 || r.stderr != "" || strings.Count(r.stdout, "\n") != 5 || !strings.HasPrefix(r.stdout, "prediction,proba_no,proba_yes\n") {
		t.Errorf("an unseen category, extra columns and holes: %+v", r)
	}
	if again := runWith(t, dir, odd, "predict", model, "-"); again.stdout != r.stdout {
		t.Errorf("from standard input: %+v", again)
	}
	if r := run(t, dir, "predict", model, path, "-o", "/dev/stdout"); r.status != 0 || strings.Count(r.stdout, "\n") != 5 {
		t.Errorf("to a device: %+v", r)
	}
	none := run(t, dir, "predict", model, write(t, src, "none.csv", "colour,a\n"))
	if none.status != 0 || none.stdout != "prediction,proba_no,proba_yes\n" {
		t.Errorf("no rows: %+v", none)
	}
	refused(t, dir, run(t, dir, "score", model, path), exitData, "no values of the target", `"y"`)
	refused(t, dir, run(t, dir, "score", model, path, "--metric", "auc"), exitUsage, "roc_auc")
	refused(t, dir, run(t, dir, "score", model, path, "--metric", "rmse"), exitUsage, "binary")
	refused(t, dir, run(t, dir, "predict", model), exitUsage, "MODEL and DATA")
}

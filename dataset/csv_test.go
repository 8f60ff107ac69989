package dataset

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// readCSV reads text in chunks of about size bytes, small ones to bring every place where a file can be cut.
func readCSV(text string, size int) (*Table, error) {
	r := &csvReader{limit: 1 << 30, chunk: size, open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(text)), nil
	}}
	r.file, r.missing = "test.csv", newMissing(defaultMissing)
	return r.read(context.Background())
}

// cell is a value of a raw column as text.
func cell(c *Column, i int) string {
	switch {
	case c.Missing(i):
		return ""
	case c.Kind == Categorical:
		return c.Levels[c.Code[i]]
	}
	return formatNumber(c.Float[i])
}

// expected is what a column of fields should be read as, in the slow and obvious way.
func expected(fields []string) []string {
	m := newMissing(defaultMissing)
	out := make([]string, len(fields))
	numeric := true
	for i, f := range fields {
		out[i] = strings.Trim(f, " \t")
		if m.has([]byte(out[i])) {
			out[i] = ""
			continue
		}
		_, ok := parseNumber([]byte(out[i]))
		numeric = numeric && ok
	}
	for i, f := range out {
		if numeric && f != "" {
			if v, _ := parseNumber([]byte(f)); v == v {
				out[i] = formatNumber(v)
			} else {
				out[i] = ""
			}
		}
	}
	return out
}

// randomCSV writes a valid file of p columns with everything that quotes allow.
func randomCSV(rng *rand.Rand, p int) string {
	plain := []string{"1", "-2.5", "3e2", "", "NA", "nan", "abc", "Zürich", "1.0", "?"}
	quoted := []string{`""`, `"1"`, `"a,b"`, `"say ""hi"""`, "\"two\nlines\"", "\"\r\n\"", `" 7 "`, `""""`}
	mixed := make([]bool, p)
	for j := range mixed {
		mixed[j] = rng.IntN(2) == 0
	}
	newline := []string{"\n", "\r\n"}[rng.IntN(2)]
	var b strings.Builder
	for j := range p {
		fmt.Fprintf(&b, "%sc%d", []string{"", ","}[min(j, 1)], j)
	}
	b.WriteString(newline)
	for range rng.IntN(40) {
		for j := range p {
			if j > 0 {
				b.WriteByte(',')
			}
			switch {
			case p == 1 && !mixed[0]:
				b.WriteString("1.5")
			case !mixed[j]:
				b.WriteString(plain[rng.IntN(6)])
			case rng.IntN(3) == 0 || p == 1:
				b.WriteString(quoted[rng.IntN(len(quoted))])
			default:
				b.WriteString(plain[rng.IntN(len(plain))])
			}
		}
		if rng.IntN(10) == 0 {
			b.WriteString(newline)
		}
		b.WriteString(newline)
	}
	text := b.String()
	if rng.IntN(2) == 0 {
		text = strings.TrimSuffix(text, newline)
	}
	return text
}

func compareWithEncodingCSV(t *testing.T, text string, size int) {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(records) == 0 {
		t.Skip("not valid for encoding/csv")
	}
	got, err := readCSV(text, size)
	if err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	if got.Rows() != len(records)-1 || got.Cols() != len(records[0]) {
		t.Fatalf("%d×%d, want %d×%d of %q", got.Rows(), got.Cols(), len(records)-1, len(records[0]), text)
	}
	for j, c := range got.cols {
		fields := make([]string, got.Rows())
		for i := range fields {
			fields[i] = records[i+1][j]
		}
		for i, want := range expected(fields) {
			if s := cell(c, i); s != want {
				t.Fatalf("row %d column %d: %q, want %q (chunks of %d) in %q", i, j, s, want, size, text)
			}
		}
	}
}

func TestCSVReadsWhatEncodingCSVReads(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 1500 {
		compareWithEncodingCSV(t, randomCSV(rng, 1+rng.IntN(5)), 1+rng.IntN(60))
	}
}

func TestLinesAreThoseOfTheFile(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		text := randomCSV(rng, 1+rng.IntN(3))
		in := csv.NewReader(strings.NewReader(text))
		if _, err := in.Read(); err != nil {
			t.Fatal(err)
		}
		got, err := readCSV(text, 1+rng.IntN(40))
		if err != nil {
			t.Fatal(err)
		}
		for i := range got.Rows() {
			if _, err := in.Read(); err != nil {
				t.Fatal(err)
			}
			if want, _ := in.FieldPos(0); got.lineOf(i) != want {
				t.Fatalf("row %d: line %d, want %d in %q", i, got.lineOf(i), want, text)
			}
		}
	}
}

func TestTextFoundLateIsKeptToTheLetter(t *testing.T) {
	var b strings.Builder
	b.WriteString("zip,x\n")
	for range 5000 {
		b.WriteString("01000,1.50\n")
	}
	b.WriteString("A1,2\n")
	got, err := readCSV(b.String(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	if s := cell(got.cols[0], 0); s != "01000" || got.cols[0].Kind != Categorical || got.cols[1].Kind != Numeric {
		t.Errorf("first zip is %q", s)
	}
}

func TestSeparators(t *testing.T) {
	for _, text := range []string{"a,b\n1,2\n", "a;b\n1;2\n", "a\tb\n1\t2\n", "\xef\xbb\xbfa,b\n1,2", "a, b\n 1 , 2 \n", "a,b\r\n1,\"2\" \r\n"} {
		got, err := readCSV(text, 100)
		if err != nil {
			t.Fatal(err)
		}
		if got.Cols() != 2 || got.cols[0].Name != "a" || got.cols[1].Name != "b" || got.cols[1].Float[0] != 2 {
			t.Errorf("%q: %d columns", text, got.Cols())
		}
	}
}

func TestBadCSVIsOneLineThatSaysWhere(t *testing.T) {
	cases := []struct {
		name, text string
		row        int
		says       string
	}{
		{"empty", "", 0, "empty"},
		{"blank lines", "\n\n\r\n", 0, "empty"},
		{"no header", "1.5,2.5\n3,4\n", 1, "header"},
		{"same name twice", "a,b,a\n1,2,3\n", 1, "stands twice"},
		{"too few fields", "a,b\n1,2\n3\n", 3, "1 fields where the header has 2"},
		{"too many fields", "a,b\n1,2\n3,4,5,6\n", 3, "4 fields where the header has 2"},
		{"NUL", "a,b\n1,2\n3,\x00\n", 3, "NUL"},
		{"UTF-16", "\xff\xfea\x00,\x00b\x00\n\x00", 1, "UTF-16"},
		{"quote never closed", "a,b\n1,2\n3,\"4\n5,6\n", 3, "never closed"},
		{"quote closed later", "a,b\n1,\"x\n2,\"y\"\n", 2, "doubled"},
		{"quote inside", "a,b\n1,2\n3,4\"\n", 3, "quote inside"},
	}
	for _, c := range cases {
		for _, size := range []int{4, 1 << 16} {
			_, err := readCSV(c.text, size)
			wantDataError(t, c.name, err, c.row, c.says)
		}
	}
}

// wantDataError checks that err is a one-line DataError that names the row and says why.
func wantDataError(t *testing.T, name string, err error, row int, says string) {
	t.Helper()
	bad, ok := err.(*DataError)
	if !ok {
		t.Errorf("%s: %v, want a DataError", name, err)
		return
	}
	text := bad.Error()
	if strings.ContainsAny(text, "\n\r\x00") || len(text) > 600 {
		t.Errorf("%s: not one short line: %q", name, text)
	}
	if row >= 0 && bad.Row != row {
		t.Errorf("%s: row %d, want %d (%s)", name, bad.Row, row, text)
	}
	if !strings.Contains(text, says) {
		t.Errorf("%s: %q does not say %q", name, text, says)
	}
}

// endless is a file of one long line.
type endless struct{ left int }

func (e *endless) Read(b []byte) (int, error) {
	n := min(len(b), e.left)
	if n == 0 {
		return 0, io.EOF
	}
	copy(b, bytes.Repeat([]byte{'x'}, n))
	e.left -= n
	return n, nil
}

func TestHugeLineIsRefused(t *testing.T) {
	for _, start := range []string{"", "a,b\n1,2\n\"", "a\n1\n"} {
		in := &endless{100 << 20}
		r := &csvReader{limit: 1 << 30, chunk: chunkBytes, open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader(start), in)), nil
		}}
		r.missing = newMissing(nil)
		_, err := r.read(context.Background())
		wantDataError(t, start, err, strings.Count(start, "\n")+1, "")
		if in.left < 60<<20 {
			t.Errorf("%q: read on to the end", start)
		}
	}
}

func TestLatin1IsDecodedWithAWarning(t *testing.T) {
	got, err := readCSV("h\xf4pital,x\nGen\xe8ve,1\nZürich,2\n", 100)
	if err != nil {
		t.Fatal(err)
	}
	if got.cols[0].Name != "hôpital" || cell(got.cols[0], 0) != "Genève" || cell(got.cols[0], 1) != "Zürich" || len(got.Warnings) != 1 {
		t.Errorf("%q %q %q %q", got.cols[0].Name, cell(got.cols[0], 0), cell(got.cols[0], 1), got.Warnings)
	}
}

func TestManyColumns(t *testing.T) {
	const p, n = 10_000, 50
	var b strings.Builder
	for i := range n + 1 {
		for j := range p {
			if j > 0 {
				b.WriteByte(',')
			}
			if i == 0 {
				b.WriteByte('c')
			}
			fmt.Fprint(&b, j)
		}
		b.WriteByte('\n')
	}
	got, err := readCSV(b.String(), chunkBytes)
	if err != nil || got.Rows() != n || got.Cols() != p || got.cols[p-1].Float[n-1] != p-1 {
		t.Fatal(err)
	}
}

func TestReadingStopsWhenAsked(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r := &csvReader{limit: 1 << 30, chunk: 10, open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("a\n" + strings.Repeat("1\n", 100))), nil
	}}
	if _, err := r.read(ctx); err != context.Canceled {
		t.Error(err)
	}
}

func TestOverflowIsInfinite(t *testing.T) {
	got, err := readCSV("a\n1e308\n-1e309\n-Inf\n", 100)
	if err != nil || got.cols[0].Float[0] != 1e308 || !math.IsInf(got.cols[0].Float[1], -1) || !math.IsInf(got.cols[0].Float[2], -1) {
		t.Error(err)
	}
}

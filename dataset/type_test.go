package dataset

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestParseTypes(t *testing.T) {
	got, err := ParseTypes("a=categorical, b=numeric,c=ignore,d e=date,f=boolean,g=id,h=category,i=number,x=y=id")
	want := map[string]Type{"a": Category, "b": Number, "c": Ignore, "d e": Date, "f": Boolean, "g": ID, "h": Category, "i": Number, "x=y": ID}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := ParseTypes(" "); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"a", "a=text", "a=id,a=date", "a=id,"} {
		if _, err := ParseTypes(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

// oneColumn reads a file of one column called name.
func oneColumn(t *testing.T, name string, values ...string) (*Table, error) {
	t.Helper()
	for i, v := range values {
		if v == "" {
			values[i] = `""`
		}
	}
	table, err := readCSV(name+"\n"+strings.Join(values, "\n"), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return table, table.infer(nil)
}

// series writes n values by a format.
func series(format string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf(format, i+1)
	}
	return out
}

func TestTypesAreInferredFromAllRows(t *testing.T) {
	cases := []struct {
		name   string
		values []string
		want   Type
		layout string
	}{
		{"x", []string{"1", "2.5", "NA"}, Number, ""},
		{"x", append(series("%d", 50), "x"), Category, ""},
		{"x", []string{"yes", "no", ""}, Boolean, ""},
		{"x", []string{"True", "False"}, Boolean, ""},
		{"x", []string{"t", "f"}, Boolean, ""},
		{"x", []string{"yes", "no", "maybe"}, Category, ""},
		{"x", []string{"yes", "false"}, Category, ""},
		{"x", []string{"0", "1", "0"}, Number, ""},
		{"x", []string{"a", "a"}, Constant, ""},
		{"x", []string{"a", "", "a"}, Category, ""},
		{"x", []string{"5", "", "5"}, Category, ""},
		{"x", []string{"5", "5"}, Constant, ""},
		{"x", []string{"NA", ""}, Constant, ""},
		{"x", []string{"2020-01-31", "2021-12-01", ""}, Date, "2006-01-02"},
		{"x", []string{"2020-01-31 10:00:00", "2021-12-01 23:59:59"}, Date, "2006-01-02 15:04:05"},
		{"x", []string{"2020-01-31T10:00:00Z", "2021-12-01T00:00:00+02:00"}, Date, "2006-01-02T15:04:05Z07:00"},
		{"x", []string{"31.01.2020", "1.2.2020"}, Date, "2.1.2006"},
		{"x", []string{"01/02/2020", "31/01/2020"}, Date, "2/1/2006"},
		{"x", []string{"01/02/2020", "01/31/2020"}, Date, "1/2/2006"},
		{"x", []string{"01/02/2020", "03/04/2020"}, Date, "2/1/2006"},
		{"x", []string{"31/01/2020", "01/31/2020"}, Category, ""},
		{"x", []string{"2020-01-31", "unknown"}, Category, ""},
		{"x", series("P%d", 30), ID, ""},
		{"x", series("P%d", 10), Category, ""},
		{"x", append(series("P%d", 30), series("P%d", 10)...), Category, ""},
		{"patient_id", series("9%d", 30), ID, ""},
		{"PatientID", series("9%d", 30), ID, ""},
		{"Unnamed: 0", series("%d", 30), ID, ""},
		{`""`, series("%d", 30), ID, ""},
		{"x", series("%d", 30), Number, ""},
		{"index", series("%d.5", 30), Number, ""},
		{"id", append(series("%d", 30), "1"), Number, ""},
		{"paid", series("%d", 30), Number, ""},
		{"PAID", series("%d", 30), Number, ""},
	}
	for _, c := range cases {
		table, err := oneColumn(t, c.name, c.values...)
		if err != nil {
			t.Errorf("%q: %v", c.values, err)
			continue
		}
		if f := table.Fields[0]; f.Type != c.want || f.Layout != c.layout {
			t.Errorf("%s %q: %v %q, want %v %q", c.name, c.values[:2], f.Type, f.Layout, c.want, c.layout)
		}
	}
}

func TestAmbiguousDatesAreSaid(t *testing.T) {
	table, err := oneColumn(t, "d", "01/02/2020", "03/04/2020")
	if err != nil || len(table.Warnings) != 1 || !strings.Contains(table.Warnings[0], "day") {
		t.Errorf("%v %q", err, table.Warnings)
	}
}

func TestTextAmongNumbersIsSaid(t *testing.T) {
	table, err := oneColumn(t, "lab", append(series("%d.5", 40), "<0.1")...)
	if err != nil || len(table.Warnings) != 1 || !strings.Contains(table.Warnings[0], `line 42 holds "<0.1"`) || table.Fields[0].Type != Category {
		t.Errorf("%v %q", err, table.Warnings)
	}
}

func TestLevelsAreSorted(t *testing.T) {
	for _, c := range [][2][]string{
		{{"b", "a", "c"}, {"a", "b", "c"}},
		{{"10", "9", "-1"}, {"-1", "9", "10"}},
		{{"10", "9", "x"}, {"10", "9", "x"}},
	} {
		got := sortedLevels(NewCategorical("x", []int32{0, 1, 2}, c[0]))
		if !slices.Equal(got, c[1]) {
			t.Errorf("%q: %q", c[0], got)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"age", "diagnosis", "sex", "Diagnose"}
	for name, want := range map[string]string{"diagnossis": "diagnosis", "AGE": "age", "zzz": ""} {
		got := nearest(name, names)
		if want == "" && len(got) > 0 || want != "" && (len(got) == 0 || got[0] != want) {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

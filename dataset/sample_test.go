package dataset

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// table writes a CSV file with a feature and the target's values.
func targets(values ...string) string {
	var b strings.Builder
	b.WriteString("x,y\n")
	for i, v := range values {
		fmt.Fprintf(&b, "%d,%s\n", i*i%7, v)
	}
	return b.String()
}

func cycle(n int, values ...string) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = values[i%len(values)]
	}
	return out
}

func TestTaskIsDecidedByTheTarget(t *testing.T) {
	cases := []struct {
		name   string
		values []string
		task   string
		want   Task
		levels []string
	}{
		{"text", cycle(10, "b", "a"), "", Binary, []string{"a", "b"}},
		{"booleans", cycle(10, "true", "false"), "auto", Binary, []string{"false", "true"}},
		{"three texts", cycle(10, "b", "a", "c"), "", Multiclass, []string{"a", "b", "c"}},
		{"two numbers", cycle(10, "1.0", "0.0"), "", Binary, []string{"0", "1"}},
		{"two fractions", cycle(10, "0.5", "-2"), "", Binary, []string{"-2", "0.5"}},
		{"few integers", cycle(100, "10", "9", "2"), "", Multiclass, []string{"2", "9", "10"}},
		{"few integers, few rows", cycle(30, "10", "9", "2"), "", Regression, nil},
		{"few fractions", cycle(100, "1.5", "2", "3"), "", Regression, nil},
		{"many integers", series("%d", 100), "", Regression, nil},
		{"classes wanted", cycle(30, "1.5", "2", "10"), "multiclass", Multiclass, []string{"1.5", "2", "10"}},
		{"regression wanted", cycle(30, "1", "0"), "regression", Regression, nil},
		{"dates as classes", cycle(30, "2020-01-01", "2021-01-01"), "binary", Binary, []string{"2020-01-01", "2021-01-01"}},
	}
	for _, c := range cases {
		s, schema := learn(t, targets(c.values...), "", SampleOptions{Target: "y", Task: c.task})
		if s.Task() != c.want || schema.Task() != c.want || !slices.Equal(s.Y.Levels, c.levels) {
			t.Errorf("%s: %v %q, want %v %q", c.name, s.Task(), s.Y.Levels, c.want, c.levels)
		}
	}
}

func TestRowsWithoutTargetAreLeftOut(t *testing.T) {
	s, schema := learn(t, "x,y,w,g\n1,a,1,k\n2,,2,k\n3,b,3,l\n4,a,4,k\n", "", SampleOptions{Target: "y", Weights: "w", Groups: "g"})
	if s.Rows() != 3 || !slices.Equal(s.W, []float64{1, 3, 4}) || !slices.Equal(s.Group, []int32{0, 1, 0}) || s.X.Cols() != 1 || s.X.Col(0).Float[1] != 3 {
		t.Errorf("%+v", s)
	}
	if !slices.ContainsFunc(schema.Warnings, func(w string) bool { return strings.Contains(w, "1 of 4 rows") }) {
		t.Errorf("%q", schema.Warnings)
	}
}

func TestSingleRowOfAClassIsSaid(t *testing.T) {
	_, schema := learn(t, targets("a", "a", "b", "b", "c"), "", SampleOptions{Target: "y"})
	if len(schema.Warnings) != 1 || !strings.Contains(schema.Warnings[0], `"c"`) {
		t.Errorf("%q", schema.Warnings)
	}
}

func TestTypesCanBeGiven(t *testing.T) {
	s, _ := learn(t, "a,b,c,id,y\n1,01,no,1,u\n2,02,yes,2,v\n1,02,no,3,u\n", "a=categorical,b=categorical,c=categorical,id=ignore", SampleOptions{Target: "y"})
	if s.X.Cols() != 3 || !slices.Equal(s.X.Col(0).Levels, []string{"1", "2"}) || !slices.Equal(s.X.Col(1).Levels, []string{"01", "02"}) || s.X.Col(2).Kind != Categorical {
		t.Error("types given are not followed")
	}
}

func TestSampleNamesWhatIsWrong(t *testing.T) {
	ok := targets("a", "b", "a", "b")
	cases := []struct {
		name, text, types string
		opt               SampleOptions
		row               int
		says              string
	}{
		{"header only", "x,y\n", "", SampleOptions{Target: "y"}, 0, "no rows"},
		{"misspelt target", "diagnosis,x\na,1\n", "", SampleOptions{Target: "diagnossi"}, 0, `did you mean "diagnosis"`},
		{"unknown target", ok, "", SampleOptions{Target: "outcome"}, 0, `there are "x" and "y"`},
		{"unknown weights", ok, "", SampleOptions{Target: "y", Weights: "w"}, 0, "no such column"},
		{"unknown ignored", ok, "", SampleOptions{Target: "y", Ignore: []string{"w"}}, 0, "no such column"},
		{"unknown typed", ok, "w=id", SampleOptions{Target: "y"}, 0, "no such column"},
		{"target as weights", ok, "", SampleOptions{Target: "y", Weights: "y"}, 0, "two of"},
		{"target ignored", ok, "", SampleOptions{Target: "y", Ignore: []string{"y"}}, 0, "cannot be ignored"},
		{"target not read", ok, "y=ignore", SampleOptions{Target: "y"}, 0, "not read"},
		{"all missing", targets("", "", "NA"), "", SampleOptions{Target: "y"}, 0, "missing in all rows"},
		{"one class", targets("a", "a", "a"), "", SampleOptions{Target: "y"}, 0, "single class"},
		{"one number", targets("1", "1", "1"), "", SampleOptions{Target: "y", Task: "regression"}, 0, "same value"},
		{"one row", targets("a"), "", SampleOptions{Target: "y"}, 0, "single class"},
		{"two rows", targets("a", "b"), "", SampleOptions{Target: "y"}, 0, "2 rows"},
		{"two rows of numbers", targets("1.5", "2"), "", SampleOptions{Target: "y", Task: "regression"}, 0, "2 rows"},
		{"a class for each row", targets("a", "b", "c"), "", SampleOptions{Target: "y"}, 0, "single row"},
		{"three classes as two", targets("a", "b", "c", "a"), "", SampleOptions{Target: "y", Task: "binary"}, 0, "3 classes"},
		{"two classes as many", ok, "", SampleOptions{Target: "y", Task: "multiclass"}, 0, "two classes"},
		{"text to regress", ok, "", SampleOptions{Target: "y", Task: "regression"}, 2, `"a" is not a number`},
		{"dates to regress", targets("2020-01-01", "2020-01-02", "2021-01-01"), "", SampleOptions{Target: "y"}, 0, "date"},
		{"infinite target", targets("1.5", "inf", "2"), "", SampleOptions{Target: "y"}, 3, "infinite"},
		{"infinite feature", "x,y\n1e308,a\n-1e308,b\n-Inf,a\n", "", SampleOptions{Target: "y"}, 4, `column "x": an infinite`},
		{"overflow", "x,y\n1,a\n2e308,b\n3,a\n", "", SampleOptions{Target: "y"}, 3, "infinite"},
		{"nothing to learn from", "x,y\n1,a\n1,b\n1,a\n", "", SampleOptions{Target: "y"}, 0, "no column to learn from"},
		{"text as number", "x,y\n1,a\ntwo,b\n1,a\n", "x=numeric", SampleOptions{Target: "y"}, 3, `"two" is not a number`},
		{"text as date", "x,y\n1,a\ntwo,b\n1,a\n", "x=date", SampleOptions{Target: "y"}, 0, "layout"},
		{"text as boolean", "x,y\n1,a\ntwo,b\n1,a\n", "x=boolean", SampleOptions{Target: "y"}, 3, `"two" is not a word`},
		{"negative weight", "x,y,w\n1,a,1\n2,b,-1\n3,a,1\n", "", SampleOptions{Target: "y", Weights: "w"}, 3, "weight"},
		{"missing weight", "x,y,w\n1,a,1\n2,b,\n3,a,2\n", "", SampleOptions{Target: "y", Weights: "w"}, 3, "weight"},
		{"weights of 0", "x,y,w\n1,a,0\n2,b,0\n3,a,0\n", "", SampleOptions{Target: "y", Weights: "w"}, 0, "all weights"},
		{"missing group", "x,y,g\n1,a,u\n2,b,\n3,a,v\n", "", SampleOptions{Target: "y", Groups: "g"}, 3, "group"},
	}
	for _, c := range cases {
		_, _, err := tryLearn(t, c.text, c.types, c.opt)
		wantDataError(t, c.name, err, c.row, c.says)
	}
	if _, _, err := tryLearn(t, ok, "", SampleOptions{Target: "y", Task: "clustering"}); err == nil {
		t.Error("an unknown task is accepted")
	}
}

func TestHugeNumbersAreLegal(t *testing.T) {
	s, _ := learn(t, "x,y\n1e308,a\n-1e308,b\n1e308,a\n", "", SampleOptions{Target: "y"})
	if s.X.Col(0).Float[1] != -1e308 {
		t.Error("1e308 is changed")
	}
}

package report_test

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/report"
)

func trained(t testing.TB, file, target string, opt automl.Options) *automl.Model {
	t.Helper()
	table, err := dataset.Read(context.Background(), "../testdata/"+file, dataset.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, schema, err := table.Sample(dataset.SampleOptions{Target: target})
	if err != nil {
		t.Fatal(err)
	}
	opt.Schema, opt.Config = schema, "light"
	if testing.Short() { // the race detector makes minutes of boosting
		quick := []string{"GaussianNB", "LogisticRegression", "DecisionTreeClassifier", "Ridge", "DecisionTreeRegressor", "StandardScaler", "PCA", "MultinomialNB"}
		opt.Config, opt.Operators = "", slices.DeleteFunc(catalog.All(), func(s *operators.Spec) bool { return !slices.Contains(quick, s.Name) })
	}
	m, err := automl.Train(context.Background(), s, opt)
	if err != nil {
		t.Fatal(err)
	}
	data, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if m, err = automl.Decode(data); err != nil { // a report is written from a file
		t.Fatal(err)
	}
	return m
}

func written(t testing.TB, m *automl.Model) string {
	t.Helper()
	start := time.Now()
	var b bytes.Buffer
	if err := report.Write(&b, m); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("writing took %v", took)
	}
	if b.Len() > 2<<20 {
		t.Errorf("%d bytes", b.Len())
	}
	return b.String()
}

var sections = []string{"trust", "quality", "model", "reasons", "search", "data", "reproduce"}

// TestReports: every section is there with its pictures, the markup is balanced, every picture has a title and a
// description, and nothing is fetched from anywhere.
func TestReports(t *testing.T) {
	for _, c := range []struct {
		file, target string
		opt          automl.Options
		want         []string
	}{
		{"iris.csv", "target", automl.Options{Evaluations: 40}, []string{"ROC curve", "Confusion matrix", "Calibration curve", "versicolor"}},
		{"diabetes.csv", "target", automl.Options{Evaluations: 25}, []string{"Predicted and actual values", "Residuals by prediction"}},
		{"clinic.csv", "diagnosis", automl.Options{Evaluations: 25, Holdout: 0.2, NoInstances: true, Command: "automl train 'it<s>'"},
			[]string{"Thresholds", "on the holdout", "patient_id (names the row)", "Rows must not be recognisable", "automl train &#39;it&lt;s&gt;&#39;"}},
	} {
		text := written(t, trained(t, c.file, c.target, c.opt))
		for _, want := range append(c.want, "Permutation importance", "Partial dependence on", "Contributions to single predictions", "Pareto front", "Score over time",
			"The pipeline as a graph", "Leaderboard", "What failed, and why", "Distribution of the target") {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q", c.file, want)
			}
		}
		check(t, c.file, text)
	}
}

var (
	labels  = regexp.MustCompile(`aria-labelledby="(t\d+) (d\d+)"`)
	outside = regexp.MustCompile(`(?i)<script|<link rel="?stylesheet|<img|<iframe|\ssrc=|url\(|@import|https?://|\son[a-z]+=`)
	notPlot = regexp.MustCompile(`NaN|Inf`)
	drawing = regexp.MustCompile(`(?s)<svg.*?</svg>`)
	texts   = regexp.MustCompile(`>[^<]*<`)
)

func check(t *testing.T, name, text string) {
	t.Helper()
	for _, s := range sections {
		if strings.Count(text, fmt.Sprintf(`<section id="%s">`, s)) != 1 || !strings.Contains(text, fmt.Sprintf(`href="#%s"`, s)) {
			t.Errorf("%s: section %s is missing, there twice or not in the navigation", name, s)
		}
	}
	if found := outside.FindString(text); found != "" {
		t.Errorf("%s: %q makes the page depend on something", name, found)
	}
	for _, m := range labels.FindAllStringSubmatch(text, -1) {
		for _, id := range m[1:] {
			if strings.Count(text, fmt.Sprintf(`id="%s"`, id)) != 1 {
				t.Errorf("%s: %d elements have the id %s", name, strings.Count(text, fmt.Sprintf(`id="%s"`, id)), id)
			}
		}
	}
	for _, svg := range drawing.FindAllString(text, -1) {
		if bare := texts.ReplaceAllString(svg, "><"); notPlot.MatchString(bare) || strings.Count(svg, "<") < 4 {
			t.Errorf("%s: a picture is empty or has coordinates that are no numbers: %.300s", name, svg)
		}
	}
	balanced(t, name, text)
}

// balanced parses the page as XML with HTML's void elements.
func balanced(t *testing.T, name, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict, d.AutoClose, d.Entity = true, nil, xml.HTMLEntity
	text = regexp.MustCompile(`<(meta|link)([^>]*)>`).ReplaceAllString(strings.Replace(text, "<!DOCTYPE html>", "", 1), "<$1$2/>")
	text = regexp.MustCompile(`(?s)<style>.*?</style>`).ReplaceAllString(text, "")
	d = xml.NewDecoder(strings.NewReader(text))
	d.Entity = xml.HTMLEntity
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
	}
}

// TestReportOfAStack: who chose the weights and how the mean is taken is said, with the scores that decided.
func TestReportOfAStack(t *testing.T) {
	m := trained(t, "iris.csv", "target", automl.Options{Evaluations: 12, NoExplain: true, Without: automl.Stacking})
	if m.Members = append(m.Members, m.Members[0]); len(m.Members) < 2 {
		t.Fatal("no members")
	}
	if text := written(t, m); strings.Contains(text, "second-level") || !strings.Contains(text, "their weighted mean") {
		t.Error("a stack where there is none")
	}
	m.Stack = &automl.Stack{Geometric: true, Score: 0.125, Greedy: 0.375}
	text := written(t, m)
	for _, want := range []string{"their weighted geometric mean", "second-level model", "0.125", "0.375"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
	check(t, "stack", text)
}

// TestReportEscapes: names that are markup stay text.
func TestReportEscapes(t *testing.T) {
	var v []float64
	var code, y []int32
	for i := range 60 {
		v, code, y = append(v, float64(i%17)), append(code, int32(i%3)), append(y, int32(i%2))
	}
	s := dataset.Sample{
		X: dataset.MustFrame(60, dataset.NewNumeric("<script>alert(1)</script>", v), dataset.NewCategorical("a&b", code, []string{"<i>", `"x"`, "y"})),
		Y: dataset.NewCategorical("<b>target</b>", y, []string{"<no>", "<yes>"}),
	}
	m, err := automl.Train(context.Background(), s, automl.Options{Evaluations: 5, Config: "fast"})
	if err != nil {
		t.Fatal(err)
	}
	check(t, "markup", written(t, m))
}

// TestReportWithoutRecord: models that remember nothing, or little, have a report too.
func TestReportWithoutRecord(t *testing.T) {
	m := trained(t, "iris.csv", "target", automl.Options{Evaluations: 6, NoExplain: true})
	text := written(t, m)
	if !strings.Contains(text, "no time left for explanations") {
		t.Error("the report does not say why there are no explanations")
	}
	check(t, "no explanations", text)
	m.Record.Quality, m.Record.History, m.Score.CV = automl.Quality{}, nil, math.NaN()
	check(t, "no quality", written(t, m))
	m.Record = nil
	check(t, "no record", written(t, m))
}

func BenchmarkWrite(b *testing.B) {
	m := trained(b, "iris.csv", "target", automl.Options{Evaluations: 60})
	for b.Loop() {
		if err := report.Write(io.Discard, m); err != nil {
			b.Fatal(err)
		}
	}
}

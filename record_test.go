package automl_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"math"
	"strconv"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/metrics"
)

func remembered(t *testing.T, path, target string, opt automl.Options) (*automl.Model, dataset.Sample) {
	t.Helper()
	tb, err := dataset.Read(context.Background(), path, dataset.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, schema, err := tb.Sample(dataset.SampleOptions{Target: target})
	if err != nil {
		t.Fatal(err)
	}
	opt.Schema, opt.Config = schema, "light"
	m, err := automl.Train(context.Background(), s, brief(opt))
	if err != nil {
		t.Fatal(err)
	}
	data, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := automl.Decode(data)
	if err != nil || back.Record == nil {
		t.Fatalf("the record is lost: %v", err)
	}
	return back, s
}

// TestRecordAgreesWithModel: what is remembered adds up to what the model says of itself.
func TestRecordAgreesWithModel(t *testing.T) {
	opt := automl.Options{Evaluations: 30, Holdout: 0.25, Command: "automl train"}
	m, s := remembered(t, "testdata/clinic.csv", "diagnosis", opt)
	q := m.Record.Quality
	if len(m.Record.History) != brief(opt).Evaluations || len(m.Record.Columns) != s.X.Cols() || m.Record.Command != "automl train" {
		t.Errorf("%d evaluations, %d columns, command %q", len(m.Record.History), len(m.Record.Columns), m.Record.Command)
	}
	mean := 0.0
	for _, f := range q.Folds {
		mean += f / float64(len(q.Folds))
	}
	if math.Abs(mean-m.Score.CV) > 1e-6 { // predictions are remembered in single precision
		t.Errorf("the folds' mean is %v, the model says %v", mean, m.Score.CV)
	}
	rows := 0.0
	for _, line := range q.Confusion {
		for _, v := range line {
			rows += v
		}
	}
	if int(rows) != q.Rows || q.Rows >= s.Rows() {
		t.Errorf("the confusion matrix has %v of %d rows", rows, q.Rows)
	}
	for _, d := range q.Decisions {
		if d.Threshold == 0.5 && (d.TP != q.Confusion[1][1] || d.FN != q.Confusion[1][0]) {
			t.Errorf("at 0.5: %+v, the confusion matrix says %v", d, q.Confusion)
		}
	}
	for _, named := range q.Scores {
		how, err := metrics.ByName(named.Metric)
		if err != nil {
			t.Fatal(err)
		}
		if named.Metric == "roc_auc" && (named.Baseline != 0.5 || !how.Greater || math.Abs(named.Score-q.Classes[0].ROC.Area) > 1e-12 || *named.Holdout != *m.Score.Holdout) {
			t.Errorf("%+v, the curve says %v, the model %v", named, q.Classes[0].ROC.Area, *m.Score.Holdout)
		}
	}
	if q.Lo >= m.Score.CV || q.Hi <= m.Score.CV-0.05 {
		t.Errorf("the interval %v to %v is off %v", q.Lo, q.Hi, m.Score.CV)
	}
	r := m.Record.Reasons
	if r.On != "holdout" || len(r.Importance) != 12 || len(r.Dependence) == 0 || len(r.Effects) != 1 {
		t.Errorf("reasons on %q: %d importances, %d dependences, %d effects", r.On, len(r.Importance), len(r.Dependence), len(r.Effects))
	}
}

// TestRecordOfRegression: importance is measured on rows that the explained copy had not seen, and finds what matters.
func TestRecordOfRegression(t *testing.T) {
	m, _ := remembered(t, "testdata/diabetes.csv", "target", automl.Options{Evaluations: 25})
	r, q := m.Record.Reasons, m.Record.Quality
	if r.On != "fold" || r.Rows > 100 {
		t.Errorf("importance on %d rows of %q", r.Rows, r.On)
	}
	found := 0
	for _, f := range r.Importance[:4] { // beside s1 and s2, of which one undoes the other
		if f.Feature == "bmi" || f.Feature == "s5" {
			found++
		}
	}
	if found != 2 {
		t.Errorf("most important are %+v", r.Importance[:4])
	}
	rows := 0
	for _, line := range q.Fit.Counts {
		for _, n := range line {
			rows += n
		}
	}
	if rows != 442 || len(q.Bands) != 10 || q.Classes != nil {
		t.Errorf("%d rows in the grid, %d bands", rows, len(q.Bands))
	}
}

// TestPrivateRecord: no count below ten and no number of a failure is told.
func TestPrivateRecord(t *testing.T) {
	m, s := remembered(t, "testdata/diabetes.csv", "target", automl.Options{Evaluations: 25, NoInstances: true})
	for _, line := range m.Record.Quality.Fit.Counts {
		for _, n := range line {
			if n > 0 && n < automl.DefaultMinCount {
				t.Errorf("a cell of %d rows is told", n)
			}
		}
	}
	for j, c := range m.Record.Columns {
		below, above := 0, 0
		for _, v := range s.X.Col(j).Float {
			if v <= c.Quantiles[0] {
				below++
			}
			if v >= c.Quantiles[4] {
				above++
			}
		}
		if below < automl.DefaultMinCount || above < automl.DefaultMinCount {
			t.Errorf("%s: extremes that %d and %d rows have are told", c.Name, below, above)
		}
	}
	for _, d := range m.Record.Reasons.Dependence {
		if d.Grid != nil && len(d.Grid) != len(d.Mean[0]) {
			t.Errorf("%s: %d points, %d means", d.Feature, len(d.Grid), len(d.Mean[0]))
		}
	}
}

func TestHistoryAsTable(t *testing.T) {
	opt := automl.Options{Evaluations: 40, Population: 15}
	m, _ := remembered(t, "testdata/iris.csv", "target", opt)
	var b bytes.Buffer
	if err := m.WriteHistory(&b); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(lines) != 1+brief(opt).Evaluations {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	front, failed, best := 0, 0, math.Inf(1)
	for _, l := range lines[1:] {
		if l[10] == "true" {
			front++
		}
		if l[9] == "failed" {
			failed++
		}
		if v, err := strconv.ParseFloat(l[5], 64); err == nil && l[9] == "evaluated" {
			best = min(best, v)
		}
		if l[7] != "" {
			t.Errorf("a search without a time limit has times: %v", l)
		}
	}
	if front != len(m.Front) || failed != m.Search.Failed || best != m.Front[0].Score {
		t.Errorf("%d on the front, %d failed, best %v; the model says %d, %d, %v", front, failed, best, len(m.Front), m.Search.Failed, m.Front[0].Score)
	}
	sameAsParquet(t, m, lines)
	m.Record = nil
	if m.WriteHistory(&b) == nil || m.WriteHistoryParquet(&b) == nil {
		t.Error("a history of nothing")
	}
	if _, err := m.Encode(); err != nil {
		t.Errorf("a model without a record: %v", err)
	}
}

// sameAsParquet reads the history back from a Parquet file, and wants what the CSV has.
func sameAsParquet(t *testing.T, m *automl.Model, lines [][]string) {
	t.Helper()
	var b bytes.Buffer
	if err := m.WriteHistoryParquet(&b); err != nil {
		t.Fatal(err)
	}
	file, err := parquet.OpenFile(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for j, f := range file.Schema().Fields() {
		if f.Name() != lines[0][j] {
			t.Errorf("column %d is %s, want %s", j, f.Name(), lines[0][j])
		}
	}
	rows := make([]parquet.Row, len(lines))
	n, err := parquet.NewReader(file).ReadRows(rows)
	if n != len(lines)-1 || err != nil && err != io.EOF {
		t.Fatalf("%d rows, %v", n, err)
	}
	for i, line := range lines[1:] {
		for j, v := range rows[i] {
			got := v.String()
			if v.IsNull() {
				got = ""
			}
			if w, err := strconv.ParseFloat(line[j], 64); got != line[j] && (err != nil || v.Kind() != parquet.Double || v.Double() != w) {
				t.Fatalf("%s of row %d is %q in Parquet, %q in CSV", lines[0][j], i, got, line[j])
			}
		}
	}
}

// TestDamagedRecordsAreErrors: parts that do not fit together are refused, so that a report can rely on them.
func TestDamagedRecordsAreErrors(t *testing.T) {
	for name, damage := range map[string]func(*automl.Record){
		"confusion":  func(r *automl.Record) { r.Quality.Confusion = r.Quality.Confusion[:2] },
		"curve":      func(r *automl.Record) { r.Quality.Classes[0].ROC.X = nil },
		"threshold":  func(r *automl.Record) { r.Quality.Decisions = make([]metrics.Decision, 1) },
		"dependence": func(r *automl.Record) { r.Reasons.Dependence[0].Mean[1] = nil },
		"effect":     func(r *automl.Record) { r.Reasons.Effects[0].Effects[0].Value = nil },
		"quantiles":  func(r *automl.Record) { r.Columns[0].Quantiles = []float64{1} },
	} {
		m, err := automl.Decode(smallModel(t))
		if err != nil {
			t.Fatal(err)
		}
		damage(m.Record)
		data, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := automl.Decode(data); err == nil {
			t.Errorf("%s: a damaged record was taken for a good one", name)
		}
	}
}

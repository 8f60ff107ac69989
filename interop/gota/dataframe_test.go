package gota_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/interop/gota"
)

const patients = `age,sex,score,smoker
61,f,1.5,true
NA,m,NaN,false
47,NA,-2,NaN
`

func TestFromDataFrame(t *testing.T) {
	f, err := gota.FromDataFrame(dataframe.ReadCSV(strings.NewReader(patients)))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(f.Col(0).Float, f.Col(1).Code, f.Col(1).Levels, f.Col(2).Float, f.Col(3).Code, f.Col(3).Levels); got !=
		"[61 NaN 47] [0 1 -1] [f m] [1.5 NaN -2] [1 0 -1] [false true]" {
		t.Error(got)
	}
	if f.Col(3).Name != "smoker" || f.Rows() != 3 {
		t.Errorf("%d rows, last column %q", f.Rows(), f.Col(3).Name)
	}
}

func TestThereAndBack(t *testing.T) {
	want := dataset.MustFrame(4,
		dataset.NewNumeric("x", []float64{1, math.NaN(), math.Inf(1), 0.1}),
		dataset.NewCategorical("c", []int32{1, -1, 0, 2}, []string{"", "a,\"b", "z"}))
	df, err := gota.ToDataFrame(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := gota.FromDataFrame(df)
	if err != nil {
		t.Fatal(err)
	}
	for j, c := range want.Columns() {
		g := got.Col(j)
		if g.Name != c.Name || fmt.Sprint(g.Float, g.Code) != fmt.Sprint(c.Float, c.Code) || fmt.Sprintf("%q", g.Levels) != fmt.Sprintf("%q", c.Levels) {
			t.Errorf("%+v became %+v", c, g)
		}
	}
}

// TestAnyFrameThereAndBack: names, values, levels and holes survive, whatever they are.
func TestAnyFrameThereAndBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	texts := []string{"", " ", "a", "b,c", "\"q\"", "é", "1", "1.0", "true", "NA", "-", "line\nend"}
	for range 200 {
		rows := 1 + rng.IntN(30)
		cols := make([]*dataset.Column, 1+rng.IntN(5))
		for j := range cols {
			name := fmt.Sprintf("%c %d", 'a'+rng.IntN(26), j)
			if rng.IntN(2) == 0 {
				values := make([]float64, rows)
				for i := range values {
					values[i] = []float64{math.NaN(), math.Inf(-1), 0, 1 << 60, rng.NormFloat64(), float64(rng.IntN(9))}[rng.IntN(6)]
				}
				cols[j] = dataset.NewNumeric(name, values)
				continue
			}
			values := make([]string, rows)
			for i := range values {
				values[i] = texts[rng.IntN(len(texts))]
			}
			levels := slices.Compact(slices.Sorted(slices.Values(values)))
			codes := make([]int32, rows)
			for i, v := range values {
				codes[i] = int32(slices.Index(levels, v))
			}
			for i := range codes { // a hole where its level is left to another row
				if other := slices.Index(codes, codes[i]); other != i && rng.IntN(3) == 0 {
					codes[i] = -1
				}
			}
			cols[j] = dataset.NewCategorical(name, codes, levels)
		}
		want := dataset.MustFrame(rows, cols...)
		df, err := gota.ToDataFrame(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := gota.FromDataFrame(df)
		if err != nil {
			t.Fatal(err)
		}
		if got.Fingerprint() != want.Fingerprint() {
			t.Fatalf("%v became %v", want.Columns(), got.Columns())
		}
	}
}

// TestModelFromADataFrame: a model trained from one DataFrame is saved, loaded, and predicts from another.
func TestModelFromADataFrame(t *testing.T) {
	var b strings.Builder
	b.WriteString("age,sex,ill\n")
	for i := range 80 {
		fmt.Fprintf(&b, "%d,%c,%v\n", 20+i%60, "fm"[i%2], i%60 > 30)
	}
	frame := func(text string) *dataset.Frame {
		f, err := gota.FromDataFrame(dataframe.ReadCSV(strings.NewReader(text)))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	train, err := dataset.NewTable(frame(b.String()).Columns()...)
	if err != nil {
		t.Fatal(err)
	}
	sample, schema, err := train.Sample(dataset.SampleOptions{Target: "ill"})
	if err != nil {
		t.Fatal(err)
	}
	model, err := automl.Train(context.Background(), sample, automl.Options{Evaluations: 3, Config: "fast", Schema: schema})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "m")
	if err := model.Save(path); err != nil {
		t.Fatal(err)
	}
	if model, err = automl.Load(path); err != nil {
		t.Fatal(err)
	}
	fresh, err := dataset.NewTable(frame("sex,age\nf,21\nm,78\nx,79\n").Columns()...)
	if err != nil {
		t.Fatal(err)
	}
	x, err := model.Schema.Features(fresh)
	if err != nil {
		t.Fatal(err)
	}
	p, err := model.Predict(context.Background(), x)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(model.Labels(p)); got != "[false true true]" {
		t.Error(got)
	}
}

func TestErrors(t *testing.T) {
	for name, df := range map[string]dataframe.DataFrame{
		"zero":    {},
		"failed":  dataframe.ReadCSV(strings.NewReader("a,b\n1\n")),
		"unequal": dataframe.New(series.Ints([]int{1}), series.Ints([]int{1, 2})),
		"huge":    dataframe.New(series.New([]int{1<<53 + 2}, series.Int, "id")),
	} {
		if f, err := gota.FromDataFrame(df); err == nil {
			t.Errorf("%s: %v", name, f)
		}
	}
	x := dataset.NewNumeric("x", []float64{1})
	for name, f := range map[string]*dataset.Frame{
		"no columns": dataset.MustFrame(1),
		"same names": dataset.MustFrame(1, x, x),
		"no name":    dataset.MustFrame(1, x.Rename("")),
		"NaN level":  dataset.MustFrame(1, dataset.NewCategorical("c", []int32{0}, []string{"NaN"})),
	} {
		if df, err := gota.ToDataFrame(f); err == nil {
			t.Errorf("%s: %v", name, df)
		}
	}
}

func Example() {
	var b strings.Builder
	b.WriteString("age,sex,ill\n")
	for i := range 80 {
		fmt.Fprintf(&b, "%d,%c,%v\n", 20+i%60, "fm"[i%2], i%60 > 30)
	}
	frame, err := gota.FromDataFrame(dataframe.ReadCSV(strings.NewReader(b.String())))
	if err != nil {
		panic(err)
	}
	table, err := dataset.NewTable(frame.Columns()...)
	if err != nil {
		panic(err)
	}
	sample, schema, err := table.Sample(dataset.SampleOptions{Target: "ill"})
	if err != nil {
		panic(err)
	}
	model, err := automl.Train(context.Background(), sample, automl.Options{Evaluations: 3, Config: "fast", Schema: schema})
	if err != nil {
		panic(err)
	}
	p, err := model.Predict(context.Background(), sample.X)
	if err != nil {
		panic(err)
	}
	df, err := gota.ToDataFrame(p)
	if err != nil {
		panic(err)
	}
	fmt.Println(df.Nrow(), df.Names())
	// Output: 80 [false true]
}

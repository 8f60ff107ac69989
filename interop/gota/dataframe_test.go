package gota_test

import (
	"context"
	"fmt"
	"math"
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

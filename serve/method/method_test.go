package method

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
)

// longley is the certified data set of NIST's Statistical Reference Datasets (Longley 1967): columns y, x1 … x6.
const longley = `60323 83.0 234289 2356 1590 107608 1947
61122 88.5 259426 2325 1456 108632 1948
60171 88.2 258054 3682 1616 109773 1949
61187 89.5 284599 3351 1650 110929 1950
63221 96.2 328975 2099 3099 112075 1951
63639 98.1 346999 1932 3594 113270 1952
64989 99.0 365385 1870 3547 115094 1953
63761 100.0 363112 3578 3350 116219 1954
66019 101.2 397469 2904 3048 117388 1955
67857 104.6 419180 2822 2857 118734 1956
68169 108.4 442769 2936 2798 120445 1957
66513 110.8 444546 4681 2637 121950 1958
68655 112.6 482704 3813 2552 123366 1959
69564 114.2 502601 3931 2514 125368 1960
69331 115.7 518173 4806 2572 127852 1961
70551 116.9 554894 4007 2827 130081 1962`

func numbers(t *testing.T, text string) [][]float64 {
	t.Helper()
	var cols [][]float64
	for _, line := range strings.Split(text, "\n") {
		for j, word := range strings.Fields(line) {
			v, err := strconv.ParseFloat(word, 64)
			if err != nil {
				t.Fatal(err)
			}
			if j == len(cols) {
				cols = append(cols, nil)
			}
			cols[j] = append(cols[j], v)
		}
	}
	return cols
}

func near(a, b, relative float64) bool {
	return math.Abs(a-b) <= relative*max(math.Abs(a), math.Abs(b))
}

// NIST certifies these to 15 digits; the matrix is so ill-conditioned that few programs reach them.
func TestLongley(t *testing.T) {
	cols := numbers(t, longley)
	var ts []term
	for j, c := range cols[1:] {
		name := "x" + strconv.Itoa(j+1)
		ts = append(ts, term{name, [][]float64{c}, []string{name}})
	}
	f := regress(cols[0], ts)
	want := [][2]float64{{-3482258.63459582, 890420.383607373}, {15.0618722713733, 84.9149257747669}, {-0.358191792925910e-01, 0.334910077722432e-01},
		{-2.02022980381683, 0.488399681651699}, {-1.03322686717359, 0.214274163161675}, {-0.511041056535807e-01, 0.226073200069370}, {1829.15146461355, 455.478499142212}}
	for i, w := range want {
		if !near(f.coef[i], w[0], 1e-8) || !near(f.err[i], w[1], 1e-8) {
			t.Errorf("%s: %.15g ± %.15g, want %.15g ± %.15g", f.names[i], f.coef[i], f.err[i], w[0], w[1])
		}
	}
	table := f.table("y", 0)
	for what, pair := range map[string][2]float64{"sigma": {float64(table.Sigma), 304.854073561965}, "R2": {float64(table.R2), 0.995479004577296}, "F": {float64(table.F), 330.285339234588}} {
		if !near(pair[0], pair[1], 1e-9) {
			t.Errorf("%s: %.15g, want %.15g", what, pair[0], pair[1])
		}
	}
	if p := float64(table.Coefficients["x6"].P); !near(p, 0.00303680, 1e-5) {
		t.Errorf("p of x6: %g", p)
	}
}

// Values of tables of the distributions.
func TestTails(t *testing.T) {
	for _, c := range []struct{ t, df, p float64 }{{12.7062047364, 1, 0.05}, {2.2281388520, 10, 0.05}, {1.9599639845, 1e9, 0.05}, {3.1692726726, 10, 0.01}} {
		if p := tailT(c.t, c.df); !near(p, c.p, 1e-6) {
			t.Errorf("t %g of %g: %g, want %g", c.t, c.df, p, c.p)
		}
		if q := quantileT(c.p, c.df); c.df < 1e6 && !near(q, c.t, 1e-6) {
			t.Errorf("quantile %g of %g: %g", c.p, c.df, q)
		}
	}
	for _, c := range []struct{ f, a, b, p float64 }{{161.4476387976, 1, 1, 0.05}, {3.7082648190, 3, 10, 0.05}, {4.9646027437, 1, 10, 0.05}} {
		if p := tailF(c.f, c.a, c.b); !near(p, c.p, 1e-6) {
			t.Errorf("F %g of %g and %g: %g, want %g", c.f, c.a, c.b, p, c.p)
		}
	}
}

// slowly solves the normal equations by Gauss-Jordan elimination and inverts them.
func slowly(y []float64, cols [][]float64) (coef, err []float64, rss float64) {
	x := [][]float64{make([]float64, len(y))}
	for i := range y {
		x[0][i] = 1
	}
	x = append(x, cols...)
	p := len(x)
	a := make([][]float64, p)
	for i := range a {
		a[i] = make([]float64, 2*p)
		for j := range p {
			for r := range y {
				a[i][j] += x[i][r] * x[j][r]
			}
		}
		a[i][p+i] = 1
	}
	for i := range p {
		pivot := a[i][i]
		for j := range a[i] {
			a[i][j] /= pivot
		}
		for k := range p {
			if k != i {
				factor := a[k][i]
				for j := range a[k] {
					a[k][j] -= factor * a[i][j]
				}
			}
		}
	}
	coef, err = make([]float64, p), make([]float64, p)
	for i := range p {
		for j := range p {
			for r := range y {
				coef[i] += a[i][p+j] * x[j][r] * y[r]
			}
		}
	}
	for r := range y {
		e := y[r]
		for i := range p {
			e -= coef[i] * x[i][r]
		}
		rss += e * e
	}
	for i := range p {
		err[i] = math.Sqrt(rss / float64(len(y)-p) * a[i][p+i])
	}
	return coef, err, rss
}

func TestRegressionIsThatOfTheNormalEquations(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 1))
		n, p := 12+rng.IntN(40), 1+rng.IntN(5)
		cols, y := make([][]float64, p), make([]float64, n)
		var ts []term
		for j := range cols {
			cols[j] = make([]float64, n)
			for i := range n {
				cols[j][i] = rng.NormFloat64()*2 + 3
				y[i] += float64(j) * cols[j][i]
			}
			ts = append(ts, term{strconv.Itoa(j), cols[j : j+1], []string{strconv.Itoa(j)}})
		}
		for i := range y {
			y[i] += rng.NormFloat64()
		}
		// A column that tells nothing new is left out.
		double := make([]float64, n)
		for i := range double {
			double[i] = 2*cols[0][i] - 1
		}
		f := regress(y, append(ts, term{"double", [][]float64{double}, []string{"double"}}))
		coef, err, rss := slowly(y, cols)
		if len(f.left) != 1 || f.left[0] != "double" || !near(f.rss, rss, 1e-8) {
			t.Fatalf("left %v, rss %g, want %g", f.left, f.rss, rss)
		}
		for i := range coef {
			if math.Abs(f.coef[i]-coef[i]) > 1e-8*(1+math.Abs(coef[i])) || !near(f.err[i], err[i], 1e-7) {
				t.Fatalf("seed %d, %d: %g ± %g, want %g ± %g", seed, i, f.coef[i], f.err[i], coef[i], err[i])
			}
		}
	}
}

// sampleOf makes a sample of columns; the first is the target.
func sampleOf(t *testing.T, cols ...*dataset.Column) dataset.Sample {
	t.Helper()
	return dataset.Sample{Y: cols[0], X: dataset.MustFrame(cols[0].Len(), cols[1:]...)}
}

// A one-way analysis is that of the textbook: between and within groups.
func TestAnovaOneWay(t *testing.T) {
	y := []float64{6, 8, 4, 5, 3, 4, 8, 12, 9, 11, 6, 8, 13, 9, 11, 8, 7, 12}
	codes := []int32{0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2}
	s := sampleOf(t, dataset.NewNumeric("y", y), dataset.NewCategorical("g", codes, []string{"a", "b", "c"}))
	out, err := anova.Fit(context.Background(), Input{Sample: s, Parameters: Values{}})
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Table map[string]struct {
			SumSq float64  `json:"sum_sq"`
			DF    float64  `json:"df"`
			F     *float64 `json:"F"`
			P     *float64 `json:"PR(>F)"`
		}
	}
	if err := json.Unmarshal(out.Data, &got); err != nil {
		t.Fatal(err)
	}
	g, r := got.Table["g"], got.Table["Residual"]
	if !near(g.SumSq, 84, 1e-9) || g.DF != 2 || !near(r.SumSq, 68, 1e-9) || r.DF != 15 || !near(*g.F, 9.2647058823, 1e-9) || !near(*g.P, 0.0023987773, 1e-6) || r.F != nil {
		t.Errorf("%s", out.Data)
	}
}

// The sums of squares of type II of two factors, from the models' residuals by the normal equations.
func TestAnovaTypeII(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	n := 60
	y, a, b := make([]float64, n), make([]int32, n), make([]int32, n)
	da, db, dab := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		a[i], b[i] = int32(rng.IntN(2)), int32(rng.IntN(3)/2)
		da[i], db[i] = float64(a[i]), float64(b[i])
		dab[i] = da[i] * db[i]
		y[i] = da[i] + 2*db[i] + dab[i] + rng.NormFloat64()
	}
	s := sampleOf(t, dataset.NewNumeric("y", y), dataset.NewCategorical("a", a, []string{"p", "q"}), dataset.NewCategorical("b", b, []string{"r", "s"}))
	ts, err := terms(s.X)
	if err != nil {
		t.Fatal(err)
	}
	if ts, err = factorial(ts, s.X); err != nil {
		t.Fatal(err)
	}
	table, order, err := variance(y, ts)
	if err != nil {
		t.Fatal(err)
	}
	_, _, onlyB := slowly(y, [][]float64{db})
	_, _, onlyA := slowly(y, [][]float64{da})
	_, _, both := slowly(y, [][]float64{da, db})
	_, _, full := slowly(y, [][]float64{da, db, dab})
	for name, want := range map[string]float64{"a": onlyB - both, "b": onlyA - both, "a:b": both - full, "Residual": full} {
		if !near(float64(table[name].SumSq), want, 1e-8) {
			t.Errorf("%s: %g, want %g", name, float64(table[name].SumSq), want)
		}
	}
	if strings.Join(order, " ") != "a b a:b Residual" {
		t.Errorf("order %v", order)
	}
}

// clinic is a small table with a category, a group and missing values.
func clinic(t *testing.T, rows int) dataset.Sample {
	t.Helper()
	rng := rand.New(rand.NewPCG(3, 3))
	y, x, g, d := make([]float64, rows), make([]float64, rows), make([]int32, rows), make([]int32, rows)
	for i := range rows {
		x[i], g[i] = rng.NormFloat64(), int32(rng.IntN(2))
		y[i] = 2*x[i] + float64(g[i]) + 0.1*rng.NormFloat64()
		d[i] = 0
		if y[i] > 0.5 {
			d[i] = 1
		}
		if i%17 == 0 {
			x[i] = math.NaN()
		}
	}
	return dataset.Sample{Y: dataset.NewNumeric("score", y), X: dataset.MustFrame(rows, dataset.NewNumeric("x", x), dataset.NewCategorical("sex", g, []string{"f", "m"}),
		dataset.NewCategorical("class", d, []string{"no", "yes"}))}
}

func TestSummary(t *testing.T) {
	s := clinic(t, 200)
	out, err := statisticsSummary.Fit(context.Background(), Input{Sample: s, Covariable: map[string]bool{"x": true, "class": true}, Private: true, MinCount: 10})
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Data []struct {
			Variable, Group string
			Count, Missing  int
			Mean            *float64
			Frequency       map[string]int
		}
	}
	if err := json.Unmarshal(out.Data, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Data) != 12 { // four variables in all and in two groups
		t.Fatalf("%d lines", len(got.Data))
	}
	seen := map[string]int{}
	for _, l := range got.Data {
		seen[l.Group] += l.Count + l.Missing
		if l.Variable == "x" && l.Group == "" && (l.Missing != 12 || l.Mean == nil) {
			t.Errorf("x: %+v", l)
		}
		if l.Variable == "sex" && l.Group == "sex=m" && l.Frequency["m"] != l.Count {
			t.Errorf("sex: %+v", l)
		}
	}
	if seen[""] != 800 || seen["sex=f"]+seen["sex=m"] != 800 {
		t.Errorf("rows by group: %v", seen)
	}
}

func TestBaselinesMakeModels(t *testing.T) {
	s := clinic(t, 150)
	classes := dataset.Sample{Y: s.X.Col(2), X: s.X.Select(0, 1)}
	number := dataset.Sample{Y: s.Y, X: s.X.Select(0, 1)}
	for _, c := range []struct {
		m     *Method
		s     dataset.Sample
		least float64
	}{{knn, classes, 0.8}, {knn, number, 0.7}, {naiveBayes, classes, 0.8}, {linearRegression, number, 0.9}} {
		metric := "accuracy"
		if c.s.Y.Kind == dataset.Numeric {
			metric = "r2"
		}
		out, err := c.m.Fit(context.Background(), Input{Sample: c.s, Parameters: Values{}, Options: automl.Options{Metric: metric, Workers: 1}})
		if err != nil {
			t.Errorf("%s: %v", c.m.Code, err)
			continue
		}
		if m := out.Model; m == nil || len(m.Members) != 1 || m.Score.CV < c.least {
			t.Errorf("%s: %+v", c.m.Code, m)
		}
	}
	if _, err := linearRegression.Fit(context.Background(), Input{Sample: classes}); err == nil {
		t.Error("a linear regression of categories")
	}
	if _, err := naiveBayes.Fit(context.Background(), Input{Sample: number}); err == nil {
		t.Error("naive Bayes of a quantity")
	}
}

package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// A contest is one line of the table of tree ensembles: ours and, by package, the Python expressions of its rivals.
type contest struct {
	name       string
	data       string
	rows, cols int
	text       string
	prepared   bool // the columns are binned before the clock starts, where the rival can do so
	predict    bool // prediction is timed, not training
	rivals     map[string]string
}

const (
	boostText  = "LGBMClassifier(input, n_estimators=100, num_leaves=31)"
	regText    = "LGBMRegressor(input, n_estimators=100, num_leaves=31)"
	forestText = "RandomForestClassifier(input)"
	extraText  = "ExtraTreesClassifier(input)"
)

// boosts are the rivals of a booster, by package, where the objective is named differently in each.
func boosts(light, xgb, sklearn, more string) map[string]string {
	return map[string]string{
		"lightgbm": fmt.Sprintf("LightGBM(objective=%q%s)", light, more),
		"xgboost":  fmt.Sprintf("XGBoost(objective=%q%s)", xgb, more),
		"sklearn":  sklearn,
	}
}

const (
	histClass = "HistGradientBoostingClassifier(early_stopping=False)"
	histValue = "HistGradientBoostingRegressor(early_stopping=False)"
	mixedCats = ", categorical=range(25, 30)"
)

var contests = []contest{
	{name: "boosting, bins ready", data: "trees", rows: 100_000, cols: 30, text: boostText, prepared: true, rivals: boosts("binary", "binary:logistic", histClass, ", prepared=True")},
	{name: "boosting", data: "trees", rows: 100_000, cols: 30, text: boostText, rivals: boosts("binary", "binary:logistic", histClass, "")},
	{name: "boosting, bins ready", data: "trees", rows: 10_000, cols: 50, text: boostText, prepared: true, rivals: boosts("binary", "binary:logistic", histClass, ", prepared=True")},
	{name: "boosting", data: "trees", rows: 10_000, cols: 50, text: boostText, rivals: boosts("binary", "binary:logistic", histClass, "")},
	{name: "boosting, bins ready", data: "trees", rows: 500, cols: 20, text: boostText, prepared: true, rivals: boosts("binary", "binary:logistic", histClass, ", prepared=True")},
	{name: "boosting", data: "trees", rows: 500, cols: 20, text: boostText, rivals: boosts("binary", "binary:logistic", histClass, "")},
	{name: "boosting, regression", data: "treesreg", rows: 100_000, cols: 30, text: regText, prepared: true, rivals: boosts("regression", "reg:squarederror", histValue, ", prepared=True")},
	{name: "boosting, 5 classes", data: "trees5", rows: 100_000, cols: 30, text: boostText, prepared: true,
		rivals: boosts("multiclass", "multi:softprob", histClass, ", num_class=5, prepared=True")},
	{name: "boosting, 30 % missing, 5 x 50 levels", data: "treesmix", rows: 100_000, cols: 30, text: boostText, prepared: true,
		rivals: boosts("binary", "binary:logistic", "HistGradientBoostingClassifier(early_stopping=False, categorical_features=list(range(25, 30)))", mixedCats+", prepared=True")},
	{name: "random forest", data: "trees", rows: 10_000, cols: 50, text: forestText, rivals: map[string]string{"sklearn": "RandomForestClassifier()"}},
	{name: "extra trees", data: "trees", rows: 10_000, cols: 50, text: extraText, rivals: map[string]string{"sklearn": "ExtraTreesClassifier()"}},
	{name: "prediction by 100 trees", data: "trees", rows: 100_000, cols: 30, text: boostText, predict: true, rivals: boosts("binary", "binary:logistic", histClass, "")},
}

var packages = []string{"lightgbm", "xgboost", "sklearn"}

// runTrees measures the contests, each rival in a process of its own, and prints CPU seconds of one thread, the smallest of
// several, and the ratio of ours to the rival's; then what threads and the sharing of bins bring.
func runTrees(o options, w io.Writer) error {
	dir, err := os.MkdirTemp("", "peers")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	rivals := map[string]*child{}
	for _, p := range packages {
		if !slices.Contains(strings.Split(o.rivals, ","), p) {
			continue
		}
		c, err := start(o.python)
		if err != nil {
			fmt.Fprintf(os.Stderr, "peers: ALL RIVALS ARE LEFT OUT: %v\n", err)
			break
		}
		defer c.stop()
		if p != "sklearn" && c.Versions[p] == "" {
			fmt.Fprintf(os.Stderr, "peers: %s is LEFT OUT: it is not installed\n", p)
			continue
		}
		rivals[p] = c
		fmt.Fprintln(w, "beside", c.Versions)
	}
	records := [][]string{{"contest", "rows", "cols", "ours", "lightgbm", "xgboost", "sklearn", "score", "lightgbm_score", "xgboost_score", "sklearn_score"}}
	fmt.Fprintf(w, "\n| contest | size | ours | %s | scores |\n|---|---|--:|--:|--:|--:|---|\n", strings.Join(packages, " | "))
	for _, c := range contests {
		if !o.only.MatchString(c.name + " " + strconv.Itoa(c.rows)) {
			continue
		}
		record, err := c.run(o, dir, rivals)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		records = append(records, record)
		c.print(w, record)
	}
	if o.only.MatchString("threads") {
		if err := sharing(w); err != nil {
			return err
		}
	}
	return write(o.csv, records)
}

// print writes a record as a line of Markdown.
func (c contest) print(w io.Writer, record []string) {
	ours, _ := strconv.ParseFloat(record[3], 64)
	fmt.Fprintf(w, "| %s | %d x %d | %.4f |", c.name, c.rows, c.cols, ours)
	for _, v := range record[4:7] {
		if theirs, err := strconv.ParseFloat(v, 64); err == nil {
			fmt.Fprintf(w, " %.4f (%s) |", theirs, ratio(ours, theirs))
		} else {
			fmt.Fprint(w, " - |")
		}
	}
	fmt.Fprintf(w, " %s |\n", strings.Join(record[7:], " "))
}

func (c contest) run(o options, dir string, rivals map[string]*child) ([]string, error) {
	op, spec, err := operator(c.text)
	if err != nil {
		return nil, err
	}
	t, err := generate(c.data, c.rows, c.cols)
	if err != nil {
		return nil, err
	}
	path, err := t.write(dir)
	if err != nil {
		return nil, err
	}
	defer os.Remove(path)
	best, scores, spent := map[string]float64{}, map[string]*float64{}, 0.0
	note := func(who string, m measured) {
		v := m.Fit
		if c.predict {
			v = m.Predict
		}
		if old, ok := best[who]; !ok || v < old {
			best[who] = v
		}
		scores[who] = m.Score
		spent += m.Fit + m.Predict
	}
	s := t.sample()
	for i := 0; i < o.repeat && (i < 2 || spent < 10*enough); i++ {
		if !c.prepared {
			s = t.sample()
		} else if _, err := op.Fit(context.Background(), operators.NewEnv(1, 1), s); err != nil && i == 0 {
			return nil, err
		}
		m, err := measureSample(op, spec, s)
		if err != nil {
			return nil, err
		}
		note("ours", m)
		for who, expression := range c.rivals {
			if rivals[who] == nil {
				continue
			}
			m, err := rivals[who].ask(request{expression, path, t.kind, t.rows, t.cols, t.classes(), true, false})
			if err != nil {
				return nil, fmt.Errorf("%s: %w", who, err)
			}
			note(who, m)
		}
	}
	record := []string{c.name, strconv.Itoa(c.rows), strconv.Itoa(c.cols)}
	for _, who := range append([]string{"ours"}, packages...) {
		if v, ok := best[who]; ok {
			record = append(record, strconv.FormatFloat(v, 'g', 5, 64))
		} else {
			record = append(record, "-")
		}
	}
	for _, who := range append([]string{"ours"}, packages...) {
		record = append(record, number(scores[who], 4))
	}
	return record, nil
}

// measureSample fits and applies an operator once.
func measureSample(op operators.Operator, spec *operators.Spec, s dataset.Sample) (measured, error) {
	runtime.GC()
	a := cpu()
	f, err := op.Fit(context.Background(), operators.NewEnv(1, 1), s)
	if err != nil {
		return measured{}, err
	}
	b := cpu()
	out, err := f.Apply(context.Background(), operators.NewEnv(2, 1), s.X)
	if err != nil {
		return measured{}, err
	}
	return measured{b - a, cpu() - b, score(out, s.Y)}, nil
}

// sharing prints what two threads bring to one fit and to many, by the clock, and what a second fit saves.
func sharing(w io.Writer) error {
	op, _, err := operator(boostText)
	if err != nil {
		return err
	}
	t, err := generate("trees", 100_000, 30)
	if err != nil {
		return err
	}
	fit := func(s dataset.Sample, threads int) error {
		env := operators.NewEnv(1, 1)
		env.Threads = threads
		_, err := op.Fit(context.Background(), env, s)
		return err
	}
	s := t.sample()
	first, err := timed(1, func() error { return fit(s, 1) })
	if err != nil {
		return err
	}
	var one, two, pair, had, pairHad float64
	for i := range 5 {
		a, errA := timed(1, func() error { return fit(s, 1) })
		before := cpu()
		b, errB := timed(1, func() error { return fit(s, 2) })
		between := cpu()
		c, errC := timed(2, func() error { return fit(s, 1) })
		if errA != nil || errB != nil || errC != nil {
			return fmt.Errorf("threads: %v %v %v", errA, errB, errC)
		}
		if i == 0 || a < one {
			one = a
		}
		if i == 0 || b < two {
			two, had = b, (between-before)/b
		}
		if i == 0 || c < pair {
			pair, pairHad = c, (cpu()-between)/c
		}
	}
	fmt.Fprintf(w, "\nBy the clock, 100,000 x 30: first fit %.3f s, another on the same columns %.3f s, on two threads %.3f s (%.2f x), two at once on one thread each %.3f s (%.2f x)\n"+
		"Of two processors the former had %.2f, the latter %.2f: others had the rest\n",
		first, one, two, one/two, pair, 2*one/pair, had, pairHad)
	return nil
}

// timed runs n calls of f at once and returns the time by the clock.
func timed(n int, f func() error) (float64, error) {
	runtime.GC()
	start := time.Now()
	failed := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { failed[i] = f() })
	}
	wg.Wait()
	for _, err := range failed {
		if err != nil {
			return math.NaN(), err
		}
	}
	return time.Since(start).Seconds(), nil
}

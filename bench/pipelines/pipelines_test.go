package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestRun: a folder with one table and pipelines of every fate.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	var table, folds strings.Builder
	table.WriteString("x,z,target\n")
	folds.WriteString("row,fold\n")
	for i := range 60 {
		v := float64(i*37%60) / 10
		table.WriteString(strings.Join([]string{number(v), number(float64(i % 7)), number(2*v + 1)}, ",") + "\n")
		folds.WriteString(number(float64(i)) + "," + number(float64(i%3)) + "\n")
	}
	for name, text := range map[string]string{
		"t.csv": table.String(), "t.folds.csv": folds.String(),
		"t.pipelines.csv": "id,pipeline,cv_score,cpu_seconds,random,score_std_over_seeds\n" +
			"1,LinearRegression(input),0,1,false,0\n" +
			"2,\"ElasticNetCV(input, tol=0.1)\",7,1,false,0\n" +
			"3,Nonsense(input),0,2,false,0\n" +
			"4,\"KNeighborsRegressor(input, n_neighbors=1000)\",0,3,false,0\n" +
			"5,RidgeCV(stack(LinearRegression(input))),9,1,false,0\n" +
			"6,\"ExtraTreesRegressor(input, n_estimators=10)\",0.5,1,true,0.5\n" +
			"7,\"LGBMRegressor(input, boosting_type=dart, min_child_samples=1)\",0.5,1,true,0.5\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := options{data: dir, pipelines: dir, only: regexp.MustCompile(""), seeds: 2, csv: filepath.Join(dir, "out")}
	if err := o.check("", ""); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := o.run(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| t | 7 | 6 | 5 | 1 | 3 | 1 |", "t 3 unparsed", "t 4 failed", "t 2: ours", "scikit-learn's solver stops early",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	written, err := os.ReadFile(o.csv)
	if err != nil || bytes.Count(written, []byte("\n")) != 8 {
		t.Errorf("%s, %v", written, err)
	}
}

package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/metrics"
	"github.com/lren-chuv/automl/operators"
)

// qualityTables have numeric columns only, so that no encoding stands between the packages.
var qualityTables = []string{"airfoil", "boston", "breast_cancer", "concrete", "diabetes", "friedman1", "pima", "segment", "spambase", "vehicle"}

// duels are our booster, without its ending, and the name of the model in the recorded scores.
var duels = [][2]string{{"LGBM", "lightgbm"}, {"HistGradientBoosting", "hist_gb"}}

// runQuality compares default boosters with the scores recorded in dir: NAME.csv with the column target, NAME.folds.csv
// with the outer fold of every row, baseline_scores.csv with the columns dataset, fold, model, metric, value.
func runQuality(dir string, o options, w io.Writer) error {
	recorded, err := readScores(filepath.Join(dir, "baseline_scores.csv"))
	if err != nil {
		return err
	}
	records := [][]string{{"table", "metric", "fold", "ours", "score", "theirs", "their_score"}}
	fmt.Fprintf(w, "| table | metric | ours | theirs | mean ours | mean theirs | difference, %% of the loss |\n|---|---|---|---|--:|--:|--:|\n")
	pooled := make([][]float64, len(duels))
	for _, name := range qualityTables {
		all, folds, metric, err := outer(dir, name)
		if err != nil {
			return err
		}
		for d, duel := range duels {
			ours, theirs := make([]float64, 5), make([]float64, 5)
			for k := range ours {
				if ours[k], err = heldOut(duel[0], all, folds, k, metric); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
				v, ok := recorded[strings.Join([]string{name, strconv.Itoa(k), duel[1], metric.Name}, " ")]
				if !ok {
					return fmt.Errorf("%s: no %s of %s recorded for fold %d", name, metric.Name, duel[1], k)
				}
				theirs[k] = v
				records = append(records, []string{name, metric.Name, strconv.Itoa(k), duel[0], number(&ours[k], 6), duel[1], number(&v, 6)})
			}
			diff := relative(metric, ours, theirs)
			pooled[d] = append(pooled[d], diff...)
			m, _ := meanError(diff)
			a, _ := meanError(ours)
			b, _ := meanError(theirs)
			fmt.Fprintf(w, "| %s | %s | %s | %s | %.4f | %.4f | %+.2f |\n", name, metric.Name, duel[0], duel[1], a, b, 100*m)
		}
	}
	for d, duel := range duels {
		m, e := meanError(pooled[d])
		fmt.Fprintf(w, "\n%s against %s: the loss is %+.2f %% of theirs (standard error %.2f, t = %.2f, %d pairs)\n", duel[0], duel[1], 100*m, 100*e, m/e, len(pooled[d]))
	}
	return write(o.csv, records)
}

// relative is the difference of the losses on each fold, as a share of the mean of theirs.
func relative(metric metrics.Metric, ours, theirs []float64) []float64 {
	mean := 0.0
	for _, v := range theirs {
		mean += loss(metric, v) / float64(len(theirs))
	}
	out := make([]float64, len(ours))
	for k := range out {
		out[k] = (loss(metric, ours[k]) - loss(metric, theirs[k])) / mean
	}
	return out
}

func loss(metric metrics.Metric, v float64) float64 {
	if metric.Name == "roc_auc" {
		return 1 - v
	}
	return v
}

// meanError is the mean and its standard error.
func meanError(v []float64) (mean, err float64) {
	for _, x := range v {
		mean += x / float64(len(v))
	}
	for _, x := range v {
		err += (x - mean) * (x - mean)
	}
	return mean, math.Sqrt(err / float64(len(v)-1) / float64(len(v)))
}

// outer reads a table, the outer fold of every row and the metric that the scores are recorded in.
func outer(dir, name string) (all dataset.Sample, folds []int, metric metrics.Metric, err error) {
	table, err := dataset.Read(context.Background(), filepath.Join(dir, name+".csv"), dataset.ReadOptions{})
	if err != nil {
		return
	}
	if all, _, err = table.Sample(dataset.SampleOptions{Target: "target"}); err != nil {
		return
	}
	lines, err := readCSV(filepath.Join(dir, name+".folds.csv"))
	if err != nil {
		return
	}
	folds = make([]int, all.Rows())
	for _, line := range lines[1:] {
		row, errA := strconv.Atoi(line[0])
		fold, errB := strconv.Atoi(line[1])
		if errA != nil || errB != nil || row < 0 || row >= len(folds) {
			err = fmt.Errorf("%s: fold of row %q: %q", name, line[0], line[1])
			return
		}
		folds[row] = fold
	}
	by := "rmse"
	if n := len(all.Y.Levels); n == 2 {
		by = "roc_auc"
	} else if n > 2 {
		by = "log_loss"
	}
	metric, err = metrics.ByName(by)
	return
}

// heldOut fits a default booster on the other folds and scores it on fold k.
func heldOut(name string, all dataset.Sample, folds []int, k int, metric metrics.Metric) (float64, error) {
	var in, out []int32
	for i, fold := range folds {
		if fold == k {
			out = append(out, int32(i))
		} else {
			in = append(in, int32(i))
		}
	}
	train, test := all.Gather(in), all.Gather(out)
	kind := "Regressor"
	if all.Y.Kind == dataset.Categorical {
		kind = "Classifier"
	}
	op, _, err := operator(name + kind + "(input)")
	if err != nil {
		return 0, err
	}
	f, err := op.Fit(context.Background(), operators.NewEnv(1, 1), train)
	if err != nil {
		return 0, err
	}
	p, err := f.Apply(context.Background(), operators.NewEnv(2, 1), test.X)
	if err != nil {
		return 0, err
	}
	return metric.Score(test.Y, p, nil)
}

// readScores maps "dataset fold model metric" to the value.
func readScores(path string) (map[string]float64, error) {
	lines, err := readCSV(path)
	if err != nil {
		return nil, err
	}
	out := map[string]float64{}
	for i, line := range lines[1:] {
		if len(line) < 5 {
			return nil, fmt.Errorf("%s: line %d is short", path, i+2)
		}
		if out[strings.Join(line[:4], " ")], err = strconv.ParseFloat(line[4], 64); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", path, i+2, err)
		}
	}
	return out, nil
}

func readCSV(path string) ([][]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err == nil && len(lines) == 0 {
		err = fmt.Errorf("%s is empty", path)
	}
	return lines, err
}

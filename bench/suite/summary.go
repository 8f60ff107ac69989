package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/lren-chuv/automl/metrics"
)

// key names a score: who, on what.
type key struct {
	table  string
	fold   int
	metric string
}

// summarise writes a Markdown table of the mean scores and ranks of all who have scores on the same tables and folds.
func summarise(w io.Writer, p plan, records []record) error {
	scores := map[string]map[key]float64{} // tool → key → score
	put := func(tool string, k key, v float64) {
		if scores[tool] == nil {
			scores[tool] = map[key]float64{}
		}
		if !math.IsNaN(v) {
			scores[tool][k] = v
		}
	}
	metricOf := map[string]string{}
	for _, r := range records {
		if r.Metric != "" && slices.Contains(p.tables, r.Table) && slices.Contains(p.folds, r.Fold) {
			put(r.Tool, key{r.Table, r.Fold, r.Metric}, r.Score)
			metricOf[r.Table] = r.Metric
		}
	}
	if err := recorded(p.dir, put); err != nil {
		return err
	}
	tools := slices.Sorted(maps.Keys(scores))
	fmt.Fprintf(w, "| table | metric | folds |")
	for _, t := range tools {
		fmt.Fprintf(w, " %s |", t)
	}
	fmt.Fprint(w, "\n|---|---|---|")
	for range tools {
		fmt.Fprint(w, "---:|")
	}
	fmt.Fprintln(w)
	ranks := map[string][]float64{}
	for _, table := range p.tables {
		if metric := metricOf[table]; metric != "" {
			row(w, p, table, metric, tools, scores, ranks)
		}
	}
	fmt.Fprint(w, "| mean rank on these folds | | |")
	for _, t := range tools {
		sum := 0.0
		for _, r := range ranks[t] {
			sum += r
		}
		fmt.Fprintf(w, " %.2f (%d) |", sum/float64(len(ranks[t])), len(ranks[t]))
	}
	fmt.Fprintln(w)
	return nil
}

// row writes one table's line: means over the folds that a tool has, and notes the ranks fold by fold.
func row(w io.Writer, p plan, table, metric string, tools []string, scores map[string]map[key]float64, ranks map[string][]float64) {
	m, err := metrics.ByName(metric)
	if err != nil {
		return
	}
	for _, fold := range p.folds {
		k := key{table, fold, metric}
		for _, t := range tools {
			mine, ok := scores[t][k]
			if !ok {
				continue
			}
			rank := 1.0
			for _, other := range tools {
				if v, ok := scores[other][k]; ok && other != t {
					switch {
					case m.Loss(v) < m.Loss(mine):
						rank++
					case v == mine:
						rank += 0.5
					}
				}
			}
			ranks[t] = append(ranks[t], rank)
		}
	}
	fmt.Fprintf(w, "| %s | %s | %d |", table, metric, len(p.folds))
	for _, t := range tools {
		sum, n := 0.0, 0
		for _, fold := range p.folds {
			if v, ok := scores[t][key{table, fold, metric}]; ok {
				sum, n = sum+v, n+1
			}
		}
		switch n {
		case 0:
			fmt.Fprint(w, " |")
		case len(p.folds):
			fmt.Fprintf(w, " %.4g |", sum/float64(n))
		default:
			fmt.Fprintf(w, " %.4g (%d) |", sum/float64(n), n)
		}
	}
	fmt.Fprintln(w)
}

// recorded reads the scores of others that stand beside the tables, if there are any.
func recorded(dir string, put func(tool string, k key, v float64)) error {
	err := eachLine(filepath.Join(dir, "baseline_scores.csv"), func(get func(string) string) {
		put(get("model"), key{get("dataset"), whole(get("fold")), get("metric")}, real(get("value")))
	})
	if err != nil {
		return err
	}
	return eachLine(filepath.Join(dir, "automl_scores.csv"), func(get func(string) string) {
		tool := fmt.Sprintf("%s %ss", get("tool"), get("budget_s"))
		for _, metric := range []string{"roc_auc", "log_loss", "rmse"} {
			put(tool, key{get("dataset"), whole(get("fold")), metric}, real(get("test_"+metric)))
		}
	})
}

// eachLine calls f for every line of a CSV file with a header, if the file exists.
func eachLine(path string, f func(get func(column string) string)) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, line := range lines[min(1, len(lines)):] {
		f(func(column string) string {
			if i := slices.Index(lines[0], column); i >= 0 {
				return line[i]
			}
			return ""
		})
	}
	return nil
}

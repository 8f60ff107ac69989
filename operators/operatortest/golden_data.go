package operatortest

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/lren-chuv/automl/dataset"
)

// goldenData is a table of testdata/golden/data as a case uses it, before scaling.
type goldenData struct {
	sample dataset.Sample
	fold   []int32
	prep   string
}

func loadGolden(c goldenCase) (goldenData, error) {
	file, err := os.Open(filepath.Join(goldenDir(), "data", c.Data+".csv"))
	if err != nil {
		return goldenData{}, err
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return goldenData{}, err
	}
	head, rows := rows[0], rows[1:]
	text := func(name string) []string {
		j := slices.Index(head, name)
		out := make([]string, len(rows))
		for i, r := range rows {
			out[i] = r[j]
		}
		return out
	}
	columns := c.Columns
	if columns == nil {
		for _, name := range head {
			if !slices.Contains([]string{"target", "fold", "weight", "weight0"}, name) && isNumeric(text(name)) {
				columns = append(columns, name)
			}
		}
	}
	var cols []*dataset.Column
	for _, name := range columns {
		if slices.Index(head, name) < 0 {
			return goldenData{}, fmt.Errorf("%s has no column %s", c.Data, name)
		}
		cols = append(cols, goldenColumn(name, text(name), !isNumeric(text(name))))
	}
	d := goldenData{prep: c.Prep}
	d.sample.X = dataset.MustFrame(len(rows), cols...)
	classes := c.Task == "classification" || c.Task == "transform" && c.Data != "diabetes" && c.Data != "corr"
	d.sample.Y = goldenColumn("target", text("target"), classes)
	if c.Weight != nil {
		d.sample.W = goldenColumn("w", text(*c.Weight), false).Float
	}
	for _, s := range text("fold") {
		k, _ := strconv.Atoi(s)
		d.fold = append(d.fold, int32(k))
	}
	return d, nil
}

func isNumeric(text []string) bool {
	for _, s := range text {
		if _, err := strconv.ParseFloat(s, 64); s != "" && err != nil {
			return false
		}
	}
	return true
}

func goldenColumn(name string, text []string, categorical bool) *dataset.Column {
	if !categorical {
		v := make([]float64, len(text))
		for i, s := range text {
			v[i] = math.NaN()
			if s != "" {
				v[i], _ = strconv.ParseFloat(s, 64)
			}
		}
		return dataset.NewNumeric(name, v)
	}
	var levels []string
	for _, s := range text {
		if s != "" && !slices.Contains(levels, s) {
			levels = append(levels, s)
		}
	}
	slices.Sort(levels)
	codes := make([]int32, len(text))
	for i, s := range text {
		codes[i] = int32(slices.Index(levels, s))
	}
	return dataset.NewCategorical(name, codes, levels)
}

// split returns the training rows (all other folds) and the test rows of a fold, scaled as the case asks.
func (d goldenData) split(fold int32) (train, test dataset.Sample) {
	var in, out []int32
	for i, f := range d.fold {
		if f == fold {
			out = append(out, int32(i))
		} else {
			in = append(in, int32(i))
		}
	}
	train, test = d.sample.Gather(in), d.sample.Gather(out)
	if d.prep == "none" {
		return train, test
	}
	a, b := make([]*dataset.Column, train.X.Cols()), make([]*dataset.Column, train.X.Cols())
	for j := range a {
		shift, scale := moments(train.X.Col(j).Float, d.prep)
		a[j], b[j] = rescale(train.X.Col(j), shift, scale), rescale(test.X.Col(j), shift, scale)
	}
	train.X, test.X = dataset.MustFrame(train.Rows(), a...), dataset.MustFrame(test.Rows(), b...)
	return train, test
}

func moments(v []float64, prep string) (shift, scale float64) {
	if prep == "minmax" {
		lo, hi := slices.Min(v), slices.Max(v)
		if hi == lo {
			return lo, 1
		}
		return lo, hi - lo
	}
	for _, x := range v {
		shift += x / float64(len(v))
	}
	for _, x := range v {
		scale += (x - shift) * (x - shift) / float64(len(v))
	}
	if slices.Min(v) == slices.Max(v) { // rounding must not turn a constant column into noise of size one
		return v[0], 1
	}
	return shift, math.Sqrt(scale)
}

func rescale(c *dataset.Column, shift, scale float64) *dataset.Column {
	v := make([]float64, c.Len())
	for i, x := range c.Float {
		v[i] = (x - shift) / scale
	}
	return dataset.NewNumeric(c.Name, v)
}

package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

// growthCols and growthTrees are the shape of what is fitted on more and more rows.
const growthCols, growthTrees = 30, 10

// growthText is that booster.
var growthText = fmt.Sprintf("LGBMClassifier(input, n_estimators=%d, num_leaves=31)", growthTrees)

// runGrowth fits on 10,000 rows and ten times as many, up to limit, each in a process of its own, and prints CPU seconds
// from the float matrix to the model, the exponent of their growth, and the largest resident memory beside that of the
// matrix and the bins.
func runGrowth(limit int, w io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%d columns, %d trees of 31 leaves, 255 bins, one thread\n\n| rows | CPU s | exponent | peak MB | of matrix and bins |\n|--:|--:|--:|--:|--:|\n", growthCols, growthTrees)
	last := 0.0
	for rows := 10_000; rows <= limit; rows *= 10 {
		out, err := exec.Command(self, "-grow", strconv.Itoa(rows)).Output()
		if err != nil {
			return err
		}
		var seconds, peak float64
		if _, err := fmt.Sscan(string(out), &seconds, &peak); err != nil {
			return fmt.Errorf("%s: %w", out, err)
		}
		exponent := "-"
		if last > 0 {
			exponent = strconv.FormatFloat(math.Log10(seconds/last), 'f', 3, 64)
		}
		last = seconds
		share := peak / float64(rows*growthCols*9)
		fmt.Fprintf(w, "| %d | %.3f | %s | %.0f | %.2f |\n", rows, seconds, exponent, peak/1e6, share)
	}
	return nil
}

// grow makes a table of so many rows, fits once and prints CPU seconds and the largest resident memory in bytes.
func grow(rows int, w io.Writer) error {
	rng := rand.New(rand.NewPCG(11, uint64(rows)))
	cols, y := make([]*dataset.Column, growthCols), make([]int32, rows)
	signal := make([]float32, rows)
	t := table{kind: "trees", cols: growthCols}
	for j := range cols {
		v := make([]float64, rows)
		for i := range v {
			sum := 0.0
			v[i], sum = t.draw(rng, j, 0, nil)
			signal[i] += float32(sum)
		}
		cols[j] = dataset.NewNumeric(fmt.Sprintf("x%d", j), v)
	}
	for i, s := range signal {
		if float64(s)-1+0.5*rng.NormFloat64() > 0 {
			y[i] = 1
		}
	}
	op, _, err := operator(growthText)
	if err != nil {
		return err
	}
	s := dataset.Sample{X: dataset.MustFrame(rows, cols...), Y: dataset.NewCategorical("y", y, names(2))}
	a := cpu()
	if _, err := op.Fit(context.Background(), operators.NewEnv(1, 1), s); err != nil {
		return err
	}
	peak, err := peakMemory()
	fmt.Fprintln(w, cpu()-a, peak)
	return err
}

// peakMemory is the largest resident memory so far, in bytes.
func peakMemory() (float64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, fmt.Errorf("the growth of memory is measured on Linux only: %w", err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return 1024 * kb, err
		}
	}
	return 0, fmt.Errorf("no VmHWM in /proc/self/status")
}

package tree

import (
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

var (
	classCriteria  = []string{"gini", "entropy", "log_loss"}
	numberCriteria = []string{"squared_error", "friedman_mse"}
	someFeatures   = []string{"sqrt", "log2", "None", "auto"}
	classWeights   = []string{"None", "balanced"}
)

// criterionOf maps a choice to a criterion.
func criterionOf(role operators.Role, v float64) criterion {
	if role == operators.Classifier {
		return []criterion{gini, entropy, entropy}[int(v)]
	}
	return []criterion{squaredError, friedmanMSE}[int(v)]
}

// featuresOf turns max_features into a number of columns out of p.
func featuresOf(v float64, p int) int {
	if word, ok := operators.IsWord(v); ok {
		switch someFeatures[word] {
		case "sqrt":
			return max(1, int(math.Sqrt(float64(p))))
		case "log2":
			return max(1, int(math.Log2(float64(p))))
		}
		return p
	}
	return operators.Resolve(v, p)
}

// orZero is 0 for a word (None: unlimited) and the number otherwise.
func orZero(v float64) int {
	if _, word := operators.IsWord(v); word {
		return 0
	}
	return int(v)
}

func numberOf(name string, v float64, least float64) error {
	if _, word := operators.IsWord(v); !word && v < least {
		return fmt.Errorf("%s=%g: want at least %g", name, v, least)
	}
	return nil
}

// rowWeights are the sample weights times the balanced class weights, if asked for.
func rowWeights(s dataset.Sample, balanced bool) []float64 {
	w := make([]float64, s.Rows())
	for i := range w {
		w[i] = 1
		if s.W != nil {
			w[i] = s.W[i]
		}
	}
	if !balanced {
		return w
	}
	count := make([]float64, len(s.Y.Levels))
	present := 0.0
	for i, c := range s.Y.Code {
		if count[c] == 0 && w[i] > 0 {
			present++
		}
		if w[i] > 0 {
			count[c]++
		}
	}
	for i, c := range s.Y.Code {
		if w[i] > 0 {
			w[i] *= float64(len(w)) / (present * count[c])
		}
	}
	return w
}

// usable refuses what no tree can be grown from.
func usable(name string, s dataset.Sample, w []float64) error {
	if s.X.Cols() == 0 {
		return fmt.Errorf("%s: no columns to learn from", name)
	}
	if s.X.Rows() > math.MaxInt32 {
		return fmt.Errorf("%s: too many rows", name)
	}
	total := 0.0
	for _, v := range w {
		total += v
	}
	if !(total > 0) {
		return fmt.Errorf("%s: all weights are zero", name)
	}
	for _, v := range s.Y.Float {
		if v-v != 0 || math.Abs(v) > 1e150 {
			return fmt.Errorf("%s: the target has the value %g", name, v)
		}
	}
	return nil
}

// output makes the predictor's columns from values[column][row].
func output(levels []string, values [][]float64) *dataset.Frame {
	cols := make([]*dataset.Column, len(values))
	for k := range cols {
		name := "prediction"
		if len(levels) > 0 {
			name = levels[k]
		}
		cols[k] = dataset.NewNumeric(name, values[k])
	}
	return dataset.MustFrame(len(values[0]), cols...)
}

func grid(columns, rows int) [][]float64 {
	out := make([][]float64, columns)
	for k := range out {
		out[k] = make([]float64, rows)
	}
	return out
}

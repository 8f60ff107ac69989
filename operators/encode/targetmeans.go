package encode

import (
	"errors"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/wire"
	"github.com/lren-chuv/automl/operators"
)

// maxTargetColumns bounds the columns that one category makes under a target of many classes; the classes beyond it
// are told apart by the first ones alone.
const maxTargetColumns = 24

// targetMeans replaces the levels of one categorical column by the smoothed mean of the target in the training rows of
// the level: of the number itself, or of the indicator of a class.
type targetMeans struct {
	Levels []string
	Means  []wire.Floats // per output column: one value per level, then that of missing values and unknown levels
	Names  []string      // of the output columns
}

// smoothing is how many rows of the overall mean are added to every level; auto chooses the number for every level from
// the variances within and between levels (empirical Bayes; Micci-Barreca 2001, eqs. 3 and 5).
type smoothing struct {
	Auto bool
	Rows float64
}

// targetOf returns the numbers whose means are taken, one slice per output column, and their names' endings.
func targetOf(y *dataset.Column) (values [][]float64, endings []string) {
	if y.Kind == dataset.Numeric {
		return [][]float64{y.Float}, []string{""}
	}
	first, last := 0, min(len(y.Levels), maxTargetColumns)
	if len(y.Levels) == 2 {
		first = 1 // the other class is its complement
	}
	for k := first; k < last; k++ {
		v := make([]float64, y.Len())
		for i, c := range y.Code {
			if int(c) == k {
				v[i] = 1
			}
		}
		values, endings = append(values, v), append(endings, " "+y.Levels[k])
	}
	return values, endings
}

// learnTarget learns from the rows where use holds (nil means all). Weights w may be nil.
func learnTarget(c *dataset.Column, s dataset.Sample, m smoothing, use func(i int) bool) *targetMeans {
	t := &targetMeans{Levels: c.Levels}
	values, endings := targetOf(s.Y)
	for k, v := range values {
		t.Means = append(t.Means, levelMeans(c, v, s.W, m, use))
		t.Names = append(t.Names, c.Name+" target"+endings[k])
	}
	return t
}

// levelMeans returns the smoothed mean of y for every level of c, missing values last.
func levelMeans(c *dataset.Column, y, w []float64, m smoothing, use func(i int) bool) wire.Floats {
	k := len(c.Levels) + 1
	rows, sum, squares := make([]float64, k), make([]float64, k), make([]float64, k)
	each := func(f func(level int, y, w float64)) {
		for i, code := range c.Code {
			if use != nil && !use(i) {
				continue
			}
			level, weight := int(code), 1.0
			if level < 0 {
				level = k - 1
			}
			if w != nil {
				weight = w[i]
			}
			f(level, y[i], weight)
		}
	}
	total, mean, variance := 0.0, 0.0, 0.0
	each(func(l int, y, w float64) { rows[l] += w; sum[l] += w * y; total += w; mean += w * y })
	if total > 0 {
		mean /= total
	}
	each(func(l int, y, w float64) {
		variance += w * (y - mean) * (y - mean)
		if rows[l] > 0 {
			d := y - sum[l]/rows[l]
			squares[l] += w * d * d
		}
	})
	if total > 0 {
		variance /= total
	}
	out := make(wire.Floats, k)
	for l := range out {
		out[l] = m.shrink(mean, variance, level{rows[l], sum[l], squares[l]})
	}
	return out
}

// level sums up the target over the rows of one level: weight, weighted sum, weighted squares around the level's mean.
type level struct{ rows, sum, squares float64 }

// shrink returns the level's mean drawn towards the overall mean.
func (m smoothing) shrink(mean, variance float64, l level) float64 {
	if l.rows <= 0 {
		return mean
	}
	if !m.Auto {
		return (l.sum + m.Rows*mean) / (l.rows + m.Rows)
	}
	share := variance * l.rows / (variance*l.rows + l.squares/l.rows)
	if math.IsNaN(share) {
		return mean
	}
	return share*l.sum/l.rows + (1-share)*mean
}

// apply returns the columns for c.
func (t *targetMeans) apply(c *dataset.Column) []*dataset.Column {
	codes := codesIn(c, t.Levels)
	out := make([]*dataset.Column, len(t.Means))
	for j, means := range t.Means {
		v := make([]float64, len(codes))
		t.fill(v, codes, means, nil)
		out[j] = dataset.NewNumeric(t.Names[j], v)
	}
	return out
}

// fill writes the encoding of the rows where use holds (nil means all).
func (t *targetMeans) fill(v []float64, codes []int32, means wire.Floats, use func(i int) bool) {
	for i, k := range codes {
		if use != nil && !use(i) {
			continue
		}
		if k < 0 {
			k = int32(len(t.Levels))
		}
		v[i] = means[k]
	}
}

// crossFolds assigns the rows to five folds, fewer if there are fewer rows or groups; rows that cannot be divided are one
// fold, which is encoded by nothing.
func crossFolds(s dataset.Sample, env *operators.Env) []int32 {
	for k := 5; k > 1; k-- {
		if fold, err := dataset.Split(s, k, env.Rand); err == nil {
			return fold
		}
	}
	return make([]int32, s.Rows())
}

// crossFitted returns the columns for the training rows themselves, each row encoded without its own fold.
func crossFitted(c *dataset.Column, s dataset.Sample, m smoothing, fold []int32) []*dataset.Column {
	var out [][]float64
	var names []string
	folds := int32(0)
	for _, f := range fold {
		folds = max(folds, f+1)
	}
	for k := range folds {
		t := learnTarget(c, s, m, func(i int) bool { return fold[i] != k })
		if out == nil {
			names = t.Names
			for range t.Means {
				out = append(out, make([]float64, c.Len()))
			}
		}
		for j, means := range t.Means {
			t.fill(out[j], c.Code, means, func(i int) bool { return fold[i] == k })
		}
	}
	columns := make([]*dataset.Column, len(out))
	for j := range out {
		columns[j] = dataset.NewNumeric(names[j], out[j])
	}
	return columns
}

func (t *targetMeans) check() error {
	if len(t.Means) != len(t.Names) {
		return errors.New("encode: as many target means as names wanted")
	}
	for _, m := range t.Means {
		if len(m) != len(t.Levels)+1 {
			return fmt.Errorf("encode: %d target means for %d levels", len(m), len(t.Levels))
		}
	}
	return nil
}

// Package metrics scores predictions exactly as scikit-learn 1.2 defines each metric: weights, ties, absent classes,
// clipping and division by zero included.
package metrics

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/lren-chuv/automl/dataset"
)

// Metric is one way to score predictions. It is a constant value; see [All] for the list.
type Metric struct {
	Name    string // scikit-learn's
	Doc     string // one line for users
	Greater bool   // larger is better

	tasks  []dataset.Task
	labels func(c *confusion) float64                                   // scores predicted labels
	proba  func(y []int32, p [][]float64, w []float64) (float64, error) // scores probabilities
	number func(y, p, w []float64) (float64, error)                     // scores numbers
}

var (
	binary         = []dataset.Task{dataset.Binary}
	classification = []dataset.Task{dataset.Binary, dataset.Multiclass}
	regression     = []dataset.Task{dataset.Regression}
)

// All lists the metrics.
func All() []Metric {
	return []Metric{
		{Name: "accuracy", Doc: "share of rows predicted right", Greater: true, tasks: classification, labels: (*confusion).accuracy},
		{Name: "balanced_accuracy", Doc: "mean recall of the classes", Greater: true, tasks: classification, labels: (*confusion).balancedAccuracy},
		{Name: "f1", Doc: "harmonic mean of precision and recall of the positive class", Greater: true, tasks: binary, labels: positive(f1)},
		{Name: "f1_macro", Doc: "mean F1 of the classes", Greater: true, tasks: classification, labels: macro(f1)},
		{Name: "f1_micro", Doc: "F1 of the pooled decisions", Greater: true, tasks: classification, labels: micro(f1)},
		{Name: "f1_weighted", Doc: "mean F1 of the classes by their frequency", Greater: true, tasks: classification, labels: weighted(f1)},
		{Name: "precision", Doc: "share of positive predictions that are right", Greater: true, tasks: binary, labels: positive(precision)},
		{Name: "recall", Doc: "share of positive rows that are found", Greater: true, tasks: binary, labels: positive(recall)},
		{Name: "roc_auc", Doc: "area under the ROC curve; of each class against the rest, averaged, if there are more than two", Greater: true, tasks: classification, proba: rocAUCOvR},
		{Name: "roc_auc_ovr", Doc: "mean area under the ROC curve of each class against the rest", Greater: true, tasks: classification, proba: rocAUCOvR},
		{Name: "roc_auc_ovo", Doc: "mean area under the ROC curve of each pair of classes (knows no sample weights)", Greater: true, tasks: classification, proba: rocAUCOvO},
		{Name: "average_precision", Doc: "area under the precision-recall curve, in steps", Greater: true, tasks: binary, proba: averagePrecision},
		{Name: "log_loss", Doc: "cross-entropy in nats", tasks: classification, proba: logLoss},
		{Name: "brier", Doc: "mean squared error of the probabilities (summed over classes if there are more than two)", tasks: classification, proba: brier},
		{Name: "matthews_corrcoef", Doc: "correlation of predicted and true classes", Greater: true, tasks: classification, labels: (*confusion).matthews},
		{Name: "cohen_kappa", Doc: "agreement beyond chance", Greater: true, tasks: classification, labels: (*confusion).kappa},
		{Name: "r2", Doc: "share of variance explained", Greater: true, tasks: regression, number: r2},
		{Name: "mse", Doc: "mean squared error", tasks: regression, number: mse},
		{Name: "rmse", Doc: "root of the mean squared error", tasks: regression, number: rmse},
		{Name: "mae", Doc: "mean absolute error", tasks: regression, number: mae},
		{Name: "median_absolute_error", Doc: "median absolute error", tasks: regression, number: medianAbsoluteError},
		{Name: "msle", Doc: "mean squared error of log(1 + value)", tasks: regression, number: msle},
		{Name: "mape", Doc: "mean absolute error relative to the target", tasks: regression, number: mape},
		{Name: "explained_variance", Doc: "share of variance explained, a constant shift forgiven", Greater: true, tasks: regression, number: explainedVariance},
		{Name: "max_error", Doc: "largest absolute error", tasks: regression, number: maxError},
	}
}

// ByName returns the metric called name; the error for an unknown one suggests names that look alike.
func ByName(name string) (Metric, error) {
	var names []string
	for _, m := range All() {
		if m.Name == name {
			return m, nil
		}
		names = append(names, m.Name)
	}
	if near := alike(name, names); len(near) > 0 {
		names = near
	}
	return Metric{}, fmt.Errorf("no metric is called %q; did you mean %s?", name, strings.Join(names, ", "))
}

// alike returns the names that contain name, are contained in it, or begin with the same three letters.
func alike(name string, names []string) []string {
	if len(name) < 3 {
		return nil
	}
	var near []string
	for _, n := range names {
		if strings.Contains(n, name) || strings.Contains(name, n) || strings.HasPrefix(n, name[:3]) {
			near = append(near, n)
		}
	}
	return near
}

// Default is the metric that a search optimises when it is not told which.
func Default(task dataset.Task) Metric {
	name := "roc_auc"
	switch task {
	case dataset.Multiclass:
		name = "log_loss"
	case dataset.Regression:
		name = "rmse"
	}
	m, err := ByName(name)
	if err != nil {
		panic(err)
	}
	return m
}

// Serves reports whether the metric is defined for a task.
func (m Metric) Serves(task dataset.Task) bool { return slices.Contains(m.tasks, task) }

// OfLabels reports whether the metric looks at predicted labels alone, whatever their probabilities.
func (m Metric) OfLabels() bool { return m.labels != nil }

// Loss turns a score into something to minimise: the score itself, or its negative where larger is better.
func (m Metric) Loss(score float64) float64 {
	if m.Greater {
		return -score
	}
	return score
}

var errNoWeight = errors.New("all weights are zero")

// Score compares predictions p with the truth y. p has one column of probabilities per level of y in their order, or one
// numeric column, as a predictor's Apply returns it; the predicted label is the first of the most probable ones, and the
// second level is the positive class. w are sample weights, nil for equal ones. Where scikit-learn refuses to score, the
// error says why; where it warns and returns NaN (r2 of one row, cohen_kappa of one class), so does Score.
func (m Metric) Score(y *dataset.Column, p *dataset.Frame, w []float64) (float64, error) {
	if err := m.check(y, p, w); err != nil {
		return 0, fmt.Errorf("metric %s: %w", m.Name, err)
	}
	score, err := m.score(y, p, w)
	if err != nil {
		return 0, fmt.Errorf("metric %s: %w", m.Name, err)
	}
	return score, nil
}

func (m Metric) score(y *dataset.Column, p *dataset.Frame, w []float64) (float64, error) {
	if m.number != nil {
		return m.number(y.Float, p.Col(0).Float, w)
	}
	cols := make([][]float64, p.Cols())
	for k := range cols {
		cols[k] = p.Col(k).Float
	}
	if m.proba != nil {
		return m.proba(y.Code, cols, w)
	}
	c, err := newConfusion(y.Code, argmax(cols), max(2, len(cols)), w)
	if err != nil {
		return 0, err
	}
	return m.labels(c), nil
}

// check reports what keeps y, p and w from being scored by any formula.
func (m Metric) check(y *dataset.Column, p *dataset.Frame, w []float64) error {
	task, n := dataset.TaskOf(y), y.Len()
	switch {
	case !m.Serves(task) && task == dataset.Multiclass && m.Serves(dataset.Binary):
		return fmt.Errorf("it needs a target of two classes and this one has %d; use f1_macro or roc_auc_ovr, for instance", len(y.Levels))
	case !m.Serves(task):
		return fmt.Errorf("it is not defined for a %s target", task)
	case p.Rows() != n || w != nil && len(w) != n:
		return fmt.Errorf("%d predictions and %d weights for %d rows", p.Rows(), len(w), n)
	case n == 0:
		return errors.New("no rows to score")
	case m.number == nil && p.Cols() != len(y.Levels):
		return fmt.Errorf("%d columns of probabilities for %d classes", p.Cols(), len(y.Levels))
	case m.number != nil && p.Cols() != 1:
		return fmt.Errorf("%d columns of predictions, want one", p.Cols())
	case m.proba != nil && p.Cols() < 2:
		return errors.New("the target has only one class")
	}
	for _, c := range p.Columns() {
		if c.Kind != dataset.Numeric || !allFinite(c.Float) {
			return errors.New("predictions contain NaN or infinite values")
		}
	}
	for i := range n {
		if y.Missing(i) {
			return fmt.Errorf("the target is missing in row %d", i)
		}
	}
	if !allFinite(y.Float) {
		return errors.New("the target contains infinite values")
	}
	for i, v := range w {
		if !(v >= 0) || v > math.MaxFloat64 {
			return fmt.Errorf("weight %v in row %d", v, i)
		}
	}
	return nil
}

func allFinite(v []float64) bool {
	for _, x := range v {
		if x-x != 0 {
			return false
		}
	}
	return true
}

// argmax is the first of the most probable classes of each row.
func argmax(p [][]float64) []int32 {
	out := make([]int32, len(p[0]))
	for k := 1; k < len(p); k++ {
		for i, v := range p[k] {
			if v > p[out[i]][i] {
				out[i] = int32(k)
			}
		}
	}
	return out
}

// sumWeights is the total weight of n rows.
func sumWeights(n int, w []float64) float64 {
	if w == nil {
		return float64(n)
	}
	sum := 0.0
	for _, v := range w {
		sum += v
	}
	return sum
}

// weight is the weight of row i.
func weight(w []float64, i int) float64 {
	if w == nil {
		return 1
	}
	return w[i]
}

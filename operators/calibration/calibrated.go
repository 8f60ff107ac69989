package calibration

import (
	"context"
	"fmt"
	"math"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/posterior"
	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/bayes"
	"github.com/lren-chuv/automl/operators/discriminant"
	"github.com/lren-chuv/automl/operators/linear"
	"github.com/lren-chuv/automl/operators/neighbors"
	"github.com/lren-chuv/automl/operators/svm"
	"github.com/lren-chuv/automl/operators/tree"
)

// base is a classifier that can be calibrated, by its log-odds or by its probabilities.
type base struct {
	spec    *operators.Spec
	logOdds bool // scikit-learn calibrates decisions where there are any
}

// bases returns the classifiers on offer.
func bases() []base {
	return []base{
		{linear.LinearSVC, true}, {bayes.GaussianNB, false}, {neighbors.KNeighborsClassifier, false}, {tree.DecisionTreeClassifier, false},
		{tree.RandomForestClassifier, false}, {discriminant.LinearDiscriminantAnalysis, true},
		{discriminant.QuadraticDiscriminantAnalysis, true}, {svm.SVC, true},
	}
}

func baseNames() []string {
	var names []string
	for _, b := range bases() {
		names = append(names, b.spec.Name)
	}
	return names
}

var methods = []string{"sigmoid", "isotonic", "temperature"}

// CalibratedClassifierCV maps what another classifier says of held-out rows to honest probabilities: by Platt's sigmoid
// (1999), by a monotone function (Zadrozny and Elkan 2002), or by dividing the logarithms of its probabilities by a
// temperature (Guo et al. 2017). The rows are held out in cv stratified folds without shuffling. ensemble=true averages
// the classifiers of all folds, each with its own calibration; otherwise the folds share one, and the classifier is
// trained on all rows. Classes with fewer rows than folds lower their number; a class of a single row rules calibration
// out. The classifier has its default parameters, but for estimator__C.
var CalibratedClassifierCV = &operators.Spec{
	Name: "CalibratedClassifierCV", Doc: "classifier with calibrated probabilities", Role: operators.Classifier,
	Traits: operators.Weights | operators.Random | operators.Instances,
	Params: []operators.Param{
		{Name: "estimator", Scale: operators.Choice, Choices: baseNames()},
		{Name: "estimator__C", Scale: operators.Log, Lo: 1e-2, Hi: 1e5, Default: 1,
			When: &operators.Condition{Param: "estimator", Is: []string{"LinearSVC", "SVC"}}},
		{Name: "method", Scale: operators.Choice, Choices: methods},
		{Name: "cv", Scale: operators.Int, Lo: 2, Hi: 10, Default: 5, Fixed: true},
		{Name: "ensemble", Scale: operators.Bool, Default: 1},
	},
	Ignored: []string{"n_jobs", "base_estimator", "estimator__dual", "estimator__tol", "estimator__probability", "estimator__max_iter"},
	New: func(v []float64) (operators.Operator, error) {
		c := calibrated{estimator: int(v[0]), method: methods[int(v[2])], folds: int(v[3]), ensemble: v[4] == 1}
		if c.folds < 2 {
			return nil, fmt.Errorf("calibration: cv %d, want at least 2", c.folds)
		}
		spec := bases()[c.estimator].spec
		values := spec.Defaults()
		if j := spec.Index("C"); j >= 0 {
			values[j] = v[1]
		}
		var err error
		if c.operator, err = spec.New(values); err != nil {
			return nil, fmt.Errorf("calibration: %w", err)
		}
		return c, nil
	},
	Decode: operators.Decode[calibratedFit],
	Memory: func(s operators.Shape, v []float64) int64 {
		spec := bases()[int(v[0])].spec
		own := 16 * int64(s.Rows) * int64(s.Cols+s.Classes)
		if spec.Memory == nil {
			return own
		}
		return own + spec.Memory(s, spec.Defaults())
	},
}

type calibrated struct {
	estimator int // index into bases
	operator  operators.Operator
	method    string
	folds     int
	ensemble  bool
}

// Fit trains the classifier on the rows outside each fold and calibrates it on those inside.
func (c calibrated) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	classes, codes, err := posterior.Of(s.Y, s.W)
	if err != nil {
		return nil, fmt.Errorf("calibration: %w", err)
	}
	f := &calibratedFit{Classes: classes, Estimator: c.estimator}
	j := &job{calibrated: c, classes: classes, sample: s, fit: f}
	fold, count := stratify(codes, classes.Len(), c.folds)
	switch {
	case count < 2 || classes.Len() == 1:
		err = j.plain(ctx, env)
	case c.ensemble:
		err = j.each(ctx, env, fold, count)
	default:
		err = j.shared(ctx, env, fold, count)
	}
	if err != nil {
		return nil, fmt.Errorf("calibration: %w", err)
	}
	return f, nil
}

// stratify deals the rows of each class to folds in their order, so that fold sizes differ by one at most, as
// scikit-learn does without shuffling. It returns fewer folds than asked for if a class has fewer rows.
func stratify(codes []int32, classes, folds int) ([]int32, int) {
	size := make([]int, classes)
	for _, k := range codes {
		if k >= 0 {
			size[k]++
		}
	}
	order := make([]int, 0, classes) // classes by their first row
	rank := make([]int, classes)
	for _, k := range codes {
		if k >= 0 && rank[k] == 0 {
			order = append(order, int(k))
			rank[k] = len(order)
		}
	}
	for _, n := range size {
		folds = min(folds, n)
	}
	fold := make([]int32, len(codes))
	if folds < 2 {
		return fold, folds
	}
	ends, at := make([][]int, classes), 0 // per class, rows up to the end of each fold
	for _, k := range order {
		ends[k] = make([]int, folds)
		for i := range size[k] {
			ends[k][(at+i)%folds]++
		}
		at += size[k]
		for f := 1; f < folds; f++ {
			ends[k][f] += ends[k][f-1]
		}
	}
	met := make([]int, classes)
	for i, k := range codes {
		if k < 0 {
			continue
		}
		for met[k] >= ends[k][fold[i]] {
			fold[i]++
		}
		met[k]++
	}
	return fold, folds
}

// job is one Fit.
type job struct {
	calibrated
	classes posterior.Classes
	sample  dataset.Sample
	fit     *calibratedFit
}

// train fits the classifier to a sample.
func (j *job) train(ctx context.Context, env *operators.Env, s dataset.Sample) (member, error) {
	f, err := j.operator.Fit(ctx, env, s)
	if err != nil {
		return member{}, err
	}
	data, err := operators.Encode(f)
	return member{Fitted: data, fitted: f}, err
}

// plain is the classifier as it is.
func (j *job) plain(ctx context.Context, env *operators.Env) error {
	m, err := j.train(ctx, env, j.sample)
	j.fit.Members = []member{m}
	return err
}

// split gathers the rows in a fold and those outside it.
func (j *job) split(fold []int32, k int) (train, test dataset.Sample, rows []int32) {
	var others []int32
	for i, f := range fold {
		if int(f) == k {
			rows = append(rows, int32(i))
		} else {
			others = append(others, int32(i))
		}
	}
	return j.sample.Gather(others), j.sample.Gather(rows), rows
}

func (j *job) each(ctx context.Context, env *operators.Env, fold []int32, count int) error {
	for k := range count {
		train, test, _ := j.split(fold, k)
		m, err := j.train(ctx, env, train)
		if err != nil {
			return err
		}
		said, err := j.fit.says(ctx, env, &m, test.X)
		if err != nil {
			return err
		}
		if m.Curves, err = j.curves(said, test); err != nil {
			return err
		}
		j.fit.Members = append(j.fit.Members, m)
	}
	return nil
}

func (j *job) shared(ctx context.Context, env *operators.Env, fold []int32, count int) error {
	all := make([][]float64, j.classes.Len())
	for c := range all {
		all[c] = make([]float64, j.sample.Rows())
	}
	for k := range count {
		train, test, rows := j.split(fold, k)
		m, err := j.train(ctx, env, train)
		if err != nil {
			return err
		}
		said, err := j.fit.says(ctx, env, &m, test.X)
		if err != nil {
			return err
		}
		for c := range all {
			for i, r := range rows {
				all[c][r] = said[c][i]
			}
		}
	}
	if err := j.plain(ctx, env); err != nil {
		return err
	}
	var err error
	j.fit.Members[0].Curves, err = j.curves(all, j.sample)
	return err
}

// curves fits the calibration of each class against the rest, of the second one only if there are two.
func (j *job) curves(said [][]float64, s dataset.Sample) ([]curve, error) {
	if j.method == "temperature" {
		return []curve{{Temperature: temperature(j.fit.logs(said), s, j.classes.Present)}}, nil
	}
	first := 0
	if len(said) == 2 {
		first = 1
	}
	var out []curve
	for k := first; k < len(said); k++ {
		own, y := make([]bool, s.Rows()), make([]float64, s.Rows())
		for i, code := range s.Y.Code {
			if own[i] = code == j.classes.Present[k]; own[i] {
				y[i] = 1
			}
		}
		var c curve
		if j.method == "isotonic" {
			if !anyWeight(s.W) {
				return nil, fmt.Errorf("a fold has no weight")
			}
			f := newSteps(said[k], y, s.W)
			c.Steps = &f
		} else {
			sigmoid := posterior.Platt(said[k], own, s.W)
			c.Sigmoid = &sigmoid
		}
		if err := c.check(); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// temperature minimises the log loss of softmax(logs/T) by golden sections over the logarithm of T.
func temperature(logs [][]float64, s dataset.Sample, present []int32) float64 {
	loss := func(t float64) float64 {
		sum, row := 0.0, make([]float64, len(logs))
		for i, code := range s.Y.Code {
			for k := range logs {
				row[k] = logs[k][i] / math.Exp(t)
			}
			posterior.Softmax(row, nil)
			for k, p := range present {
				if p == code {
					w := 1.0
					if s.W != nil {
						w = s.W[i]
					}
					sum -= w * math.Log(max(row[k], 1e-15))
				}
			}
		}
		return sum
	}
	const golden, rounds = 0.6180339887498949, 40
	lo, hi := -3.0, 3.0
	a, b := hi-golden*(hi-lo), lo+golden*(hi-lo)
	fa, fb := loss(a), loss(b)
	for range rounds {
		if fa < fb {
			hi, b, fb = b, a, fa
			a = hi - golden*(hi-lo)
			fa = loss(a)
		} else {
			lo, a, fa = a, b, fb
			b = lo + golden*(hi-lo)
			fb = loss(b)
		}
	}
	return math.Exp((lo + hi) / 2)
}

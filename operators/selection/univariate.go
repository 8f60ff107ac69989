package selection

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mathext"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/operators"
)

var scoreFuncs = []string{"auto", "f_classif", "f_regression", "chi2", "mutual_info_classif", "mutual_info_regression"}

var scoreFunc = operators.Param{Name: "score_func", Scale: operators.Choice, Choices: scoreFuncs, Fixed: true}

// SelectKBest keeps the k columns with the highest score; of equal ones the later.
var SelectKBest = univariateSpec("SelectKBest", "keeps the k columns that tell most about the target by themselves",
	operators.Param{Name: "k", Scale: operators.LogInt, Lo: 1, Hi: 100, Default: 10, Choices: []string{"all"}}, 0, math.Inf(1), kBest)

// SelectPercentile keeps that percentage of the columns.
var SelectPercentile = univariateSpec("SelectPercentile", "keeps the percentage of columns that tell most about the target by themselves",
	operators.Param{Name: "percentile", Scale: operators.Int, Lo: 1, Hi: 100, Default: 10}, 0, 100, percentile)

// SelectFwe keeps the columns whose p-value is below alpha divided by their number (Bonferroni); that may be none.
var SelectFwe = univariateSpec("SelectFwe", "keeps the columns that are significant after correction for their number",
	operators.Param{Name: "alpha", Scale: operators.Log, Lo: 1e-4, Hi: 0.05, Default: 0.05}, 0, 1, familyWise)

// SelectFpr keeps the columns whose p-value is below alpha.
var SelectFpr = univariateSpec("SelectFpr", "keeps the columns that are significant, each by itself",
	operators.Param{Name: "alpha", Scale: operators.Log, Lo: 1e-4, Hi: 0.1, Default: 0.05}, 0, 1, falsePositives)

// SelectFdr keeps the columns by the procedure of Benjamini & Hochberg (1995), so that a share of at most alpha of them
// is kept by chance.
var SelectFdr = univariateSpec("SelectFdr", "keeps the columns that are significant at a false discovery rate",
	operators.Param{Name: "alpha", Scale: operators.Log, Lo: 1e-4, Hi: 0.5, Default: 0.05}, 0, 1, falseDiscoveries)

func univariateSpec(name, doc string, p operators.Param, lo, hi float64, keep keeper) *operators.Spec {
	return &operators.Spec{
		Name: name, Doc: doc, Role: operators.Selector, Traits: operators.Supervised,
		Params: []operators.Param{p, scoreFunc},
		New: func(v []float64) (operators.Operator, error) {
			if _, word := operators.IsWord(v[0]); !word && (v[0] < lo || v[0] > hi) {
				return nil, fmt.Errorf("%s: %s=%g: want %g to %g", name, p.Name, v[0], lo, hi)
			}
			if p.Name == "alpha" && strings.HasPrefix(scoreFuncs[int(v[1])], "mutual_info") {
				return nil, fmt.Errorf("%s: %s has no p-values", name, scoreFuncs[int(v[1])])
			}
			return univariate{name, scoreFuncs[int(v[1])], v[0], keep}, nil
		},
		Decode: operators.Decode[selected],
	}
}

// keeper chooses columns by score and p-value.
type keeper func(score, p []float64, param float64) ([]int32, error)

type univariate struct {
	name, score string
	param       float64
	keep        keeper
}

func (o univariate) Fit(ctx context.Context, _ *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	f := &selected{Name: o.name, Features: s.X.Cols()}
	score, p, err := scores(ctx, o.score, s)
	if err == nil {
		f.Keep, err = o.keep(score, p, o.param)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.name, err)
	}
	slices.Sort(f.Keep)
	return f, nil
}

func byScore(score []float64) []int32 {
	order := make([]int32, len(score))
	for j := range order {
		order[j] = int32(j)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(defined(score[a]), defined(score[b])) })
	return order
}

// defined counts undefined scores, those of constant columns, as the lowest.
func defined(v float64) float64 {
	if v != v {
		return -math.MaxFloat64
	}
	return v
}

func kBest(score, _ []float64, k float64) ([]int32, error) {
	if _, all := operators.IsWord(k); all || int(k) == len(score) {
		return byScore(score), nil
	}
	if int(k) > len(score) {
		return nil, fmt.Errorf("k=%g, but there are only %d columns", k, len(score))
	}
	return byScore(score)[len(score)-int(k):], nil
}

// percentile keeps what lies above the percentile of the scores, and of those equal to it the first that still fit.
func percentile(score, _ []float64, p float64) ([]int32, error) {
	n := len(score)
	switch {
	case p == 100:
		return byScore(score), nil
	case p == 0 || n == 0:
		return nil, nil
	}
	sorted := make([]float64, n)
	for j, v := range score {
		sorted[j] = defined(v)
	}
	slices.Sort(sorted)
	at := (100 - p) / 100 * float64(n-1)
	i := min(int(at), n-1)
	threshold := sorted[i]
	if i+1 < n {
		threshold += (at - float64(i)) * (sorted[i+1] - sorted[i])
	}
	var keep, equal []int32
	for j, v := range score {
		switch {
		case defined(v) > threshold:
			keep = append(keep, int32(j))
		case defined(v) == threshold:
			equal = append(equal, int32(j))
		}
	}
	room := int(float64(n)*p/100) - len(keep)
	return append(keep, equal[:max(0, min(room, len(equal)))]...), nil
}

func familyWise(_, p []float64, alpha float64) ([]int32, error) {
	var keep []int32
	for j, v := range p {
		if v < alpha/float64(len(p)) {
			keep = append(keep, int32(j))
		}
	}
	return keep, nil
}

func falsePositives(_, p []float64, alpha float64) ([]int32, error) {
	var keep []int32
	for j, v := range p {
		if v < alpha {
			keep = append(keep, int32(j))
		}
	}
	return keep, nil
}

func falseDiscoveries(_, p []float64, alpha float64) ([]int32, error) {
	sorted := slices.DeleteFunc(slices.Clone(p), func(v float64) bool { return v != v })
	slices.Sort(sorted)
	limit := -1.0
	for i, v := range sorted {
		if v <= alpha/float64(len(p))*float64(i+1) {
			limit = v
		}
	}
	var keep []int32
	for j, v := range p {
		if v <= limit {
			keep = append(keep, int32(j))
		}
	}
	return keep, nil
}

// scores returns the score and the p-value of every column.
func scores(ctx context.Context, name string, s dataset.Sample) (score, p []float64, err error) {
	classes := s.Y.Kind == dataset.Categorical
	for _, c := range s.X.Columns() {
		for _, v := range c.Float {
			if !(math.Abs(v) < 1e150) {
				return nil, nil, errHuge
			}
		}
	}
	switch {
	case name == "auto" && classes:
		name = "f_classif"
	case name == "auto":
		name = "f_regression"
	case strings.HasSuffix(name, "regression") == classes:
		return nil, nil, fmt.Errorf("score_func=%s does not serve this target", name)
	}
	for j, c := range s.X.Columns() {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		var f, q float64
		switch name {
		case "f_classif":
			f, q = fClassif(c.Float, s.Y)
		case "f_regression":
			f, q = fRegression(c.Float, s.Y.Float)
		case "mutual_info_classif":
			f, q = classInformation(jittered(c, j), s.Y, informationNeighbours), math.NaN()
		case "mutual_info_regression":
			f, q = numberInformation(jittered(c, j), jittered(s.Y, -1), informationNeighbours), math.NaN()
		default:
			if f, q, err = chi2(c.Float, s.Y); err != nil {
				return nil, nil, err
			}
		}
		score, p = append(score, f), append(p, q)
	}
	return score, p, nil
}

// fClassif is the F statistic of a one-way analysis of variance.
func fClassif(x []float64, y *dataset.Column) (f, p float64) {
	n, sum := make([]float64, len(y.Levels)), make([]float64, len(y.Levels))
	mean := 0.0
	for i, c := range y.Code {
		n[c]++
		sum[c] += x[i]
		mean += x[i] / float64(len(x))
	}
	between, within, k := 0.0, 0.0, 0.0
	for c := range n {
		if n[c] > 0 {
			d := sum[c]/n[c] - mean
			between += n[c] * d * d
			k++
		}
	}
	for i, c := range y.Code {
		d := x[i] - sum[c]/n[c]
		within += d * d
	}
	d1, d2 := k-1, float64(len(x))-k
	f = between / d1 / (within / d2)
	return f, tailF(f, d1, d2)
}

// fRegression is the F statistic of the correlation with the target.
func fRegression(x, y []float64) (f, p float64) {
	n := float64(len(x))
	mx, my := 0.0, 0.0
	for i := range x {
		mx += x[i] / n
		my += y[i] / n
	}
	xx, xy, yy := 0.0, 0.0, 0.0
	for i := range x {
		dx, dy := x[i]-mx, y[i]-my
		xx, xy, yy = xx+dx*dx, xy+dx*dy, yy+dy*dy
	}
	r := xy / math.Sqrt(xx*yy)
	if xx == 0 || yy == 0 {
		return 0, 1
	}
	r2 := min(1, r*r)
	f = r2 / (1 - r2) * (n - 2)
	return f, tailF(f, 1, n-2)
}

// chi2 compares the sums of a non-negative column in each class with what the class sizes let expect.
func chi2(x []float64, y *dataset.Column) (f, p float64, err error) {
	n, sum := make([]float64, len(y.Levels)), make([]float64, len(y.Levels))
	total := 0.0
	for i, c := range y.Code {
		if x[i] < 0 {
			return 0, 0, errors.New("chi2 takes no negative values")
		}
		n[c]++
		sum[c] += x[i]
		total += x[i]
	}
	k := 0.0
	for c := range n {
		if n[c] > 0 {
			expected := total * n[c] / float64(len(x))
			f += (sum[c] - expected) * (sum[c] - expected) / expected
			k++
		}
	}
	return f, mathext.GammaIncRegComp((k-1)/2, f/2), nil
}

// tailF is the probability of a larger value under an F distribution.
func tailF(f, d1, d2 float64) float64 {
	switch {
	case f != f || d1 <= 0 || d2 <= 0:
		return math.NaN()
	case math.IsInf(f, 1):
		return 0
	}
	return mathext.RegIncBeta(d2/2, d1/2, d2/(d2+d1*f))
}

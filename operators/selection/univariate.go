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
	"github.com/lren-chuv/automl/internal/linalg"
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
	if s.Rows() == 0 {
		return nil, nil, errors.New("no rows")
	}
	switch {
	case name == "auto" && classes:
		name = "f_classif"
	case name == "auto":
		name = "f_regression"
	case strings.HasSuffix(name, "regression") == classes:
		return nil, nil, fmt.Errorf("score_func=%s does not serve this target", name)
	}
	var groups *variance
	var target *correlation
	var information *numbers
	psi := make(digammas, s.Rows()+1)
	switch name {
	case "f_classif":
		groups = newVariance(s.Y)
	case "f_regression":
		target = newCorrelation(s.Y.Float)
	case "mutual_info_regression":
		information = newNumbers(jittered(s.Y, -1), psi)
	}
	for j, c := range s.X.Columns() {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		lo, hi, sum := linalg.Extent(c.Float)
		if !(lo > -1e150 && hi < 1e150 && sum == sum) {
			return nil, nil, errHuge
		}
		var f, q float64
		switch name {
		case "f_classif":
			f, q = groups.test(c.Float, sum)
		case "f_regression":
			if f, q = 0, 1; lo < hi {
				f, q = target.test(c.Float, sum)
			}
		case "mutual_info_classif":
			f, q = classInformation(jittered(c, j), s.Y, informationNeighbours, psi), math.NaN()
		case "mutual_info_regression":
			if f, err = information.information(ctx, jittered(c, j), informationNeighbours); err != nil {
				return nil, nil, err
			}
			q = math.NaN()
		default:
			if f, q, err = chi2(c.Float, s.Y); err != nil {
				return nil, nil, err
			}
		}
		score, p = append(score, f), append(p, q)
	}
	return score, p, nil
}

// variance is the one-way analysis of variance of columns that a target divides into classes.
type variance struct {
	code []int32
	size []float64 // rows of each class
	sum  []float64 // of the column, then the mean, of each
}

func newVariance(y *dataset.Column) *variance {
	v := &variance{y.Code, make([]float64, len(y.Levels)), make([]float64, len(y.Levels))}
	for _, c := range y.Code {
		v.size[c]++
	}
	return v
}

// test returns the F statistic of a column of the given sum, and its p-value.
func (v *variance) test(x []float64, total float64) (f, p float64) {
	clear(v.sum)
	for i, c := range v.code {
		v.sum[c] += x[i]
	}
	mean := total / float64(len(x))
	between, within, k := 0.0, 0.0, 0.0
	for c, n := range v.size {
		if n > 0 {
			v.sum[c] /= n
			d := v.sum[c] - mean
			between += n * d * d
			k++
		}
	}
	for i, c := range v.code {
		d := x[i] - v.sum[c]
		within += d * d
	}
	d1, d2 := k-1, float64(len(x))-k
	f = between / d1 / (within / d2)
	return f, tailF(f, d1, d2)
}

// correlation is the test of columns for correlation with a target.
type correlation struct {
	y  []float64 // less its mean
	yy float64   // Σ y²
}

func newCorrelation(y []float64) *correlation {
	c := &correlation{y: make([]float64, len(y))}
	if lo, hi, sum := linalg.Extent(y); lo < hi {
		linalg.Standardize(c.y, y, sum/float64(len(y)), 1)
		c.yy = linalg.SquaredNorm(c.y)
	}
	return c
}

// test returns the F statistic of a column of the given sum, and its p-value.
func (c *correlation) test(x []float64, total float64) (f, p float64) {
	n := float64(len(x))
	xx, xy := c.with(x, total/n)
	if xx == 0 || c.yy == 0 {
		return 0, 1
	}
	r := xy / math.Sqrt(xx*c.yy)
	r2 := min(1, r*r)
	f = r2 / (1 - r2) * (n - 2)
	return f, tailF(f, 1, n-2)
}

// with returns Σ(x − mean)² and Σ(x − mean)·y, in four strands, which do not wait for each other.
func (c *correlation) with(x []float64, mean float64) (xx, xy float64) {
	var s, t [4]float64
	body := len(x) &^ 3
	for i := 0; i < body; i += 4 {
		v, y := (*[4]float64)(x[i:]), (*[4]float64)(c.y[i:])
		d0, d1, d2, d3 := v[0]-mean, v[1]-mean, v[2]-mean, v[3]-mean
		s[0], t[0] = s[0]+float64(d0*d0), t[0]+float64(d0*y[0])
		s[1], t[1] = s[1]+float64(d1*d1), t[1]+float64(d1*y[1])
		s[2], t[2] = s[2]+float64(d2*d2), t[2]+float64(d2*y[2])
		s[3], t[3] = s[3]+float64(d3*d3), t[3]+float64(d3*y[3])
	}
	for i := body; i < len(x); i++ {
		d := x[i] - mean
		s[0], t[0] = s[0]+float64(d*d), t[0]+float64(d*c.y[i])
	}
	return (s[0] + s[1]) + (s[2] + s[3]), (t[0] + t[1]) + (t[2] + t[3])
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

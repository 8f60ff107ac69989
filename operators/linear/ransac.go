package linear

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/linalg"
	"github.com/lren-chuv/automl/operators"
)

// RANSACRegressor fits least squares to random subsets of min_samples rows (by default one more than the columns),
// keeps the rows whose error is at most residual_threshold (by default the target's median absolute deviation), and
// fits once more to the largest such set found in max_trials trials (Fischler and Bolles, Comm. ACM 24(6), 1981).
var RANSACRegressor = &operators.Spec{
	Name: "RANSACRegressor", Doc: "least squares on the rows that agree", Role: operators.Regressor, Traits: operators.Weights | operators.Random,
	Params: []operators.Param{
		{Name: "min_samples", Scale: operators.Fraction, Lo: 0.05, Hi: 1, Choices: []string{"None"}, Default: operators.Word(0)},
		{Name: "residual_threshold", Scale: operators.Log, Lo: 1e-3, Hi: 1e3, Choices: []string{"None"}, Default: operators.Word(0), Fixed: true},
		{Name: "max_trials", Scale: operators.LogInt, Lo: 10, Hi: 1000, Default: 100},
		{Name: "stop_probability", Scale: operators.Linear, Default: 0.99, Fixed: true},
		{Name: "loss", Scale: operators.Choice, Choices: []string{"absolute_error", "squared_error"}, Fixed: true},
	},
	Ignored: []string{"random_state", "max_skips", "stop_n_inliers", "stop_score"},
	New: func(v []float64) (operators.Operator, error) {
		o := ransac{min: v[0], threshold: v[1], trials: int(v[2]), sure: v[3], squared: v[4] != 0}
		if o.trials < 1 || o.sure < 0 || o.sure > 1 {
			return nil, fmt.Errorf("ransac: max_trials=%d, stop_probability=%g: want at least 1 and a number in [0, 1]", o.trials, o.sure)
		}
		return o, nil
	},
	Decode: operators.Decode[line],
}

type ransac struct {
	min, threshold float64
	trials         int
	sure           float64
	squared        bool
}

func (o ransac) Fit(ctx context.Context, env *operators.Env, s dataset.Sample) (operators.Fitted, error) {
	const name = "ransac"
	d, err := designOf(s.X, lifted)
	if err != nil {
		return nil, failed(name, err)
	}
	n, y := s.Rows(), s.Y.Float
	if n == 0 {
		return nil, failed(name, errTooFewRows)
	}
	size, limit := o.limits(y, d.z.Cols)
	best, bestScore, most, trials := []int(nil), math.Inf(-1), 1, o.trials
	draw, residuals := randomSubset(env.Rand, n, size), make([]float64, n)
	for k := 0; k < trials; k++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		theta, err := subsetFit(d, s, draw())
		if err != nil {
			continue // a subset with extreme values
		}
		d.z.MulVec(residuals, theta)
		inliers, score := o.inliers(residuals, y, limit)
		if len(inliers) < most || len(inliers) == most && score < bestScore {
			continue
		}
		best, bestScore, most = inliers, score, len(inliers)
		trials = min(trials, trialsNeeded(float64(most)/float64(n), size, o.sure))
	}
	if best == nil {
		return nil, failed(name, errors.New("no subset of the rows agrees"))
	}
	kept := s
	kept.W = make([]float64, n)
	for _, r := range best {
		kept.W[r] = 1
		if s.W != nil {
			kept.W[r] = s.W[r]
		}
	}
	f, err := leastSquares{intercept: true}.Fit(ctx, env, kept)
	return f, failed(name, err)
}

// limits are the size of a subset and the largest error of a row that agrees.
func (o ransac) limits(y []float64, q int) (size int, limit float64) {
	size, limit = min(q, len(y)), o.threshold
	if _, none := operators.IsWord(o.min); !none {
		size = operators.Resolve(o.min, len(y))
	}
	if _, none := operators.IsWord(o.threshold); none {
		centre := median(y)
		off := make([]float64, len(y))
		for i, v := range y {
			off[i] = math.Abs(v - centre)
		}
		limit = median(off)
	}
	return size, limit
}

// subsetFit is weighted least squares on some rows of the design.
func subsetFit(d *design, s dataset.Sample, rows []int) ([]float64, error) {
	x, y := linalg.NewMatrix(len(rows), d.z.Cols), make([]float64, len(rows))
	for i, r := range rows {
		root := 1.0
		if s.W != nil {
			root = math.Sqrt(s.W[r])
		}
		linalg.AddScaled(x.Row(i), root, d.z.Row(r))
		y[i] = root * s.Y.Float[r]
	}
	return leastSquaresOf(x, y)
}

// inliers lists the rows whose prediction is close enough, and the R² on them.
func (o ransac) inliers(predicted, y []float64, limit float64) ([]int, float64) {
	rows := make([]int, 0, len(y))
	mean := 0.0
	for i, v := range y {
		e := math.Abs(v - predicted[i])
		if o.squared {
			e *= e
		}
		if e <= limit {
			rows = append(rows, i)
			mean += v
		}
	}
	mean /= float64(max(1, len(rows)))
	rest, total := 0.0, 0.0
	for _, i := range rows {
		rest += (y[i] - predicted[i]) * (y[i] - predicted[i])
		total += (y[i] - mean) * (y[i] - mean)
	}
	if total == 0 {
		return rows, 0
	}
	return rows, 1 - rest/total
}

// trialsNeeded is how many subsets make it as sure as wanted that one of them has inliers only.
func trialsNeeded(share float64, size int, sure float64) int {
	miss, clean := max(0x1p-52, 1-sure), max(0x1p-52, 1-math.Pow(share, float64(size)))
	if miss == 1 {
		return 0
	}
	if clean == 1 {
		return math.MaxInt
	}
	return int(math.Abs(math.Ceil(math.Log(miss) / math.Log(clean))))
}

// median of v, which it leaves unchanged.
func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(v))
	k := len(s) / 2
	if len(s)%2 == 1 {
		return s[k]
	}
	return (s[k-1] + s[k]) / 2
}

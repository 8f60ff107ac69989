package metrics

import (
	"cmp"
	"errors"
	"math"
	"slices"
)

// average is the weighted mean of f over the rows.
func average(n int, w []float64, f func(i int) float64) (float64, error) {
	total := sumWeights(n, w)
	if total == 0 {
		return 0, errNoWeight
	}
	sum := 0.0
	for i := range n {
		sum += weight(w, i) * f(i)
	}
	return sum / total, nil
}

func mse(y, p, w []float64) (float64, error) {
	return average(len(y), w, func(i int) float64 { return (y[i] - p[i]) * (y[i] - p[i]) })
}

func rmse(y, p, w []float64) (float64, error) {
	v, err := mse(y, p, w)
	return math.Sqrt(v), err
}

func mae(y, p, w []float64) (float64, error) {
	return average(len(y), w, func(i int) float64 { return math.Abs(y[i] - p[i]) })
}

func mape(y, p, w []float64) (float64, error) {
	return average(len(y), w, func(i int) float64 { return math.Abs(y[i]-p[i]) / max(math.Abs(y[i]), clip) })
}

func msle(y, p, w []float64) (float64, error) {
	for i := range y {
		if y[i] < 0 || p[i] < 0 {
			return 0, errors.New("negative values have no logarithm here")
		}
	}
	return average(len(y), w, func(i int) float64 {
		d := math.Log1p(y[i]) - math.Log1p(p[i])
		return d * d
	})
}

func maxError(y, p, _ []float64) (float64, error) {
	worst := 0.0
	for i := range y {
		worst = max(worst, math.Abs(y[i]-p[i]))
	}
	return worst, nil
}

// r2 is 1 - residual / total sum of squares; for a constant target 1 if the predictions are perfect and 0 otherwise, and
// NaN for a single row.
func r2(y, p, w []float64) (float64, error) {
	if len(y) < 2 {
		return math.NaN(), nil
	}
	mean, err := average(len(y), w, func(i int) float64 { return y[i] })
	if err != nil {
		return 0, err
	}
	rest, _ := average(len(y), w, func(i int) float64 { return (y[i] - p[i]) * (y[i] - p[i]) })
	total, _ := average(len(y), w, func(i int) float64 { return (y[i] - mean) * (y[i] - mean) })
	return explained(rest, total), nil
}

func explainedVariance(y, p, w []float64) (float64, error) {
	bias, err := average(len(y), w, func(i int) float64 { return y[i] - p[i] })
	if err != nil {
		return 0, err
	}
	mean, _ := average(len(y), w, func(i int) float64 { return y[i] })
	rest, _ := average(len(y), w, func(i int) float64 { d := y[i] - p[i] - bias; return d * d })
	total, _ := average(len(y), w, func(i int) float64 { return (y[i] - mean) * (y[i] - mean) })
	return explained(rest, total), nil
}

func explained(rest, total float64) float64 {
	switch {
	case rest == 0:
		return 1
	case total == 0:
		return 0
	}
	return 1 - rest/total
}

// medianAbsoluteError is the median of the absolute errors; with weights the smallest error at which half of the weight
// is reached.
func medianAbsoluteError(y, p, w []float64) (float64, error) {
	errs := make([]float64, len(y))
	for i := range y {
		errs[i] = math.Abs(y[i] - p[i])
	}
	if w == nil {
		slices.Sort(errs)
		n := len(errs)
		return (errs[(n-1)/2] + errs[n/2]) / 2, nil
	}
	order := make([]int, len(errs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(errs[a], errs[b]) })
	half, sum := sumWeights(len(y), w)/2, 0.0
	if half == 0 {
		return 0, errNoWeight
	}
	for _, i := range order {
		if sum += w[i]; sum >= half {
			return errs[i], nil
		}
	}
	return errs[order[len(order)-1]], nil
}

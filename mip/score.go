package mip

import (
	"math"
	"slices"
)

// Generation is one of the platform's: they spell some things differently.
type Generation int

// Generations of the platform.
const (
	Gen2017 Generation = 2017
	Gen2019 Generation = 2019
)

// ScoreNumbers scores predictions of a quantity in the platform's words. As there, the explained variance is the mean squared distance
// of the predictions from the mean, in units of the variance.
func ScoreNumbers(truth, predicted []float64) map[string]any {
	n := float64(len(truth))
	mean := 0.0
	for _, y := range truth {
		mean += y / n
	}
	mse, mae, total, explained := 0.0, 0.0, 0.0, 0.0
	for i, y := range truth {
		d := y - predicted[i]
		mse += d * d / n
		mae += math.Abs(d) / n
		total += (y - mean) * (y - mean) / n
		explained += (predicted[i] - mean) * (predicted[i] - mean) / n
	}
	r2 := 1 - mse/total
	out := map[string]any{"type": "RegressionScore", "MSE": mse, "RMSE": math.Sqrt(mse), "R-squared": r2, "MAE": mae, "Explained variance": explained}
	for k, v := range out {
		if f, ok := v.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
			out[k] = nil
		}
	}
	return out
}

// ScoreClasses scores predicted classes in the platform's words; both are indices of labels. Of two classes the second one is the
// positive one.
func ScoreClasses(labels []string, truth, predicted []int32, g Generation) map[string]any {
	k := len(labels)
	m := make([][]int, k) // by truth, then prediction
	for i := range m {
		m[i] = make([]int, k)
	}
	right := 0
	for i, t := range truth {
		m[t][predicted[i]]++
		if t == predicted[i] {
			right++
		}
	}
	out := map[string]any{"Confusion matrix": map[string]any{"labels": slices.Clone(labels), "values": m}, "Accuracy": share(right, len(truth))}
	plural := ""
	if g == Gen2017 {
		plural = "s"
	}
	if k == 2 {
		r := rates(m, 1)
		out["type"] = "BinaryClassificationScore" + plural
		out["Recall"], out["Precision"], out["F1-score"], out["False positive rate"] = r[0], r[1], r[2], r[3]
		return out
	}
	names := [4]string{"Weighted recall", "Weighted precision", "Weighted F1-score", "Weighted false positive rate"}
	if g == Gen2017 {
		names = [4]string{"Weighted Recall", "Weighted Precision", "Weighted F1-score", "Weighted false positive rate"}
	}
	out["type"] = "PolynomialClassificationScore" + plural
	var sum [4]float64
	for c := range k {
		in := 0
		for _, v := range m[c] {
			in += v
		}
		for j, v := range rates(m, c) {
			sum[j] += v * share(in, len(truth))
		}
	}
	for j, name := range names {
		out[name] = sum[j]
	}
	return out
}

// rates are recall, precision, F1 and the rate of false positives of class c against the rest.
func rates(m [][]int, c int) [4]float64 {
	tp, fn, fp, tn := 0, 0, 0, 0
	for t := range m {
		for p, n := range m[t] {
			switch {
			case t == c && p == c:
				tp += n
			case t == c:
				fn += n
			case p == c:
				fp += n
			default:
				tn += n
			}
		}
	}
	return [4]float64{share(tp, tp+fn), share(tp, tp+fp), share(2*tp, 2*tp+fp+fn), share(fp, fp+tn)}
}

// share is a/b, and 0 where there is nothing to share, as in the platform.
func share(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

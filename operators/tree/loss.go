package tree

import (
	"cmp"
	"math"
	"slices"

	"github.com/lren-chuv/automl/dataset"
)

// loss is what boosting minimises, per output column: Friedman 2001, "Greedy function approximation".
type loss struct {
	name  string
	alpha float64 // of the quantile loss; share of inliers of Huber's
}

// start is the best constant score of each output.
func (l loss) start(y *dataset.Column, w []float64) []float64 {
	if y.Kind == dataset.Categorical {
		share := make([]float64, len(y.Levels))
		total := 0.0
		for i, c := range y.Code {
			share[c] += w[i]
			total += w[i]
		}
		for k := range share {
			share[k] = max(share[k]/total, 1e-9)
		}
		if len(share) <= 2 {
			p := min(max(share[len(share)-1], 1e-9), 1-1e-9)
			return []float64{math.Log(p / (1 - p))}
		}
		for k := range share {
			share[k] = math.Log(share[k])
		}
		return share
	}
	switch l.name {
	case "absolute_error", "huber":
		return []float64{quantile(y.Float, w, 0.5)}
	case "quantile":
		return []float64{quantile(y.Float, w, l.alpha)}
	}
	sum, total := 0.0, 0.0
	for i, v := range y.Float {
		sum += w[i] * v
		total += w[i]
	}
	if l.name == "poisson" || l.name == "gamma" {
		return []float64{math.Log(max(sum/total, 1e-300))}
	}
	return []float64{sum / total}
}

// quantile is the smallest value at which the share q of the weight is reached.
func quantile(v, w []float64, q float64) float64 {
	order := make([]int32, 0, len(v))
	total := 0.0
	for i := range v {
		if w[i] > 0 {
			order = append(order, int32(i))
			total += w[i]
		}
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(v[a], v[b]) })
	sum := 0.0
	for k, i := range order {
		sum += w[i]
		if sum == q*total && k+1 < len(order) {
			return (v[i] + v[order[k+1]]) / 2
		}
		if sum > q*total {
			return v[i]
		}
	}
	return v[order[len(order)-1]]
}

// gradients writes the weighted first and second derivatives of the loss by the score of output k.
func (l loss) gradients(y *dataset.Column, w []float64, score [][]float64, k int, g, h []float64) {
	if y.Kind == dataset.Categorical {
		if len(score) == 1 {
			logistic(y.Code, w, score[0], g, h)
		} else {
			softmax(y.Code, w, score, k, g, h)
		}
		return
	}
	s := score[0]
	for i, v := range y.Float {
		d := s[i] - v
		g[i], h[i] = w[i]*d, w[i]
		switch l.name {
		case "absolute_error":
			g[i] = w[i] * sign(d)
		case "quantile":
			g[i] = w[i] * (1 - l.alpha)
			if d < 0 {
				g[i] = -w[i] * l.alpha
			}
		case "poisson":
			e := math.Exp(s[i])
			g[i], h[i] = w[i]*(e-v), w[i]*e
		case "gamma":
			e := v * math.Exp(-s[i])
			g[i], h[i] = w[i]*(1-e), w[i]*e
		}
	}
}

func sign(d float64) float64 {
	switch {
	case d > 0:
		return 1
	case d < 0:
		return -1
	}
	return 0
}

func logistic(code []int32, w, s, g, h []float64) {
	for i, c := range code {
		p := sigmoid(s[i])
		g[i], h[i] = w[i]*(p-float64(c)), w[i]*p*(1-p)
	}
}

func sigmoid(s float64) float64 { return 1 / (1 + math.Exp(-s)) }

func softmax(code []int32, w []float64, score [][]float64, k int, g, h []float64) {
	for i, c := range code {
		top := score[0][i]
		for _, s := range score[1:] {
			top = max(top, s[i])
		}
		sum := 0.0
		for _, s := range score {
			sum += math.Exp(s[i] - top)
		}
		p := math.Exp(score[k][i]-top) / sum
		g[i], h[i] = w[i]*p, w[i]*p*(1-p)
		if int(c) == k {
			g[i] -= w[i]
		}
	}
}

// value is the mean loss of the rows in use.
func (l loss) value(y *dataset.Column, score [][]float64, rows []int32) float64 {
	sum := 0.0
	for _, i := range rows {
		switch {
		case y.Kind == dataset.Categorical && len(score) == 1:
			s := score[0][i]
			if y.Code[i] == 0 {
				s = -s
			}
			sum += math.Log1p(math.Exp(-math.Abs(s))) + max(0, -s)
		case y.Kind == dataset.Categorical:
			top, total := math.Inf(-1), 0.0
			for _, s := range score {
				top = max(top, s[i])
			}
			for _, s := range score {
				total += math.Exp(s[i] - top)
			}
			sum += math.Log(total) + top - score[y.Code[i]][i]
		default:
			sum += l.number(y.Float[i], score[0][i])
		}
	}
	return sum / float64(len(rows))
}

func (l loss) number(y, s float64) float64 {
	d := y - s
	switch l.name {
	case "absolute_error":
		return math.Abs(d)
	case "quantile":
		return max(l.alpha*d, (l.alpha-1)*d)
	case "poisson":
		return math.Exp(s) - y*s
	case "gamma":
		return s + y*math.Exp(-s)
	}
	return d * d / 2
}

// predict turns scores into probabilities or numbers, in place where it can.
func (l loss) predict(levels int, score [][]float64) [][]float64 {
	switch {
	case levels == 0:
		if l.name == "poisson" || l.name == "gamma" {
			for i, s := range score[0] {
				score[0][i] = math.Exp(min(s, 700))
			}
		}
		return score
	case levels == 1:
		for i := range score[0] {
			score[0][i] = 1
		}
		return score
	case levels == 2:
		rest := make([]float64, len(score[0]))
		for i, s := range score[0] {
			score[0][i] = sigmoid(s)
			rest[i] = 1 - score[0][i]
		}
		return [][]float64{rest, score[0]}
	}
	for i := range score[0] {
		top := score[0][i]
		for _, s := range score[1:] {
			top = max(top, s[i])
		}
		sum := 0.0
		for _, s := range score {
			s[i] = math.Exp(s[i] - top)
			sum += s[i]
		}
		for _, s := range score {
			s[i] /= sum
		}
	}
	return score
}

package tree

import (
	"cmp"
	"math"
	"slices"

	"github.com/lren-chuv/automl/internal/kernel"
)

// loss is what boosting minimises. The rows' state stands in a course; scores are on the scale of the link.
type loss struct {
	outputs  int     // trees per round
	constant bool    // the hessian of a row is its weight
	renew    float64 // leaves get this quantile of their residuals instead of a Newton step; 0 does not
	start    func(c *course) []float64
	slopes   func(c *course)                  // fills gradients and hessians of all outputs from the scores
	value    func(c *course, r int32) float64 // the loss of one row
	log      bool                             // scores are logarithms of the prediction
}

// course is the state of one boosting run, row by row.
type course struct {
	y      []float64
	class  []int32 // among the classes present
	weight []float64
	rows   []int32 // all rows that count
	score  [][]float64
	slope  [][]kernel.Slope
	chance [][]float64 // scratch of the loss
}

// mean is the weighted mean of f over the rows.
func (c *course) mean(f func(r int32) float64) float64 {
	sum, total := 0.0, 0.0
	for _, r := range c.rows {
		sum += c.weight[r] * f(r)
		total += c.weight[r]
	}
	return sum / total
}

// logistic is the log-loss of two classes on the log-odds of the second.
func logistic() *loss {
	return &loss{
		outputs: 1,
		start: func(c *course) []float64 {
			p := c.mean(func(r int32) float64 { return float64(c.class[r]) })
			return []float64{math.Log(p / (1 - p))}
		},
		slopes: func(c *course) {
			if logisticRun(c) {
				return
			}
			out := c.slope[0]
			logisticRows(c.score[0], c.rows, func(rows []int32, chance []float64) {
				for i, r := range rows {
					p, w := chance[i], c.weight[r]
					out[r] = kernel.Slope{G: w * (p - float64(c.class[r])), H: w * p * (1 - p)}
				}
			})
		},
		value: func(c *course, r int32) float64 {
			f := c.score[0][r]
			return max(f, 0) + math.Log1p(math.Exp(-math.Abs(f))) - float64(c.class[r])*f
		},
	}
}

// spread stores the slopes of rows that are not of the class in question, from its probabilities p.
func (c *course) spread(rows []int32, p []float64, out []kernel.Slope, scale float64) {
	if first := int(rows[0]); consecutive(rows) {
		out, weight := out[first:][:len(p)], c.weight[first:][:len(p)]
		for i, v := range p {
			w := weight[i]
			out[i] = kernel.Slope{G: w * v, H: w * scale * v * (1 - v)}
		}
		return
	}
	for i, r := range rows {
		v, w := p[i], c.weight[r]
		out[r] = kernel.Slope{G: w * v, H: w * scale * v * (1 - v)}
	}
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// softmax is the log-loss of several classes. scale is the factor of the diagonal hessian p(1-p).
func softmax(k int, scale float64) *loss {
	return &loss{
		outputs: k,
		start: func(c *course) []float64 {
			out := make([]float64, k)
			for j := range out {
				out[j] = math.Log(c.mean(func(r int32) float64 { return b2f(int(c.class[r]) == j) }))
			}
			return out
		},
		slopes: func(c *course) {
			if c.chance == nil {
				c.chance = columns(min(curveBlock, len(c.weight)), k)
			}
			chance := c.chance
			for lo := 0; lo < len(c.rows); lo += curveBlock {
				rows := c.rows[lo:min(lo+curveBlock, len(c.rows))]
				softmaxRows(c.score, rows, chance)
				for j, p := range chance {
					c.spread(rows, p[:len(rows)], c.slope[j], scale)
				}
				for i, r := range rows {
					k := c.class[r]
					c.slope[k][r].G = c.weight[r] * (chance[k][i] - 1)
				}
			}
		},
		value: func(c *course, r int32) float64 {
			top, sum := math.Inf(-1), 0.0
			for j := range k {
				top = max(top, c.score[j][r])
			}
			for j := range k {
				sum += math.Exp(c.score[j][r] - top)
			}
			return math.Log(sum) + top - c.score[c.class[r]][r]
		},
	}
}

// normalize turns log-odds into probabilities.
func normalize(s []float64) {
	top, sum := slices.Max(s), 0.0
	for j, v := range s {
		s[j] = math.Exp(v - top)
		sum += s[j]
	}
	for j := range s {
		s[j] /= sum
	}
}

func b2f(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// each makes the slopes of a loss of one output whose gradient and hessian depend on target and score.
func each(f func(y, score float64) (g, h float64)) func(*course) {
	return func(c *course) {
		out, score := c.slope[0], c.score[0]
		for _, r := range c.rows {
			g, h := f(c.y[r], score[r])
			out[r] = kernel.Slope{G: c.weight[r] * g, H: c.weight[r] * h}
		}
	}
}

func fromMean(link func(float64) float64) func(*course) []float64 {
	return func(c *course) []float64 {
		return []float64{link(c.mean(func(r int32) float64 { return c.y[r] }))}
	}
}

// squared is half the squared error.
func squared() *loss {
	return &loss{
		outputs: 1, constant: true,
		start: fromMean(func(m float64) float64 { return m }),
		slopes: func(c *course) { // each, without calls
			out, f := c.slope[0], c.score[0]
			for _, r := range c.rows {
				w := c.weight[r]
				out[r] = kernel.Slope{G: w * (f[r] - c.y[r]), H: w}
			}
		},
		value: func(c *course, r int32) float64 { d := c.y[r] - c.score[0][r]; return d * d / 2 },
	}
}

// pinball is the loss whose minimum is the quantile q; twice that of 0.5 is the absolute error.
func pinball(q float64) *loss {
	return &loss{
		outputs: 1, constant: true, renew: q,
		start: func(c *course) []float64 {
			return []float64{quantileOf(c.rows, q, func(r int32) float64 { return c.y[r] }, c.weight)}
		},
		slopes: each(func(y, f float64) (g, h float64) {
			if y >= f {
				return -2 * q, 1
			}
			return 2 * (1 - q), 1
		}),
		value: func(c *course, r int32) float64 {
			d := c.y[r] - c.score[0][r]
			return max(2*q*d, 2*(q-1)*d)
		},
	}
}

// huber is squared up to delta and absolute beyond (Huber, 1964). The hessian is that of the squared error throughout.
func huber(delta float64) *loss {
	return &loss{
		outputs: 1, constant: true,
		start:  fromMean(func(m float64) float64 { return m }),
		slopes: each(func(y, f float64) (g, h float64) { return max(-delta, min(f-y, delta)), 1 }),
		value: func(c *course, r int32) float64 {
			d := math.Abs(c.y[r] - c.score[0][r])
			if d <= delta {
				return d * d / 2
			}
			return delta * (d - delta/2)
		},
	}
}

// pseudoHuber is δ²(√(1+(d/δ)²)-1).
func pseudoHuber(delta float64) *loss {
	return &loss{
		outputs: 1,
		start:   fromMean(func(m float64) float64 { return m }),
		slopes: each(func(y, f float64) (g, h float64) {
			z := (f - y) / delta
			root := math.Sqrt(1 + z*z)
			return (f - y) / root, 1 / (root * root * root)
		}),
		value: func(c *course, r int32) float64 {
			z := (c.score[0][r] - c.y[r]) / delta
			return delta * delta * (math.Sqrt(1+z*z) - 1)
		},
	}
}

// poisson is half the Poisson deviance of a target ≥ 0, on the logarithm of the mean.
func poisson() *loss {
	return &loss{
		outputs: 1, log: true, start: fromMean(math.Log),
		slopes: each(func(y, f float64) (g, h float64) { e := math.Exp(f); return e - y, e }),
		value:  func(c *course, r int32) float64 { f := c.score[0][r]; return math.Exp(f) - c.y[r]*f },
	}
}

// gamma is half the Gamma deviance of a target > 0, on the logarithm of the mean.
func gamma() *loss {
	return &loss{
		outputs: 1, log: true, start: fromMean(math.Log),
		slopes: each(func(y, f float64) (g, h float64) { e := y * math.Exp(-f); return 1 - e, e }),
		value:  func(c *course, r int32) float64 { f := c.score[0][r]; return c.y[r]*math.Exp(-f) + f },
	}
}

// tweedie is half the Tweedie deviance of power 1 < p < 2 of a target ≥ 0, on the logarithm of the mean.
func tweedie(p float64) *loss {
	return &loss{
		outputs: 1, log: true, start: fromMean(math.Log),
		slopes: each(func(y, f float64) (g, h float64) {
			a, b := y*math.Exp((1-p)*f), math.Exp((2-p)*f)
			return b - a, (2-p)*b - (1-p)*a
		}),
		value: func(c *course, r int32) float64 {
			f := c.score[0][r]
			return math.Exp((2-p)*f)/(2-p) - c.y[r]*math.Exp((1-p)*f)/(1-p)
		},
	}
}

// quantileOf is the weighted quantile q of f over rows: the smallest value with at least the share q of the weight up to
// it, the middle of two where the share is met exactly.
func quantileOf(rows []int32, q float64, f func(r int32) float64, weight []float64) float64 {
	type pair struct{ v, w float64 }
	pairs, total := make([]pair, len(rows)), 0.0
	for i, r := range rows {
		pairs[i] = pair{f(r), weight[r]}
		total += weight[r]
	}
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Compare(a.v, b.v) })
	below := 0.0
	for i, p := range pairs {
		below += p.w
		if i == len(pairs)-1 || below > q*total {
			return p.v
		}
		if below == q*total {
			return (p.v + pairs[i+1].v) / 2
		}
	}
	return 0
}

package report

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"regexp"
	"slices"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/metrics"
)

const (
	wideW     = 1060
	wideH     = 300
	shownDots = 700
)

// timed reports whether the history knows when results came.
func timed(h []automl.Evaluation) bool { return len(h) > 0 && h[len(h)-1].At > 0 }

// progress draws every evaluated pipeline and the best so far.
func (p *pictures) progress(h []automl.Evaluation, m metrics.Metric) template.HTML {
	when, name := func(i int) float64 { return float64(i + 1) }, "evaluated pipelines"
	if timed(h) {
		when, name = func(i int) float64 { return h[i].At }, "seconds"
	}
	lo, hi := scoreRange(h, m)
	c := p.draw(wideW, wideH, "Score over time", "Every evaluated pipeline as a dot, the best so far as a line; pipelines worse than the frame lie on its edge, failures below it.")
	a := frame(c, wideW, wideH, 0, math.Max(when(len(h)-1), 1e-9), lo, hi)
	a.grid(name, m.Name)
	every := (len(h) + shownDots - 1) / shownDots
	var x, y []float64
	best := math.NaN()
	for i, e := range h {
		if e.Err != "" {
			if i%every == 0 {
				a.line("failed", a.x.at(when(i)), a.y.from-1, a.x.at(when(i)), a.y.from-8)
			}
			continue
		}
		better := !e.Pruned && !math.IsNaN(e.Score) && !(m.Loss(e.Score) >= m.Loss(best))
		if i%every == 0 || better {
			class := "eval"
			if e.Pruned {
				class = "eval pruned"
			}
			a.circle(class, a.x.at(when(i)), a.y.at(math.Max(lo, math.Min(hi, e.Score))), 2.6, "")
		}
		if better {
			if len(x) > 0 {
				x, y = append(x, when(i)), append(y, best)
			}
			best = e.Score
			x, y = append(x, when(i)), append(y, best)
		}
	}
	if len(x) > 0 {
		a.curve("curve best", append(x, when(len(h)-1)), append(y, best))
	}
	return c.html()
}

// scoreRange is where the better three quarters of the scores lie.
func scoreRange(h []automl.Evaluation, m metrics.Metric) (lo, hi float64) {
	var v []float64
	for _, e := range h {
		if e.Err == "" && !math.IsNaN(e.Score) && !math.IsInf(e.Score, 0) {
			v = append(v, e.Score)
		}
	}
	if len(v) == 0 {
		return 0, 1
	}
	slices.SortFunc(v, func(a, b float64) int { return cmp.Compare(m.Loss(a), m.Loss(b)) })
	edge := v[(len(v)-1)*3/4]
	return padded(math.Min(v[0], edge), math.Max(v[0], edge), 0.12)
}

// pareto draws score against size: the front as a line of points that tell their pipelines.
func (p *pictures) pareto(front []automl.Scored, h []automl.Evaluation, m metrics.Metric) template.HTML {
	const w, height = 520, 340
	lo, hi, most := math.Inf(1), math.Inf(-1), 1
	for _, s := range front {
		lo, hi, most = math.Min(lo, s.Score), math.Max(hi, s.Score), max(most, s.Steps)
	}
	low, high := scoreRange(h, m)
	spread := math.Max(hi-lo, (high-low)/3) // a front of one point is seen among the others
	if len(h) > 0 && !m.Greater {
		high = math.Min(high, hi+2*spread+1e-9)
	} else if len(h) > 0 {
		low = math.Max(low, lo-2*spread-1e-9)
	}
	lo, hi = padded(math.Min(lo, low), math.Max(hi, high), 0.05)
	c := p.draw(w, height, "Pareto front", "Cross-validated score against number of operators; each point of the front is the best pipeline of its size. The table beside it lists them.")
	a := frame(c, w, height, 0.5, float64(most)+0.5, lo, hi)
	a.gridY(m.Name)
	for k := 1; k <= most; k++ {
		a.line("grid", a.x.at(float64(k)), a.y.from, a.x.at(float64(k)), a.y.to)
		a.text("tick", a.x.at(float64(k)), a.y.from+16, "middle", fmt.Sprint(k))
	}
	a.text("axis", (a.x.from+a.x.to)/2, a.y.from+36, "middle", "operators in the pipeline")
	every := len(h)/400 + 1
	for i, e := range h {
		if i%every == 0 && e.Err == "" && e.Score >= lo && e.Score <= hi && e.Steps <= most {
			a.circle("eval", a.x.at(float64(e.Steps)+0.5*(float64(e.ID*7%11)/10-0.5)), a.y.at(e.Score), 2.2, "")
		}
	}
	sorted := slices.Clone(front)
	slices.SortFunc(sorted, func(a, b automl.Scored) int { return a.Steps - b.Steps })
	var x, y []float64
	for _, s := range sorted {
		x, y = append(x, float64(s.Steps)), append(y, s.Score)
	}
	a.curve("curve best", x, y)
	for _, s := range sorted {
		a.circle("front", a.x.at(float64(s.Steps)), a.y.at(s.Score), 6, fmt.Sprintf("%s ± %s: %s", number(s.Score), number(s.Std), s.Pipeline))
	}
	return c.html()
}

// leaders are the best pipelines of the history, each once.
func leaders(h []automl.Evaluation, m metrics.Metric, most int) []automl.Evaluation {
	var out []automl.Evaluation
	for _, e := range h {
		if e.Err == "" && !e.Pruned && !math.IsNaN(e.Score) {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b automl.Evaluation) int { return cmp.Compare(m.Loss(a.Score), m.Loss(b.Score)) })
	return out[:min(most, len(out))]
}

// failure is a reason for which pipelines failed.
type failure struct {
	Reason  string
	Count   int
	Example string
}

var digits = regexp.MustCompile(`[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?`)

// failures groups the failed pipelines by reason; reasons that differ in their numbers alone are one.
func failures(h []automl.Evaluation) []failure {
	at := map[string]int{}
	var out []failure
	for _, e := range h {
		if e.Err == "" {
			continue
		}
		key := digits.ReplaceAllString(e.Err, "#")
		k, known := at[key]
		if !known {
			k = len(out)
			at[key], out = k, append(out, failure{Reason: e.Err, Example: e.Pipeline})
		}
		out[k].Count++
	}
	slices.SortStableFunc(out, func(a, b failure) int { return b.Count - a.Count })
	return out
}

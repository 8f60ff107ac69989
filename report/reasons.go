package report

import (
	"fmt"
	"html/template"
	"math"
	"slices"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/explain"
)

const (
	shownFeatures = 20
	shownLevels   = 12
)

// importance draws a bar with its interval for each feature.
func (p *pictures) importance(all []explain.Importance, metric string) template.HTML {
	list := all[:min(shownFeatures, len(all))]
	const left, row, w = 190, 26, 860
	h := float64(len(list))*row + 54
	lo, hi := 0.0, 0.0
	for _, f := range list {
		lo, hi = math.Min(lo, f.Lo), math.Max(hi, f.Hi)
	}
	if hi == lo {
		hi = lo + 1e-6
	}
	c := p.draw(w, h, "Permutation importance", fmt.Sprintf("How much worse %s becomes when a column is shuffled, with 95%% intervals. The most important column is %s.", metric, list[0].Feature))
	a := &axes{c, scale{lo, hi, left, w - 20}, scale{0, 1, h - 44, 4}}
	ticks := a.x.ticks(6)
	for _, v := range ticks {
		a.line("grid", a.x.at(v), a.y.from, a.x.at(v), a.y.to)
		a.text("tick", a.x.at(v), a.y.from+16, "middle", label(v, ticks))
	}
	a.text("axis", (a.x.from+a.x.to)/2, a.y.from+36, "middle", "how much worse "+metric+" gets when the column is shuffled")
	for i, f := range list {
		y := 4 + row*float64(i)
		x0, x1 := a.x.at(0), a.x.at(f.Mean)
		c.text("name", left-10, y+row/2+4, "end", short(f.Feature, 26))
		c.rect("bar", math.Min(x0, x1), y+5, math.Abs(x1-x0), row-10, 2,
			fmt.Sprintf("%s: %s, 95%% interval %s to %s", f.Feature, number(f.Mean), number(f.Lo), number(f.Hi)))
		if f.Hi > f.Lo {
			c.line("whisker", a.x.at(f.Lo), y+row/2, a.x.at(f.Hi), y+row/2)
			c.line("whisker", a.x.at(f.Lo), y+row/2-4, a.x.at(f.Lo), y+row/2+4)
			c.line("whisker", a.x.at(f.Hi), y+row/2-4, a.x.at(f.Hi), y+row/2+4)
		}
	}
	c.line("base", a.x.at(0), a.y.from, a.x.at(0), a.y.to)
	return c.html()
}

// shape is one partial dependence.
type shape struct {
	Feature string
	Picture template.HTML
}

// dependence draws the mean prediction against each feature, all on the same scale so that they can be compared.
func (p *pictures) dependence(ds []explain.Dependence, levels []string, target string) []shape {
	first := 0
	if len(levels) == 2 {
		first = 1
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, d := range ds {
		for k := first; k < min(len(d.Mean), shownClasses); k++ {
			for _, v := range d.Mean[k] {
				lo, hi = math.Min(lo, v), math.Max(hi, v)
			}
		}
	}
	if math.IsInf(lo, 0) {
		return nil
	}
	lo, hi = padded(lo, hi, 0.08)
	if levels != nil {
		lo, hi = math.Max(0, lo), math.Min(1, hi)
	}
	var out []shape
	for _, d := range ds {
		if len(d.Mean) > 0 && len(d.Mean[0]) > 0 {
			out = append(out, shape{d.Feature, p.oneDependence(d, first, [2]float64{lo, hi}, target)})
		}
	}
	return out
}

func (p *pictures) oneDependence(d explain.Dependence, first int, y [2]float64, target string) template.HTML {
	if d.Levels != nil {
		return p.byLevel(d, first, y, target)
	}
	const w, h = 340, 230
	c := p.draw(w, h, "Partial dependence on "+d.Feature, "Mean prediction of "+target+" when every row is given the same value of "+d.Feature+".")
	x0, x1 := slices.Min(d.Grid), slices.Max(d.Grid)
	if x0 == x1 {
		x0, x1 = x0-0.5, x1+0.5
	}
	a := frame(c, w, h, x0, x1, y[0], y[1])
	a.gridY("prediction")
	ticks := a.x.ticks(4)
	for _, v := range ticks {
		a.text("tick", a.x.at(v), a.y.from+16, "middle", label(v, ticks))
	}
	for _, v := range d.Grid {
		a.line("rug", a.x.at(v), a.y.from, a.x.at(v), a.y.from-5)
	}
	a.text("axis", (a.x.from+a.x.to)/2, a.y.from+36, "middle", short(d.Feature, 34))
	for k := first; k < min(len(d.Mean), shownClasses); k++ {
		a.curve("curve "+series(k-first), d.Grid, d.Mean[k])
	}
	return c.html()
}

// byLevel draws one line per level of a category, with a dot for the mean prediction of every class.
func (p *pictures) byLevel(d explain.Dependence, first int, y [2]float64, target string) template.HTML {
	const w, left = 340, 128
	n := min(len(d.Levels), shownLevels)
	row := math.Max(20, 174/float64(n))
	h := 12 + row*float64(n) + 44
	c := p.draw(w, h, "Partial dependence on "+d.Feature, "Mean prediction of "+target+" when every row is given the same value of "+d.Feature+".")
	a := &axes{c, scale{y[0], y[1], left, w - marginRight}, scale{0, 1, h - 44, 12}}
	ticks := a.x.ticks(4)
	for _, v := range ticks {
		a.line("grid", a.x.at(v), a.y.from, a.x.at(v), a.y.to)
		a.text("tick", a.x.at(v), a.y.from+16, "middle", label(v, ticks))
	}
	a.text("axis", (a.x.from+a.x.to)/2, a.y.from+36, "middle", "prediction by "+short(d.Feature, 20))
	for i, level := range d.Levels[:n] {
		middle := 12 + row*(float64(i)+0.5)
		c.text("tick", left-10, middle+4, "end", short(level, 17))
		c.line("grid", left, middle, w-marginRight, middle)
		for k := first; k < min(len(d.Mean), shownClasses); k++ {
			a.circle("dot big "+series(k-first), a.x.at(d.Mean[k][i]), middle, 5, level+": "+number(d.Mean[k][i]))
		}
	}
	return c.html()
}

// effects draws the contributions of features to single predictions as swarms of dots, coloured by the feature's value.
func (p *pictures) effects(list []explain.Effect, what string) template.HTML {
	const left, row, w = 190, 40, 860
	h := float64(len(list))*row + 54
	lo, hi := 0.0, 0.0
	for _, e := range list {
		lo, hi = math.Min(lo, e.Spread.Lo), math.Max(hi, e.Spread.Hi)
	}
	lo, hi = padded(lo, hi, 0.04)
	c := p.draw(w, h, "Contributions to single predictions", "Each dot is a row: how far the column moved its prediction of "+what+"; blue dots have low values of the column, red dots high ones, grey ones are categories.")
	a := &axes{c, scale{lo, hi, left, w - 20}, scale{0, 1, h - 44, 4}}
	ticks := a.x.ticks(6)
	for _, v := range ticks {
		a.line("grid", a.x.at(v), a.y.from, a.x.at(v), a.y.to)
		a.text("tick", a.x.at(v), a.y.from+16, "middle", label(v, ticks))
	}
	a.text("axis", (a.x.from+a.x.to)/2, a.y.from+36, "middle", "contribution to "+short(what, 50))
	c.line("base", a.x.at(0), a.y.from, a.x.at(0), a.y.to)
	for i, e := range list {
		middle := 4 + row*(float64(i)+0.5)
		c.text("name", left-10, middle+4, "end", short(e.Feature, 26))
		p.swarm(a, e, middle, row-8)
	}
	return c.html()
}

func (p *pictures) swarm(a *axes, e explain.Effect, middle, height float64) {
	step := (e.Spread.Hi - e.Spread.Lo) / float64(len(e.Spread.Counts))
	for b, n := range e.Spread.Counts {
		x := a.x.at(e.Spread.Lo + step*(float64(b)+0.5))
		fill := "var(--soft)"
		if v := e.Value[b]; v == v {
			fill = fmt.Sprintf("hsl(%.0f 80%% 58%%)", 222+math.Max(0, math.Min(1, v))*128)
		}
		gap := math.Min(4.2, height/math.Max(1, float64(n)))
		for k := range n {
			offset := gap * float64((k+1)/2)
			if k%2 == 1 {
				offset = -offset
			}
			fmt.Fprintf(&a.b, `<circle style="fill:%s" class="bee" cx="%s" cy="%s" r="2.6"/>`, fill, px(x+0.9*float64(k*5%7-3)), px(middle+offset))
		}
	}
}

// swarms are the contributions by class.
type swarms struct {
	Level   string
	Picture template.HTML
}

func (p *pictures) allEffects(list []automl.ClassEffects, m *automl.Model) []swarms {
	var out []swarms
	for _, e := range list {
		if len(e.Effects) == 0 {
			continue
		}
		what := m.Target
		if len(m.Levels) > 0 {
			what = "the probability of " + e.Level
		}
		if scale := scaleName(m.Record); scale != "" {
			what = "the " + scale + " of " + map[bool]string{true: e.Level, false: m.Target}[len(m.Levels) > 0]
		}
		out = append(out, swarms{e.Level, p.effects(e.Effects, what)})
	}
	return out
}

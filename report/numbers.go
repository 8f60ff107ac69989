package report

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/explain"
)

// fit draws predicted against actual values as a map of how many rows lie where.
func (p *pictures) fit(g explain.Grid, target string) template.HTML {
	c := p.draw(sideW, sideH, "Predicted and actual values", "Darker cells hold more rows; on the diagonal, predictions are exact.")
	a := frame(c, sideW, sideH, g.Lo, g.Hi, g.Lo, g.Hi)
	a.grid("predicted "+short(target, 24), "actual")
	most := 1
	for _, row := range g.Counts {
		for _, n := range row {
			most = max(most, n)
		}
	}
	n := float64(len(g.Counts))
	w, h := (a.x.to-a.x.from)/n, (a.y.from-a.y.to)/n
	step := (g.Hi - g.Lo) / n
	for i, row := range g.Counts {
		for j, k := range row {
			if k == 0 {
				continue
			}
			fmt.Fprintf(&c.b, `<rect class="heat" style="fill-opacity:%.2f" x="%s" y="%s" width="%s" height="%s"><title>%s</title></rect>`,
				0.2+0.8*math.Sqrt(float64(k)/float64(most)), px(a.x.from+w*float64(i)), px(a.y.from-h*float64(j+1)), px(w), px(h),
				fmt.Sprintf("predicted about %s, actual about %s: %d rows", number(g.Lo+step*(float64(i)+0.5)), number(g.Lo+step*(float64(j)+0.5)), k))
		}
	}
	a.curve("guess", []float64{g.Lo, g.Hi}, []float64{g.Lo, g.Hi})
	return c.html()
}

// residuals draws the distribution of the errors.
func (p *pictures) residuals(h explain.Histogram) template.HTML {
	c := p.draw(sideW, sideH, "Residuals", "Distribution of actual minus predicted values; the outermost bars hold the tails.")
	most := 1
	for _, n := range h.Counts {
		most = max(most, n)
	}
	a := frame(c, sideW, sideH, h.Lo, h.Hi, 0, float64(most)*1.05)
	a.grid("actual − predicted", "rows")
	p.bars(a, h)
	if h.Lo < 0 && h.Hi > 0 {
		a.line("zero", a.x.at(0), a.y.from, a.x.at(0), a.y.to)
	}
	return c.html()
}

// bars draws a histogram into axes.
func (p *pictures) bars(a *axes, h explain.Histogram) {
	step := (h.Hi - h.Lo) / float64(len(h.Counts))
	for i, n := range h.Counts {
		x := a.x.at(h.Lo + step*float64(i))
		w := a.x.at(h.Lo+step*float64(i+1)) - x
		if n > 0 {
			a.rect("bar", x+0.5, a.y.at(float64(n)), w-1, a.y.from-a.y.at(float64(n)), 1.5,
				fmt.Sprintf("%s to %s: %d rows", number(h.Lo+step*float64(i)), number(h.Lo+step*float64(i+1)), n))
		}
	}
}

// bands draws how the residuals spread along the predictions.
func (p *pictures) bands(bands []automl.Band) template.HTML {
	c := p.draw(sideW, sideH, "Residuals by prediction", "Median and middle 80% of the residuals in tenths of the rows by prediction; a flat line at zero means no systematic error.")
	var x, low, mid, high []float64
	lo, hi := 0.0, 0.0
	for _, b := range bands {
		x, low, mid, high = append(x, b.Predicted), append(low, b.Low), append(mid, b.Median), append(high, b.High)
		lo, hi = math.Min(lo, b.Low), math.Max(hi, b.High)
	}
	lo, hi = padded(lo, hi, 0.06)
	x0, x1 := padded(x[0], x[len(x)-1], 0.03)
	a := frame(c, sideW, sideH, x0, x1, lo, hi)
	a.grid("predicted", "actual − predicted")
	area := make([]string, 0, 2*len(x))
	for i := range x {
		area = append(area, px(a.x.at(x[i]))+" "+px(a.y.at(high[i])))
	}
	for i := len(x) - 1; i >= 0; i-- {
		area = append(area, px(a.x.at(x[i]))+" "+px(a.y.at(low[i])))
	}
	a.path("band", "M"+strings.Join(area, "L")+"Z")
	a.line("zero", a.x.from, a.y.at(0), a.x.to, a.y.at(0))
	a.curve("curve s0", x, mid)
	for _, b := range bands {
		a.circle("dot s0", a.x.at(b.Predicted), a.y.at(b.Median), 3.5,
			fmt.Sprintf("predicted about %s: median %s, middle 80%% from %s to %s", number(b.Predicted), number(b.Median), number(b.Low), number(b.High)))
	}
	return c.html()
}

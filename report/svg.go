package report

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// canvas writes one SVG picture. Colours come from the page's style sheet by class, so that a picture is right on light
// and dark paper alike.
type canvas struct {
	b strings.Builder
}

// pictures hands out the ids that tie a picture to its title and description.
type pictures struct{ n int }

// draw begins a picture of w × h units. The description is what is read aloud in place of the picture.
func (p *pictures) draw(w, h float64, title, description string) *canvas {
	p.n++
	c := &canvas{}
	fmt.Fprintf(&c.b, `<svg viewBox="0 0 %s %s" width="%s" role="img" aria-labelledby="t%d d%d"><title id="t%d">%s</title><desc id="d%d">%s</desc>`,
		px(w), px(h), px(w), p.n, p.n, p.n, html.EscapeString(title), p.n, html.EscapeString(description))
	return c
}

// html closes the picture.
func (c *canvas) html() template.HTML {
	return template.HTML(c.b.String() + "</svg>")
}

// px writes a coordinate with a hundredth of a unit.
func px(v float64) string {
	return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
}

func (c *canvas) line(class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(&c.b, `<line class="%s" x1="%s" y1="%s" x2="%s" y2="%s"/>`, class, px(x1), px(y1), px(x2), px(y2))
}

func (c *canvas) path(class, d string) {
	fmt.Fprintf(&c.b, `<path class="%s" d="%s"/>`, class, d)
}

func (c *canvas) rect(class string, x, y, w, h, radius float64, tip string) {
	fmt.Fprintf(&c.b, `<rect class="%s" x="%s" y="%s" width="%s" height="%s" rx="%s"`, class, px(x), px(y), px(max(0, w)), px(max(0, h)), px(radius))
	c.close("rect", tip)
}

func (c *canvas) circle(class string, x, y, r float64, tip string) {
	fmt.Fprintf(&c.b, `<circle class="%s" cx="%s" cy="%s" r="%s"`, class, px(x), px(y), px(r))
	c.close("circle", tip)
}

func (c *canvas) close(tag, tip string) {
	if tip == "" {
		c.b.WriteString("/>")
		return
	}
	fmt.Fprintf(&c.b, "><title>%s</title></%s>", html.EscapeString(tip), tag)
}

// text writes s with its anchor (start, middle, end) at (x, y).
func (c *canvas) text(class string, x, y float64, anchor, s string) {
	fmt.Fprintf(&c.b, `<text class="%s" x="%s" y="%s" text-anchor="%s">%s</text>`, class, px(x), px(y), anchor, html.EscapeString(s))
}

// sideways writes s upwards, its middle at (x, y).
func (c *canvas) sideways(class string, x, y float64, s string) {
	fmt.Fprintf(&c.b, `<text class="%s" transform="translate(%s %s) rotate(-90)" text-anchor="middle">%s</text>`, class, px(x), px(y), html.EscapeString(s))
}

// polyline is the path through points.
func polyline(x, y []float64) string {
	var b strings.Builder
	for i := range x {
		letter := "L"
		if i == 0 {
			letter = "M"
		}
		b.WriteString(letter + px(x[i]) + " " + px(y[i]))
	}
	return b.String()
}

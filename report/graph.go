package report

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/operators/catalog"
	"github.com/lren-chuv/automl/pipeline"
)

// box is one operator of the drawing of a pipeline.
type box struct {
	name, doc, kind string
	settings        []string
	children        []*box
	level           int     // longest way to the input
	x, y            float64 // left edge, middle
	width           float64 // of all boxes of its level
}

const (
	boxGap         = 32
	lineH          = 15
	shownLines     = 5
	settingLetters = 30
)

func (b *box) height() float64 {
	n := min(len(b.settings), shownLines)
	if n == 0 {
		return 34
	}
	return 36 + lineH*float64(n)
}

// graph draws a fitted pipeline from the table on the left to the prediction on the right, with the steps that were put
// in by themselves.
func (p *pictures) graph(m automl.Member, columns int, target string) template.HTML {
	root := boxes(m, columns)
	root = &box{name: "prediction", kind: "end", settings: []string{short(target, 26)}, children: []*box{root}}
	root.level = root.children[0].level + 1
	root.place(2)
	root.shift(2 - root.top())
	root.spread()
	c := p.draw(root.x+root.width+2, root.bottom()+2, "The pipeline as a graph", "From the table to the prediction: "+m.Pipeline)
	root.edges(c)
	root.draw(c)
	return c.html()
}

// boxes makes the tree of boxes from the fitted steps, and the hyper-parameters from the text.
func boxes(m automl.Member, columns int) *box {
	settings := settingsOf(m)
	var stack []*box
	for i, s := range m.Fitted.Steps() {
		b := &box{settings: settings[i]}
		switch s.Op {
		case pipeline.Input:
			b.name, b.kind, b.settings = "table", "end", []string{plural(columns, "column")}
		case pipeline.Union:
			b.name, b.kind, b.doc = "union", "joint", "the columns of all branches side by side"
		case pipeline.Stack:
			b.name, b.kind, b.doc = "stack", "joint", "out-of-fold predictions beside the columns they were made from"
		default:
			b.name, b.kind, b.doc = s.Spec.Name, s.Spec.Role.String(), s.Spec.Doc
		}
		cut := len(stack) - s.Arity
		b.children = append(b.children, stack[cut:]...)
		for _, child := range b.children {
			b.level = max(b.level, child.level+1)
		}
		stack = append(stack[:cut], b)
	}
	return stack[0]
}

// settingsOf finds the hyper-parameters of every fitted step. The fitted pipeline has the steps of the text in the same
// order with some more between them, unless those changed the order of the branches of a union: then none are shown.
func settingsOf(m automl.Member) map[int][]string {
	out := map[int][]string{}
	t, err := pipeline.Parse(m.Pipeline, catalog.All())
	if err != nil {
		return out
	}
	at := 0
	for i, s := range m.Fitted.Steps() {
		if at == t.Len() {
			return map[int][]string{}
		}
		n := t.Node(at)
		switch {
		case s.Op == n.Op && (s.Op != pipeline.Step || s.Spec.Name == n.Spec.Name):
			if s.Op == pipeline.Step {
				out[i] = n.Settings()
			}
			at++
		case s.Op == pipeline.Step && s.Spec.Name == "TableVectorizer":
			out[i] = []string{"put in by itself"}
		default:
			return map[int][]string{}
		}
	}
	return out
}

// place gives every box of the subtree its height on the page, from top downwards, and returns where it ends.
func (b *box) place(top float64) float64 {
	if len(b.children) == 0 {
		b.y = top + b.height()/2
		return top + b.height() + 16
	}
	bottom := top
	for _, child := range b.children {
		bottom = child.place(bottom)
	}
	b.y = (b.children[0].y + b.children[len(b.children)-1].y) / 2
	if short := b.y - b.height()/2 - top; short < 0 {
		b.shift(-short)
		bottom -= short
	}
	return math.Max(bottom, b.y+b.height()/2+16)
}

func (b *box) shift(by float64) {
	b.y += by
	for _, child := range b.children {
		child.shift(by)
	}
}

// top is where the highest box of the subtree begins.
func (b *box) top() float64 {
	high := b.y - b.height()/2
	for _, child := range b.children {
		high = math.Min(high, child.top())
	}
	return high
}

// bottom is where the lowest box of the subtree ends.
func (b *box) bottom() float64 {
	low := b.y + b.height()/2
	for _, child := range b.children {
		low = math.Max(low, child.bottom())
	}
	return low
}

// spread puts the levels side by side, each as wide as its widest box.
func (root *box) spread() {
	widths := make([]float64, root.level+1)
	root.each(func(b *box) {
		widest := 8.8 * float64(utf8.RuneCountInString(b.name))
		for _, s := range b.settings[:min(shownLines, len(b.settings))] {
			widest = math.Max(widest, 6.6*float64(min(settingLetters, utf8.RuneCountInString(s))))
		}
		widths[b.level] = math.Max(widths[b.level], math.Max(92, widest+28))
	})
	left := make([]float64, root.level+1)
	left[0] = 2
	for k := 1; k < len(left); k++ {
		left[k] = left[k-1] + widths[k-1] + boxGap
	}
	root.each(func(b *box) { b.x, b.width = left[b.level], widths[b.level] })
}

func (b *box) each(f func(*box)) {
	f(b)
	for _, child := range b.children {
		child.each(f)
	}
}

func (b *box) edges(c *canvas) {
	for _, child := range b.children {
		x0, x1 := child.x+child.width, b.x
		mid := x1 - boxGap/2
		c.path("edge", fmt.Sprintf("M%s %sH%sC%s %s %s %s %s %s", px(x0), px(child.y), px(mid-boxGap/2), px(mid), px(child.y), px(mid), px(b.y), px(x1-7), px(b.y)))
		c.path("arrow", fmt.Sprintf("M%s %sl-8 -4.5v9z", px(x1-1), px(b.y)))
		child.edges(c)
	}
}

func (b *box) draw(c *canvas) {
	top := b.y - b.height()/2
	fmt.Fprintf(&c.b, `<g class="node %s"><title>%s</title><rect x="%s" y="%s" width="%s" height="%s" rx="8"/>`, b.kind, html.EscapeString(strings.TrimSpace(b.name+": "+b.doc+" "+strings.Join(b.settings, ", "))),
		px(b.x), px(top), px(b.width), px(b.height()))
	c.text("head", b.x+14, top+22, "start", b.name)
	for i, s := range b.settings {
		if i == shownLines-1 && len(b.settings) > shownLines {
			s = fmt.Sprintf("and %d more", len(b.settings)-i)
		}
		if i == shownLines {
			break
		}
		c.text("setting", b.x+14, top+40+lineH*float64(i), "start", short(s, settingLetters))
	}
	c.b.WriteString("</g>")
	for _, child := range b.children {
		child.draw(c)
	}
}

package report

import (
	"fmt"
	"html/template"
	"math"
	"strings"
	"time"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/explain"
)

// column is one row of the table of columns.
type column struct {
	Name, Type, Missing, Summary string
	MissingShare                 float64
	Distinct                     int
	Spark                        template.HTML
}

// shownColumns bounds the table of columns: a report stays small however wide the table was.
const shownColumns = 300

// typeNames maps the columns of the frame to the types of the fields that they were made of.
func typeNames(s *dataset.Schema) map[string]string {
	out := map[string]string{}
	for _, f := range s.Fields {
		out[f.Name] = f.Type.String()
		for _, part := range f.Parts {
			out[f.Name+"."+part] = "date"
		}
	}
	return out
}

func (p *pictures) columns(m *automl.Model) []column {
	types := typeNames(m.Schema)
	var out []column
	for _, d := range m.Record.Columns[:min(shownColumns, len(m.Record.Columns))] {
		c := column{Name: d.Name, Type: d.Type, Distinct: d.Distinct, MissingShare: float64(d.Missing) / math.Max(1, float64(d.Rows)), Summary: summary(d), Spark: p.spark(d)}
		if t, ok := types[d.Name]; ok {
			c.Type = t
		}
		if strings.HasSuffix(d.Name, ".days") && c.Type == dataset.Date.String() {
			c.Summary = dates(d)
		}
		c.Missing = percent(c.MissingShare)
		out = append(out, c)
	}
	return out
}

func summary(d explain.Column) string {
	if len(d.Quantiles) == 5 {
		return fmt.Sprintf("%s … %s … %s, mean %s ± %s", number(d.Quantiles[0]), number(d.Quantiles[2]), number(d.Quantiles[4]), number(d.Mean), number(d.Std))
	}
	var parts []string
	for i, l := range d.Levels {
		if i == 3 {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, fmt.Sprintf("%s %s", short(l.Level, 20), percent(float64(l.Rows)/math.Max(1, float64(d.Rows-d.Missing)))))
	}
	return strings.Join(parts, ", ")
}

// dates is the summary of days since 1970.
func dates(d explain.Column) string {
	if len(d.Quantiles) != 5 {
		return ""
	}
	day := func(v float64) string { return time.Unix(int64(v*86400), 0).UTC().Format("2006-01-02") }
	return fmt.Sprintf("%s … %s … %s", day(d.Quantiles[0]), day(d.Quantiles[2]), day(d.Quantiles[4]))
}

// spark draws a column's distribution small.
func (p *pictures) spark(d explain.Column) template.HTML {
	counts := d.Histogram.Counts
	if len(d.Levels) > 0 {
		counts = nil
		for _, l := range d.Levels {
			counts = append(counts, l.Rows)
		}
	}
	if len(counts) == 0 {
		return ""
	}
	const w, h = 120, 26
	most := 1
	for _, n := range counts {
		most = max(most, n)
	}
	c := p.draw(w, h, "Distribution of "+d.Name, summary(d))
	step := w / math.Max(8, float64(len(counts)))
	var b strings.Builder
	for i, n := range counts {
		height := math.Ceil(h * float64(n) / float64(most))
		fmt.Fprintf(&b, "M%s %dv-%sh%sv%sz", px(step*float64(i)), h, px(height), px(step-1), px(height))
	}
	c.path("spark", b.String())
	return c.html()
}

// target draws the distribution of the target.
func (p *pictures) target(d explain.Column) template.HTML {
	if len(d.Levels) == 0 {
		if len(d.Histogram.Counts) == 0 {
			return ""
		}
		const w, h = 520, 260
		c := p.draw(w, h, "Distribution of the target", summary(d))
		most := 1
		for _, n := range d.Histogram.Counts {
			most = max(most, n)
		}
		x0, x1 := d.Histogram.Lo, d.Histogram.Hi
		if x0 == x1 {
			x0, x1 = padded(x0, x1, 0)
		}
		a := frame(c, w, h, x0, x1, 0, float64(most)*1.05)
		a.grid(short(d.Name, 40), "rows")
		p.bars(a, d.Histogram)
		return c.html()
	}
	const left, row, w = 150, 30, 520
	c := p.draw(w, float64(len(d.Levels))*row+8, "Distribution of the target", summary(d))
	most := 1
	for _, l := range d.Levels {
		most = max(most, l.Rows)
	}
	for i, l := range d.Levels {
		y := 4 + row*float64(i)
		width := (w - left - 110) * float64(l.Rows) / float64(most)
		c.text("name", left-10, y+row/2+4, "end", short(l.Level, 20))
		c.rect("bar", left, y+5, width, row-10, 2, "")
		c.text("tick", left+width+8, y+row/2+4, "start", fmt.Sprintf("%s (%s)", count(l.Rows), percent(float64(l.Rows)/float64(d.Rows))))
	}
	return c.html()
}

// leftOut lists the columns of the file that the model does not use, with the reason.
func leftOut(s *dataset.Schema) []string {
	why := map[dataset.Type]string{dataset.ID: "names the row", dataset.Constant: "always the same", dataset.Ignore: "left out on request"}
	var out []string
	for _, f := range s.Fields {
		if reason, ok := why[f.Type]; ok {
			out = append(out, f.Name+" ("+reason+")")
		}
	}
	return out
}

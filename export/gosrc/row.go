package gosrc

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
)

// identifiers makes an exported Go name of every column's.
func identifiers(fields []dataset.Field) []string {
	taken := map[string]bool{}
	out := make([]string, len(fields))
	for i, f := range fields {
		var b strings.Builder
		upper := true
		for _, r := range f.Name {
			if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
				upper = true
				continue
			}
			if upper {
				r = unicode.ToUpper(r)
			}
			b.WriteRune(r)
			upper = false
		}
		name := b.String()
		if name == "" || !unicode.IsUpper([]rune(name)[0]) {
			name = "X" + name
		}
		for base, k := name, 2; taken[name]; k++ {
			name = base + "_" + strconv.Itoa(k)
		}
		taken[name] = true
		out[i] = name
	}
	return out
}

var fieldTypes = map[dataset.Type][2]string{
	dataset.Number:   {"float64", "math.NaN() if missing"},
	dataset.Boolean:  {"float64", "1 for true, 0 for false, math.NaN() if missing"},
	dataset.Date:     {"time.Time", "zero if missing"},
	dataset.Category: {"string", "empty if missing"},
}

// datePart is the Go expression for a part of the date t.
var datePart = map[string]string{
	"days":    "float64(t.Unix())/86400 + float64(t.Nanosecond())/86400e9",
	"year":    "float64(t.Year())",
	"month":   "float64(t.Month())",
	"weekday": "float64(t.Weekday())",
	"hour":    "float64(t.Hour()) + float64(t.Minute())/60",
}

// row writes the row type, how it is read from text, and how it becomes numbers.
func (f *file) row() {
	fields := f.model.Schema.Fields
	names := identifiers(fields)
	b := &f.code
	b.WriteString("\n// Row is one row of the table.\ntype Row struct {\n")
	for i, field := range fields {
		if t, used := fieldTypes[field.Type]; used {
			fmt.Fprintf(b, "\t%s %s // %s; %s\n", names[i], t[0], oneLine(field.Name), t[1])
		}
	}
	b.WriteString("}\n\n// numbers lays the row out as the pipelines want it; categories become codes.\nfunc (r *Row) numbers() []float64 {\n\tvar out []float64\n")
	for i, field := range fields {
		switch field.Type {
		case dataset.Number, dataset.Boolean:
			fmt.Fprintf(b, "\tout = append(out, r.%s)\n", names[i])
		case dataset.Category:
			fmt.Fprintf(b, "\tout = append(out, code(%q, r.%s))\n", field.Name, names[i])
		case dataset.Date:
			fmt.Fprintf(b, "\tif t := r.%s; t.IsZero() {\n\t\tout = append(out%s)\n\t} else {\n", names[i], strings.Repeat(", math.NaN()", len(field.Parts)))
			for _, p := range field.Parts {
				fmt.Fprintf(b, "\t\tout = append(out, %s)\n", datePart[p])
			}
			b.WriteString("\t}\n")
		}
	}
	b.WriteString("\treturn out\n}\n")
	f.levels()
	f.parse(names)
}

// levels writes the codes of the categories.
func (f *file) levels() {
	b := &f.code
	b.WriteString("\n// levels lists the levels of every category in the order of their codes.\nvar levels = map[string][]string{\n")
	for _, field := range f.model.Schema.Fields {
		if field.Type == dataset.Category {
			fmt.Fprintf(b, "\t%q: %#v,\n", field.Name, append([]string{}, field.Levels...))
		}
	}
	b.WriteString(`}

var codes = func() map[string]map[string]float64 {
	all := map[string]map[string]float64{}
	for name, list := range levels {
		all[name] = map[string]float64{}
		for k, level := range list {
			all[name][level] = float64(k)
		}
		for k, level := range list { // "1" is the level "1.0" if there is no level "1"
			if _, taken := all[name][canonical(level)]; !taken {
				all[name][canonical(level)] = float64(k)
			}
		}
	}
	return all
}()

// canonical writes a number in its shortest form and returns other text as it is.
func canonical(text string) string {
	if v, err := strconv.ParseFloat(text, 64); err == nil && v-v == 0 {
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return text
}

// code is the code of a level, NaN for a missing or unknown one.
func code(column, level string) float64 {
	k, known := codes[column][level]
	if !known {
		k, known = codes[column][canonical(level)]
	}
	if !known || level == "" {
		return math.NaN()
	}
	return k
}
`)
}

// parse writes ParseRow.
func (f *file) parse(names []string) {
	b := &f.code
	missing := map[string]bool{"": true}
	for _, t := range f.model.Schema.Missing {
		missing[t] = true
	}
	b.WriteString("\n// missing lists the texts that mean a missing value.\nvar missing = map[string]bool{\"\": true")
	for _, t := range f.model.Schema.Missing {
		if t != "" {
			fmt.Fprintf(b, ", %q: true", t)
		}
	}
	b.WriteString(`}

// ParseRow reads a row from texts by column name, such as a line of a CSV file.
func ParseRow(text map[string]string) (Row, error) {
	var r Row
	var err error
	get := func(name string) string {
		t, ok := text[name]
		if !ok && err == nil {
			err = fmt.Errorf("the column %q is missing", name)
		}
		if t = strings.TrimSpace(t); missing[t] {
			return ""
		}
		return t
	}
`)
	uses := map[dataset.Type]bool{}
	for i, field := range f.model.Schema.Fields {
		uses[field.Type] = true
		switch field.Type {
		case dataset.Number:
			fmt.Fprintf(b, "\tr.%s = parseNumber(get(%q), &err)\n", names[i], field.Name)
		case dataset.Boolean:
			fmt.Fprintf(b, "\tr.%s = parseTruth(get(%q))\n", names[i], field.Name)
		case dataset.Category:
			fmt.Fprintf(b, "\tr.%s = get(%q)\n", names[i], field.Name)
		case dataset.Date:
			fmt.Fprintf(b, "\tr.%s = parseDate(%q, get(%q), &err)\n", names[i], field.Layout, field.Name)
		}
	}
	b.WriteString("\treturn r, err\n}\n")
	for _, t := range []dataset.Type{dataset.Number, dataset.Boolean, dataset.Date} {
		if uses[t] {
			b.WriteString(parsers[t])
		}
	}
}

var parsers = map[dataset.Type]string{
	dataset.Number: `
func parseNumber(text string, err *error) float64 {
	if text == "" {
		return math.NaN()
	}
	v, bad := strconv.ParseFloat(text, 64)
	if bad != nil && *err == nil {
		*err = bad
	}
	return v
}
`,
	dataset.Boolean: `
func parseTruth(text string) float64 {
	switch strings.ToLower(canonical(text)) {
	case "true", "yes", "t", "y", "1":
		return 1
	case "false", "no", "f", "n", "0":
		return 0
	}
	return math.NaN()
}
`,
	dataset.Date: `
func parseDate(layout, text string, err *error) time.Time {
	if text == "" {
		return time.Time{}
	}
	t, bad := time.Parse(layout, text)
	if bad != nil && *err == nil {
		*err = bad
	}
	return t
}
`,
}

// predict writes Predict and, for classes, Classes and Label.
func (f *file) predict() {
	m, b := f.model, &f.code
	mean := func() {
		if m.Geometric() {
			f.geometric()
			return
		}
		for i, member := range m.Members {
			fmt.Fprintf(b, "\tfor k, v := range pipeline%d(x) {\n\t\tp[k] += %s * v\n\t}\n", i, floatText(member.Weight))
		}
	}
	if len(m.Levels) == 0 {
		fmt.Fprintf(b, "\n// Predict returns the prediction of %s.\nfunc Predict(r Row) float64 {\n\tx, p := r.numbers(), make([]float64, 1)\n", oneLine(m.Target))
		mean()
		b.WriteString("\treturn p[0]\n}\n")
		return
	}
	fmt.Fprintf(b, "\n// Classes are the values of %s, in the order of the probabilities.\nvar Classes = %#v\n", oneLine(m.Target), m.Levels)
	fmt.Fprintf(b, "\n// Predict returns the probability of each class.\nfunc Predict(r Row) []float64 {\n\tx, p := r.numbers(), make([]float64, len(Classes))\n")
	mean()
	if t := m.Temperature; t != 0 && t != 1 {
		fmt.Fprintf(b, "\tsum := 0.0 // an average is less sure of itself than its members: temperature scaling\n\tfor k := range p {\n\t\tp[k] = math.Pow(p[k], %s)\n\t\tsum += p[k]\n\t}\n", floatText(1/t))
		b.WriteString("\tfor k := range p {\n\t\tp[k] /= sum\n\t}\n")
	}
	if m.Odds != nil {
		fmt.Fprintf(b, "\todds, all := %s, 0.0 // labels are what counts: classes that are worth more are favoured\n", floats(m.Odds))
		b.WriteString("\tfor k := range p {\n\t\tp[k] *= odds[k]\n\t\tall += p[k]\n\t}\n\tfor k := range p {\n\t\tp[k] /= all\n\t}\n")
	}
	fmt.Fprintf(b, "\tconst doubt = 1.0 / %d // a model is never surer than the number of its rows allows\n", m.Search.Rows+1)
	b.WriteString(`	for k := range p {
		p[k] = (1-doubt)*p[k] + doubt/float64(len(p))
	}
	return p
}

// Label returns the most probable class.
func Label(r Row) string {
	best := 0
	p := Predict(r)
	for k, v := range p {
		if v > p[best] {
			best = k
		}
	}
	return Classes[best]
}
`)
}

// geometric writes the statements for the weighted geometric mean of the pipelines' probabilities.
func (f *file) geometric() {
	b := &f.code
	for i, member := range f.model.Members {
		fmt.Fprintf(b, "\tfor k, v := range pipeline%d(x) {\n\t\tp[k] += %s * math.Log(math.Max(v, %s))\n\t}\n", i, floatText(member.Weight), floatText(automl.LeastShare))
	}
	b.WriteString(`	top, total := math.Inf(-1), 0.0 // from logarithms back to probabilities
	for _, v := range p {
		top = math.Max(top, v)
	}
	for k, v := range p {
		p[k] = math.Exp(v - top)
		total += p[k]
	}
	for k := range p {
		p[k] /= total
	}
`)
}

// floatText writes a float64 as a Go expression.
func floatText(v float64) string {
	switch {
	case math.IsNaN(v):
		return "math.NaN()"
	case math.IsInf(v, 1):
		return "math.Inf(1)"
	case math.IsInf(v, -1):
		return "math.Inf(-1)"
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

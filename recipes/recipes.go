// Package recipes holds the pipelines that every search tries first, as data: one file per task, one pipeline per line,
// in the order in which they are tried. They were chosen by bench/portfolio, so that together they do well on many
// tables, and completed by the best of every kind of predictor, since an ensemble wants variety; cheap ones stand first.
package recipes

import (
	_ "embed"
	"strings"

	"github.com/lren-chuv/automl/dataset"
)

var (
	//go:embed binary.txt
	binary string
	//go:embed multiclass.txt
	multiclass string
	//go:embed regression.txt
	regression string
	//go:embed wide_classes.txt
	wideClasses string
	//go:embed wide_numbers.txt
	wideNumbers string
)

// wide is the number of columns from which on a pipeline has to choose some first.
const wide = 800

// For returns the texts of the pipelines to start with on a table of so many columns.
func For(task dataset.Task, columns int) []string {
	text, first := regression, wideNumbers
	switch task {
	case dataset.Binary:
		text, first = binary, wideClasses
	case dataset.Multiclass:
		text, first = multiclass, wideClasses
	}
	if columns < wide {
		return lines(text)
	}
	return append(lines(first), lines(text)...)
}

func lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

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
)

// For returns the texts of the pipelines to start with.
func For(task dataset.Task) []string {
	text := regression
	switch task {
	case dataset.Binary:
		text = binary
	case dataset.Multiclass:
		text = multiclass
	}
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

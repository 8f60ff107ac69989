// Command operators writes the reference of all operators, docs/operators.md, from the catalogue, and the table of their
// names in the README:
//
//	go run ./docs/operators > docs/operators.md
//	go run ./docs/operators -readme README.md
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/lren-chuv/automl/operators"
	"github.com/lren-chuv/automl/operators/catalog"
)

func main() {
	readme := flag.String("readme", "", "write the table of names into this `file` instead")
	flag.Parse()
	if *readme == "" {
		write(os.Stdout)
		return
	}
	text, err := os.ReadFile(*readme)
	if err == nil {
		if text, err = insert(text); err == nil {
			err = os.WriteFile(*readme, text, 0o644)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "operators:", err)
		os.Exit(1)
	}
}

// The table stands between these lines.
const first, last = "<!-- operators: go run ./docs/operators -readme README.md -->\n", "<!-- end of operators -->\n"

// insert replaces the table of names in text.
func insert(text []byte) ([]byte, error) {
	before, rest, ok := bytes.Cut(text, []byte(first))
	_, after, closed := bytes.Cut(rest, []byte(last))
	if !ok || !closed {
		return nil, fmt.Errorf("no lines %q and %q", first, last)
	}
	var b bytes.Buffer
	b.Write(before)
	b.WriteString(first)
	names(&b)
	b.WriteString(last)
	b.Write(after)
	return b.Bytes(), nil
}

// names writes the table of names, from what "automl operators --json" prints.
func names(w io.Writer) {
	var entries []catalog.Entry
	for _, s := range catalog.Stored() {
		entries = append(entries, catalog.Describe(s))
	}
	fmt.Fprintf(w, "| role | %d operators |\n|---|---|\n", len(entries))
	for _, section := range sections {
		var own []string
		for _, e := range entries {
			if e.Role == section.role.String() {
				own = append(own, e.Name)
			}
		}
		fmt.Fprintf(w, "| %ss (%d) | %s |\n", section.role, len(own), strings.Join(own, ", "))
	}
}

// sections are the roles in the order of a pipeline.
var sections = []struct {
	role  operators.Role
	title string
}{
	{operators.Cleaner, "Cleaners: what is missing or useless"},
	{operators.Encoder, "Encoders: categories, dates and text become numbers"},
	{operators.Scaler, "Scalers: every column by itself"},
	{operators.Transformer, "Transformers: new columns"},
	{operators.Selector, "Selectors: some of the columns"},
	{operators.Classifier, "Classifiers"},
	{operators.Regressor, "Regressors"},
}

func write(w io.Writer) {
	all := catalog.Stored()
	fmt.Fprintf(w, "# Operators\n\nWritten from the catalogue by `go run ./docs/operators > docs/operators.md`: %d operators. A value in *italics* is the default;\n", len(all))
	fmt.Fprint(w, "ranges are what a search draws from, text may go beyond them; parameters without a range are not varied.\n")
	fmt.Fprint(w, "The command lists them too; with `--json` in the form that `train --config` takes as a search space:\n\n<!-- ci -->\n```sh\ngo run ./cmd/automl operators --task regression\n```\n")
	for _, section := range sections {
		fmt.Fprintf(w, "\n## %s\n\n| operator | what it does | hyper-parameters |\n|---|---|---|\n", section.title)
		for _, s := range all {
			if s.Role == section.role {
				e := catalog.Describe(s)
				fmt.Fprintf(w, "| %s | %s%s | %s |\n", e.Name, cell(e.Doc), note(s), parameters(e.Params))
			}
		}
	}
}

// note tells what a user should know of an operator beside what it does.
func note(s *operators.Spec) string {
	var notes []string
	for _, t := range []struct {
		trait operators.Traits
		text  string
	}{
		{operators.Categories, "takes categories"}, {operators.Missing, "takes missing values"}, {operators.NonNegative, "refuses negative values"},
		{operators.Instances, "keeps training rows"}, {operators.FewRows, "keeps values of single rows"}, {operators.Baseline, "not drawn by a search"},
	} {
		if s.Has(t.trait) {
			notes = append(notes, t.text)
		}
	}
	if len(notes) == 0 {
		return ""
	}
	return " (" + strings.Join(notes, ", ") + ")"
}

func parameters(params []catalog.Range) string {
	var out []string
	for _, p := range params {
		text := p.Name
		switch {
		case p.Low != nil:
			text += fmt.Sprintf(" %g…%g", *p.Low, *p.High)
			if len(p.Choices) > 0 {
				text += " or " + strings.Join(p.Choices, ", ")
			}
		case len(p.Choices) > 0 && !p.Fixed:
			text += " " + strings.Join(p.Choices, ", ")
		}
		out = append(out, text+fmt.Sprintf(" *%s*", p.Default))
	}
	return cell(strings.Join(out, "; "))
}

// cell keeps a text inside its cell of the table.
func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }

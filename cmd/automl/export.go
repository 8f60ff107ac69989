package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/export/document"
	"github.com/lren-chuv/automl/export/gosrc"
	"github.com/lren-chuv/automl/export/onnx"
	"github.com/lren-chuv/automl/export/pfa"
)

// exporter writes a model in another form.
type exporter struct {
	name  string
	write func(w io.Writer, m *automl.Model, pkg string) error
}

var exporters = []exporter{
	{"pfa", writePFA},
	{"go", gosrc.Write},
	{"onnx", func(w io.Writer, m *automl.Model, _ string) error { return onnx.Write(w, m) }},
	{"json", func(w io.Writer, m *automl.Model, _ string) error { return document.Write(w, m) }},
}

// writePFA writes what PFA can express of a model and says what that leaves out.
func writePFA(w io.Writer, m *automl.Model, _ string) error {
	doc, omitted, err := pfa.Best(m, pfa.Options{})
	if err != nil {
		return err
	}
	if omitted > 0 {
		fmt.Fprintf(os.Stderr, "automl: warning: %d of %d pipelines are left out, as PFA cannot express the whole ensemble\n", omitted, len(m.Members))
	}
	_, err = w.Write(doc)
	return err
}

func exportCommand() *cobra.Command {
	var to, out, pkg string
	var names []string
	for _, e := range exporters {
		names = append(names, e.name)
	}
	cmd := &cobra.Command{
		Use:     "export MODEL --to " + strings.Join(names, "|") + " -o FILE",
		Short:   "Write a model for another runtime",
		Example: "  automl export model.automl --to go -o model.go",
		Args:    exactly("MODEL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			k := slices.Index(names, to)
			if k < 0 {
				return usagef("--to %q: want one of %s", to, strings.Join(names, ", "))
			}
			m, err := automl.Load(args[0])
			if err != nil {
				return err
			}
			if out == "" {
				return exporters[k].write(cmd.OutOrStdout(), m, pkg)
			}
			return writeFile(out, func(w io.Writer) error { return exporters[k].write(w, m, pkg) })
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "form: "+strings.Join(names, ", ")+" (required)")
	cmd.Flags().StringVarP(&out, "out", "o", "", "file to write (default standard output)")
	cmd.Flags().StringVar(&pkg, "package", "model", "name of the Go package")
	return cmd
}

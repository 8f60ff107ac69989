package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/report"
)

func reportCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:     "report MODEL -o FILE.html",
		Short:   "Write a report on a model as one HTML file",
		Example: "  automl report model.automl -o report.html",
		Args:    exactly("MODEL"),
		RunE: func(_ *cobra.Command, args []string) error {
			if out == "" {
				return usagef("-o is required: the HTML file to write")
			}
			m, err := automl.Load(args[0])
			if err != nil {
				return err
			}
			return writeReport(out, m)
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "HTML file to write (required)")
	return cmd
}

// writeReport writes the whole report or nothing.
func writeReport(path string, m *automl.Model) error {
	return writeFile(path, func(w io.Writer) error { return report.Write(w, m) })
}

package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/export/pfa"
)

func exportCommand() *cobra.Command {
	var to, out string
	cmd := &cobra.Command{
		Use:   "export MODEL --to pfa",
		Short: "Write the fitted model for another runtime",
		Args:  exactly("MODEL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			write, err := exporter(to)
			if err != nil {
				return err
			}
			m, err := automl.Load(args[0])
			if err != nil {
				return err
			}
			data, err := write(m)
			if err != nil {
				return err
			}
			if out == "" {
				_, err = cmd.OutOrStdout().Write(data)
				return err
			}
			return writeFile(out, func(w io.Writer) error {
				_, err := w.Write(data)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "format: pfa (required)")
	cmd.Flags().StringVarP(&out, "out", "o", "", "file to write (default standard output)")
	return cmd
}

// exporter returns what writes a format.
func exporter(to string) (func(*automl.Model) ([]byte, error), error) {
	switch to {
	case "pfa":
		return func(m *automl.Model) ([]byte, error) {
			doc, omitted, err := pfa.Best(m, pfa.Options{})
			if omitted > 0 {
				fmt.Fprintf(os.Stderr, "automl: warning: %d of %d pipelines are left out, as PFA cannot express the whole ensemble\n", omitted, len(m.Members))
			}
			return doc, err
		}, nil
	case "":
		return nil, usagef("--to is required: pfa")
	}
	return nil, usagef("--to %s: want pfa", to)
}

package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/internal/whole"
	"github.com/lren-chuv/automl/metrics"
)

func predictCommand() *cobra.Command {
	var data dataFlags
	var out string
	cmd := &cobra.Command{
		Use:   "predict MODEL DATA",
		Short: "Predict every row of a table as CSV",
		Args:  exactly("MODEL", "DATA"),
		RunE: func(cmd *cobra.Command, args []string) error {
			m, opt, err := data.forModel(args[0])
			if err != nil {
				return err
			}
			opt.NoTarget = true
			x, _, err := dataset.ReadAs(cmd.Context(), args[1], m.Schema, opt)
			if err != nil {
				return err
			}
			p, err := m.Predict(cmd.Context(), x)
			if err != nil {
				return err
			}
			if out == "" {
				return writePredictions(cmd.OutOrStdout(), m, p)
			}
			return writeFile(out, func(w io.Writer) error { return writePredictions(w, m, p) })
		},
	}
	data.reading(cmd)
	cmd.Flags().StringVarP(&out, "out", "o", "", "file to write (default standard output)")
	return cmd
}

// writePredictions writes a header, then one line per row in input order.
func writePredictions(w io.Writer, m *automl.Model, p *dataset.Frame) error {
	c := csv.NewWriter(w)
	head := []string{"prediction"}
	for _, level := range m.Levels {
		head = append(head, "proba_"+level)
	}
	if err := c.Write(head); err != nil {
		return err
	}
	var labels []string
	if m.Levels != nil {
		labels = m.Labels(p)
	}
	row := make([]string, len(head))
	for i := range p.Rows() {
		at := row
		if labels != nil {
			row[0], at = labels[i], row[1:]
		}
		for j := range p.Cols() {
			at[j] = strconv.FormatFloat(p.Col(j).Float[i], 'g', -1, 64)
		}
		if err := c.Write(row); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// writeFile writes the whole file or nothing. What is no file, such as /dev/stdout, is written to as it is.
func writeFile(path string, write func(io.Writer) error) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(write(f), f.Close())
	}
	return whole.Write(path, 0o644, write)
}

func scoreCommand() *cobra.Command {
	var data dataFlags
	var names []string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "score MODEL DATA",
		Short: "Score a model against the target column of a table",
		Args:  exactly("MODEL", "DATA"),
		RunE: func(cmd *cobra.Command, args []string) error {
			m, opt, err := data.forModel(args[0])
			if err != nil {
				return err
			}
			if err := allServe(names, m.Schema.Task()); err != nil {
				return err
			}
			x, y, err := dataset.ReadAs(cmd.Context(), args[1], m.Schema, opt)
			if err != nil {
				return err
			}
			if y == nil {
				return &dataset.DataError{File: args[1], Msg: fmt.Sprintf("has no values of the target column %q to score against", m.Target)}
			}
			return scoreAll(cmd, m, x, y, names, asJSON)
		},
	}
	data.reading(cmd)
	cmd.Flags().StringArrayVar(&names, "metric", nil, "metric to compute, may be repeated (default all of the task)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// allServe refuses metrics that do not exist or say nothing about the task.
func allServe(names []string, task dataset.Task) error {
	for _, name := range names {
		m, err := metrics.ByName(name)
		if err != nil {
			return usageError{"--metric: " + err.Error()}
		}
		if !m.Serves(task) {
			return usagef("--metric %s does not serve a %s target", name, task)
		}
	}
	return nil
}

func scoreAll(cmd *cobra.Command, m *automl.Model, x *dataset.Frame, y *dataset.Column, names []string, asJSON bool) error {
	p, err := m.Predict(cmd.Context(), x)
	if err != nil {
		return err
	}
	x, y, p = knownRows(x, y, p)
	all := len(names) == 0
	if all {
		for _, metric := range metrics.All() {
			if metric.Serves(dataset.TaskOf(y)) {
				names = append(names, metric.Name)
			}
		}
	}
	scores := map[string]*float64{}
	for _, name := range names {
		metric, err := metrics.ByName(name)
		if err != nil {
			return usageError{"--metric: " + err.Error()}
		}
		v, err := metric.Score(y, p, nil)
		if err != nil {
			if !all {
				return err
			}
			warn(fmt.Sprintf("%s: %v", name, err))
			continue
		}
		scores[name] = jsonNumber(v)
		if !asJSON {
			fmt.Fprintf(cmd.OutOrStdout(), "%-24s %.6g\n", name, v)
		}
	}
	if !asJSON {
		return nil
	}
	return json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]any{"metrics": scores, "rows": x.Rows()})
}

// knownRows drops the rows whose target is missing.
func knownRows(x *dataset.Frame, y *dataset.Column, p *dataset.Frame) (*dataset.Frame, *dataset.Column, *dataset.Frame) {
	var rows []int32
	for i := range y.Len() {
		if !y.Missing(i) {
			rows = append(rows, int32(i))
		}
	}
	if len(rows) == y.Len() {
		return x, y, p
	}
	return x.Gather(rows), y.Gather(rows), p.Gather(rows)
}

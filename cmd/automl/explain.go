package main

import (
	"encoding/csv"
	"io"
	"os"
	"runtime"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/explain"
	"github.com/lren-chuv/automl/operators"
)

// explainFlags are the flags of automl explain.
type explainFlags struct {
	data        dataFlags
	background  string
	class, out  string
	rows, pairs int
	seed        uint64
}

func explainCommand() *cobra.Command {
	f := &explainFlags{}
	cmd := &cobra.Command{
		Use:   "explain MODEL DATA",
		Short: "Split every prediction up into what each column contributes, as CSV",
		Long: `Split every prediction up into what each column contributes, as CSV: one line per row, and with more than two classes one
per class. The parts and base add up to sum, which is the prediction on the scale that is named: the number or the
probability itself, or its log-odds. They are Shapley values, exact ones (TreeSHAP) where the model is made of trees
behind steps that leave columns apart, otherwise estimated from --pairs orders of the columns.`,
		Example: "  automl explain model.automl patients.csv --rows 10",
		Args:    exactly("MODEL", "DATA"),
		RunE:    func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0], args[1]) },
	}
	f.data.reading(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.background, "background", "", "table of rows to compare with (default the rows of DATA)")
	fl.StringVar(&f.class, "class", "", "explain this class only (default the second of two, or all)")
	fl.StringVarP(&f.out, "out", "o", "", "file to write (default standard output)")
	fl.IntVar(&f.rows, "rows", 0, "explain the first rows only (default all)")
	fl.IntVar(&f.pairs, "pairs", 20, "orders of the columns, there and back, that an estimate is taken from")
	fl.Uint64Var(&f.seed, "seed", 1, "seed of these orders")
	return cmd
}

func (f *explainFlags) run(cmd *cobra.Command, model, data string) error {
	if f.rows < 0 || f.pairs < 1 {
		return usagef("--rows %d --pairs %d: want at least 0 rows and 1 pair", f.rows, f.pairs)
	}
	m, err := load(model)
	if err != nil {
		return err
	}
	classes, err := f.classes(m)
	if err != nil {
		return err
	}
	x, err := f.read(cmd, data, m)
	if err != nil {
		return err
	}
	background := x
	if f.background != "" {
		if background, err = f.read(cmd, f.background, m); err != nil {
			return err
		}
	}
	if f.rows > 0 && f.rows < x.Rows() {
		x = x.Slice(0, f.rows)
	}
	features := explain.Features(m.Schema, x)
	env := operators.NewEnv(f.seed, 0xe8b1)
	env.Threads = runtime.GOMAXPROCS(0)
	parts, err := explain.Contributions(cmd.Context(), env, m, x, background, features, f.pairs)
	if err != nil {
		return err
	}
	write := func(w io.Writer) error { return writeContributions(w, m, parts, features, classes) }
	if f.out == "" {
		return write(cmd.OutOrStdout())
	}
	return writeFile(f.out, write)
}

// classes are the outputs to explain.
func (f *explainFlags) classes(m *automl.Model) ([]int, error) {
	var all []int
	for k, level := range m.Levels {
		if f.class == level {
			return []int{k}, nil
		}
		all = append(all, k)
	}
	switch {
	case f.class != "":
		return nil, usagef("--class %s: the model knows %q", f.class, m.Levels)
	case len(all) == 0:
		return []int{0}, nil
	case len(all) == 2:
		return all[1:], nil
	}
	return all, nil
}

func (f *explainFlags) read(cmd *cobra.Command, path string, m *automl.Model) (*dataset.Frame, error) {
	opt, err := f.data.options(os.Stdin)
	if err != nil {
		return nil, err
	}
	opt.NoTarget = true
	x, _, err := dataset.ReadAs(cmd.Context(), path, m.Schema, opt)
	return x, err
}

// writeContributions writes a header, then the parts of every row, counted from 1, and class.
func writeContributions(w io.Writer, m *automl.Model, parts []explain.Contribution, features []explain.Feature, classes []int) error {
	c := csv.NewWriter(w)
	head := []string{"row", "class", "scale", "base"}
	for _, f := range features {
		head = append(head, f.Name)
	}
	if err := c.Write(append(head, "sum")); err != nil {
		return err
	}
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	for i, one := range parts {
		for _, k := range classes {
			line := []string{strconv.Itoa(i + 1), "", string(one.Scale), number(one.Base[k])}
			if m.Levels != nil {
				line[1] = m.Levels[k]
			}
			sum := one.Base[k]
			for f := range features {
				sum += one.Phi[f][k]
				line = append(line, number(one.Phi[f][k]))
			}
			if err := c.Write(append(line, number(sum))); err != nil {
				return err
			}
		}
	}
	c.Flush()
	return c.Error()
}

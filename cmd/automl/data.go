package main

import (
	"context"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
)

// dataFlags are the flags of every command that reads a table.
type dataFlags struct {
	target, task, types, missing string
	weights, groups              string
	ignore                       []string
	given                        func(flag string) bool
	minRows                      int // that a category needs
}

func (f *dataFlags) reading(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.types, "types", "", "column types: col=categorical,col2=numeric,col3=ignore")
	cmd.Flags().StringVar(&f.missing, "missing", "", "comma-separated texts that mean a missing value beside the empty one (default NA,N/A,NaN,nan,null,NULL,?)")
	f.given = cmd.Flags().Changed
}

func (f *dataFlags) learning(cmd *cobra.Command) {
	f.reading(cmd)
	cmd.Flags().StringVar(&f.target, "target", "", "name of the target column (required)")
	cmd.Flags().StringVar(&f.task, "task", "auto", "auto, binary, multiclass or regression")
	cmd.Flags().StringVar(&f.weights, "weights", "", "column of sample weights")
	cmd.Flags().StringVar(&f.groups, "groups", "", "column of groups that folds must not split")
	cmd.Flags().StringSliceVar(&f.ignore, "ignore", nil, "columns to leave out")
}

func (f *dataFlags) options(stdin io.Reader) (dataset.ReadOptions, error) {
	opt := dataset.ReadOptions{Stdin: stdin}
	if f.given("missing") {
		opt.Missing = append(strings.Split(f.missing, ","), "")
	}
	if f.types != "" {
		types, err := dataset.ParseTypes(f.types)
		if err != nil {
			return opt, usageError{"--types: " + err.Error()}
		}
		opt.Types = types
	}
	return opt, nil
}

// forModel reads the model that a table is for, and how to read the table.
func (f *dataFlags) forModel(path string) (*automl.Model, dataset.ReadOptions, error) {
	opt, err := f.options(os.Stdin)
	if err != nil {
		return nil, opt, err
	}
	m, err := load(path)
	return m, opt, err
}

// check refuses flags that no table could suit.
func (f *dataFlags) check() error {
	if f.target == "" {
		return usagef("--target is required: the name of the column to predict")
	}
	switch f.task {
	case "auto", "binary", "multiclass", "regression":
	default:
		return usagef("--task %s: want auto, binary, multiclass or regression", f.task)
	}
	_, err := f.options(nil)
	return err
}

// read reads the table and names its target; warn is called with what the user should know.
func (f *dataFlags) read(ctx context.Context, path string, warn func(string)) (dataset.Sample, *dataset.Schema, error) {
	t, err := f.table(ctx, path)
	if err != nil {
		return dataset.Sample{}, nil, err
	}
	s, schema, err := t.Sample(f.sample())
	if err != nil {
		return dataset.Sample{}, nil, err
	}
	for _, w := range append(t.Warnings, schema.Warnings...) {
		warn(w)
	}
	return s, schema, nil
}

func (f *dataFlags) table(ctx context.Context, path string) (*dataset.Table, error) {
	opt, err := f.options(os.Stdin)
	if err != nil {
		return nil, err
	}
	return dataset.Read(ctx, path, opt)
}

func (f *dataFlags) sample() dataset.SampleOptions {
	return dataset.SampleOptions{Target: f.target, Weights: f.weights, Groups: f.groups, Ignore: f.ignore, Task: f.task, MinRows: f.minRows}
}

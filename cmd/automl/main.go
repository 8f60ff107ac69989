// Command automl finds the best machine-learning pipeline for a table, keeps it in a file, explains it and predicts
// with it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/lren-chuv/automl"
	"github.com/lren-chuv/automl/dataset"
)

// Exit statuses that scripts rely on.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitData        = 3
	exitInterrupted = 130
)

var errInterrupted = errors.New("interrupted before there was a result")

// usageError is the user's mistake on the command line.
type usageError struct{ msg string }

func (e usageError) Error() string { return e.msg }

func usagef(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

func main() {
	started := time.Now()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	root := command(started)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return
	}
	code := status(ctx, err)
	if code == exitInterrupted {
		err = errInterrupted
	}
	fmt.Fprintln(os.Stderr, "automl: "+oneLine(err.Error()))
	os.Exit(code)
}

func command(started time.Time) *cobra.Command {
	root := &cobra.Command{
		Use:           "automl",
		Short:         "Finds the best machine-learning pipeline for a table",
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("unknown command %q; see automl --help", args[0])
			}
			cmd.SetOut(os.Stderr)
			_ = cmd.Help()
			return usagef("no command given")
		},
		Args: cobra.ArbitraryArgs,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err.Error()} })
	root.AddCommand(trainCommand(started), evaluateCommand(), predictCommand(), scoreCommand(), showCommand(),
		reportCommand(), explainCommand(), exportCommand(), operatorsCommand(), jobCommand(started), serveCommand(), workerCommand(), launchCommand(), versionCommand())
	return root
}

// status is the exit status for an error.
func status(ctx context.Context, err error) int {
	var usage usageError
	var data *dataset.DataError
	switch {
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &data):
		return exitData
	case errors.Is(err, errInterrupted), ctx.Err() != nil && errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	return exitFailed
}

// reason is what the operating system says, without the name of the file.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// unreadable is the error for a file beside the table that cannot be read.
func unreadable(path string, err error) error {
	return &dataset.DataError{File: path, Msg: fmt.Sprintf("cannot be read (%v)", reason(err))}
}

// load reads a model file; one that is damaged is unusable input like a damaged table.
func load(path string) (*automl.Model, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	m, err := automl.Decode(data)
	if err != nil {
		return nil, &dataset.DataError{File: path, Msg: fmt.Sprintf("%v; a model is written by automl train", err)}
	}
	return m, nil
}

// warn tells the user what is odd but no error.
func warn(text string) { fmt.Fprintln(os.Stderr, "automl: warning: "+oneLine(text)) }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// exactly checks the number of positional arguments.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != len(names) && len(names) == 0 {
			return usagef("%s wants no arguments; see automl %s --help", cmd.Name(), cmd.Name())
		}
		if len(args) != len(names) {
			return usagef("%s wants %s; see automl %s --help", cmd.Name(), strings.Join(names, " and "), cmd.Name())
		}
		return nil
	}
}

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

	"github.com/lren-chuv/automl/dataset"
)

// Exit statuses that scripts rely on.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitData        = 3
	exitInterrupted = 130
)

var errInterrupted = errors.New("interrupted before a first model existed")

// usageError is the user's mistake on the command line.
type usageError struct{ msg string }

func (e usageError) Error() string { return e.msg }

func usagef(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

func main() {
	started := time.Now()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := command(started)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "automl: "+oneLine(err.Error()))
	os.Exit(status(ctx, err))
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
			_ = cmd.Help()
			return usagef("no command given")
		},
		Args: cobra.ArbitraryArgs,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err.Error()} })
	root.AddCommand(trainCommand(started), evaluateCommand(), predictCommand(), scoreCommand(), showCommand(),
		operatorsCommand(), exportCommand(), jobCommand(started), versionCommand())
	for _, name := range []string{"report", "worker", "serve"} {
		root.AddCommand(&cobra.Command{Use: name, Hidden: true, DisableFlagParsing: true,
			RunE: func(*cobra.Command, []string) error { return usagef("%s is not available yet", name) }})
	}
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
	case errors.Is(err, fs.ErrNotExist):
		return exitData
	}
	return exitFailed
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// exactly checks the number of positional arguments.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != len(names) {
			return usagef("%s wants %s; see automl %s --help", cmd.Name(), strings.Join(names, " and "), cmd.Name())
		}
		return nil
	}
}

package main

import (
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/lren-chuv/automl/dataset"
	"github.com/lren-chuv/automl/mip"
)

// jobCommand is the entry point of the algorithm container; it is told what to do by environment variables.
func jobCommand(started time.Time) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "job train|test|compute",
		Short: "Run as the algorithm container of the Medical Informatics Platform",
		Args:  cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			return usagef("want one of train, test, compute, chronos, kubernetes and slurm, not %q; see automl job --help", args)
		},
	}
	var mode, volume string
	step := func(use, short string, run func(j *mip.Job, cmd *cobra.Command) error) *cobra.Command {
		c := &cobra.Command{Use: use, Short: short, RunE: func(cmd *cobra.Command, _ []string) error {
			j := &mip.Job{Settings: mip.ParseEnvironment(os.Environ()).Settings(), Log: jobLog(), Started: started}
			j.Log.Info(cmd.Name(), "job", j.JobID, "node", j.Node)
			if volume != "" {
				j.Volume = volume
			}
			err := run(j, cmd)
			if mip.IsDataError(err) {
				return &dataset.DataError{Msg: j.Clean(err.Error())}
			}
			if err != nil {
				return jobError(j.Clean(err.Error()))
			}
			return nil
		}}
		c.Flags().StringVar(&volume, "volume", "", "folder shared by train and test (default /docker-volume or $AUTOML_VOLUME)")
		return c
	}
	train := step("train", "Search for the best model and leave it in the volume or the database",
		func(j *mip.Job, cmd *cobra.Command) error { return j.Train(cmd.Context()) })
	test := step("test", "Predict by the model that train left", func(j *mip.Job, cmd *cobra.Command) error { return j.Test(cmd.Context()) })
	train.Args, test.Args = exactly(), exactly()
	compute := step("compute", "Search, and store one PFA document as the job's result",
		func(j *mip.Job, cmd *cobra.Command) error { return j.Compute(cmd.Context(), mode) })
	compute.Flags().StringVar(&mode, "mode", "", "step of a distributed plan; only single is supported")
	compute.Flags().StringSlice("job-ids", nil, "jobs whose results to put together; not supported")
	compute.Flags().String("job-id", "", "likewise")
	compute.Args = cobra.ArbitraryArgs // more job ids may follow
	cmd.AddCommand(train, test, compute, clusterCommand("chronos"), clusterCommand("kubernetes"), clusterCommand("slurm"))
	return cmd
}

// jobLog writes to standard error, one line per event.
func jobLog() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, nil))
}

// jobError is what a step says of its failure.
type jobError string

func (e jobError) Error() string { return string(e) }

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/lren-chuv/automl/mip"
)

// clusterCommand prints how a scheduler is to run train and then test, by the variables of this environment.
func clusterCommand(scheduler string) *cobra.Command {
	c := &mip.Cluster{Environ: os.Environ()}
	var id, submit string
	var secrets bool
	cmd := &cobra.Command{
		Use:   scheduler + " --image IMAGE",
		Short: "Print the definition of train and test for " + map[string]string{"chronos": "Chronos 3", "kubernetes": "Kubernetes", "slurm": "Slurm (sbatch)"}[scheduler],
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			env := mip.ParseEnvironment(os.Environ())
			if id == "" {
				id = env["JOB_ID"]
			}
			if c.Image == "" {
				c.Image = env["DOCKER_IMAGE"]
			}
			if id == "" {
				return usagef("--job is required: the job's id (or set JOB_ID)")
			}
			if err := c.Check(); err != nil && (scheduler == "chronos" || c.Image != "") {
				return usageError{err.Error()}
			}
			out := cmd.OutOrStdout()
			switch scheduler {
			case "slurm":
				_, err := io.WriteString(out, c.Slurm(id))
				return err
			case "kubernetes":
				return printJSON(out, c.Kubernetes(id))
			}
			train, test := c.Chronos(id)
			if submit != "" {
				client := &mip.Chronos{URL: submit}
				return client.Run(cmd.Context(), train, test, func(text string) { fmt.Fprintln(os.Stderr, "automl: "+text) })
			}
			if !secrets {
				train, test = train.Masked(), test.Masked()
			}
			return printJSON(out, []mip.ChronosJob{train, test})
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&id, "job", "", "id of the job (default $JOB_ID)")
	fl.StringVar(&c.Image, "image", "", "container image (default $DOCKER_IMAGE)")
	fl.Float64Var(&c.CPUs, "cpus", 0.5, "cores for each step")
	fl.Float64Var(&c.Memory, "memory", 512, "MiB for each step")
	fl.StringVar(&c.HostVolume, "host-volume", "", "folder of the machine that becomes the job's volume; without it the model goes through the database")
	fl.StringVar(&c.Pin, "pin", "", "machine on which both steps run")
	fl.IntVar(&c.Retries, "retries", 0, "of a failed step")
	if scheduler == "chronos" {
		fl.StringVar(&c.Owner, "owner", "", "address that Chronos writes to when a job fails")
		fl.StringVar(&c.Network, "network", "BRIDGE", "network of the container: BRIDGE or HOST")
		fl.StringVar(&submit, "submit", "", "hand the jobs to the Chronos at this URL, wait for both and report")
		fl.BoolVar(&secrets, "with-secrets", false, "print passwords too")
	}
	return cmd
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

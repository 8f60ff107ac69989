package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lren-chuv/automl/launch"
	"github.com/lren-chuv/automl/mip"
)

// launchFlags are the flags of automl cluster.
type launchFlags struct {
	plan              launch.Plan
	nats              natsFlags
	memory, dir       string
	submit            bool
	chronos, marathon string
}

// launchCommand writes down, and starts if asked to, a search and its workers on a batch system.
func launchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cluster slurm|kubernetes|chronos [flags] -- DATA --target COL [flags of automl train]",
		Short: "Start a search and its workers on a cluster",
		Args:  cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			return usagef("want one of slurm, kubernetes and chronos, not %q; see automl cluster --help", args)
		},
	}
	for system, short := range map[string]string{"slurm": "Two batch scripts for Slurm: the search and an array of workers",
		"kubernetes": "Objects for Kubernetes: two Jobs, a Service and a Secret", "chronos": "A job for Chronos and an application for Marathon"} {
		cmd.AddCommand(launchOn(system, short))
	}
	return cmd
}

func launchOn(system, short string) *cobra.Command {
	f := &launchFlags{}
	cmd := &cobra.Command{
		Use:     system + " [flags] -- DATA --target COL [flags of automl train]",
		Short:   short,
		Example: "  automl cluster " + system + " --workers 20 --cpus 4 --memory 8GB -- patients.csv --target diagnosis --time 1h",
		Args:    cobra.ArbitraryArgs,
		RunE:    func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), system, args) },
	}
	f.nats.add(cmd, "NATS server that is there already (default one inside the search)")
	fl := cmd.Flags()
	p := &f.plan
	fl.StringVar(&p.Name, "name", "automl", "of the search, in the names of its jobs")
	fl.IntVar(&p.Workers, "workers", 4, "workers to start")
	fl.Float64Var(&p.CPUs, "cpus", 2, "cores of each worker and of the search")
	fl.StringVar(&f.memory, "memory", "4GB", "memory of each worker and of the search")
	fl.DurationVar(&p.Limit, "limit", 2*time.Hour, "time after which the batch system ends everything")
	fl.DurationVar(&p.Grace, "grace", 30*time.Second, "between SIGTERM and SIGKILL")
	fl.StringVarP(&f.dir, "out", "o", "", "folder to write to (default the name of the search)")
	fl.BoolVar(&f.submit, "submit", false, "also hand it to the batch system")
	if system == "slurm" {
		fl.StringVar(&p.Program, "program", "automl", "the program, where the nodes have it")
		return cmd
	}
	fl.StringVar(&p.Image, "image", "hbpmip/automl", "container image")
	if system == "kubernetes" {
		fl.StringVar(&p.Claim, "claim", "", "volume claim with the data, which the search sees as /data")
		return cmd
	}
	fl.StringVar(&p.Folder, "host-volume", "", "folder of the agent with the data, which the search sees as /data")
	fl.StringVar(&p.Pin, "pin", "", "agent on which the search runs")
	fl.StringVar(&f.chronos, "chronos", "", "with --submit: address of Chronos, such as http://chronos:4400")
	fl.StringVar(&f.marathon, "marathon", "", "with --submit: address of Marathon, such as http://marathon:8080")
	return cmd
}

func (f *launchFlags) check(args []string) error {
	if err := f.nats.check(); err != nil {
		return err
	}
	memory, err := memoryLimit(f.memory)
	if err != nil {
		return err
	}
	p := &f.plan
	p.Memory, p.NATS, p.Train = int(memory>>20), f.nats.address, args
	if strings.HasPrefix(p.NATS, "embedded") {
		return usagef("--nats %s: leave it out for a server inside the search", p.NATS)
	}
	a := &f.nats.access
	if a.Creds+a.CA+a.Cert != "" {
		return usagef("files of credentials and certificates are not handed on; use AUTOML_NATS_TOKEN, or AUTOML_NATS_USER and AUTOML_NATS_PASSWORD")
	}
	for _, name := range []string{"AUTOML_NATS_TOKEN", "AUTOML_NATS_USER", "AUTOML_NATS_PASSWORD"} {
		if v := os.Getenv(name); v != "" {
			p.Environ = append(p.Environ, name+"="+v)
		}
	}
	if err := p.Check(); err != nil {
		return usageError{err.Error()}
	}
	if f.dir == "" {
		f.dir = p.Name
	}
	if f.dir, err = filepath.Abs(f.dir); err != nil {
		return err
	}
	return p.Secure()
}

func (f *launchFlags) run(ctx context.Context, system string, args []string) error {
	if err := f.check(args); err != nil {
		return err
	}
	switch system {
	case "slurm":
		return f.slurm(ctx)
	case "kubernetes":
		return f.kubernetes(ctx)
	}
	return f.mesos(ctx)
}

// tell says what was done, or is left to do.
func tell(format string, args ...any) { fmt.Fprintf(os.Stderr, "automl: "+format+"\n", args...) }

func (f *launchFlags) slurm(ctx context.Context) error {
	if err := launch.Write(f.dir, f.plan.Slurm(f.dir)); err != nil {
		return err
	}
	search, workers := filepath.Join(f.dir, "search.sbatch"), filepath.Join(f.dir, "workers.sbatch")
	if !f.submit {
		tell("submit by  sbatch %s  and then  sbatch --dependency=after:ID %s", quoted(search), quoted(workers))
		return nil
	}
	if err := os.Remove(filepath.Join(f.dir, "address")); err != nil && !os.IsNotExist(err) { // of an earlier search
		return err
	}
	id, err := output(ctx, "sbatch", "--parsable", search)
	if err != nil {
		return err
	}
	id, _, _ = strings.Cut(id, ";")
	array, err := output(ctx, "sbatch", "--parsable", "--dependency=after:"+id, workers)
	if err != nil {
		_, _ = output(context.WithoutCancel(ctx), "scancel", id)
		return err
	}
	tell("submitted the search as job %s and the workers as array %s; logs in %s", id, array, f.dir)
	fmt.Println(id)
	return nil
}

func (f *launchFlags) kubernetes(ctx context.Context) error {
	files, err := f.plan.Kubernetes()
	if err != nil {
		return err
	}
	if err := launch.Write(f.dir, files); err != nil {
		return err
	}
	path := filepath.Join(f.dir, files[0].Name)
	if !f.submit {
		tell("submit by  kubectl apply -f %s", quoted(path))
		return nil
	}
	said, err := output(ctx, "kubectl", "apply", "-f", path)
	if err == nil {
		fmt.Println(said)
	}
	return err
}

func (f *launchFlags) mesos(ctx context.Context) error {
	job, app, err := f.plan.Mesos()
	if err != nil {
		return usageError{err.Error()}
	}
	files, err := launch.MesosFiles(job, app)
	if err != nil {
		return err
	}
	if f.submit && (f.chronos == "" || f.marathon == "") {
		return usagef("--submit: name --chronos and --marathon, the addresses to submit to")
	}
	if err := launch.Write(f.dir, files); err != nil {
		return err
	}
	if !f.submit {
		tell("wrote chronos.json for POST /v1/scheduler/iso8601 and marathon.json for POST /v2/apps to %s", f.dir)
		return nil
	}
	return launch.RunOnMesos(ctx, &mip.Chronos{URL: f.chronos}, f.marathon, job, app, func(text string) { tell("%s", text) })
}

// output runs a program of the batch system and returns what it prints.
func output(ctx context.Context, program string, args ...string) (string, error) {
	var errs strings.Builder
	c := exec.CommandContext(ctx, program, args...)
	c.Stderr = &errs
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", program, err, oneLine(errs.String()))
	}
	return strings.TrimSpace(string(out)), nil
}

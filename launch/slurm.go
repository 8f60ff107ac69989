package launch

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"time"

	"github.com/lren-chuv/automl/mip"
)

// Slurm returns two batch scripts: the search, and an array of workers that wait for it to say where it is. Dir is the
// folder that both run in and find the secrets in; all nodes must see it. The search is interrupted in time before its
// limit, so that it leaves the best model so far, and workers hand back what they cannot finish.
func (p *Plan) Slurm(dir string) []File {
	program := p.Program
	if program == "" {
		program = "automl"
	}
	inside := func(name string) string { return mip.ShellWord(filepath.Join(dir, name)) }
	head := func(role, log string, lines ...string) string {
		all := append([]string{"#!/bin/bash", "#SBATCH --job-name=" + p.Name + "-" + role, "#SBATCH --ntasks=1",
			fmt.Sprintf("#SBATCH --cpus-per-task=%d", int(math.Ceil(p.CPUs))), fmt.Sprintf("#SBATCH --mem=%dM", p.Memory),
			"#SBATCH --time=" + minutes(p.Limit), "#SBATCH --output=" + strings.ReplaceAll(filepath.Join(dir, log), " ", "\\ ")}, lines...)
		return strings.Join(all, "\n") + "\nset -euo pipefail\nset -a\n. " + inside("secrets.env") + "\nset +a\n"
	}
	before := min(p.Limit/10, 2*time.Minute) // SIGINT so long before the end
	search := head("search", "search-%j.log", "#SBATCH --no-requeue", fmt.Sprintf("#SBATCH --signal=B:INT@%d", max(1, int(before.Seconds()))))
	workers := head("workers", "worker-%A_%a.log", fmt.Sprintf("#SBATCH --array=0-%d", p.Workers-1), "#SBATCH --requeue",
		fmt.Sprintf("#SBATCH --signal=B:TERM@%d", max(1, int(p.Grace.Seconds()))))
	address := mip.ShellWord(p.NATS)
	if p.NATS == "" {
		search += "hostname >" + inside("address.new") + "\nmv " + inside("address.new") + " " + inside("address") + "\n"
		workers += "for _ in $(seq 300); do [ -s " + inside("address") + " ] && break; sleep 1; done\n"
		address = fmt.Sprintf("\"nats://$(cat %s):%d\"", inside("address"), p.Port)
	}
	search += "exec " + mip.ShellWord(program) + " " + words(p.search()) + "\n"
	line := words(p.worker("@address@"))
	workers += "exec " + mip.ShellWord(program) + " " + strings.Replace(line, "'@address@'", address, 1) + " --once --idle 1m\n" // a search that is over has taken its server along
	return []File{{"search.sbatch", search, false}, {"workers.sbatch", workers, false}, {"secrets.env", p.secrets(), true}}
}

// secrets are the variables as a shell reads them.
func (p *Plan) secrets() string {
	var b strings.Builder
	for _, e := range p.Environ {
		name, value, _ := strings.Cut(e, "=")
		fmt.Fprintf(&b, "%s=%s\n", name, mip.ShellWord(value))
	}
	return b.String()
}

func words(args []string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		quoted[i] = mip.ShellWord(a)
	}
	return strings.Join(quoted, " ")
}

// minutes is a time limit as Slurm takes it.
func minutes(d time.Duration) string { return fmt.Sprint(int(math.Ceil(d.Minutes()))) }

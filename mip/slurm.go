package mip

import (
	"fmt"
	"math"
	"strings"
)

// Slurm returns a batch script that runs the two steps one after the other on one machine, with the program itself or,
// where an image is given, in podman. What the job is told is read from a file that the user protects, so that no
// password is part of the script: its name is the first argument of the script.
func (c *Cluster) Slurm(id string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "#!/bin/bash\n#SBATCH --job-name=%s\n#SBATCH --ntasks=1\n#SBATCH --cpus-per-task=%d\n#SBATCH --mem=%dM\n",
		c.jobName("job", id), int(math.Ceil(c.CPUs)), int(math.Ceil(c.Memory)))
	if c.Pin != "" {
		fmt.Fprintf(&b, "#SBATCH --nodelist=%s\n", ShellWord(c.Pin))
	}
	if c.Retries == 0 {
		b.WriteString("#SBATCH --no-requeue\n")
	}
	b.WriteString("# usage: sbatch SCRIPT VARIABLES, a file of lines NAME=VALUE that only you can read\nset -euo pipefail\n" +
		"variables=${1:?name the file of variables}\n")
	volume := `"${SLURM_SUBMIT_DIR:-$PWD}/` + notInJobNames.ReplaceAllString(id, "_") + `"`
	if c.HostVolume != "" {
		volume = ShellWord(c.HostVolume)
	}
	fmt.Fprintf(&b, "volume=%s\nmkdir -p \"$volume\"\nfor step in train test; do\n", volume)
	if c.Image != "" {
		fmt.Fprintf(&b, "\tpodman run --rm --read-only --cap-drop all --userns keep-id --user \"$(id -u)\" --network host \\\n"+
			"\t\t--memory %dm --env-file \"$variables\" --env JOB_ID=%s -v \"$volume\":/docker-volume %s \"$step\"\n", int(c.Memory), ShellWord(id), ShellWord(c.Image))
	} else {
		fmt.Fprintf(&b, "\t(while IFS= read -r line; do [ -z \"$line\" ] || export \"${line?}\"; done <\"$variables\"\n"+
			"\tJOB_ID=%s automl job \"$step\" --volume \"$volume\")\n", ShellWord(id))
	}
	b.WriteString("done\n")
	return b.String()
}

// ShellWord quotes a text for the shell.
func ShellWord(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

package backend

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/lren-chuv/automl/mip"
)

// run runs a program and returns what it prints; its complaints are the error.
func run(ctx context.Context, stdin []byte, name string, args ...string) (string, error) {
	c := exec.CommandContext(ctx, name, args...)
	var out, errs bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(stdin), &out, &errs
	c.WaitDelay = 5 * time.Second
	if err := c.Run(); err != nil {
		return out.String(), fmt.Errorf("%s %s: %w: %.500s", filepath.Base(name), args[0], err, strings.TrimSpace(errs.String()))
	}
	return strings.TrimSpace(out.String()), nil
}

// pause waits between two looks.
func pause(ctx context.Context, every time.Duration) error {
	if every <= 0 {
		every = 2 * time.Second
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(every):
		return nil
	}
}

// Container runs steps by an engine's command line, that of podman or docker.
type Container struct {
	Engine string // podman or docker
	Image  string
	Folder string   // that becomes /docker-volume
	CPUs   float64  // cores
	Memory float64  // MiB
	Flags  []string // more, such as --userns=keep-id
}

// Await implements [Launcher]. A container outlives this process; its name is the step's, so that it is not started twice.
func (c *Container) Await(ctx context.Context, name string, env []string) error {
	name = "automl-" + name
	if _, err := run(ctx, nil, c.Engine, "inspect", "--format", "{{.State.Status}}", name); err != nil {
		args := []string{"run", "-d", "--name", name, "--network", "none", "--read-only", "--cap-drop", "all", "--security-opt", "no-new-privileges",
			"--cpus", fmt.Sprint(c.CPUs), "--memory", fmt.Sprintf("%dm", int(c.Memory)), "-v", c.Folder + ":/docker-volume"}
		for _, e := range env {
			args = append(args, "--env", e)
		}
		if _, err := run(ctx, nil, c.Engine, append(append(args, c.Flags...), c.Image, "train")...); err != nil {
			return err
		}
	}
	code, err := run(ctx, nil, c.Engine, "wait", name)
	if err != nil {
		return err
	}
	var said error
	if code != "0" {
		log, _ := run(ctx, nil, c.Engine, "logs", "--tail", "3", name)
		said = fmt.Errorf("the container ended with status %s: %.500s", code, log)
	}
	_, err = run(ctx, nil, c.Engine, "rm", "-f", name)
	return errors.Join(said, err)
}

// Stop implements [Launcher].
func (c *Container) Stop(ctx context.Context, name string) error {
	if _, err := run(ctx, nil, c.Engine, "inspect", "--format", "{{.State.Status}}", "automl-"+name); err != nil {
		return nil
	}
	_, err := run(ctx, nil, c.Engine, "rm", "-f", "automl-"+name)
	return err
}

// Chronos runs steps as jobs of Chronos.
type Chronos struct {
	Client  *mip.Chronos
	Cluster mip.Cluster
}

func (c *Chronos) job(name string, env []string) mip.ChronosJob {
	cluster := c.Cluster
	cluster.Environ = env
	train, _ := cluster.Chronos(name)
	return train
}

// Await implements [Launcher].
func (c *Chronos) Await(ctx context.Context, name string, env []string) error {
	j := c.job(name, env)
	_, err := c.Client.State(ctx, j.Name)
	if errors.Is(err, mip.ErrLost) {
		err = c.Client.Submit(ctx, j)
	}
	if err == nil {
		err = c.Client.Wait(ctx, j.Name)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return errors.Join(err, c.Client.Delete(ctx, j.Name))
}

// Stop implements [Launcher].
func (c *Chronos) Stop(ctx context.Context, name string) error {
	j := c.job(name, nil)
	if _, err := c.Client.State(ctx, j.Name); errors.Is(err, mip.ErrLost) {
		return nil
	}
	return errors.Join(c.Client.Kill(ctx, j.Name), c.Client.Delete(ctx, j.Name))
}

// Kubernetes runs steps as Jobs, by kubectl.
type Kubernetes struct {
	Kubectl   string // default kubectl
	Namespace string
	Cluster   mip.Cluster
	Every     time.Duration // between two looks; default 2 s
}

func (k *Kubernetes) kubectl(ctx context.Context, stdin []byte, args ...string) (string, error) {
	name := k.Kubectl
	if name == "" {
		name = "kubectl"
	}
	if k.Namespace != "" {
		args = append(args, "--namespace", k.Namespace)
	}
	return run(ctx, stdin, name, args...)
}

// Await implements [Launcher].
func (k *Kubernetes) Await(ctx context.Context, name string, env []string) error {
	cluster := k.Cluster
	cluster.Environ = env
	job := cluster.Kubernetes(name)
	id := job["metadata"].(map[string]any)["name"].(string)
	if found, err := k.kubectl(ctx, nil, "get", "job", id, "--ignore-not-found", "-o", "name"); err != nil {
		return err
	} else if found == "" {
		encoded, err := json.Marshal(job)
		if err != nil {
			return err
		}
		if _, err := k.kubectl(ctx, encoded, "create", "-f", "-"); err != nil && !strings.Contains(err.Error(), "AlreadyExists") {
			return err
		}
	}
	for {
		out, err := k.kubectl(ctx, nil, "get", "job", id, "-o", "json")
		if err != nil && ctx.Err() == nil && strings.Contains(err.Error(), "NotFound") {
			return errors.New("the job was deleted")
		}
		var j struct {
			Status struct {
				Succeeded, Failed int
				Conditions        []struct{ Type, Status, Message string }
			}
		}
		if err == nil && json.Unmarshal([]byte(out), &j) == nil { // a look that fails is repeated
			for _, c := range j.Status.Conditions {
				if c.Status != "True" || c.Type != "Complete" && c.Type != "Failed" {
					continue
				}
				if c.Type == "Failed" {
					err = fmt.Errorf("the job failed: %.300s", c.Message)
				}
				return errors.Join(err, k.Stop(ctx, name))
			}
		}
		if err := pause(ctx, k.Every); err != nil {
			return err
		}
	}
}

// Stop implements [Launcher].
func (k *Kubernetes) Stop(ctx context.Context, name string) error {
	id := k.Cluster.Kubernetes(name)["metadata"].(map[string]any)["name"].(string)
	_, err := k.kubectl(ctx, nil, "delete", "job", id, "--ignore-not-found", "--wait=false")
	return err
}

// Slurm runs steps as batch jobs, by sbatch, squeue and scancel.
type Slurm struct {
	Folder  string // shared by all machines
	Cluster mip.Cluster
	Every   time.Duration // between two looks; default 2 s
}

// Await implements [Launcher]. The queue knows a job by its name; one that is no longer there has ended, and the model tells how.
func (s *Slurm) Await(ctx context.Context, name string, env []string) error {
	dir := filepath.Join(s.Folder, name)
	submitted := filepath.Join(dir, "submitted")
	if _, err := os.Stat(submitted); err != nil {
		queued, err := s.queued(ctx, name)
		if err != nil {
			return err
		}
		if !queued {
			if err := s.submit(ctx, name, dir, env); err != nil {
				return err
			}
		}
		if err := os.WriteFile(submitted, nil, 0o644); err != nil {
			return err
		}
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, modelFile)); err == nil {
			return nil
		}
		if queued, err := s.queued(ctx, name); err == nil && !queued {
			if _, err := os.Stat(filepath.Join(dir, modelFile)); err == nil {
				return nil
			}
			text, _ := os.ReadFile(filepath.Join(dir, "output"))
			return fmt.Errorf("the batch job left no model: %.500s", text[max(0, len(text)-500):])
		}
		if err := pause(ctx, s.Every); err != nil {
			return err
		}
	}
}

func (s *Slurm) cluster(name string) *mip.Cluster {
	c := s.Cluster
	c.HostVolume = s.Folder
	return &c
}

func (s *Slurm) submit(ctx context.Context, name, dir string, env []string) error {
	variables := filepath.Join(dir, "variables")
	if err := os.WriteFile(variables, []byte(strings.Join(env, "\n")+"\n"), 0o600); err != nil {
		return err
	}
	_, err := run(ctx, []byte(s.cluster(name).Slurm(name)), "sbatch", "--parsable", "--job-name", name, "--chdir", dir, "--output", filepath.Join(dir, "output"), "/dev/stdin", variables)
	return err
}

func (s *Slurm) queued(ctx context.Context, name string) (bool, error) {
	out, err := run(ctx, nil, "squeue", "--noheader", "--name", name, "--format", "%i %T")
	return out != "", err
}

// Stop implements [Launcher].
func (s *Slurm) Stop(ctx context.Context, name string) error {
	if queued, err := s.queued(ctx, name); err != nil || !queued {
		return err
	}
	_, err := run(ctx, nil, "scancel", "--name", name)
	return err
}

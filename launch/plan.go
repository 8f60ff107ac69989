// Package launch writes what a batch system needs to start a search and its workers: scripts for Slurm, objects for
// Kubernetes, definitions for Chronos and Marathon. Secrets stand in files of their own that only their owner may read.
package launch

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Plan says what to start.
type Plan struct {
	Name    string        // of the search: small letters, digits and dashes
	Workers int           // processes
	CPUs    float64       // cores of each of them, and of the search
	Memory  int           // MiB of each of them, and of the search
	Limit   time.Duration // after which the batch system ends everything
	Grace   time.Duration // between SIGTERM and SIGKILL
	Train   []string      // arguments of automl train
	NATS    string        // address of a server that is there; "" for one inside the search
	Port    int           // of that inside the search
	Environ []string      // how to be let in: AUTOML_NATS_…=…
	Image   string        // where containers are used
	Program string        // where they are not; default automl
	Claim   string        // Kubernetes: volume claim with the data, which the search sees as /data
	Folder  string        // Chronos: folder of the agent with the data, likewise
	Pin     string        // Chronos: the agent of that folder
}

// File is something to write down.
type File struct {
	Name   string
	Text   string
	Secret bool // for the owner only
}

var name = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$`)

// Check reports what cannot work.
func (p *Plan) Check() error {
	switch {
	case !name.MatchString(p.Name):
		return fmt.Errorf("name %q: want small letters, digits and dashes, at most 40, a letter first", p.Name)
	case p.Workers < 1 || p.Workers > 10000:
		return fmt.Errorf("%d workers: want 1 to 10000", p.Workers)
	case !(p.CPUs > 0) || p.CPUs > 4096 || p.Memory < 64:
		return fmt.Errorf("%g cores and %d MiB: want more than 0 and at least 64", p.CPUs, p.Memory)
	case p.Limit < time.Minute:
		return fmt.Errorf("a limit of %v: want at least 1m", p.Limit)
	case p.Grace < 5*time.Second || p.Grace > p.Limit/2:
		return fmt.Errorf("%v of grace: want at least 5s and at most half of the limit", p.Grace)
	case len(p.Train) == 0:
		return errors.New("say what to search for: the arguments of automl train after --")
	}
	for _, a := range p.Train {
		if flag, _, _ := strings.Cut(a, "="); slices.Contains([]string{"--nats", "--slots", "--workers", "--nats-store"}, flag) {
			return fmt.Errorf("%s follows from the plan: leave it out", flag)
		}
		if strings.ContainsAny(a, "\x00\n") {
			return fmt.Errorf("argument %q: want no line breaks", a)
		}
	}
	return nil
}

// threads is the number of evaluations at once in a process.
func (p *Plan) threads() int { return max(1, int(math.Floor(p.CPUs))) }

// search is the command line of the search, without the program.
func (p *Plan) search() []string {
	n := p.Workers * p.threads()
	if p.NATS == "" {
		n += p.threads() // the search's own
	}
	address := p.NATS
	if address == "" {
		address = fmt.Sprintf("embedded:%d", p.Port)
	}
	return append(append([]string{"train"}, p.Train...), "--nats", address, "--slots", fmt.Sprint(n), "--workers", fmt.Sprint(p.threads()), "--memory", p.soft())
}

// worker is the command line of a worker of the server at address, without the program.
func (p *Plan) worker(address string) []string {
	return []string{"worker", "--nats", address, "--workers", fmt.Sprint(p.threads()), "--memory", p.soft(),
		"--grace", (p.Grace - p.Grace/5).Round(time.Second).String()}
}

// soft is the soft memory limit of a process that is killed at the hard one.
func (p *Plan) soft() string { return fmt.Sprintf("%dMB", max(32, p.Memory*9/10)) }

// Secure gives a search that brings its own server a port and a token, unless they are set.
func (p *Plan) Secure() error {
	if p.NATS != "" {
		return nil
	}
	var b [18]byte
	if _, err := rand.Read(b[:]); err != nil {
		return err
	}
	if len(p.Environ) == 0 {
		p.Environ = []string{"AUTOML_NATS_TOKEN=" + hex.EncodeToString(b[2:])}
	}
	if p.Port == 0 {
		p.Port = 20000 + (int(b[0])<<8|int(b[1]))%10000
	}
	return nil
}

// Write puts the files into a folder.
func Write(dir string, files []File) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, f := range files {
		mode := os.FileMode(0o644)
		if f.Secret {
			mode = 0o600
		}
		path := filepath.Join(dir, f.Name)
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) { // an old one may be readable by others
			return err
		}
		if err := os.WriteFile(path, []byte(f.Text), mode); err != nil {
			return err
		}
	}
	return nil
}
